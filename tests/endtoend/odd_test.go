package endtoend

import "strings"

// oddCases are about input as it should not be, and as it comes all the same.
var oddCases = []spec{
	{
		name:  "a message without a header",
		on:    "postfix", // Sendmail makes one
		whole: "no header\nat all\n",
		script: `
function header(conn, name) conn.named = name end
function eom(conn, msg)
  msg:add_header("X-Seen", #msg.headers .. " " .. tostring(conn.named) .. " " .. #msg.body)
  msg:insert_header(1, "X-First", "1")
end`,
		want: "\nReceived: (own)\nX-First: 1\nX-Seen: 0 nil 19\n\nno header\nat all\n",
	},
	{
		name:  "a header that ends in a line without a colon",
		on:    "postfix", // Sendmail makes a Date and a Message-Id
		whole: "From: a@test.example\nno colon\nX-Late: 1\n",
		script: `
function eom(conn, msg) msg:add_header("X-Seen", #msg.headers .. " " .. tostring(msg:header("X-Late"))) end`,
		want: "\nReceived: (own)\nFrom: a@test.example\nX-Seen: 1 nil\n\nno colon\nX-Late: 1\n",
	},
	{
		name:   "a field with a blank before its colon, which both servers remove",
		header: "X-Odd : value\n",
		script: `
function header(conn, name, value)
  if name:find("Odd") then conn.seen = ("[%s] [%s]"):format(name, value) end
end
function eom(conn, msg) msg:add_header("X-Seen", conn.seen) end`,
		want: "\nReceived: (own)\nX-Odd: value\n(rest)\nX-Seen: [X-Odd] [value]\n",
	},
	{
		name:   "a field of 1.9 KB on one line, only looked at",
		header: "X-Long: " + strings.Repeat("y", 1900) + "\n",
		script: `
function header(conn, name, value) if name == "X-Long" then conn.size = #value end end
function eom(conn, msg) msg:add_header("X-Size", conn.size) end`,
		want: "\nReceived: (own)\nX-Long: " + strings.Repeat("y", 1900) + "\n(rest)\nX-Size: 1900\n",
	},
	{
		name:   "500 fields, of which every second is deleted",
		header: strings.Repeat("X-Many: one\nX-Many: two\n", 250),
		script: `
function eom(conn, msg)
  for i = 500, 2, -2 do msg:delete_header("X-Many", i) end
  msg:add_header("X-Left", msg.headers:count("X-Many"))
end`,
		want: "\nReceived: (own)\n" + strings.Repeat("X-Many: one\n", 250) + "(rest)\nX-Left: 250\n",
	},
	{
		name:   "bytes that are no text in a field",
		header: "X-Odd: \x01\x02\x7f \xff\xfe\n",
		script: `
function eom(conn, msg)
  local value = msg:header("X-Odd")
  msg:add_header("X-Hex", (value:gsub(".", function(c) return ("%02x"):format(c:byte()) end)))
  msg:add_header("X-Odd", raw(value))
end`,
		want: "\nReceived: (own)\nX-Odd: \x01\x02\x7f \xff\xfe\n(rest)\nX-Hex: 01027f20fffe\nX-Odd: \x01\x02\x7f \xff\xfe\n",
	},
	{
		name: "addresses as hardly anybody writes them",
		script: `
function mail(conn, sender) conn.seen = sender end
function rcpt(conn, recipient) conn.seen = conn.seen .. " " .. recipient end
function eom(conn, msg)
  msg:add_header("X-Seen", conn.seen)
  msg:delete_recipient("Some.One+tag@dest.example")
end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<"a b"@test.example>
C: RCPT TO:<Some.One+tag@dest.example>
C: RCPT TO:<"x\"y"@dest.example>
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<"a b"@test.example>
RCPT TO:<"x\"y"@dest.example>
Received: (own)
(rest)
X-Seen: "a b"@test.example Some.One+tag@dest.example "x\"y"@dest.example
`,
	},
	{
		name:   "HELO instead of EHLO",
		script: `function eom(conn, msg) msg:add_header("X-Helo", conn.helo) end`,
		dialog: `
C: HELO old.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: "\nReceived: (own)\n(rest)\nX-Helo: old.example\n",
	},
	{
		name: "a client from elsewhere",
		on:   "postfix", // XCLIENT
		script: `
function connect(conn) conn.who = conn.ip .. " " .. conn.family .. " " .. conn.host end
function eom(conn, msg) msg:add_header("X-Who", conn.who .. " " .. conn.helo) end`,
		dialog: `
C: EHLO client.example
C: XCLIENT ADDR=IPV6:2001:db8::7 NAME=six.example HELO=claimed.example
S: 220
C: EHLO six.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: "\nReceived: (own)\n(rest)\nX-Who: 2001:db8::7 inet6 six.example six.example\n",
	},
	{
		name: "a client without a name",
		on:   "postfix",
		script: `
function connect(conn) conn.who = conn.ip .. " " .. conn.family .. " " .. conn.host end
function eom(conn, msg) msg:add_header("X-Who", conn.who) end`,
		dialog: `
C: EHLO client.example
C: XCLIENT ADDR=192.0.2.7 NAME=[UNAVAILABLE]
S: 220
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: "\nReceived: (own)\n(rest)\nX-Who: 192.0.2.7 inet [192.0.2.7]\n",
	},
}
