package mime

import (
	"strings"
	"testing"

	"luamilter/protocol"
)

func TestParse(t *testing.T) {
	mixed := "Content-Type: multipart/mixed; boundary=b"
	tests := []struct{ name, raw, want string }{
		{"no header at all", "\r\nhello", `text/plain "hello"`},
		{"nothing", "", `text/plain ""`},
		{"header only", "Subject: x\r\n", `text/plain ""`},
		{"text", crlf("Content-Type: Text/HTML", "", "<p>"), `text/html "<p>"`},
		{"two parts", crlf(mixed, "", "pre", "--b", "", "one", "--b", "Content-Type: a/b", "", "two", "", "--b--", "post"),
			"multipart/mixed\n text/plain \"one\"\n a/b \"two\\r\\n\""},
		{"LF", strings.ReplaceAll(crlf(mixed, "", "--b", "", "one", "--b", "", "two", "--b--", ""), "\r\n", "\n"),
			"multipart/mixed\n text/plain \"one\"\n text/plain \"two\""},
		{"CR", strings.ReplaceAll(crlf(mixed, "", "--b", "", "one", "--b", "", "two", "--b--", ""), "\r\n", "\r"),
			"multipart/mixed\n text/plain \"one\"\n text/plain \"two\""},
		{"a mix of line ends", mixed + "\n\r\n--b\r\rone\n\r\n--b\n\ntwo\r--b--", "multipart/mixed\n text/plain \"one\\n\"\n text/plain \"two\""},
		{"empty parts", crlf(mixed, "", "--b", "--b", "", "--b", "X: y", "--b--"),
			"multipart/mixed\n text/plain \"\"\n text/plain \"\"\n text/plain \"\""},
		{"no end", crlf(mixed, "", "--b", "", "one", ""), "multipart/mixed [missing end boundary]\n text/plain \"one\\r\\n\""},
		{"no boundary line", crlf(mixed, "", "text"), `multipart/mixed "text" [no boundary line]`},
		{"no boundary", crlf("Content-Type: multipart/mixed", "", "--b", "", "x", "--b--"),
			`multipart/mixed "--b\r\n\r\nx\r\n--b--" [no boundary]`},
		{"empty boundary", crlf(`Content-Type: multipart/mixed; boundary=""`, "", "--", "", "x", "----"), "multipart/mixed\n text/plain \"x\""},
		{"end at once", crlf(mixed, "", "--b--", "x"), `multipart/mixed "--b--\r\nx"`},
		{"blanks behind boundaries", crlf(mixed, "", "--b \t", "", "one", "--b-- ", ""), "multipart/mixed\n text/plain \"one\""},
		{"blanks in the parameter", crlf(`Content-Type: multipart/mixed; boundary=" b "`, "", "-- b", "", "one", "-- b--"),
			"multipart/mixed\n text/plain \"one\""},
		{"boundary with specials", crlf(`Content-Type: multipart/mixed; boundary="a(b);c\"d=[x]"`, "", `--a(b);c"d=[x]`, "", "one", `--a(b);c"d=[x]--`),
			"multipart/mixed\n text/plain \"one\""},
		{"boundary in sections", crlf(`Content-Type: multipart/mixed; boundary*0="a"; boundary*1="b"`, "", "--ab", "", "one", "--ab--"),
			"multipart/mixed\n text/plain \"one\""},
		{"comment", crlf("Content-Type: multipart/mixed (a; comment); boundary=b (simple)", "", "--b", "", "one", "--b--"),
			"multipart/mixed\n text/plain \"one\""},
		{"not quite a boundary", crlf(mixed, "", "--b", "", "--bb", "--b-", " --b", "-- b", "---b", "--b--x", "--b--"),
			"multipart/mixed\n text/plain \"--bb\\r\\n--b-\\r\\n --b\\r\\n-- b\\r\\n---b\\r\\n--b--x\""},
		{"boundary that ends in dashes", crlf("Content-Type: multipart/mixed; boundary=b--", "", "--b--", "", "one", "--b----"),
			"multipart/mixed\n text/plain \"one\""},
		{"the second boundary does not count", crlf("Content-Type: multipart/mixed; boundary=a; boundary=b", "", "--a", "", "--b", "--a--"),
			"multipart/mixed [duplicate parameter]\n text/plain \"--b\""},
		{"the second type does not count", crlf("Content-Type: text/html", mixed, "", "x"), `text/html "x" [duplicate header field]`},
		{"after the end", crlf(mixed, "", "--b", "", "one", "--b--", "--b", "", "two", "--b--"),
			"multipart/mixed [boundary line after the end]\n text/plain \"one\""},
		{"nested", crlf(mixed, "", "--b", "Content-Type: multipart/alternative; boundary=bc", "", "--bc", "", "1", "--bc", "", "2", "--bc--", "--b", "", "3", "--b--"),
			"multipart/mixed\n multipart/alternative\n  text/plain \"1\"\n  text/plain \"2\"\n text/plain \"3\""},
		{"inner one is not ended", crlf(mixed, "", "--b", "Content-Type: multipart/alternative; boundary=c", "", "--c", "", "1", "--b", "", "2", "--b--"),
			"multipart/mixed\n multipart/alternative [missing end boundary]\n  text/plain \"1\"\n text/plain \"2\""},
		{"inner one is as outer one", crlf(mixed, "", "--b", "Content-Type: multipart/mixed; boundary=b", "", "--b", "", "1", "--b--", "", "2", "--b--"),
			"multipart/mixed [boundary line after the end]\n multipart/mixed \"\" [boundary of an outer multipart] [no boundary line]\n text/plain \"1\""},
		{"message", crlf(mixed, "", "--b", "Content-Type: message/rfc822", "", "Subject: x", "Content-Type: text/html", "", "<p>", "--b--"),
			"multipart/mixed\n message/rfc822\n  text/html \"<p>\""},
		{"message in base64", crlf("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", "U3ViamVjdDogeA0KDQpoaQ=="),
			"message/rfc822 [encoded message]\n text/plain \"hi\""},
		{"multipart in base64", crlf(mixed, "Content-Transfer-Encoding: base64", "", "--b", "", "one", "--b--"),
			"multipart/mixed [encoded multipart]\n text/plain \"one\""},
		{"digest", crlf("Content-Type: multipart/digest; boundary=b", "", "--b", "", "Subject: x", "", "hi", "--b", "Content-Type: text/plain", "", "x", "--b--"),
			"multipart/digest\n message/rfc822\n  text/plain \"hi\"\n text/plain \"x\""},
		{"fragment", crlf("Content-Type: message/partial; id=1; number=1", "", "x"), `message/partial "x" [message/partial]`},
		{"elsewhere", crlf("Content-Type: message/external-body; access-type=URL", "", "x"), `message/external-body "x" [message/external-body]`},
		{"line without colon", crlf("Subject: x", "oops", "Content-Type: text/html", "", "<p>"), `text/html "<p>" [header line without colon]`},
		{"no header in a part", crlf(mixed, "", "--b", "hello", "world", "", "!", "--b--"),
			"multipart/mixed\n text/plain \"hello\\r\\nworld\\r\\n\\r\\n!\" [no header]"},
		{"blank before the colon", crlf("Content-Type : text/html", "", "<p>"), `text/html "<p>"`},
		{"no semicolon", crlf("Content-Type: multipart/mixed boundary=b", "", "--b", "", "x", "--b--"), "multipart/mixed\n text/plain \"x\""},
		{"no empty line", crlf(mixed, "--b", "", "x", "--b--"), "multipart/mixed [no empty line behind the header]\n text/plain \"x\""},
		{"no empty line in a part", crlf(mixed, "", "--b", "Content-Type: multipart/mixed; boundary=c", "--c", "", "x", "--c--", "--b", "", "y", "--b--"),
			"multipart/mixed\n multipart/mixed [no empty line behind the header]\n  text/plain \"x\"\n text/plain \"y\""},
		{"comments that do not end", crlf("Content-Type: multipart/mixed(; boundary=b", "", "--b", "Content-Transfer-Encoding: base64 (", "", "eA==", "--b--"),
			"multipart/mixed\n text/plain \"x\""},
		{"a tab for the semicolon", crlf("Content-Type: multipart/mixed\tboundary=b", "", "--b", "", "x", "--b--"), "multipart/mixed\n text/plain \"x\""},
		{"a boundary like an encoded-word", crlf(`Content-Type: multipart/mixed; boundary="=?utf-8?q?b?="`, "", "--=?utf-8?q?b?=", "", "x", "--=?utf-8?q?b?=--"), "multipart/mixed\n text/plain \"x\""},
		{"folded type", crlf("Content-Type: multipart/mixed;", "\tboundary=b", "", "--b", "", "x", "--b--"), "multipart/mixed\n text/plain \"x\""},
		{"type that is none", crlf("Content-Type: text", "", "x"), `text/plain "x" [invalid content type]`},
		{"NUL", crlf("Subject: a\x00b", "", "x"), `text/plain "x" [NUL in header]`},
		{"encoding that is none", crlf("Content-Transfer-Encoding: base65", "", "eA=="), `text/plain "eA==" [unknown encoding]`},
		{"mbox", crlf("From a@example.com Mon Jan  1 00:00:00 2024", "Content-Type: text/html", "", "x"), `text/html "x" [header line without colon]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := outline(parsed(t, tt.raw).Root); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestSplice removes a part, and puts one in, with all other bytes in place.
func TestSplice(t *testing.T) {
	body := crlf("pre", "--b", "", "one", "--b", "Content-Type: a/b", "", "two", "--b--", "post")
	fields := []protocol.Field{{Name: "content-type", Value: "multipart/mixed;\n boundary=b"}}
	m := Parse(fields, Text(body))
	tiles(t, m.Root)
	two := m.Root.Parts[1]
	if got, want := body[:two.Boundary.Start]+body[two.Content.End:], crlf("pre", "--b", "", "one", "--b--", "post"); got != want {
		t.Errorf("without the second part: %q, want %q", got, want)
	}
	one := m.Root.Parts[0]
	if got, want := body[:one.Content.Start]+"new"+body[one.Content.End:], strings.Replace(body, "one", "new", 1); got != want {
		t.Errorf("with another first part: %q, want %q", got, want)
	}
}

func TestFields(t *testing.T) {
	m := parsed(t, "Subject: a\r\n b\r\nnone\r\nX-Y:z\r\n\r\n")
	got := m.Root.Fields()
	want := []protocol.Field{{Name: "Subject", Value: "a\n b", Tail: " a\n b"}, {Name: "X-Y", Value: "z", Tail: "z"}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %q, want %q", got, want)
	}
}
