package endtoend

// errorCases are about scripts that fail: the client keeps its mail and is told to come back.
var errorCases = []spec{
	{
		name: "an error in connect, where an answer is due, concerns the connection",
		script: `
function connect(conn)
  error("oops")
  return continue
end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
S: 451
C: RSET
C: MAIL FROM:<a@test.example>
S: 451
`,
	},
	{
		name:   "an error in connect, where no answer is due, concerns all messages",
		script: `function connect(conn) error("oops") end`,
		dialog: failsAtEnd + `
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
S: 451
`,
	},
	{
		name:   "an error in mail",
		script: `function mail(conn) local x = nil; return x.y end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
S: 451
`,
	},
	{
		name: "an error in rcpt concerns that recipient",
		script: `
function rcpt(conn, recipient)
  if recipient:find("^bad") then error("oops") end
  return continue
end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: RCPT TO:<bad@dest.example>
S: 451
C: DATA
C: (message)
`,
		want: unchanged,
	},
	{
		name:   "an error in rcpt, where no answer is due, concerns the message",
		script: `function rcpt(conn, recipient) if recipient:find("^bad") then error("oops") end end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: RCPT TO:<bad@dest.example>
C: DATA
C: (message)
S: 451
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: unchanged,
	},
	{
		name:   "an error in header, where no answer is due",
		script: `function header(conn, name) if name == "Subject" then error("oops") end end`,
		dialog: failsAtEnd,
	},
	{
		name:   "an error in body",
		script: `function body(conn, chunk) error({}) end`,
		dialog: failsAtEnd,
	},
	{
		name: "an error in eom: no change is made",
		script: `
function eom(conn, msg)
  msg:add_header("X-New", "value")
  error("oops")
end`,
		dialog: failsAtEnd,
	},
	{
		name:   "a value that is no verdict",
		script: `function eom(conn, msg) return 42 end`,
		dialog: failsAtEnd,
	},
	{
		name:   "a class that does not fit",
		script: `function eom(conn, msg) return reject(451, "4.7.1", "no") end`,
		dialog: failsAtEnd,
	},
	{
		name:   "skip outside body",
		script: `function header(conn) return skip end`,
		dialog: failsAtEnd,
	},
	{
		name:   "discard in helo",
		script: `function helo(conn) return discard end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
S: 451
`,
	},
	{
		name: "an action outside eom",
		script: `
local kept
function eom(conn, msg) kept = msg end
function mail(conn)
  if kept then kept:add_header("X-New", "late") end
  return continue
end`,
		dialog: usual + `
C: MAIL FROM:<a@test.example>
S: 451
`,
		want: unchanged,
	},
	{
		name:   "nil as a header value",
		script: `function eom(conn, msg) msg:add_header("X-New", conn.no_such_thing) end`,
		dialog: failsAtEnd,
	},
	{
		name:   "a header value that would begin a new field",
		script: `function eom(conn, msg) msg:add_header("X-New", "a\nX-Evil: b") end`,
		dialog: failsAtEnd,
	},
	{
		name:   "a loop without end",
		script: `function eom(conn, msg) local s = ("x"):rep(2^20) while true do s:find("y", 1, true) end end`, // a long text takes many steps at once
		dialog: failsAtEnd,
	},
	{
		name: "an error that is caught",
		script: `
function eom(conn, msg)
  local ok, err = pcall(msg.insert_header, msg, 1, "bad name", "x")
  msg:add_header("X-Caught", tostring(ok))
end`,
		want: "\nReceived: (own)\n(rest)\nX-Caught: false\n",
	},
	{
		name:   "--on-error accept: the message passes without changes",
		args:   []string{"--on-error", "accept"},
		script: `function eom(conn, msg) msg:add_header("X-New", "value") error("oops") end`,
		want:   unchanged,
	},
	{
		name: "--on-error continue: a script that failed once goes on",
		args: []string{"--on-error", "continue"},
		script: `
function mail(conn) error("oops") end
function eom(conn, msg) msg:add_header("X-New", "value") end`,
		want: "\nReceived: (own)\n(rest)\nX-New: value\n",
	},
	{
		name:   "--on-error reject",
		args:   []string{"--on-error", "reject"},
		script: `function eom(conn, msg) error("oops") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
Postfix: 550 5.7.1 Command rejected
Sendmail: 554 5.7.1 Command rejected
`,
	},
	{
		name:   "a string that would fill the memory",
		script: `function eom(conn, msg) msg:add_header("X-New", ("x"):rep(2 ^ 40)) end`,
		dialog: failsAtEnd,
	},
	{
		name: "data of the connection outlives an error",
		script: `
function helo(conn, name) conn.greeted = { name = name } end
function mail(conn, sender)
  if sender == "bad@test.example" then error("oops") end
  return continue
end
function eom(conn, msg) msg:add_header("X-Greeted", conn.greeted.name) end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<bad@test.example>
S: 451
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: "\nReceived: (own)\n(rest)\nX-Greeted: client.example\n",
	},
}

// failsAtEnd is the dialog of a message that the server cannot take for now.
const failsAtEnd = `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
S: 451
`
