package endtoend

// fieldCases are about fields that a script has hold of, about the actions made of others, and about what headers say.
var fieldCases = []spec{
	{
		name:   "prepend_header is above everything, the last one on top",
		header: three,
		script: `
function eom(conn, msg)
  msg:prepend_header("X-New", "first")
  msg:prepend_header("X-Dup", "second")
  msg:prepend_header("X-Dup", "gr\195\188n")
end`,
		want: `
X-Dup: =?utf-8?b?Z3LDvG4=?=
X-Dup: second
X-New: first
Received: (own)
X-Dup: one
X-Dup: two
X-Dup: three
(rest)
`,
	},
	{
		name:   "set_header leaves one, where the first was",
		header: three,
		script: `function eom(conn, msg) if not msg:set_header("x-dup", "only") then error "none" end end`,
		want:   "\nReceived: (own)\nX-Dup: only\n(rest)\n",
	},
	{
		name:   "set_header adds what is not there",
		header: three,
		script: `function eom(conn, msg) if msg:set_header("X-New", "value") then error "there" end end`,
		want:   "\nReceived: (own)\nX-Dup: one\nX-Dup: two\nX-Dup: three\n(rest)\nX-New: value\n",
	},
	{
		name:   "set_header with one on top",
		header: three,
		script: `
function eom(conn, msg)
  msg:prepend_header("X-Dup", "top")
  msg:set_header("X-Dup", "only")
end`,
		want: "\nX-Dup: only\nReceived: (own)\n(rest)\n",
	},
	{
		name:   "a field is changed wherever it is by then",
		header: three,
		script: `
function eom(conn, msg)
  local second, last = msg.headers[2], msg.headers[3]
  msg:delete_header("X-Dup", 1)
  msg:insert_header(0, "X-Dup", "top")
  msg:insert_header(1, "X-Dup", "below")
  second:change("was " .. second.value)
  last:delete()
  if last:change("x") or last:delete() then error "it is gone" end
end`,
		want: "\nX-Dup: top\nReceived: (own)\nX-Dup: below\nX-Dup: was two\n(rest)\n",
	},
	{
		name:   "a loop deletes what it goes over",
		header: three,
		script: `
function eom(conn, msg)
  for i, field in msg.headers:each("x-dup") do
    if i ~= 2 then field:delete() end
  end
end`,
		want: "\nReceived: (own)\nX-Dup: two\n(rest)\n",
	},
	{
		name:   "a later script has hold of fields that an earlier one moved",
		header: three,
		script: `function eom(conn, msg) msg:delete_header("X-Dup", 1) msg:insert_header(2, "X-Dup", "new") end`,
		more: []string{`
function eom(conn, msg)
  local f = msg.headers[3]
  msg:prepend_header("X-Top", "1")
  f:change(f.value .. " 3rd")
  msg.headers[3]:change("2nd")
end`},
		want: "\nX-Top: 1\nReceived: (own)\nX-Dup: two\nX-Dup: 2nd\nX-Dup: three 3rd\n(rest)\n",
	},
	{
		name:   "delete_header with a function and with names",
		header: three + "X-One: 1\nX-Two: 2\n",
		script: `
function eom(conn, msg)
  msg:delete_header(function(field) return field.name == "X-Dup" and field.value ~= "two" end)
  msg:delete_header({"x-one", "X-None", "X-Two"})
end`,
		want: "\nReceived: (own)\nX-Dup: two\n(rest)\n",
	},
	{
		name: "prefix_subject, once",
		script: `
function eom(conn, msg)
  if not msg:prefix_subject("[SPAM]") or msg:prefix_subject("[SPAM]") then error "not once" end
end`,
		want: `
Received: (own)
From: a@test.example
To: b@dest.example
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <1@test.example>
Subject: [SPAM] hello
`,
	},
	{
		name: "prefix_subject keeps encoded-words",
		whole: `From: a@test.example
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle_Freundinnen_und_Freunde?=
 =?utf-8?q?_in_=C3=9Cbersee?=
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <1@test.example>

hello
`,
		script: `function eom(conn, msg) msg:prefix_subject("[extern]") end`,
		want: `
Received: (own)
From: a@test.example
Subject: [extern]
 =?utf-8?q?Gr=C3=BC=C3=9Fe_an_alle_Freundinnen_und_Freunde?=
 =?utf-8?q?_in_=C3=9Cbersee?=
Date: Mon, 1 Jan 2024 00:00:00 +0000
Message-ID: <1@test.example>

hello
`,
	},
	{
		name: "what headers say",
		header: "X-Text: =?iso-8859-1?q?Gr=FC=DFe?=\n =?utf-8?b?IQ==?=\nContent-Type: text/plain;\n charset=us-ascii;\n name*0*=utf-8''%C3; name*1*=%BC.txt\n" +
			"Subject: Re: hello\n",
		script: `
function eoh(conn, headers)
  local kind, params = headers:params("content-type")
  log.info("saw " .. headers:decoded("X-Text") .. " " .. kind .. " " .. params.charset .. " " .. params.name .. " " .. headers:date())
  for _, field in headers:each("subject") do log.info("saw " .. field.decoded) end
end`,
		want: `
Received: (own)
X-Text: =?iso-8859-1?q?Gr=FC=DFe?=
 =?utf-8?b?IQ==?=
Content-Type: text/plain;
 charset=us-ascii;
 name*0*=utf-8''%C3; name*1*=%BC.txt
Subject: Re: hello
(rest)
`,
		logged: "saw Grüße! text/plain us-ascii ü.txt 1704067200\nsaw Re: hello\nsaw hello",
	},
}
