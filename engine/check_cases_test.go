package engine

import (
	"fmt"
	"strings"
	"testing"
)

// TestCheckCases: what is found besides the examples of docs/check.md, as line:rule, and what is not.
func TestCheckCases(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		// names
		{"a key of conn near one that is set", "function mail(conn) conn.greylisted = true end\nfunction eom(conn) if conn.greylistd then return reject end end", "2:unknown-field"},
		{"a key of conn that is set through a computed name", "function mail(conn, s) conn[s] = true end\nfunction eom(conn) if conn.recipents then return reject end end", ""},
		{"a key of conn of its own", "function eom(conn) if conn.verdict_of_mine then return reject end end", ""},
		{"a field of msg that is a header", "function eom(conn, msg) log.info(msg.subject) end", "1:unknown-field"},
		{"a field of a record", "function mail(conn) if conn.tls and conn.tls.chiper == 'NULL' then return reject end end", "1:unknown-field"},
		{"a field of a part", "function eom(conn, msg) for _, p in ipairs(msg.parts) do log.info(p.file_name) end end", "1:unknown-field"},
		{"a field of an array of parts", "function eom(conn, msg) log.info(msg.attachments.filename) end", "1:unknown-field"},
		{"a field of a header field", "function eoh(conn, headers) for _, f in headers:each() do log.info(f.val) end end", "1:unknown-field"},
		{"a header by its name", "function eoh(conn, headers) log.info(headers.subject) end", "1:unknown-field"},
		{"the length of a string", "function body(conn, chunk) conn.n = chunk.length end", "1:unknown-field"},
		{"a method that is a field", "function eom(conn, msg) for _, r in ipairs(msg:recipients()) do log.info(r) end end", "1:unknown-method"},
		{"an action of msg on conn", "function eom(conn, msg) conn:add_header('X', 'y') end", "1:unknown-method"},
		{"a method that strings lack", "function mail(conn, sender) conn.s = sender:trim() end", "1:unknown-method"},
		{"a method that the script adds to strings", "function string.trim(s) return s end function mail(conn, sender) conn.s = sender:trim() end", ""},
		{"a function of a module", "local address = require 'address'\nfunction mail(conn, sender) conn.d = address.domian(sender) end", "2:unknown-function"},
		{"a library of the script's own", "local log = { warning = function() end }\nfunction mail(conn) log.warning('x') end", ""},
		{"a parameter of the name of a library", "local function f(log) log.warning('x') end\nfunction mail(conn) f({ warning = print }) end", ""},
		{"msg where it is not", "function rcpt(conn) log.info(msg.sender) end", "1:unknown-global"},

		// arguments
		{"too many", "function eom(conn, msg) msg:quarantine('odd', 1) end", "1:argument-count"},
		{"string.rep of a later Lua", "function mail(conn) conn.s = string.rep('a', 3, ',') end", "1:argument-count"},
		{"as many as a call gives", "local function f() return 'X', 'y' end function eom(conn, msg) msg:add_header(f()) end", ""},
		{"a capture that is not there, in a pattern without any", "function mail(conn, s) conn.s = s:gsub('a', '%2') end", "1:missing-capture"},
		{"%1 without captures", "function mail(conn, s) conn.s = s:gsub('a', '<%1>') end", ""},
		{"%0, and percent signs", "function mail(conn, s) conn.s = string.gsub(s, '(a)', '%0%%2%1') end", ""},
		{"a bracket that is none", "function mail(conn, s) conn.s = string.gsub(s, '%(a%)', '%2') end", "1:missing-capture"},
		{"captures that are positions and inside others", "function mail(conn, s) conn.s = s:gsub('(a()(b))', '%1%2%3') end", ""},
		{"a capture in a set is none", "function mail(conn, s) conn.s = s:gsub('([(a)])', '%1%2') end", "1:missing-capture"},
		{"a replacement that is not known", "function mail(conn, s) conn.s = s:gsub('a', s) end", ""},
		{"a replacement that is a table", "function mail(conn, s) conn.s = s:gsub('a', { a = '%2' }) end", ""},
		{"nil for a value", "function eom(conn, msg) msg:add_header('X', nil) end", "1:argument-type"},
		{"a number for a value", "function eom(conn, msg) msg:add_header('X', 5) end", ""},
		{"ipairs of headers", "function eom(conn, msg) for _, f in ipairs(msg.headers) do log.info(f.name) end end", "1:argument-type"},
		{"pairs of the table of settings", "local cfg = settings { a = 1 } function mail(conn) for k in pairs(cfg) do log.info(k) end end", ""},
		{"fields of a log line as a text", "function mail(conn, sender) log.info('from', sender) end", "1:argument-type"},
		{"table.insert with two", "function mail(conn) local t = {} table.insert(t, 'x') conn.t = t end", ""},
		{"a percent sign alone in a layout", "function mail(conn) conn.s = string.format('100% of %d', 5) end", "1:format-arguments"},
		{"a percent sign that is doubled", "function mail(conn) conn.s = string.format('100%% of %d', 5) end", ""},
		{"a layout that is a method", "function mail(conn) conn.s = ('%s %s'):format('a') end", "1:format-arguments"},
		{"a field that is number 0", "function eom(conn, msg) conn.x = msg:header('To', 0) end", "1:index-zero"},
		{"the name of a field to read, with its colon", "function eom(conn, msg) conn.x = msg:header('To: ') end", "1:header-name"},

		// verdicts
		{"a verdict that is kept", "function mail(conn) local v = reject('x') conn.v = v end", ""},
		{"a class that does not fit", "function mail(conn) return tempfail('5.7.1', 'x') end", "1:bad-reply"},
		{"a text that is not known", "function mail(conn, s) return reject(451, '4.7.1', printable(s)) end", "1:bad-reply"},
		{"a code that is not known", "function mail(conn, s) local code = #s > 5 and 550 or 551 return reject(code, '5.7.1', 'x') end", ""},
		{"a text of two lines", "function mail(conn) return reject('one\\ntwo') end", ""},
		{"a text with a carriage return", "function mail(conn) return reject('one\\r\\ntwo') end", "1:bad-reply"},
		{"accept with a text", "function mail(conn) return accept('fine') end", "1:bad-reply"},
		{"a change of a field in eoh", "function eoh(conn, headers) for _, f in headers:each('X-A') do f:delete() end end", "1:action-outside-eom"},
		{"discard of an unknown command", "function unknown(conn, command) return discard end", "1:misplaced-discard"},
		{"a verdict in quotes", "function mail(conn) return 'tempfail' end", "1:not-a-verdict"},
		{"a sender before there is one", "function helo(conn) conn.known = conn.sender end", "1:too-early"},
		{"a sender of the script's own", "function connect(conn) conn.sender = 'x' log.info(conn.sender) end", ""},

		// values
		{"behind if and else that both leave", "function mail(conn)\n if conn.ip then return accept else return reject end\n conn.x = 1\nend", "3:unreachable"},
		{"behind an if that leaves", "function mail(conn) if conn.ip then return accept end conn.x = 1 end", ""},
		{"behind a label", "function mail(conn) do goto done end ::done:: conn.x = 1 end", ""},
		{"a size as a text", "function mail(conn, sender, params) if params.SIZE > 1000 then return reject end end", "1:wrong-comparison"},
		{"a size as a number", "function mail(conn, sender, params) if tonumber(params.SIZE or 0) > 1000 then return reject end end", ""},
		{"a parameter without a value", "function mail(conn, sender, params) if params.SMTPUTF8 == true then conn.x = 1 end end", ""},
		{"the body as a text", "function eom(conn, msg) if msg.body == 'x' then return reject end end", "1:wrong-comparison"},
		{"a record as a boolean", "function mail(conn) if conn.auth == true then return accept end end", "1:wrong-comparison"},
		{"bits of a cipher", "function mail(conn) if conn.tls and conn.tls.bits < 128 then return reject end end", "1:wrong-comparison"},
		{"a sender that is not", "function mail(conn, sender) if not sender then return accept end end", "1:never-nil"},
		{"a sender or something else", "function mail(conn, sender) log.info(sender or '<>') end", "1:never-nil"},
		{"a sender that is nil or empty", "function mail(conn, sender) if sender == nil or sender == '' then return accept end end", ""},
		{"conn.sender in a message", "function rcpt(conn) if conn.sender == nil then return accept end end", "1:never-nil"},
		{"conn.sender in abort", "function abort(conn) if conn.sender == nil then log.info('x') end end", ""},
		{"a name of a field in small letters", "function eoh(conn, headers) for _, f in headers:each() do if f.name == 'x-spam' then conn.x = 1 end end end", "1:header-case"},
		{"capital letters after lower", "function mail(conn, sender) if sender:lower():find('Admin') then return reject end end", "1:never-equal"},
		{"a class with a capital letter after lower", "function mail(conn, sender) if sender:lower():find('%S@') then return reject end end", ""},
		{"not before a comparison of booleans", "function mail(conn) if not conn.a == true then return reject end end", ""},

		// patterns
		{"the end of a file name", "function eom(conn, msg) for _, p in ipairs(msg.attachments) do if p.visible_name:find('.exe$') then return reject end end end", "1:magic-character"},
		{"a header name", "function header(conn, name) if name:match('^X-Spam') then conn.x = 1 end end", "1:magic-character"},
		{"a header name, escaped", "function header(conn, name) if name:match('^X%-Spam') then conn.x = 1 end end", ""},
		{"any character", "function mail(conn, s) if s:find('a.c') or s:find('^.+@.+%..+$') then return reject end end", ""},
		{"blanks taken off both ends", "function header(conn, name, value) conn.v = value:match('^%s*(.-)%s*$') end", ""},
		{"the same class twice", "function header(conn, name, value) conn.v = value:match('a%s*%s+b') end", "1:slow-pattern"},
		{"a capture that is not closed", "local function f(x) return string.match(x, '(a') end function mail(conn, s) conn.x = f(s) end", "1:malformed-pattern"},
		{"a plain text with brackets", "function mail(conn, s) if s:find('[x', 1, true) then return reject end end", ""},

		// state and cost
		{"the end of the body is kept", "function body(conn, chunk) local joint = (conn.tail or '') .. chunk conn.tail = joint:sub(-50) end", ""},
		{"the first of a list in a loop", "function eom(conn, msg) for i = 1, 3 do log.info(msg.recipients[1]) end end", ""},
		{"a list in a local, in a loop", "function eom(conn, msg) local list = msg.recipients for i = 1, #list do log.info(list[i]) end end", ""},

		// timers
		{"a table of the file, filled by a timer", "local timer, names = require 'timer', {}\ntimer.every('5m', function() names.a = true end)\nfunction mail(conn, s) if names[s] then return reject end end", "2:file-state"},
		{"a global, set by a timer", "local timer = require 'timer'\nlocal function fetch()\n total = 1\nend\ntimer.every('5m', fetch)\nfunction mail() log.info(total or 0) end", "3:undeclared-global"},
		{"a variable of the timer's own", "local timer = require 'timer'\ntimer.every('5m', function() local n = 0 n = n + 1 log.info(n) end)", ""},
		{"msg in a timer", "require 'timer'.every('5m', function() log.info(msg.sender) end)", "1:unknown-global"},
		{"an option that is misspelt", "local timer = require 'timer'\ntimer.evry('5m', print)", "2:unknown-function"},

		// comments
		{"silenced on its line", "function mail(conn, s)\n  s:lower() -- luamilter: ignore unused-result\nend", ""},
		{"silenced on the line before", "function mail(conn, s)\n  -- luamilter: ignore unused-result, never-nil\n  s:lower()\nend", ""},
		{"another one silenced", "function mail(conn, s)\n  s:lower() -- luamilter: ignore never-nil\nend", "2:unused-result"},
		{"silenced on another line", "function mail(conn, s)\n  s:lower() -- luamilter: ignore unused-result\n  s:upper()\nend", "3:unused-result"},
		{"in a string", "function mail(conn, s)\n  conn.x = '-- luamilter: ignore unused-result' s:lower()\nend", "2:unused-result"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			var all strings.Builder
			for _, f := range findingsOf(t, c.script) {
				got = append(got, fmt.Sprintf("%d:%s", f.Line, f.Rule))
				fmt.Fprintln(&all, f.Detail())
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("found %q, want %q\n%s", s, c.want, all.String())
			}
		})
	}
}

// TestCheckOfOneHookCalledByTheScript: what a hook is given is certain only if nobody but luamilter calls it.
func TestCheckOfOneHookCalledByTheScript(t *testing.T) {
	const script = "function mail(conn, sender) if not sender then return accept end end\nfunction rcpt(conn) return mail(conn) end"
	for _, f := range findingsOf(t, script) {
		t.Error(f.Detail())
	}
}

// TestCheckOfSeveralFiles: what one file of a script sets, another may use.
func TestCheckOfSeveralFiles(t *testing.T) {
	dir := folder(t, `--- main.lua
local util = require "util"
function mail(conn, sender)
  util.note(conn)
  conn.domain = sender:trim()
end
function eom(conn)
  if conn.recipientz or conn.recipienst then return accept end
end
--- util.lua
local M = {}
function string.trim(s) return s end
function M.note(c) c.recipientz = 1 end
return M`)
	p, err := Load([]string{dir + "/main.lua"}, Options{Limits: DefaultLimits})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	found := p.Check()
	if len(found) != 1 || found[0].Rule != "unknown-field" || found[0].Line != 7 || found[0].Column != 30 {
		for _, f := range found {
			t.Log(f.Detail())
		}
		t.Errorf("%d findings, want one about conn.recipienst", len(found))
	}
}
