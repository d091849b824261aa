package endtoend

// negotiateCases are scripts that take part in the negotiation.
var negotiateCases = []spec{
	{
		name: "what the server offers",
		script: `
function negotiate(neg)
  log.info(("saw %d %x %x"):format(neg.offered.version, neg.offered.actions, neg.offered.protocol))
end`,
		want:   unchanged,
		logged: "saw 6 1ff 1fffff",
	},
	{
		name: "macros asked for",
		script: `
function negotiate(neg)
  neg:request_macros("connect", { "j", "client_addr", "client_port" })
  neg:request_macros("rcpt", { "rcpt_addr", "i" })
end
function connect(conn)
  conn.ok = conn.macros.j == "mx.test.example" and conn.macros.client_addr == "127.0.0.1" and conn.macros._ == nil
    and conn.macros.client_port == tostring(conn.port)
end
function rcpt(conn) conn.last = conn.macros.rcpt_addr end
function eom(conn, msg) msg:add_header("X-Macros", tostring(conn.ok) .. " " .. conn.last) end`,
		want: "\nReceived: (own)\n(rest)\nX-Macros: true b@dest.example\n",
	},
	{
		name: "a recipient that the server refuses itself",
		on:   "postfix", // Sendmail agrees to show them and does not
		script: `
function negotiate(neg) neg:request_rejected() end
function rcpt(conn, recipient)
  if conn.rejected then
    log.info("saw " .. recipient .. " " .. conn.rejected.status .. " " .. conn.rejected.text)
    return accept -- which does not matter
  end
end
function eom(conn, msg) msg:add_header("X-To", table.concat(msg.recipients, " ")) end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<refused@dest.example>
S: 554 5.7.1 <refused@dest.example>: Recipient address rejected: no such user
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want:   "\nReceived: (own)\n(rest)\nX-To: b@dest.example\n",
		logged: "saw refused@dest.example 5.7.1 Recipient address rejected: no such user",
	},
	{
		name: "a recipient that the server refuses is not shown by itself",
		script: `
function rcpt(conn, recipient) log.info("saw " .. recipient) end
function eom(conn, msg) msg:add_header("X-To", table.concat(msg.recipients, " ")) end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<refused@dest.example>
S: 5
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want:   "\nReceived: (own)\n(rest)\nX-To: b@dest.example\n",
		logged: "saw b@dest.example",
	},
	{
		name:   "leading space: fields byte for byte",
		header: "X-A:none\nX-B:  two\nX-C:\ttab\n",
		script: `
function negotiate(neg) neg:leading_space(true) end
function header(conn, name, value) if name == "X-B" then conn.b = value end end
function eom(conn, msg)
  local h = msg.headers
  msg:add_header("X-Raw", ("%s|%s|%s|%s|%s"):format(h[1].raw, h[2].raw, (h[3].raw:gsub("\t", "T")), h[4].raw, conn.b))
  msg:change_header("X-C", "changed")
  msg:insert_header(1, "X-D", "inserted")
end`,
		want: "\nReceived: (own)\nX-D: inserted\nX-A:none\nX-B:  two\nX-C: changed\n(rest)\n" +
			"X-Raw: X-A:none|X-B:  two|X-C:Ttab|From: a@test.example| two\n",
	},
	{
		name: "no reply wanted where one would be",
		script: `
function negotiate(neg) neg:reply("mail", false) end
function mail(conn) return reject("5.7.9", "held") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
S: 550 5.7.9 held
`,
	},
	{
		name:   "an error in negotiate",
		script: `function negotiate(neg) error("oops") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
S: 451
`,
	},
}
