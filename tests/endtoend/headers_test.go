package endtoend

// three are the fields most header cases begin with.
const three = `
X-Dup: one
X-Dup: two
X-Dup: three
`

// addCases are about where a new field goes.
var addCases = []spec{
	{
		name:   "add_header appends",
		script: `function eom(conn, msg) msg:add_header("X-New", "here") end`,
		want: `
Received: (own)
(rest)
X-New: here
`,
	},
	{
		name: "add_header twice with one name keeps the order",
		script: `
function eom(conn, msg)
  msg:add_header("X-New", "first")
  msg:add_header("X-Other", "between")
  msg:add_header("X-New", "second")
end`,
		want: `
Received: (own)
(rest)
X-New: first
X-Other: between
X-New: second
`,
	},
	{
		name:   "add_header with a name that the message has appends all the same",
		header: three,
		script: `function eom(conn, msg) msg:add_header("x-dup", "four") end`,
		want: `
Received: (own)
X-Dup: one
X-Dup: two
X-Dup: three
(rest)
x-dup: four
`,
	},
	{
		name: "add_header with names that the server knows",
		script: `
function eom(conn, msg)
  msg:add_header("Received", "from nowhere")
  msg:add_header("Date", "Tue, 2 Jan 2024 00:00:00 +0000")
  msg:add_header("Subject", "again")
end`,
		want: `
Received: (own)
(rest)
Received: from nowhere
Date: Tue, 2 Jan 2024 00:00:00 +0000
Subject: again
`,
	},
	{
		name:   "insert_header 0 is above the server's own Received",
		header: three,
		script: `function eom(conn, msg) msg:insert_header(0, "X-New", "top") end`,
		want: `
X-New: top
Received: (own)
X-Dup: one
X-Dup: two
X-Dup: three
(rest)
`,
	},
	{
		name:   "insert_header 1 is below the server's own Received",
		header: three,
		script: `function eom(conn, msg) msg:insert_header(1, "X-New", "second") end`,
		want: `
Received: (own)
X-New: second
X-Dup: one
X-Dup: two
X-Dup: three
(rest)
`,
	},
	{
		name:   "insert_header 3 is after the second field",
		header: three,
		script: `function eom(conn, msg) msg:insert_header(3, "X-New", "after two") end`,
		want: `
Received: (own)
X-Dup: one
X-Dup: two
X-New: after two
X-Dup: three
(rest)
`,
	},
	{
		name:   "insert_header in the middle of fields that the server knows",
		header: "X-Dup: one\n",
		script: `function eom(conn, msg) msg:insert_header(4, "X-New", "after To") end`,
		want: `
Received: (own)
X-Dup: one
From: a@test.example
To: b@dest.example
X-New: after To
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <1@test.example>
Subject: hello
`,
	},
	{
		name:   "insert_header one beyond the last field appends",
		script: `function eom(conn, msg) msg:insert_header(6, "X-New", "end") end`,
		want: `
Received: (own)
(rest)
X-New: end
`,
	},
	{
		name:   "insert_header far beyond the last field appends",
		script: `function eom(conn, msg) msg:insert_header(1000, "X-New", "end") end`,
		want: `
Received: (own)
(rest)
X-New: end
`,
	},
	{
		name: "insert_header at 0 again goes on top",
		script: `
function eom(conn, msg)
  msg:insert_header(0, "X-New", "first")
  msg:insert_header(0, "X-New", "second")
end`,
		want: `
X-New: second
X-New: first
Received: (own)
(rest)
`,
	},
	{
		name:   "insert_header counts what was inserted before",
		header: three,
		script: `
function eom(conn, msg)
  msg:insert_header(2, "X-New", "A, after one")
  msg:insert_header(4, "X-New", "B, after two")
  msg:insert_header(1, "X-New", "C, before all")
end`,
		want: `
Received: (own)
X-New: C, before all
X-Dup: one
X-New: A, after one
X-Dup: two
X-New: B, after two
X-Dup: three
(rest)
`,
	},
}
