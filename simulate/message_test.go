package simulate

import (
	"strings"
	"testing"
)

func TestReadMessage(t *testing.T) {
	for _, test := range []struct{ name, text, header, body string }{
		{"nothing", "", "", ""},
		{"header alone", "A: b\nC: d", "A=b C=d", ""},
		{"any line end", "A: b\r\nC: d\n\r\ne\nf\r\n", "A=b C=d", "e\r\nf\r\n"},
		{"no last line end", "A: b\n\ne", "A=b", "e\r\n"},
		{"folds are LF and blanks", "A: b\r\n\tc\r\n d\r\n\r\n", "A=b\n\tc\n d", ""},
		{"one blank after the colon goes", "A:b\nC:  d\nE:\n\n", "A=b C= d E=", ""},
		{"blanks before the colon", "A : b\n\n", "A=b", ""},
		{"no field ends the header", "A: b\nno field\nC: d\n\ne\n", "A=b", "no field\r\nC: d\r\n\r\ne\r\n"},
		{"a body alone", "\nhello\n", "", "hello\r\n"},
		{"a fold without a field", " x\nA: b\n", "", " x\r\nA: b\r\n"},
		{"a line of a mailbox", "From a@example.com Mon Jan  5 10:00:00 2026\nA: b\n\n", "X-Mailbox-Line=From a@example.com Mon Jan  5 10:00:00 2026 A=b", ""},
		{"stray CR", "A: b\rc\n\nd\re\r\r\n", "A=b c", "d e\r\n"},
		{"NUL", "A: b\x00c\n\nd\x00e\n", "A=b", "d\x00e\r\n"},
		{"8 bit in a name", "\xc3\xa4: b\n\n", "", "\xc3\xa4: b\r\n\r\n"},
		{"blank lines in the body", "A: b\n\n\n\nc\n\n", "A=b", "\r\n\r\nc\r\n\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := ReadMessage([]byte(test.text))
			var words []string
			for _, f := range m.Header {
				words = append(words, f.Name+"="+f.Value)
			}
			if got := strings.Join(words, " "); got != test.header {
				t.Errorf("header %q, want %q", got, test.header)
			}
			if got := string(m.Body); got != test.body {
				t.Errorf("body %q, want %q", got, test.body)
			}
		})
	}
}

// TestLongFields cuts them where Postfix does.
func TestLongFields(t *testing.T) {
	line := strings.Repeat("x", 999)
	m := ReadMessage([]byte("A: " + line + strings.Repeat("\n "+line, 99) + "\nB: " + strings.Repeat("y", 100_000) + "\n\n"))
	if n := len(m.Header[0].Tail); n > maxField || n < maxField-1001 || strings.HasSuffix(m.Header[0].Tail, "\n") {
		t.Errorf("a folded field has %d bytes", n)
	}
	if n := len(m.Header[1].Tail); n != maxField {
		t.Errorf("a field on one line has %d bytes", n)
	}
}

// FuzzReadMessage plays whatever there is to a script that looks at all of it: nothing may break the conversation.
func FuzzReadMessage(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("A:\x00\n \r\n\n"))
	filter := filterOf(f, `function header(conn, n, v) end function body(conn, chunk) end
		function eom(conn, msg) msg:add_header("X-Size", #msg.body) msg:insert_header(2, "X-N", #msg.headers) end`)
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := filter.Play(DefaultClient, sampleEnvelope, ReadMessage(text))
		if err != nil {
			t.Fatal(err)
		}
		if r.Delivered == nil {
			t.Errorf("%s: %v", verdict(r), r.Hooks)
		}
	})
}
