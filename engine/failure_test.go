package engine

import (
	"fmt"
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// What a script can do wrong, what the log says, and where.
func TestScriptErrors(t *testing.T) {
	for _, c := range []struct {
		name, script string
		dialog       string // ends at the step that fails; "" for MAIL
		want         string // in the message, after the script's path
	}{
		{"raised", `function mail() error("boom") end`, ``, `:1: boom`},
		{"raised in a function of its own", "local function check()\n  error(\"boom\")\nend\nfunction mail() check() end", ``, `:2: boom`},
		{"raised with a table", `function mail() error({ code = 1 }) end`, ``, `:1: error with a table`},
		{"raised without a place", `function mail() error("boom", 0) end`, ``, `:1: boom`},
		{"nil is indexed", `function mail(conn) return conn.nothing.at end`, ``, `:1: attempt to index a nil value (field 'nothing')`},
		{"a nil is called", "function mail(conn)\n  sned(conn)\nend", ``, `:2: attempt to call a nil value (global 'sned')`},
		{"a field is called", "function mail(conn) conn.send(1) end", ``, `:1: attempt to call a value that is no function (field 'send')`},
		{"a fact is misspelt", "function mail(conn) return conn.sendre:lower() end", ``, `:1: attempt to index a nil value (field 'sendre'); did you mean sender?`},
		{"a nil is added to", `function mail(conn) conn.n = conn.n + 1 end`, ``, `:1: attempt to perform arithmetic on a nil value (field 'n')`},
		{"a nil is joined", `function mail(conn) log.info("x" .. conn.n) end`, ``, `:1: attempt to concatenate a nil value (field 'n')`},
		{"a nil is compared", `function mail(conn) return conn.n > 1 and reject or nil end`, ``, `:1: attempt to compare number with nil (field 'n')`},
		{"a table is looped over", `function mail(conn) for k, v in {} do end end`, ``, `:1: attempt to call a `},
		{"a method called with a dot", `function mail(conn, sender) return sender.lower() end`, ``, `write sender:lower(...), with a colon`},
		{"raised in a coroutine", `function mail() coroutine.wrap(function() error("boom") end)() end`, ``, `:1: boom`},
		{"endless recursion", `function mail() local function f() return 1 + f() end return f() end`, ``, `:1: stack overflow: functions call one another without end`},
		{"a global that nobody declared", `function mail() typo = 1 end`, ``, `:1: assignment to the undeclared global "typo" (did you forget local?)`},
		{"a call of a hook without conn", `function mail(conn) rcpt() end function rcpt(conn) return conn.x end`, ``, `:1: attempt to index`},

		{"returned a string", `function mail() return "reject" end`, ``, `:1: mail returned `},
		{"returned true", `function mail() return true end`, ``, `:1: mail returned a boolean`},
		{"returned a number", `function mail() return 550 end`, ``, `:1: mail returned a number`},
		{"returned a function of a library", `function mail() return print end`, ``, `:1: mail returned a function`},
		{"returned the wrong one of the values", `function mail(conn) return conn.macros end`, ``, `:1: mail returned `},
		{"skip outside body", "\nfunction mail()\n return skip end", ``, `:2: mail returned skip, which works only in body`},
		{"discard in connect", `function connect() return discard end`, `connect`, `:1: connect returned discard`},
		{"discard in helo", `function helo() return discard end`, `helo x`, `:1: helo returned discard`},

		{"reject of the other class", `function mail() return reject(451, "4.7.1", "x") end`, ``, `needs a reply code from 500 to 599, not 451`},
		{"tempfail of the other class", `function mail() return tempfail(550, "x") end`, ``, `needs a reply code from 400 to 499, not 550`},
		{"a status of the other class", `function mail() return reject("4.7.1", "x") end`, ``, `needs an enhanced status like 5.7.1, not "4.7.1"`},
		{"a malformed status", `function mail() return reject(550, "5.7", "x") end`, ``, `needs an enhanced status like 5.7.1, not "5.7"`},
		{"a control character", `function mail() return reject("a\rb") end`, ``, `reply text contains a carriage return in line 1`},
		{"text that is not ASCII", `function mail() return reject("caf\195\169") end`, ``, `reply text contains the byte 0xC3`},
		{"a table as text", `function mail() return reject({}) end`, ``, `table where a string was expected`},
		{"too many arguments", `function mail() return reject(550, "5.7.1", "a", "b") end`, ``, `arguments`},
		{"half a code", `function mail() return reject(550.5, "x") end`, ``, `the code`},
		{"accept with a text", `function mail() return accept("fine") end`, ``, `:1: accept`},

		{"an action without its colon", `function eom(conn, msg) msg.add_header("A", "b") end`, `mail <a@b>/eom`, `:1: add_header is a method: write msg:add_header(...), with a colon`},
		{"a header value that is nil", `function eom(conn, msg) msg:add_header("X-Score", conn.score) end`, `mail <a@b>/eom`, `add_header: the value of X-Score is nil`},
		{"a msg that was kept, used in eom", `function eom(conn, msg) conn.connection.old = conn.connection.old or msg; conn.connection.old:add_header("A", "b") end`,
			`mail <a@b>/eom/mail <a@b>/eom`, `:1: add_header on a msg kept from an earlier message`},
		{"a msg that was kept, used in rcpt", `function eom(conn, msg) conn.connection.old = msg end function rcpt(conn) conn.old:add_header("A", "b") return continue end`,
			`mail <a@b>/eom/mail <a@b>/rcpt <c@d>`, `:1: add_header works only in eom, not in rcpt`},
		{"what a kept msg showed", `function eom(conn, msg) conn.connection.old = conn.connection.old or msg; log.info(conn.connection.old.sender) end`,
			`mail <a@b>/eom/mail <a@b>/eom`, `:1: msg.sender of an earlier message`},
		{"headers that were kept", `function eoh(conn, headers) conn.kept = headers return continue end function eom(conn, msg) conn.connection.old = conn.kept end
function mail(conn) if conn.old then log.info(conn.old:get("Subject") or "") end return continue end`,
			`mail <a@b>/header Subject: x/eoh/eom/mail <a@b>`, `get on headers kept from an earlier hook`},
		{"a body that was kept is still a string", `function eom(conn, msg) conn.connection.old = conn.connection.old or msg.body; error(conn.connection.old .. "!") end`,
			`mail <a@b>/body text/eom`, `:1: text!`},
		{"conn handed to eom's helper after the end", `function close(conn) conn.x.y = 1 end`, `mail <a@b>/quit`, `:1: attempt to index`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.script)
			if c.dialog == "" {
				c.dialog = "mail <a@example.org>"
			}
			m := r.mta()
			steps := strings.Split(c.dialog, "/")
			for _, s := range steps[:len(steps)-1] {
				if got := m.do(s); strings.HasPrefix(got, "tempfail") || strings.HasPrefix(got, "error") {
					t.Fatalf("%s: %s", s, got)
				}
			}
			switch got := m.do(steps[len(steps)-1]); got {
			case "":
				r.ended()
			case "silent":
				m.dialog("eom -> tempfail")
			case "tempfail":
			default:
				t.Errorf("answered %s", got)
			}
			line := oneFailure(t, r, c.want)
			path := r.program.Scripts[0].Path
			if !strings.HasPrefix(fmt.Sprint(line["message"]), path+":") {
				t.Errorf("the message does not begin with the script's path: %v", line["message"])
			}
			if line["line"] == nil || line["excerpt"] == nil {
				t.Errorf("logged without a line: %v", line)
			}
		})
	}
}

// An error gets one line in the log that has all that its reader needs.
func TestLogLineOfAnError(t *testing.T) {
	r := start(t, `-- A filter with a mistake.
function connect(conn) end
function rcpt(conn, recipient)
	local domain = conn.domian:lower()
	return reject
end`)
	r.mta().dialog(`
		connect
		macros mail i=4cT2qn1R
		mail <a@example.org>
		rcpt <b@example.com> -> tempfail
		quit`)
	r.ended()
	line := oneFailure(t, r, "attempt to index")
	path := r.program.Scripts[0].Path
	want := map[string]any{
		"level": "warn", "script": path, "hook": "rcpt", "line": 4.0, "queue_id": "4cT2qn1R", "client": "192.0.2.7",
		"excerpt": "    4 |  local domain = conn.domian:lower()\n      |                             ^",
	}
	for key, value := range want {
		if line[key] != value {
			t.Errorf("%s is %q, want %q", key, line[key], value)
		}
	}
	if message := fmt.Sprint(line["message"]); !strings.HasPrefix(message, path+":4: ") || strings.Contains(message, "\n") {
		t.Errorf("the message is %q", message)
	}
	if id, _ := line["conn"].(string); id == "" {
		t.Errorf("no connection's id: %v", line)
	}
}

// What an error amounts to is the administrator's choice.
func TestOnError(t *testing.T) {
	const script = `
function rcpt(conn, r) if r == "bad" then error("boom") end return continue end
function eom(conn, msg) msg:add_header("X", "1") end`
	for _, c := range []struct {
		onError protocol.Verdict
		dialog  string
	}{
		{protocol.Tempfail, "rcpt <bad> -> tempfail\nrcpt <good> -> continue\neom -> continue, ADDHEADER X: 1"},
		{protocol.Reject, "rcpt <bad> -> reject\nrcpt <good> -> continue\neom -> continue, ADDHEADER X: 1"},
		{protocol.Accept, "rcpt <bad> -> accept\neom -> accept\nmail <a@example.org>\nrcpt <good> -> continue\neom -> continue, ADDHEADER X: 1"},
		{protocol.Continue, "rcpt <bad> -> continue\nrcpt <good> -> continue\neom -> continue, ADDHEADER X: 1"},
	} {
		t.Run(c.onError.String(), func(t *testing.T) {
			s := defaults()
			s.onError = c.onError
			r := s.start(t, script)
			r.mta().dialog("mail <a@example.org>\n" + c.dialog)
			oneFailure(t, r, "boom")
		})
	}
}

// After an error the VM is let go. Plain data goes on in another one, and the daemon with it.
func TestAfterAnError(t *testing.T) {
	r := start(t, `
function connect(conn) conn.list = { 1, { 2 } } end
function mail(conn) conn.n = 0 end
function rcpt(conn, r)
  conn.n = conn.n + 1
  if r == "bad" then error("boom") end
  return continue
end
function eom(conn, msg) msg:add_header("X", conn.n .. conn.list[2][1]) end`)
	m := r.mta()
	m.dialog(`
		connect
		mail <a@example.org>
		rcpt <one> -> continue
		rcpt <bad> -> tempfail
		rcpt <two> -> continue
		eom -> continue, ADDHEADER X: 32`)
	r.vmsAre(t, 2, 1)
	r.mta().dialog("mail <a@example.org>\nrcpt <one> -> continue")
	m.dialog("mail <a@example.org>\nrcpt <one> -> continue\neom -> continue, ADDHEADER X: 12")
}

// vmsAre waits until so many VMs were made and so many are spare.
func (r *rig) vmsAre(t *testing.T, made, spare int) {
	t.Helper()
	wait(t, fmt.Sprintf("%d VMs made, %d spare", made, spare), func() bool {
		return int(r.made.Load()) == made && r.spare() == spare
	})
}

// Data that cannot leave its VM is lost with it. The script then has nothing sound to say on that connection.
func TestDataLostInAnError(t *testing.T) {
	r := start(t, `
function connect(conn) conn.hold = function() end end
function mail(conn) log.info("one mail") return continue end
function rcpt(conn, r) if r == "bad" then error("boom") end return continue end
function eom(conn) log.info("one eom") end`, `
function eom(conn, msg) log.info("two eom") end
function close() log.info("two close") end`)
	m := r.mta()
	m.dialog(`
		connect
		mail <a@example.org> -> continue
		rcpt <bad> -> tempfail
		rcpt <good> -> tempfail
		eom -> tempfail
		mail <a@example.org> -> tempfail
		mail <b@example.org> -> tempfail
		quit`)
	r.ended()
	equal(t, "said", r.said(), []string{"one mail", "two close"})
	if lost := r.log.at("warn"); len(lost) != 2 || !strings.Contains(fmt.Sprint(lost[1]["message"]), "was lost") {
		t.Errorf("logged %v", lost)
	}
	r.mta().dialog("connect\nmail <a@example.org> -> continue\nrcpt <good> -> continue\neom -> continue\nquit")
}

// Each script has a VM of its own, so an error in one takes nothing from others, not even what cannot be copied.
func TestDataKeptInAnotherScriptsError(t *testing.T) {
	s := defaults()
	s.onError = protocol.Continue
	r := s.start(t, `
function rcpt(conn, r) if r == "bad" then error("boom") end return continue end`, `
function connect(conn) conn.hold = function() return "held" end conn.plain = "kept" end
function rcpt(conn) log.info("two " .. conn.hold()) end
function close(conn) log.info("two close") end`, `
function connect(conn) conn.plain = "kept" end
function rcpt(conn) log.info("three " .. conn.plain) end`)
	r.mta().dialog(`
		connect
		mail <a@example.org>
		rcpt <good> -> continue
		rcpt <bad> -> continue
		rcpt <good> -> continue
		quit`)
	r.ended()
	equal(t, "said", r.said(), list(`
		two held
		three kept
		two held
		three kept
		two held
		three kept
		two close`))
}

// A wrong verdict is a mistake in a hook that ran well: nothing is lost.
func TestDataAfterAWrongVerdict(t *testing.T) {
	r := start(t, `
function mail(conn) conn.hold = function() return "held" end end
function rcpt(conn, r) return r == "bad" and 42 or nil end
function eom(conn, msg) msg:add_header("X", conn.hold()) end`)
	r.mta().dialog(`
		mail <a@example.org>
		rcpt <bad> -> tempfail
		rcpt <good> -> continue
		eom -> continue, ADDHEADER X: held`)
}

// A panic in Go below a script is an error like others and costs the VM.
func TestPanicBelowAScript(t *testing.T) {
	r := start(t, `
function rcpt(conn, r)
  if r == "bad" then explode() end
  return continue
end`)
	r.program.Close()
	newVM := r.program.Scripts[0].vms.make
	r.program.Scripts[0].vms.make = func() (*vm, error) {
		v, err := newVM()
		v.L.G.Global.RawSetString("explode", v.L.NewFunction(func(*lua.LState) int { panic("a bug") }))
		return v, err
	}
	r.mta().dialog(`
		mail <a@example.org>
		rcpt <bad> -> tempfail
		rcpt <good> -> continue
		eom -> continue`)
	line := oneFailure(t, r, "first.lua:3: internal error in rcpt: a bug")
	if line["line"] != 3.0 {
		t.Errorf("logged at line %v, want 3", line["line"])
	}
	if n := r.made.Load(); n != 3 {
		t.Errorf("%d VMs were made, want 3: Load's, the one that was lost, and its successor", n)
	}
}

// A panic of our own outside any script costs the event and not the connection.
func TestPanicOfOurOwn(t *testing.T) {
	for _, step := range []string{"rcpt <b@example.com>", "eom"} {
		t.Run(step, func(t *testing.T) {
			r := start(t, `
function rcpt(conn, r) return continue end
function eom(conn, msg) msg:add_header("X", "1") end`)
			r.program.Close()
			newVM := r.program.Scripts[0].vms.make
			broken := true
			r.program.Scripts[0].vms.make = func() (*vm, error) {
				if broken {
					broken = false
					panic("a bug")
				}
				return newVM()
			}
			m := r.mta()
			m.dialog("mail <a@example.org>\n" + step + " -> tempfail")
			if step == "eom" {
				m.dialog("mail <a@example.org>")
			}
			m.dialog("rcpt <c@example.com> -> continue\neom -> continue, ADDHEADER X: 1")
			if lines := r.log.at("error"); len(lines) != 1 || !strings.Contains(fmt.Sprint(lines[0]["message"]), "internal error: a bug") {
				t.Errorf("logged %v", lines)
			}
		})
	}
}
