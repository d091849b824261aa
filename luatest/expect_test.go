package luatest

import "testing"

// counting is a script that adds a header, logs and counts.
const counting = `
function rcpt(conn, recipient)
  if recipient == "nobody@example.com" then return reject(550, "5.1.1", "no such user") end
  if recipient == "later@example.com" then return tempfail("later") end
  if recipient == "void@example.com" then return discard end
  conn.count = (conn.count or 0) + 1
end

function eom(conn, msg)
  msg:add_header("X-Count", conn.count)
  log.info("counted", { count = conn.count })
  metrics.count("messages", { kind = "good" })
end
`

func TestExpectationsThatAreMet(t *testing.T) {
	passes(t, counting, `
it("values", function()
  expect(1):is(1)
  expect({ 1, { a = "b" } }):is{ 1, { a = "b" } }
  expect("a\nb"):is("a\nb")
  expect(nil):is_nil()
  expect("hello"):matches("^h%l+$"):has("ell", "o")
  expect({ 1, { 2 } }):has(1, { 2 })
  expect(function() error("oops") end):raises("oops")
  expect(function() error({}) end):raises()
end)

it("verdicts", function()
  local t = session()
  t:mail("a@example.com")
  expect(t:rcpt("nobody@example.com")):rejected():rejected(550):rejected("5.1.1"):rejected("such user")
  expect(t:rcpt("later@example.com")):tempfailed(451):tempfailed("later")
  expect(t:rcpt("b@example.com")):continued()
  expect(session():send{ to = "void@example.com" }):discarded()
end)

it("messages", function()
  local r = session():send{ to = { "a@example.com", "b@example.com" }, headers = { "A: 1" }, body = "one\ntwo" }
  expect(r):accepted():header("x-count"):header("X-Count", "2"):no_header("B"):body("one\ntwo"):body("one\r\ntwo\r\n")
  expect(r):recipients{ "b@example.com", "a@example.com" }:sender("sender@example.com")
  expect(r):logged("counted"):logged("info"):logged("count=2"):metric("messages", 1):metric("messages", 1, { kind = "good" }):metric("none", 0)
  expect(r.message):is{ headers = { { name = "A", value = "1" }, { name = "X-Count", value = "2" } }, body = "one\ntwo\n",
    sender = "sender@example.com", recipients = { "a@example.com", "b@example.com" } }
  expect(r.changes):is{ "add X-Count: 2" }
  expect(tostring(r)):is("continue at eom")
end)
`)
}

func TestExpectationsThatAreNotMet(t *testing.T) {
	const send = "local r = session():send{ to = { 'a@example.com' }, headers = { 'A: 1' }, body = 'one' } "
	for _, c := range []struct {
		name, body string
		parts      []string
	}{
		{"another value", "expect(1):is(2)", []string{"s_test.lua:2: the value is another one\n", "    2 | expect(1):is(2)\n", "  expected: 2\n  got:      1\n"}},
		{"another table", "expect{ 1, a = 'b' }:is{ 1, a = 'c' }", []string{`expected: {1, a = "c"}`, `got:      {1, a = "b"}`}},
		{"a table with more", "expect{ 1, 2 }:is{ 1 }", []string{"got:      {1, 2}"}},
		{"another text of lines", `expect("a\nb\nc"):is("a\nx\nc")`, []string{"--- expected\n+++ got\n@@ -1,3 +1,3 @@\n a\n-x\n+b\n c\n"}},
		{"not nil", "expect(false):is_nil()", []string{"there is a value", "got:      false"}},
		{"no match", "expect('abc'):matches('^%d')", []string{`expected: a text that matches "^%d"`, `got:      "abc"`}},
		{"no text", "expect({}):matches('x')", []string{"the value is no text"}},
		{"no part", "expect('abc'):has('a', 'x')", []string{`expected: a text with "x"`}},
		{"no member", "expect{ 1 }:has(2)", []string{"expected: a table with 2"}},
		{"no error", "expect(function() end):raises('x')", []string{"the function raises no error"}},
		{"another error", "expect(function() error('a', 0) end):raises('x')", []string{"the function raises another error", `expected: an error with "x"`, "got:      a\n"}},
		{"no error of a script", send + "expect(r):raises('x')", []string{"no script raised that error", "got:      none"}},
		{"another verdict", send + "expect(r):rejected()", []string{"expected: reject\n", "got:      continue at eom\n"}},
		{"another reply", "local t = session() t:mail('') expect(t:rcpt('nobody@example.com')):rejected(554)",
			[]string{`expected: reject with the code, or in the text, "554"`, `got:      reject 550 5.1.1 "no such user" at rcpt`}},
		{"a step that continues", "expect(session():connect()):accepted()", []string{"expected: accept\n", "got:      continue at connect\n"}},
		{"another header", send + "expect(r):header('x-count', 7)", []string{"the field has another value", `expected: x-count: "7"`, `got:      X-Count: "1"`}},
		{"no header", send + "expect(r):header('B')", []string{"expected: a field B", "got:      no B; the header has A, X-Count"}},
		{"a header", send + "expect(r):no_header('a')", []string{`got:      A: "1"`}},
		{"another body", send + "expect(r):body('two')", []string{"-two\n+one\n"}},
		{"other recipients", send + "expect(r):recipients{ 'b@example.com' }", []string{"expected: b@example.com", "got:      a@example.com"}},
		{"another sender", send + "expect(r):sender('')", []string{`got:      "sender@example.com"`}},
		{"no quarantine", send + "expect(r):quarantined('x')", []string{`expected: a quarantine with "x"`, "got:      none"}},
		{"a change", send + "expect(r):unchanged()", []string{"the message is changed: add X-Count: 1", "+++ got\n@@ -1,3 +1,4 @@\n A: 1\n+X-Count: 1\n \n one\n"}},
		{"no message", "expect(session():send{ to = 'nobody@example.com' }):header('A')", []string{"there is no message", `got:      reject 550 5.1.1 "no such user" at rcpt`}},
		{"not logged", send + "expect(r):logged('nothing')", []string{`expected: a line with "nothing"`, "got:      info counted count=1\n"}},
		{"another count", send + "expect(r):metric('messages', 2)", []string{"expected: messages 2", `got:      messages{kind="good"} 1`}},
		{"other labels", send + "expect(r):metric('messages', 1, { kind = 'bad' })", []string{"the metric has another value"}},
		{"assert", "assert(1 == 2, 'numbers')", []string{"s_test.lua:2: numbers", "    2 | assert(1 == 2, 'numbers')"}},
	} {
		t.Run(c.name, func(t *testing.T) { fails(t, counting, c.body, c.parts...) })
	}
}

func TestMistakesInTests(t *testing.T) {
	for _, c := range []struct {
		name, body string
		parts      []string
	}{
		{"a method that does not exist", "session():sent{}", []string{"s_test.lua:2: ", "'sent'"}},
		{"an option that does not exist", "session{ hots = 'x' }", []string{"session: there is no hots; did you mean host?"}},
		{"a key of a message that does not exist", "session():send{ bdy = 'x' }", []string{"session:send: there is no bdy; did you mean body?"}},
		{"a script that does not exist", "session{ script = 'no.lua' }", []string{"s_test.lua:2: session: script: stat no.lua: no such file"}},
		{"a setting that does not exist", "session{ settings = { limit = 1 } }", []string{"s.lua has no setting limit"}},
		{"no address", "session{ ip = 'localhost' }", []string{`session: ip is "localhost", which is no address such as`}},
		{"another MTA", "session{ mta = 'exim' }", []string{"there are postfix and sendmail"}},
		{"headers by name", "session():send{ headers = { Subject = 'x' } }", []string{"fields have an order"}},
		{"a header that is none", "session():send{ headers = { 'A B: 1' } }", []string{`header name "A B"`}},
		{"a file that does not exist", "session():send('no.eml')", []string{"session:send: open no.eml: no such file"}},
		{"a recipient without a message", "session():rcpt('a@example.com')", []string{"session:rcpt: there is no message; mail comes first"}},
		{"a step behind the end", "local t = session() t:close() t:connect()", []string{"session:connect: the session is closed"}},
		{"a dot", "session().connect()", []string{"connect is a method: write session:connect(...), with a colon"}},
		{"no value", "expect():is(1)", []string{"expect: there is no value"}},
		{"a value that is no result", "expect(1):accepted()", []string{"expect:accepted: the value is a number; the result of a session's step"}},
		{"no time", "advance('soon')", []string{`advance: time is "soon"`}},
		{"it in it", "it('x', function() end)", []string{"it works at the file level and in describe, not inside a test"}},
		{"a forgotten local", "x = 1", []string{"undeclared global"}},
	} {
		t.Run(c.name, func(t *testing.T) { fails(t, counting, c.body, c.parts...) })
	}
}
