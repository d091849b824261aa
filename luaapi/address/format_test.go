package address

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// encodeAll writes a text as one encoded-word, however long.
func encodeAll(text string) string {
	return "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(text)) + "?="
}

func TestFormat(t *testing.T) {
	for _, tt := range []struct{ name, address, want string }{
		{"", "user@example.com", "user@example.com"},
		{"", "<user@example.com>", "user@example.com"},
		{"Jane Doe", "jane@example.com", "Jane Doe <jane@example.com>"},
		{"Jane", "root", "Jane <root>"},
		{"Doe, Jane", "jane@example.com", `"Doe, Jane" <jane@example.com>`},
		{"J. Doe", "jane@example.com", `"J. Doe" <jane@example.com>`},
		{`Jane "JD" Doe\`, "jane@example.com", `"Jane \"JD\" Doe\\" <jane@example.com>`},
		{" Jane  Doe ", "jane@example.com", `" Jane  Doe " <jane@example.com>`},
		{"Jörg", "j@example.com", "=?utf-8?b?SsO2cmc=?= <j@example.com>"},
		{"=?x?=", "j@example.com", "=?utf-8?b?PT94Pz0=?= <j@example.com>"},
		{strings.Repeat("long ", 41), "j@example.com", encodeAll(strings.Repeat("long ", 41)) + " <j@example.com>"},
		{"", "a..b@example.com", `"a..b"@example.com`},
		{"", `"a@b"`, `<"a@b">`},
		{"Jane", ".a", `Jane <".a">`},
		{"Jane", `"a b"@[192.0.2.1]`, `Jane <"a b"@[192.0.2.1]>`},
		{"Jane", "jörg@bücher.example", "Jane <jörg@bücher.example>"},
	} {
		if got, err := Format(tt.name, tt.address, encodeAll); got != tt.want || err != nil {
			t.Errorf("Format(%q, %q) = %s, %v; want %s", tt.name, tt.address, got, err, tt.want)
		}
	}
	if got, err := Format("Jörg M.", "jörg@example.com", nil); got != `"Jörg M." <jörg@example.com>` || err != nil {
		t.Errorf("with UTF-8: %s, %v", got, err)
	}
	for _, tt := range []struct{ name, address, want string }{
		{"Jane", "", "the address is empty"},
		{"Jane", "a b", `"a b" is not an address; user@example.com is the form, one address at a time`},
		{"a\nBcc: b@example.com", "a@example.com", `the name "a\nBcc: b@example.com" has a control character at byte 2; a name is text on one line`},
	} {
		if got, err := Format(tt.name, tt.address, encodeAll); err == nil || err.Error() != tt.want {
			t.Errorf("Format(%q, %q) = %s, %v; want %s", tt.name, tt.address, got, err, tt.want)
		}
	}
}

// roundTrip checks that what Format writes means the same when it is read.
func roundTrip(t *testing.T, name, address string) {
	t.Helper()
	if !utf8.ValidString(name) {
		return // encodeAll is for UTF-8
	}
	text, err := Format(name, address, encodeAll)
	if err != nil {
		t.Fatalf("Format(%q, %q): %v", name, address, err)
	}
	m, err := Parse(text, decodeWords)
	if err != nil || m.Name != name || !Same(m.Address, address) || m.Problems&^(NoDomain|NotASCII) != 0 {
		t.Errorf("Format(%q, %q) = %s, which is %q <%s> %v, %v", name, address, text, m.Name, m.Address, m.Problems.Strings(), err)
	}
	if again, err := Format(m.Name, m.Address, encodeAll); again != text || err != nil {
		t.Errorf("Format(%q, %q) = %s, and again %s, %v", name, address, text, again, err)
	}
}

// TestRoundTrip writes names and addresses of everything that may be in them.
func TestRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "B", "7", " ", "  ", ".", ",", ";", ":", "@", "<", ">", "(", ")", "[", "]", `"`, `\`, "'", "=?", "?=", "=?utf-8?q?x?=", "ö", "日本", "“", "”", "\u00a0", "\ufeff", "é", "🙂", "_", "="}
	random := func(n int) string {
		var out strings.Builder
		for range n {
			out.WriteString(pieces[r.IntN(len(pieces))])
		}
		return out.String()
	}
	for range 20000 {
		address := random(1+r.IntN(6)) + "@example.com"
		if Check(address, true) != nil {
			address = quote(random(1+r.IntN(6))) + "@example.com"
		}
		if Check(address, true) != nil {
			continue // no-break space, for one, is in no address
		}
		roundTrip(t, random(r.IntN(8)), address)
	}
}

func BenchmarkParseList(b *testing.B) {
	text := "Jane Doe <jane@example.com>, \"Roe, Rex\" <rex.roe@example.org>,\r\n =?utf-8?b?SsO2cmc=?= <joerg@example.net>, ann@example.com, bob@example.com (Bob),\r\n" +
		" \"Team, The\" <team@example.com>, Chris <chris@example.com>, dora@example.com, <eve@example.com>,\r\n Fritz Q. Doe <fritz@example.com>"
	for _, bb := range []struct {
		name   string
		decode func(string) string
	}{{"raw", nil}, {"decoded", decodeWords}} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				if l := ParseList(text, bb.decode); len(l.Mailboxes) != 10 {
					b.Fatal(show(l))
				}
			}
		})
	}
}

func BenchmarkFormat(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Format("Doe, Jane", "jane@example.com", encodeAll); err != nil {
			b.Fatal(err)
		}
	}
}
