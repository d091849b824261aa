package endtoend

// editCases are about fields that the message has: changed, deleted, and in the company of new ones.
var editCases = []spec{
	{
		name:   "change_header changes the first of a name, whatever its case",
		header: three,
		script: `
function eom(conn, msg)
  if not msg:change_header("x-dup", "changed") then error "no match" end
end`,
		want: `
Received: (own)
X-Dup: changed
X-Dup: two
X-Dup: three
(rest)
`,
	},
	{
		name:   "change_header changes the n-th",
		header: three,
		script: `function eom(conn, msg) msg:change_header("X-Dup", "changed", 2) end`,
		want: `
Received: (own)
X-Dup: one
X-Dup: changed
X-Dup: three
(rest)
`,
	},
	{
		name:   "change_header changes the last",
		header: three,
		script: `function eom(conn, msg) msg:change_header("X-Dup", "changed", -1) end`,
		want: `
Received: (own)
X-Dup: one
X-Dup: two
X-Dup: changed
(rest)
`,
	},
	{
		name:   "change_header of a name that is not there adds",
		script: `function eom(conn, msg) msg:add_header("X-Found", tostring(msg:change_header("X-New", "value"))) end`,
		want: `
Received: (own)
(rest)
X-New: value
X-Found: false
`,
	},
	{
		name:   "change_header of an n-th that is not there adds",
		header: three,
		script: `function eom(conn, msg) msg:add_header("X-Found", tostring(msg:change_header("X-Dup", "four", 4))) end`,
		want: `
Received: (own)
X-Dup: one
X-Dup: two
X-Dup: three
(rest)
X-Dup: four
X-Found: false
`,
	},
	{
		name:   "change_header twice: the last one counts",
		header: "Received: from far\n by away; Mon, 1 Jan 2024 00:00:00 +0000\n",
		script: `
function eom(conn, msg)
  msg:change_header("Subject", "no")
  msg:change_header("Subject", "yes")
  msg:change_header("Received", "changed")
end`,
		want: `
Received: (own)
Received: changed
From: a@test.example
To: b@dest.example
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <1@test.example>
Subject: yes
`,
	},
	{
		name: "change_header of the fields that the server knows",
		script: `
function eom(conn, msg)
  msg:change_header("From", "other@test.example")
  msg:change_header("Date", "Tue, 2 Jan 2024 00:00:00 +0000")
  msg:change_header("Message-ID", "<2@test.example>")
end`,
		want: `
Received: (own)
From: other@test.example
To: b@dest.example
Date: Tue, 2 Jan 2024 00:00:00 +0000
Message-ID: <2@test.example>
Subject: hello
`,
	},
	{
		name:   "change_header to an empty value leaves an empty field where it was",
		header: three,
		script: `function eom(conn, msg) msg:change_header("X-Dup", "", 2) end`,
		want:   "\nReceived: (own)\nX-Dup: one\nX-Dup: \nX-Dup: three\n(rest)\n",
	},
	{
		name:   "change_header of folded fields",
		header: "X-Long: one\n two\n\tthree\nX-Short: 1\n",
		script: `
function eom(conn, msg)
  msg:change_header("X-Long", "now short")
  msg:change_header("X-Short", "now\n folded")
end`,
		want: "\nReceived: (own)\nX-Long: now short\nX-Short: now\n folded\n(rest)\n",
	},
	{
		name:   "delete_header removes the n-th",
		header: three,
		script: `
function eom(conn, msg)
  if not msg:delete_header("x-dup", 2) then error "no match" end
  if msg:delete_header("X-Absent") then error "match" end
end`,
		want: `
Received: (own)
X-Dup: one
X-Dup: three
(rest)
`,
	},
	{
		name:   "delete_header removes all",
		header: three,
		script: `function eom(conn, msg) msg:delete_header("X-Dup") end`,
		want:   unchanged,
	},
	{
		name:   "delete_header, then the rest moves up",
		header: three,
		script: `
function eom(conn, msg)
  msg:delete_header("X-Dup", 1)
  msg:change_header("X-Dup", "was three", 2)
end`,
		want: `
Received: (own)
X-Dup: two
X-Dup: was three
(rest)
`,
	},
	{
		name:   "delete_header one by one from the top",
		header: three,
		script: `
function eom(conn, msg)
  msg:delete_header("X-Dup", 1)
  msg:delete_header("X-Dup", 1)
end`,
		want: `
Received: (own)
X-Dup: three
(rest)
`,
	},
	{
		name:   "delete_header and add_header of the same name moves a field to the end",
		header: three,
		script: `
function eom(conn, msg)
  msg:delete_header("X-Dup", 1)
  msg:add_header("X-Dup", "one")
end`,
		want: `
Received: (own)
X-Dup: two
X-Dup: three
(rest)
X-Dup: one
`,
	},
	{
		name:   "change, insert and delete together",
		header: three,
		script: `
function eom(conn, msg)
  msg:delete_header("X-Dup", 2)                  -- one three
  msg:insert_header(2, "X-Dup", "one and a half") -- one, one and a half, three
  msg:change_header("X-Dup", "THREE", 3)
  msg:insert_header(0, "X-Dup", "zero")
  msg:add_header("X-Dup", "last")
  msg:change_header("Subject", "edited")
  msg:delete_header("To")
end`,
		want: `
X-Dup: zero
Received: (own)
X-Dup: one
X-Dup: one and a half
X-Dup: THREE
From: a@test.example
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <1@test.example>
Subject: edited
X-Dup: last
`,
	},
	{
		name: "a field inserted or added can be changed and deleted again",
		script: `
function eom(conn, msg)
  msg:insert_header(1, "X-A", "a")
  msg:add_header("X-B", "b")
  msg:add_header("X-C", "c")
  msg:change_header("X-A", "changed")
  msg:delete_header("X-B")
  msg:change_header("X-C", "changed too")
end`,
		want: `
Received: (own)
X-A: changed
(rest)
X-C: changed too
`,
	},
	{
		name:   "msg shows the header as edited",
		header: three,
		script: `
function eom(conn, msg)
  msg:delete_header("X-Dup", 1)
  msg:add_header("X-Dup", "four")
  msg:add_header("X-Seen", table.concat(msg.headers:all("x-dup"), " ") .. ", " .. msg.headers:count("X-DUP")
    .. ", " .. msg.headers:get("Subject") .. ", " .. msg:header("to") .. ", " .. tostring(msg.headers:get("X-No")))
end`,
		want: `
Received: (own)
X-Dup: two
X-Dup: three
(rest)
X-Dup: four
X-Seen: two three four, 3, hello, b@dest.example, nil
`,
	},
}
