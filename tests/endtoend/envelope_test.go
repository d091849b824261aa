package endtoend

// envelopeCases are about sender and recipients.
var envelopeCases = []spec{
	{
		name:   "change_sender",
		script: `function eom(conn, msg) msg:change_sender("new@test.example") end`,
		want: `
MAIL FROM:<new@test.example>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
`,
	},
	{
		name:   "change_sender takes brackets",
		script: `function eom(conn, msg) msg:change_sender("<new@test.example>") end`,
		want: `
MAIL FROM:<new@test.example>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
`,
	},
	{
		name:   "change_sender to the null sender",
		script: `function eom(conn, msg) msg:change_sender("") end`,
		want: `
MAIL FROM:<>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
`,
	},
	{
		name:   "change_sender with parameters",
		script: `function eom(conn, msg) msg:change_sender("new@test.example", "RET=HDRS ENVID=abc") end`,
		want: `
MAIL FROM:<new@test.example> ENVID=abc RET=HDRS
RCPT TO:<b@dest.example>
Received: (own)
(rest)
`,
	},
	{
		name:   "change_sender with a table of parameters",
		script: `function eom(conn, msg) msg:change_sender("new@test.example", { "RET=FULL", "ENVID=def" }) end`,
		want: `
MAIL FROM:<new@test.example> ENVID=def RET=FULL
RCPT TO:<b@dest.example>
Received: (own)
(rest)
`,
	},
	{
		name: "add_recipient",
		script: `
function eom(conn, msg)
  msg:add_recipient("c@dest.example")
  msg:add_header("X-To", table.concat(msg.recipients, " "))
end`,
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
		name: "add_recipient of one already there delivers once",
		script: `
function eom(conn, msg)
  msg:add_recipient("b@dest.example")
  msg:add_recipient("<b@dest.example>")
end`,
		want: unchanged,
	},
	{
		name:   "add_recipient with parameters",
		script: `function eom(conn, msg) msg:add_recipient("c@dest.example", "NOTIFY=NEVER") end`,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<c@dest.example> NOTIFY=NEVER
Received: (own)
(rest)
`,
	},
	{
		name: "delete_recipient",
		script: `
function eom(conn, msg)
  if not msg:delete_recipient("<b@dest.example>") then error "not there" end
  if msg:delete_recipient("x@dest.example") then error "there" end
  msg:add_header("X-To", table.concat(msg.recipients, " "))
end`,
		dialog: twoRecipients,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<C.c@dest.example>
Received: (own)
(rest)
X-To: C.c@dest.example
`,
	},
	{
		name: "delete_recipient and add_recipient replace one",
		script: `
function eom(conn, msg)
  msg:delete_recipient("C.c@dest.example")
  msg:add_recipient("d@dest.example")
end`,
		dialog: twoRecipients,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<d@dest.example>
Received: (own)
(rest)
`,
	},
	{
		name: "a recipient added and deleted again is not there",
		script: `
function eom(conn, msg)
  msg:add_recipient("d@dest.example")
  msg:delete_recipient("d@dest.example")
end`,
		want: unchanged,
	},
	{
		name: "a recipient deleted and added again is there once",
		script: `
function eom(conn, msg)
  msg:delete_recipient("b@dest.example")
  msg:add_recipient("b@dest.example")
end`,
		dialog: twoRecipients,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<C.c@dest.example>
Received: (own)
(rest)
`,
	},
	{
		name:   "all recipients deleted: the server takes the message and drops it",
		script: `function eom(conn, msg) msg:delete_recipient("b@dest.example") end`,
	},
	{
		name: "parameters of MAIL and RCPT",
		script: `
function mail(conn, sender, params)
  conn.seen = sender .. " " .. table.concat(params, ",") .. " " .. tostring(params.SIZE) .. " " .. tostring(params.RET)
end
function rcpt(conn, recipient, params)
  conn.seen = conn.seen .. "; " .. recipient .. " " .. table.concat(params, ",") .. " " .. tostring(params.NOTIFY)
end
function eom(conn, msg) msg:add_header("X-Seen", conn.seen) end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example> SIZE=200 RET=HDRS
C: RCPT TO:<b@dest.example> NOTIFY=FAILURE,DELAY
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<a@test.example> RET=HDRS
RCPT TO:<b@dest.example> NOTIFY=FAILURE,DELAY
Received: (own)
(rest)
X-Seen: a@test.example SIZE=200,RET=HDRS 200 HDRS; b@dest.example NOTIFY=FAILURE,DELAY FAILURE,DELAY
`,
	},
	{
		name: "the null sender",
		script: `
function mail(conn, sender) conn.empty = sender == "" end
function eom(conn, msg) msg:add_header("X-Seen", tostring(conn.empty) .. " " .. tostring(conn.sender == "")) end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
X-Seen: true true
`,
	},
}

const twoRecipients = `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: RCPT TO:<C.c@dest.example>
C: DATA
C: (message)
`
