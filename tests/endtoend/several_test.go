package endtoend

// severalCases have more than one script in one luamilter; each is the filter it would be alone.
var severalCases = []spec{
	{
		name: "a later script sees what earlier ones have changed",
		script: `
function eom(conn, msg)
  msg:add_header("X-First", "1")
  msg:delete_header("Subject")
  msg:delete_recipient("b@dest.example")
  msg:change_sender("new@test.example")
  msg:replace_body("first\n")
end`,
		more: []string{`
function eom(conn, msg)
  msg:change_header("X-First", msg:header("X-First") .. "2")
  msg:add_header("X-Second", tostring(msg:header("Subject")) .. " " .. msg.sender .. " " .. #msg.recipients)
  msg:replace_body(msg.body .. "second\n")
end`},
		dialog: twoRecipients,
		want: `
MAIL FROM:<new@test.example>
RCPT TO:<C.c@dest.example>
Received: (own)
From: a@test.example
To: b@dest.example
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <1@test.example>
X-First: 12
X-Second: nil new@test.example 1

first
second
`,
	},
	{
		name: "each has data and globals of its own",
		script: `
word = "first"
function connect(conn) conn.mine = word end
function mail(conn) conn.message = 1 end
function eom(conn, msg) msg:add_header("X-First", conn.mine .. " " .. conn.message .. " " .. word) end`,
		more: []string{`
function eom(conn, msg)
  msg:add_header("X-Second", tostring(conn.mine) .. " " .. tostring(conn.message) .. " " .. tostring(rawget(_G, "word")))
end`},
		want: `
Received: (own)
(rest)
X-First: first 1 first
X-Second: nil nil nil
`,
	},
	{
		name:   "one accepts and is asked no more, the other goes on",
		script: witnessed("mail", "function mail(conn)", "accept"),
		more:   []string{`function eom(conn, msg) msg:add_header("X-Second", "1") end`},
		want:   "\nReceived: (own)\n(rest)\nX-Second: 1\n",
	},
	{
		name:   "one accepts, the other refuses",
		script: `function mail(conn) return accept end`,
		more:   []string{`function rcpt(conn) return reject("5.7.9", "second") end`},
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
S: 550 5.7.9 second
`,
	},
	{
		name:   "both accept, one after the other",
		script: witnessed("mail", "function mail(conn)", "accept"),
		more:   []string{witnessed("rcpt", "function rcpt(conn)", "accept")},
		dialog: usual + `
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: unchanged + "--" + unchanged,
	},
	{
		name:   "the first refusal is the answer, later scripts do not hear of it",
		script: `function rcpt(conn, recipient) if recipient:find("^bad") then return reject("5.7.9", "first") end end`,
		more:   []string{`function rcpt(conn, recipient) log.info("saw " .. recipient) return tempfail end`},
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<bad@dest.example>
S: 550 5.7.9 first
C: RCPT TO:<b@dest.example>
S: 451
`,
		logged: "saw b@dest.example",
	},
	{
		name:   "one discards",
		script: `function rcpt(conn) return discard end`,
		more:   []string{`function eom(conn, msg) log.info("saw eom") end function close(conn) log.info("saw close") end`},
		logged: "saw close",
	},
	{
		name: "one skips the body, the other reads on",
		body: numberedLines(3000),
		script: `
function body(conn) conn.chunks = (conn.chunks or 0) + 1 return skip end
function eom(conn, msg) msg:add_header("X-First", conn.chunks) end`,
		more: []string{`
function body(conn) conn.chunks = (conn.chunks or 0) + 1 end
function eom(conn, msg) msg:add_header("X-Second", conn.chunks) end`},
		want: "\nReceived: (own)\n(rest)\nX-First: 1\nX-Second: 3\n\n" + numberedLines(3000),
	},
	{
		name:   "one fails at the end: nothing is changed by any",
		script: `function eom(conn, msg) msg:add_header("X-First", "1") msg:quarantine("no") end`,
		more:   []string{`function eom(conn, msg) error("oops") end`},
		dialog: failsAtEnd,
	},
	{
		name:   "one refuses at the end, later ones are not asked",
		script: `function eom(conn, msg) return reject("5.7.9", "first") end`,
		more:   []string{`function eom(conn, msg) log.info("saw eom") end function close(conn) log.info("saw close") end`},
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
S: 550 5.7.9 first
`,
		logged: "saw close",
	},
	{
		name: "abort is for those that were awake",
		script: `
function mail(conn) return accept end
function abort(conn) log.info("saw abort 1") end
function close(conn) log.info("saw close 1") end`,
		more: []string{`
function abort(conn) log.info("saw abort 2") end
function close(conn) log.info("saw close 2") end`},
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: RSET
`,
		logged: `
saw abort 2
saw close 1
saw close 2
`,
	},
}
