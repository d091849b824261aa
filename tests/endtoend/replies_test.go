package endtoend

// replyCases are about what the client is told.
var replyCases = []spec{
	{
		name:   "text alone gets 550 5.7.1",
		script: `function mail(conn) return reject("go away") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
S: 550 5.7.1 go away
`,
	},
	{
		name:   "text alone with tempfail gets 451 4.7.1",
		script: `function mail(conn) return tempfail("come back later") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
S: 451 4.7.1 come back later
`,
	},
	{
		name:   "status and text",
		script: `function rcpt(conn) return reject("5.1.1", "no such user") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
S: 550 5.1.1 no such user
`,
	},
	{
		name:   "code, status and text",
		script: `function data(conn) return reject(554, "5.6.0", "not like this") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
S: 554 5.6.0 not like this
`,
	},
	{
		name:   "code and text without a status",
		script: `function eom(conn) return reject(554, "no status") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
Postfix: 554 no status
Sendmail: 554 5.0.0 no status
`,
	},
	{
		name:   "several lines",
		script: `function eom(conn) return reject(550, "5.7.1", "line one\nline two\nline three") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
S: 550-5.7.1 line one
S: 550-5.7.1 line two
S: 550 5.7.1 line three
`,
	},
	{
		name:   "several lines at RCPT, for now",
		script: `function rcpt(conn) return tempfail(450, "4.2.1", "line one\nline two") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
S: 450-4.2.1 line one
S: 450 4.2.1 line two
`,
	},
	{
		name:   "percent signs",
		script: `function mail(conn) return reject("100% spam, 50%% more, %s %d %") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
S: 550 5.7.1 100% spam, 50%% more, %s %d %
`,
	},
	{
		name: "printable makes any text fit",
		script: `
function header(conn, name, value)
  if name == "X-Evil" then return reject("no " .. printable(value)) end
end`,
		header: "X-Evil: a\n\tb\xff%\n",
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
S: 550 5.7.1 no a  b?%
`,
	},
	{
		name:   "421 at the end of the message closes the session",
		script: `function eom(conn) return tempfail(421, "4.3.2", "shutting down") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
S: 421 4.3.2 shutting down
C: NOOP
S: (closed)
`,
	},
	{
		name: "each recipient its own reply",
		script: `
function rcpt(conn, recipient)
  if recipient:find("^bad") then return reject("5.1.1", "no " .. recipient) end
  if recipient:find("^later") then return tempfail end
end
function eom(conn, msg) msg:add_header("X-To", table.concat(msg.recipients, " ")) end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<bad1@dest.example>
S: 550 5.1.1 no bad1@dest.example
C: RCPT TO:<b@dest.example>
C: RCPT TO:<later@dest.example>
Postfix: 451 4.7.1 Service unavailable - try again later
Sendmail: 451 4.3.2 Please try again later
C: RCPT TO:<bad2@dest.example>
S: 550 5.1.1 no bad2@dest.example
C: RCPT TO:<c@dest.example>
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<c@dest.example>
Received: (own)
(rest)
X-To: b@dest.example c@dest.example
`,
	},
	{
		name:   "every recipient refused",
		script: `function rcpt(conn) return reject end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
S: 550 5.7.1 Command rejected
C: DATA
Postfix: 554 5.5.1 Error: no valid recipients
Sendmail: 503 5.0.0 Need RCPT (recipient)
`,
	},
	{
		name:   "an unknown command",
		script: `function unknown(conn, command) log.info("saw " .. command) end`,
		dialog: `
C: EHLO client.example
C: FOOBAR one two
Postfix: 500 5.5.2 Error: command not recognized
Sendmail: 500 5.5.1 Command unrecognized: "FOOBAR one two"
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: unchanged,
	},
}
