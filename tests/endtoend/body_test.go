package endtoend

import (
	"fmt"
	"strings"
)

// bodyCases are about the body a script sees and the one it puts in its place.
var bodyCases = []spec{
	{
		name:   "replace_body with a string",
		script: `function eom(conn, msg) msg:replace_body("new body\r\n") end`,
		want:   "\nReceived: (own)\n(rest)\n\nnew body\n",
	},
	{
		name:   "replace_body with LF line ends",
		script: `function eom(conn, msg) msg:replace_body("one\n\n.two\nthree") end`,
		want:   "\nReceived: (own)\n(rest)\n\none\n\n.two\nthree\n",
	},
	{
		name:   "replace_body with an array",
		script: `function eom(conn, msg) msg:replace_body({ "one\r\n", "two", "\r\nthree\r\n" }) end`,
		want:   "\nReceived: (own)\n(rest)\n\none\ntwo\nthree\n",
	},
	{
		name:   "replace_body with nothing",
		script: `function eom(conn, msg) msg:replace_body("") end`,
		want:   "\nReceived: (own)\n(rest)\n\n",
	},
	{
		name: "replace_body twice: the last one counts",
		script: `
function eom(conn, msg)
  msg:replace_body("no\n")
  msg:replace_body("yes\n")
end`,
		want: "\nReceived: (own)\n(rest)\n\nyes\n",
	},
	{
		name: "replace_body with more than a packet holds",
		script: `
function eom(conn, msg)
  local lines = {}
  for i = 1, 5000 do lines[i] = ("%05d "):format(i) .. ("z"):rep(57) .. "\r\n" end
  msg:replace_body(lines)
end`,
		want: "\nReceived: (own)\n(rest)\n\n" + numberedLines(5000),
	},
	{
		name: "all at once",
		script: `
function eom(conn, msg)
  msg:replace_body("new\n")
  msg:insert_header(0, "X-Top", "1")
  msg:change_sender("new@test.example")
  msg:add_recipient("c@dest.example")
  msg:delete_recipient("b@dest.example")
  msg:add_header("X-End", "1")
end`,
		want: "MAIL FROM:<new@test.example>\nRCPT TO:<c@dest.example>\n" +
			"X-Top: 1\nReceived: (own)\n(rest)\nX-End: 1\n\nnew\n",
	},
	{
		name: "the body as a script sees it",
		body: "line\n.dot\n\nend\n",
		script: `
function body(conn, chunk) conn.text = (conn.text or "") .. chunk end
function eom(conn, msg)
  msg:add_header("X-Same", tostring(conn.text == tostring(msg.body)))
  msg:add_header("X-Body", (conn.text:gsub("\r\n", "|")))
end`,
		want: "\nReceived: (own)\n(rest)\nX-Same: true\nX-Body: line|.dot||end|\n\nline\n.dot\n\nend\n",
	},
	{
		name: "a message without a body",
		script: `
function body(conn, chunk) conn.called = true end
function eom(conn, msg) msg:add_header("X-Body", tostring(conn.called) .. " " .. #msg.body) end`,
		dialog: noBody,
		want:   "\nReceived: (own)\n(rest)\nX-Body: nil 0\n\n",
	},
	{
		name: "8-bit bytes",
		body: "Gr\xfc\xdfe \xe2\x82\xac \xff\n",
		script: `
function body(conn, chunk)
  conn.seen = chunk:gsub("[\128-\255]", function(c) return ("=%02x"):format(c:byte()) end)
end
function eom(conn, msg)
  msg:add_header("X-Seen", (conn.seen:gsub("\r\n", "")))
  msg:replace_body(msg.body .. "\228\246\252\n")
end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example> BODY=8BITMIME
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: "MAIL FROM:<a@test.example> BODY=8BITMIME\nRCPT TO:<b@dest.example>\n" +
			"Received: (own)\n(rest)\nX-Seen: Gr=fc=dfe =e2=82=ac =ff\n\nGr\xfc\xdfe \xe2\x82\xac \xff\n\xe4\xf6\xfc\n",
	},
	{
		name: "skip ends the body of one message",
		body: numberedLines(3000),
		script: `
function body(conn, chunk)
  conn.chunks = (conn.chunks or 0) + 1
  return skip
end
function eom(conn, msg) msg:add_header("X-Chunks", conn.chunks) end`,
		want: "\nReceived: (own)\n(rest)\nX-Chunks: 1\n\n" + numberedLines(3000),
	},
	{
		name: "chunks of a longer body",
		body: numberedLines(3000),
		script: `
function body(conn, chunk)
  conn.chunks = (conn.chunks or 0) + 1
  conn.size = (conn.size or 0) + #chunk
end
function eom(conn, msg) msg:add_header("X-Chunks", conn.chunks .. " " .. conn.size) end`,
		want: "\nReceived: (own)\n(rest)\nX-Chunks: 3 195000\n\n" + numberedLines(3000),
	},
}

// noBody sends a message that ends with its header.
const noBody = `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (header)
`

// numberedLines is a body of lines of 63 bytes, without their ends.
func numberedLines(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "%05d %s\n", i, strings.Repeat("z", 57))
	}
	return b.String()
}
