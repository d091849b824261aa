package endtoend

// factCases are about what conn and msg know without being told.
var factCases = []spec{
	{
		name: "the client, the server and the envelope",
		script: `
function eom(conn, msg)
  msg:add_header("X-Facts", table.concat({ conn.ip, conn.family, conn.host, conn.helo, conn.sender,
    table.concat(conn.recipients, "+"), conn.mta:match("^%a+"), conn.stage, tostring(conn.port ~= nil),
    tostring(conn.queue_id ~= nil), tostring(conn.auth), tostring(conn.tls) }, " "))
end`,
		dialog: twoRecipients,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<C.c@dest.example>
Received: (own)
(rest)
X-Facts: 127.0.0.1 inet localhost client.example a@test.example b@dest.example+C.c@dest.example (server) eom true true nil nil
`,
	},
	{
		name: "macros, those sent anyway and those asked for",
		script: `
function eom(conn, msg)
  msg:add_header("X-Macros", table.concat({ conn.macros.j, conn.macros["{mail_addr}"], conn.macros.rcpt_addr,
    conn.macros.client_addr, tostring(conn.macros.no_such_macro) }, " "))
end`,
		want: `
Received: (own)
(rest)
X-Macros: mx.test.example a@test.example b@dest.example 127.0.0.1 nil
`,
	},
	{
		name: "the queue id is there from the second recipient on",
		on:   "postfix",
		script: `
function rcpt(conn) conn.ids = (conn.ids or "") .. (conn.queue_id and "y" or "n") end
function data(conn) conn.ids = conn.ids .. (conn.queue_id and "y" or "n") end
function eom(conn, msg)
  msg:add_header("X-Ids", conn.ids .. tostring(#conn.queue_id > 8))
end`,
		dialog: twoRecipients,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<C.c@dest.example>
Received: (own)
(rest)
X-Ids: nyytrue
`,
	},
	{
		name: "the queue id is there from the sender on",
		on:   "sendmail",
		script: `
function mail(conn) conn.ids = conn.queue_id and "y" or "n" end
function rcpt(conn) conn.ids = (conn.ids or "") .. (conn.queue_id and "y" or "n") end
function data(conn) conn.ids = conn.ids .. (conn.queue_id and "y" or "n") end
function eom(conn, msg)
  msg:add_header("X-Ids", conn.ids .. tostring(#conn.queue_id > 8))
end`,
		dialog: twoRecipients,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<C.c@dest.example>
Received: (own)
(rest)
X-Ids: yyyytrue
`,
	},
	{
		name:   "headers at eoh",
		header: three,
		script: `
function eoh(conn, headers)
  conn.seen = #headers .. " " .. headers[1].name .. " " .. headers[2].value .. " " .. headers:get("x-dup") .. " "
    .. table.concat(headers:all("X-DUP"), "+") .. " " .. headers:count("Subject")
end
function eom(conn, msg) msg:add_header("X-Seen", conn.seen) end`,
		want: `
Received: (own)
X-Dup: one
X-Dup: two
X-Dup: three
(rest)
X-Seen: 8 X-Dup two one one+two+three 1
`,
	},
}
