package luatest

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"strings"
	"testing"
	"time"

	"luamilter/engine"
)

// mixed has a test of every state and a file that cannot be loaded, in files that are shown as they are.
var mixed = map[string]string{
	"s.lua": "local M = require 'lib'\nfunction eom(conn, msg)\n  if conn.count then\n    return reject\n  end\n  msg:add_header(M.name(), '1')\nend\n",
	"lib.lua": `return {
  name = function() return "N" end,
  other = function()
    local x = 1
    return x
  end,
}
`,
	"s_test.lua": `describe("s", function()
  it("passes", function() expect(session():send{}):header("N", 1) end)
  it("fails <& \1>", function() expect(session():send{}):header("N", 2) end)
  it("is # to come")
end)
`,
	"t_test.lua": "if",
}

func TestText(t *testing.T) {
	folder(t, mixed)
	var out bytes.Buffer
	WriteText(&out, runAll(t, Options{Jobs: 1}), 1234*time.Millisecond)
	want := `FAILED s fails <& ?>
s_test.lua:3: the field has another value
    3 |   it("fails <& \1>", function() expect(session():send{}):header("N", 2) end)
      |   ^
  expected: N: "2"
  got:      N: "1"

pending s is # to come (s_test.lua:4): it has no function yet
FAILED t_test.lua: it cannot be loaded
t_test.lua:1: 'if' opened at line 1 is never closed
    1 | if
      | ^

1 passed, 1 failed, 1 pending, 1 file cannot be loaded (2 files, 1.23 s)
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTAP(t *testing.T) {
	folder(t, mixed)
	var out bytes.Buffer
	WriteTAP(&out, runAll(t, Options{Jobs: 1}))
	want := regexp.MustCompile(`^TAP version 13
ok 1 - s passes
not ok 2 - s fails <& .>
# s_test.lua:3: the field has another value
(?:#.*\n)+ok 3 - s is \\# to come # SKIP it has no function yet
not ok 4 - t_test.lua cannot be loaded
(?:#.*\n)+1\.\.4
$`)
	if !want.Match(out.Bytes()) {
		t.Errorf("%s", out.String())
	}
}

func TestJUnit(t *testing.T) {
	folder(t, mixed)
	var out bytes.Buffer
	if err := WriteJUnit(&out, runAll(t, Options{Jobs: 1})); err != nil {
		t.Fatal(err)
	}
	var all junitAll
	if err := xml.Unmarshal(out.Bytes(), &all); err != nil {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	first, second := all.Suites[0], all.Suites[1]
	if first.Name != "s_test.lua" || first.Tests != 3 || first.Failures != 1 || first.Skipped != 1 || second.Errors != 1 {
		t.Errorf("%+v", all)
	}
	failed := first.Cases[1]
	if failed.Name != "s fails <& ?>" || failed.Line != 3 || !strings.HasPrefix(failed.Failure.Message, "s_test.lua:3: ") || !strings.Contains(failed.Failure.Text, "expected: N") {
		t.Errorf("%+v", failed)
	}
	if first.Cases[0].Failure != nil || first.Cases[2].Skipped == nil || second.Cases[0].Error == nil {
		t.Errorf("%+v", all)
	}
}

func TestCoverage(t *testing.T) {
	folder(t, mixed)
	c := engine.NewCoverage()
	runAll(t, Options{Jobs: 2, Coverage: c})
	var table, lcov bytes.Buffer
	WriteCover(&table, c)
	if want := `file     lines   run      %  not run
lib.lua      4     2  50.0%  4-5
s.lua        5     4  80.0%  4
all          9     6  66.7%
`; table.String() != want {
		t.Errorf("got\n%s\nwant\n%s", table.String(), want)
	}
	if err := WriteLCOV(&lcov, c); err != nil {
		t.Fatal(err)
	}
	if want := regexp.MustCompile(`^TN:\nSF:lib.lua\nDA:1,[1-9]\d*\nDA:2,4\nDA:4,0\nDA:5,0\nLF:4\nLH:2\nend_of_record\nTN:\nSF:s.lua\nDA:1,[1-9]\d*\nDA:2,[1-9]\d*\nDA:3,4\nDA:4,0\nDA:6,4\nLF:5\nLH:4\nend_of_record\n$`); !want.Match(lcov.Bytes()) {
		t.Errorf("%s", lcov.String())
	}
}

func TestDifferences(t *testing.T) {
	for _, c := range []struct{ name, a, b, want string }{
		{"equal", "a\nb", "a\nb", ""},
		{"but for the line ends", "a\r\nb\r\n", "a\nb", ""},
		{"one line", "a\nb", "a\nc", "--- expected\n+++ got\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n"},
	} {
		if got := differences(c.a, c.b); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestEntries checks that every entry says all that it should, and that objects have what it says.
func TestEntries(t *testing.T) {
	for _, m := range Modules() {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
		for _, f := range m.Funcs {
			if f.Bind == nil || f.Bind(nil) == nil {
				t.Errorf("%s.%s has no function", m.Name, f.Name)
			}
		}
	}
	var r result
	for _, m := range Modules() {
		for _, p := range m.Fields {
			if !strings.HasSuffix(p.Type, "?") && p.Name != "changes" && r.field(nil, p.Name).String() == "nil" {
				t.Errorf("a %s has no %s", m.Name, p.Name)
			}
		}
	}
}
