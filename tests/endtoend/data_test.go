package endtoend

// dataCases are about what a script keeps in conn, and for how long.
var dataCases = []spec{
	{
		name: "what is set at connect and helo stays, what is set for a message goes with it",
		script: `
function connect(conn) conn.origin = "connect" end
function helo(conn, name) conn.greeted = name end
function mail(conn, sender)
  conn.from = sender
  conn.connection.messages = (conn.connection.messages or 0) + 1
end
function rcpt(conn, recipient) conn.last = recipient end
function eom(conn, msg)
  msg:add_header("X-Data", table.concat({ conn.origin, conn.greeted, conn.from, tostring(conn.last),
    tostring(conn.left), conn.messages }, " "))
  conn.left = "over"
end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<one@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
C: MAIL FROM:<two@test.example>
C: RCPT TO:<c@dest.example>
C: RSET
C: MAIL FROM:<three@test.example>
C: RCPT TO:<d@dest.example>
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<one@test.example>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
X-Data: connect client.example one@test.example b@dest.example nil 1
--
MAIL FROM:<three@test.example>
RCPT TO:<d@dest.example>
Received: (own)
(rest)
X-Data: connect client.example three@test.example d@dest.example nil 3
`,
	},
	{
		name: "a message may shadow what the connection knows",
		script: `
function connect(conn) conn.word = "old" end
function mail(conn) if conn.sender:find("^one") then conn.word = "new" end end
function eom(conn, msg) msg:add_header("X-Word", conn.word .. " " .. conn.connection.word) end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<one@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
C: MAIL FROM:<two@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<one@test.example>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
X-Word: new old
--
MAIL FROM:<two@test.example>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
X-Word: old old
`,
	},
	{
		name: "tables survive from hook to hook",
		script: `
function connect(conn) conn.list = { "connect" } end
function helo(conn) conn.list[#conn.list + 1] = "helo" end
function mail(conn) conn.seen = {} end
function rcpt(conn, recipient) conn.seen[recipient] = { n = #conn.seen } end
function eom(conn, msg)
  local keys = {}
  for k in pairs(conn.seen) do keys[#keys + 1] = k end
  table.sort(keys)
  msg:add_header("X-List", table.concat(conn.list, " ") .. " " .. table.concat(keys, " "))
end`,
		dialog: twoRecipients,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<C.c@dest.example>
Received: (own)
(rest)
X-List: connect helo C.c@dest.example b@dest.example
`,
	},
	{
		name:   "the order of hooks",
		script: witness,
		want:   unchanged,
		logged: `
saw connect
saw helo client.example
saw mail a@test.example
saw rcpt b@dest.example
saw data
saw header From
saw header To
saw header Date
saw header Message-ID
saw header Subject
saw eoh
saw body 7
saw eom
saw close
`,
	},
	{
		name:   "abort at RSET, and not after the end of a message",
		script: short,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<one@test.example>
C: RCPT TO:<b@dest.example>
C: RSET
C: MAIL FROM:<two@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
C: RSET
C: QUIT
`,
		want: `
MAIL FROM:<two@test.example>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
`,
		logged: `
saw mail one@test.example
saw abort one@test.example
saw mail two@test.example
saw eom two@test.example
saw close
`,
	},
	{
		name:   "abort at EHLO in the middle of a message",
		script: short,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<one@test.example>
C: RCPT TO:<b@dest.example>
C: EHLO again.example
C: MAIL FROM:<two@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<two@test.example>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
`,
		logged: `
saw mail one@test.example
saw abort one@test.example
saw mail two@test.example
saw eom two@test.example
saw close
`,
	},
	{
		name:   "abort and close when the client leaves without a word",
		script: short,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<one@test.example>
C: RCPT TO:<b@dest.example>
C: (drop)
`,
		logged: `
saw mail one@test.example
saw abort one@test.example
saw close
`,
	},
	{
		name:   "abort and close when the client is lost in the middle of DATA",
		script: short,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<one@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (half a message)
C: (drop)
`,
		logged: `
saw mail one@test.example
saw abort one@test.example
saw close
`,
	},
	{
		name: "no abort for a message that the script has refused",
		script: `
function mail(conn, sender) return reject end
function abort(conn) log.info("saw abort") end
function close(conn) log.info("saw close") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<one@test.example>
S: 550
C: RSET
`,
		logged: "saw close",
	},
	{
		name: "close comes once, also after a refusal at connect",
		script: `
function connect(conn) return reject end
function close(conn) log.info("saw close") end`,
		dialog: `
S: 554
C: QUIT
`,
		logged: "saw close",
	},
	{
		name:   "a client that says nothing but QUIT",
		script: short,
		dialog: `
C: QUIT
`,
		logged: "saw close",
	},
}

// witness logs every hook.
const witness = `
function connect(conn) log.info("saw connect") end
function helo(conn, name) log.info("saw helo " .. name) end
function mail(conn, sender) log.info("saw mail " .. sender) end
function rcpt(conn, recipient) log.info("saw rcpt " .. recipient) end
function data(conn) log.info("saw data") end
function header(conn, name) log.info("saw header " .. name) end
function eoh(conn) log.info("saw eoh") end
function body(conn, chunk) log.info("saw body " .. #chunk) end
function eom(conn) log.info("saw eom") end
function abort(conn) log.info("saw abort") end
function close(conn) log.info("saw close") end
`

// short logs how messages begin and end.
const short = `
function mail(conn, sender) log.info("saw mail " .. sender) end
function eom(conn, msg) log.info("saw eom " .. conn.sender) end
function abort(conn) log.info("saw abort " .. conn.sender) end
function close(conn) log.info("saw close") end
`
