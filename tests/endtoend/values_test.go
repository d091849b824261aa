package endtoend

import (
	"fmt"
	"strings"
)

// valueCases are about what stands in a field.
var valueCases = []spec{
	{
		name:   "a number",
		script: `function eom(conn, msg) msg:add_header("X-New", 3) end`,
		want: `
Received: (own)
(rest)
X-New: 3
`,
	},
	{
		name:   "an empty value",
		script: `function eom(conn, msg) msg:add_header("X-New", "") end`,
		want:   "\nReceived: (own)\n(rest)\nX-New: \n",
	},
	{
		name:   "a folded value",
		script: `function eom(conn, msg) msg:add_header("X-New", "one\n\ttwo\r\n  three") end`,
		want: `
Received: (own)
(rest)
X-New: one
	two
  three
`,
	},
	{
		name:   "a percent sign and quotes",
		script: `function eom(conn, msg) msg:add_header("X-New", [[100% "sure" \ %s <x> (y)]]) end`,
		want: `
Received: (own)
(rest)
X-New: 100% "sure" \ %s <x> (y)
`,
	},
	{
		name:   "a value that is not ASCII is encoded",
		script: `function eom(conn, msg) msg:add_header("X-New", "Gr\195\188\195\159e") end`,
		want: `
Received: (own)
(rest)
X-New: =?utf-8?b?R3LDvMOfZQ==?=
`,
	},
	{
		name:   "raw bytes go out as they are",
		script: `function eom(conn, msg) msg:add_header("X-New", raw("Gr\195\188\195\159e")) end`,
		want: `
Received: (own)
(rest)
X-New: Grüße
`,
	},
	{
		name:   "a value that is not ASCII stays in a message that came with SMTPUTF8",
		on:     "postfix",
		script: `function eom(conn, msg) msg:add_header("X-New", "Gr\195\188\195\159e") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<ä@test.example> SMTPUTF8
C: RCPT TO:<ö@dest.example>
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<ä@test.example> SMTPUTF8
RCPT TO:<ö@dest.example>
Received: (own)
(rest)
X-New: Grüße
`,
	},
	{
		name: "an address that is not ASCII",
		on:   "postfix",
		script: `
function eom(conn, msg)
  msg:add_header("X-To", msg.recipients[1])
  msg:delete_recipient("ö@dest.example")
  msg:add_recipient("ü@dest.example")
  msg:change_sender("ß@test.example")
end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<ä@test.example> SMTPUTF8
C: RCPT TO:<ö@dest.example>
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<ß@test.example> SMTPUTF8
RCPT TO:<ü@dest.example>
Received: (own)
(rest)
X-To: ö@dest.example
`,
	},
	{
		name:   "1000 fields added",
		script: `function eom(conn, msg) for i = 1, 1000 do msg:add_header("X-N", i) end end`,
		want:   "\nReceived: (own)\n(rest)\n" + thousandFields(),
	},
	{
		name: "a line of over 998 bytes is folded at blanks",
		script: `
function eom(conn, msg)
  msg:add_header("X-New", ("word "):rep(400) .. "end")
end`,
		want: "\nReceived: (own)\n(rest)\n" + folded("X-New: "+strings.Repeat("word ", 400)+"end", 998),
	},
	{
		name:   "a field of 60 KB in the message",
		header: longField(60000),
		script: `
function header(conn, name, value)
  if name == "X-Long" then conn.size = #value end
end
function eom(conn, msg)
  msg:add_header("X-Size", conn.size)
end`,
		want: "\nReceived: (own)\n" + longField(60000) + "(rest)\nX-Size: 59991\n",
	},
	{
		name: "a field of 58 KB added",
		script: `
function eom(conn, msg)
  local lines = {}
  for i = 1, 810 do lines[i] = ("%05d "):format(i) .. ("x"):rep(64) end
  msg:add_header("X-Long", table.concat(lines, "\n "))
end`,
		want: "\nReceived: (own)\n(rest)\n" + numberedField(810),
	},
	{
		name:   "values as the server sends them",
		header: "X-A:no blank\nX-B:  two blanks\nX-C:\ttab\nX-D: trailing \nX-E:\nX-F: one\n two\n\tthree\n",
		script: `
function header(conn, name, value)
  if name:find("^X%-") then
    conn.seen = (conn.seen or "") .. name:sub(3) .. "=" .. value:gsub("[\t\n]", { ["\t"] = "T", ["\n"] = "N" }) .. ";"
  end
end
function eom(conn, msg)
  msg:add_header("X-Seen", conn.seen)
end`,
		want: "\nReceived: (own)\nX-A:no blank\nX-B:  two blanks\nX-C:\ttab\nX-D: trailing \nX-E:\nX-F: one\n two\n\tthree\n(rest)\n" +
			"X-Seen: A=no blank;B= two blanks;C=Ttab;D=trailing ;E=;F=oneN twoNTthree;\n",
	},
}

// thousandFields are those of the case above.
func thousandFields() string {
	var b strings.Builder
	for i := 1; i <= 1000; i++ {
		fmt.Fprintf(&b, "X-N: %d\n", i)
	}
	return b.String()
}

// longField is a field of so many bytes, folded well below every limit.
func longField(size int) string {
	var b strings.Builder
	b.WriteString("X-Long: begin")
	for b.Len() < size-70 {
		b.WriteString("\n " + strings.Repeat("y", 68))
	}
	b.WriteString("\n " + strings.Repeat("z", size-b.Len()-3) + "\n")
	return b.String()
}

// numberedField is the field of the same case's script: lines with a number each.
func numberedField(lines int) string {
	var b strings.Builder
	b.WriteString("X-Long:")
	for i := 1; i <= lines; i++ {
		if i > 1 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, " %05d %s", i, strings.Repeat("x", 64))
	}
	return b.String() + "\n"
}

// folded breaks a line before the last blank that keeps it within a limit, again and again.
func folded(line string, limit int) string {
	var b strings.Builder
	for len(line) > limit {
		at := strings.LastIndexByte(line[:limit+1], ' ')
		b.WriteString(line[:at] + "\n")
		line = line[at:]
	}
	return b.String() + line + "\n"
}
