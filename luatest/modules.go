package luatest

import (
	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/protocol"
)

// Modules returns what files of tests have besides what scripts have, for the reference.
func Modules() []luaapi.Module { return new(file).modules() }

// modules returns them for a file, and has its objects made of them.
func (f *file) modules() []luaapi.Module {
	f.kinds.modules = []luaapi.Module{f.sessionModule(), f.resultModule(), f.expectationModule()}
	f.kinds.metas = map[string]*lua.LTable{}
	return append([]luaapi.Module{f.testModule()}, f.kinds.modules...)
}

// entry is a function with its documentation. It is the same in every VM, because a file has one.
func entry(name, params, result, doc, errors, source string, fn lua.LGFunction) luaapi.Func {
	bind := func(*luaapi.Env) lua.LGFunction { return fn }
	return luaapi.Func{Name: name, Params: params, Result: result, Doc: doc, Errors: errors, Source: source, Bind: bind}
}

func (f *file) testModule() luaapi.Module {
	return luaapi.Module{
		Name: "test", Kind: luaapi.Globals,
		Doc: "What files of tests have besides all of the above; scripts do not have it. `luamilter test` runs the files whose names end in `_test.lua`. Each test runs twice: with VMs that are new, and with VMs that others have used. The clock stands at 2026-01-05 12:00 UTC when a test begins, and what scripts keep in a store is gone.",
		Funcs: append([]luaapi.Func{
			entry("describe", "name: string, fn: function", "", "Makes a group of the tests that `fn` has, whose names begin with `name`. Groups can have groups.", "Inside a test.", "", f.describe),
			entry("it", "name: string, fn: function?", "", "A test: `fn` is called, and the test passes if it raises no error. `name` says what is so. Without `fn` the test is pending.", "Inside a test.", "", f.it),
			entry("pending", "name: string, fn: function?", "", "A test that is not run: `name` and `fn` as for `it`. Inside a test it ends the test, and `name` is the reason.", "", "", f.pending),
			entry("before_each", "fn: function", "", "Has `fn` called before each test of the group, or of the file; those of outer groups come first.", "Inside a test.", "", f.beforeEach),
			entry("after_each", "fn: function", "", "Has `fn` called after each test of the group, or of the file, also one that failed; those of inner groups come first.", "Inside a test.", "", f.afterEach),
			entry("session", "options: table?", "session", "A new connection of the simulated MTA to the scripts under test. The `options` are, all optional: `script`, a path or a list of paths from the folder of the test (`NAME.lua` for `NAME_test.lua`); "+
				"`settings`, a table as the configuration would have it, with several scripts one for each name; `ip` (`192.0.2.1`, `\"\"` for none), `port`, `host` and `helo` (`client.example.com`); `auth`, the user or a table of `user`, `type` and `author`; "+
				"`tls`, true or a table of `version`, `cipher`, `bits`, `subject` and `issuer`; `macros`, a table of names and values that are sent at every stage; `mta`, `\"postfix\"` or `\"sendmail\"`, whose macros are sent and in whose way header edits come out. It is closed at the end of the test.",
				"Outside a test. A script cannot be loaded, or does not have such a setting. An option is not known.", "", f.newSession),
			entry("expect", "value: any", "expectation", "Makes something that is expected of the `value`: `expect(value):is(1)`.", "Outside a test.", "", f.expect),
			entry("advance", "time: number|string", "", "Moves the clock by so much `time`: seconds, or a text such as `\"6m\"` or `\"2d\"`. Scripts and the test see it in `time.now`, `os.time` and `os.date`. The timers of all scripts that the test has opened a session with run when their turns come on the way. `time.sleep` in a script moves the clock too, and does not wait.", "Outside a test. It is no time. More than 10,000 turns of timers come meanwhile.", "", f.advance),
			entry("fake_map", "source: string, entries: table", "", "Has the lists that the scripts opened from `source`, written as there, consist of `entries`, a table as `map.table` takes it, until the end of the test. Databases, directories and web servers are not asked in a test: a list of theirs that has no fake raises an error.", "Outside a test.", "", f.fakeMap),
			entry("outage", "service: string", "", "Has a `service` fail from now on to the end of the test, as when its server is away: `\"store\"`.", "Outside a test. There is no such service.", "", f.outage),
			entry("fake_dns", "answers: table", "", "Says what lookups in DNS find, until the end of the test. The `answers` are tables by name: `a`, `aaaa`, `mx`, `txt`, `ns`, `cname`, `srv` and `ptr`, each a value or a list of values, as the functions of `dns` return them; the name of an address is the address itself. "+
				"`listed` of a list has what is on it, with the list's answers. With `fails`, a text, all lookups of a name fail with it. What is not told does not exist. A second call adds to the first. Without any call, a lookup in a script is an error.", "Outside a test. A name or a value is none.", "", f.fakeDNS),
			entry("fake_geo", "networks: table", "", "Has `geo` in the scripts know these `networks` until the end of the test: a table with addresses or networks as keys, and tables such as `geo.lookup` gives. Without it, `geo` says that no file is configured.", "Outside a test. A key is no network; a table has something else in it.", "", f.fakeGeo),
		}, f.fakeEntries()...),
	}
}

func (f *file) sessionModule() luaapi.Module {
	const goesOn = " What was refused stays refused: the filter is not asked any more, and the result is the same again."
	return luaapi.Module{
		Name: "session", Kind: luaapi.Object,
		Doc: "A connection of the simulated MTA, which does with the answers what Postfix does. Stages that must come before a step and did not are filled in: `connect` and `helo` before `mail`, `data` before `header`, `eoh` before `body`." + goesOn,
		Funcs: []luaapi.Func{
			entry("connect", "", "result", "Tells of the client.", "", "xxfi_connect", f.step("connect", (*session).connect)),
			entry("helo", "name: string?", "result", "EHLO with the `name`, by default that of the session.", "", "xxfi_helo", f.step("helo", (*session).helo)),
			entry("mail", "sender: string, params: string|string[]?", "result", "MAIL FROM: begins a message. The `sender` may have brackets, and `params` are ESMTP parameters such as `\"SIZE=100\"`. A message before it that did not end is given up.", "", "xxfi_envfrom", f.step("mail", (*session).mail)),
			entry("rcpt", "recipient: string, params: string|string[]?", "result", "RCPT TO, `recipient` and `params` as for `mail`.", "", "xxfi_envrcpt", f.step("rcpt", (*session).rcpt)),
			entry("data", "", "result", "DATA.", "", "xxfi_data", f.step("data", (*session).data)),
			entry("header", "name: string, value: string", "result", "A header field of that `name` and `value`; folded lines are separated by a line end and a blank.", "It is no header field.", "xxfi_header", f.step("header", (*session).header)),
			entry("eoh", "", "result", "The end of the header.", "", "xxfi_eoh", f.step("eoh", (*session).eoh)),
			entry("body", "chunk: string", "result", "A `chunk` of the body, as it is: line ends are `\\r\\n`, and it may be cut anywhere.", "", "xxfi_body", f.step("body", (*session).body)),
			entry("eom", "", "result", "The end of the message. The result is that of the whole message.", "", "xxfi_eom", f.method("eom", (*session).eom)),
			entry("unknown", "command: string", "result", "A `command` that the MTA does not know.", "", "xxfi_unknown", f.step("unknown", (*session).unknown)),
			entry("abort", "", "", "Gives the message up, as RSET does.", "", "xxfi_abort", f.method("abort", (*session).abort)),
			entry("close", "", "", "Ends the connection. What the scripts log and count in `close` is there afterwards.", "", "xxfi_close", f.method("close", (*session).close)),
			entry("send", "message: string|table", "result", "Sends a whole `message`, as far as an MTA would: `connect` to `eom`. It is the path of a file from the folder of the test, or a table, all optional: `from` (`sender@example.com`), `from_params`, `to` (`recipient@example.com`; a string or a list), `queue_id`, "+
				"`file`, `headers` (a list of fields, `{ \"Subject\", \"hello\" }` or `\"Subject: hello\"`), `body` (line ends are made `\\r\\n`). `headers` and `body` stand in the place of those of `file`.", "The file cannot be read. A header field is none.", "", f.method("send", (*session).send)),
		},
	}
}

func (f *file) resultModule() luaapi.Module {
	return luaapi.Module{
		Name: "result", Kind: luaapi.Object,
		Doc: "What a step came to, and after `eom` and `send` the message.",
		Fields: []luaapi.Property{
			{Name: "verdict", Type: "string", Doc: "`continue`, `accept`, `reject`, `tempfail`, `discard` or `skip`."},
			{Name: "stage", Type: "string", Doc: "The stage where the verdict fell; of a step its own."},
			{Name: "code", Type: "integer?", Doc: "Of the reply that the SMTP client gets; nil if it is not refused.", Source: "RFC 5321 section 4.2"},
			{Name: "enhanced", Type: "string?", Doc: "The enhanced status code of the reply.", Source: "RFC 3463"},
			{Name: "text", Type: "string?", Doc: "The text of the reply."},
			{Name: "changes", Type: "string[]", Doc: "What the scripts ask the MTA to change, in the order in which it is told: `add X-A: b`, `insert at 1 X-A: b`, `change Subject 1: b`, `delete X-A 1`, `body of 12 bytes`, `sender <a@example.com>`, `add recipient <a@example.com>`, `delete recipient <a@example.com>`, `quarantine b`."},
			{Name: "message", Type: "table?", Doc: "The message as it goes on, nil if it does not: `headers`, a list of tables with `name` and `value`, `body` with line ends `\\n`, `sender`, `recipients`, and `quarantine`, the reason or nil."},
		},
	}
}

func (f *file) expectationModule() luaapi.Module {
	const e = "expectation"
	return luaapi.Module{
		Name: e, Kind: luaapi.Object,
		Doc: "What is expected of a value. Each function returns the expectation, so that another can follow: `expect(result):accepted():header(\"X-A\", \"b\")`. One that is not met fails the test.",
		Funcs: []luaapi.Func{
			entry("is", "other: any", e, "It equals the `other`; tables do if they have the same keys with equal values.", "", "", f.about("is", f.is)),
			entry("is_nil", "", e, "It is nil.", "", "", f.about("is_nil", f.isNil)),
			entry("matches", "pattern: string", e, "It is a text in which the `pattern` of Lua is found.", "", "", f.about("matches", f.matches)),
			entry("has", "part: any", e, "It is a text that contains the `part`, or a table with a value that equals it. There may be several.", "", "", f.about("has", f.has)),
			entry("raises", "text: string?", e, "It is a function that raises an error with that `text` in it; or of a session or a result: a script under test did. An error in a script that no test expects in this way fails the test.", "", "", f.about("raises", f.raises)),
			entry("continued", "", e, "The result's verdict is `continue`.", "", "", f.verdicts("continued", "continue", protocol.Continue)),
			entry("accepted", "", e, "The result's verdict is `accept`; for a message also `continue`: it is delivered.", "", "", f.of("accepted", f.accepted)),
			entry("rejected", "reply: integer|string?", e, "It is rejected, with the `reply`: its code, its enhanced status code, or a part of its text.", "", "", f.verdicts("rejected", "reject", protocol.Reject)),
			entry("tempfailed", "reply: integer|string?", e, "It is refused for now, with the `reply` as for `rejected`.", "", "", f.verdicts("tempfailed", "tempfail", protocol.Tempfail)),
			entry("discarded", "", e, "It is discarded.", "", "", f.verdicts("discarded", "discard", protocol.Discard)),
			entry("skipped", "", e, "The scripts want no more of the body.", "", "", f.verdicts("skipped", "skip", protocol.Skip)),
			entry("header", "name: string, value: string?", e, "The message that is delivered has a header field of that `name`, and `value`.", "", "", f.of("header", f.header)),
			entry("no_header", "name: string", e, "It has no header field of that `name`.", "", "", f.of("no_header", f.noHeader)),
			entry("body", "text: string", e, "Its body is the `text`; the kind of line ends, and the last of them, do not matter.", "", "", f.of("body", f.bodyIs)),
			entry("recipients", "list: string|string[]", e, "Its recipients are those of the `list`, in any order.", "", "", f.of("recipients", f.recipients)),
			entry("sender", "address: string", e, "Its envelope sender is the `address`.", "", "", f.of("sender", f.sender)),
			entry("quarantined", "reason: string?", e, "It is held, with the text in `reason`.", "", "", f.of("quarantined", f.quarantined)),
			entry("unchanged", "", e, "It is delivered, and nothing in it is changed.", "", "", f.of("unchanged", f.unchanged)),
			entry("logged", "text: string", e, "In the session, a script has logged a line that contains the `text`: level, text, and fields as `name=value`.", "", "", f.from("logged", f.logged)),
			entry("metric", "name: string, value: number, labels: table?", e, "In the session, the scripts' metric `name` has the `value`: the sum of all its series, or of those with these `labels`. Of a histogram, how many values there are.", "", "", f.from("metric", f.metric)),
		},
	}
}
