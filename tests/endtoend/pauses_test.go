package endtoend

// pauseCases have a client that takes its time between commands, longer than luamilter keeps a Lua machine for a quiet
// connection. Scripts do not notice.
var pauseCases = []spec{
	{
		name: "plain data",
		script: `
function connect(conn) conn.list = { "a", { deep = true, [3] = 1.5 } } end
function mail(conn, sender) conn.from = { sender } end
function rcpt(conn, recipient)
  conn.seen = conn.seen or {}
  conn.seen[#conn.seen + 1] = recipient
end
function eom(conn, msg)
  msg:add_header("X-Data", table.concat({ conn.list[1], tostring(conn.list[2].deep), conn.list[2][3], conn.from[1],
    table.concat(conn.seen, "+"), tostring(rawequal(conn.connection.list, conn.list)) }, " "))
end`,
		dialog: paused,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<C.c@dest.example>
Received: (own)
(rest)
X-Data: a true 1.5 a@test.example b@dest.example+C.c@dest.example true
`,
	},
	{
		name: "a table that is there twice, and one that holds itself",
		script: `
function helo(conn)
  conn.a = { n = 1 }
  conn.b = conn.a
  conn.a.self = conn.a
end
function mail(conn) conn.a.n = conn.a.n + 1 end
function eom(conn, msg)
  msg:add_header("X-Data", conn.b.n .. " " .. tostring(conn.a == conn.b) .. " " .. tostring(conn.a.self == conn.b))
end`,
		dialog: paused,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<C.c@dest.example>
Received: (own)
(rest)
X-Data: 2 true true
`,
	},
	{
		name: "a function and a coroutine",
		script: `
function connect(conn)
  local n = 0
  conn.counter = function() n = n + 1 return n end
  conn.routine = coroutine.wrap(function() for i = 1, 9 do coroutine.yield(i * i) end end)
end
function rcpt(conn) conn.counter() conn.routine() end
function eom(conn, msg) msg:add_header("X-Data", conn.counter() .. " " .. conn.routine()) end`,
		dialog: paused,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<C.c@dest.example>
Received: (own)
(rest)
X-Data: 3 9
`,
	},
	{
		name: "verdicts kept for later",
		script: `
function helo(conn) conn.answer = reject("5.7.9", "as said at helo") end
function rcpt(conn) return conn.answer end`,
		dialog: `
C: EHLO client.example
C: (pause)
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
S: 550 5.7.9 as said at helo
`,
	},
	{
		name: "a pause between two messages",
		script: `
function helo(conn) conn.n = 0 end
function mail(conn) conn.connection.n = conn.n + 1; conn.mark = conn.n end
function eom(conn, msg) msg:add_header("X-Data", conn.n .. " " .. conn.mark) end`,
		dialog: usual + `
C: (pause)
C: MAIL FROM:<a@test.example>
C: (pause)
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: `
Received: (own)
(rest)
X-Data: 1 1
--
Received: (own)
(rest)
X-Data: 2 2
`,
	},
}

const paused = `
C: (pause)
C: EHLO client.example
C: (pause)
C: MAIL FROM:<a@test.example>
C: (pause)
C: RCPT TO:<b@dest.example>
C: RCPT TO:<C.c@dest.example>
C: (pause)
C: DATA
C: (pause)
C: (message)
`
