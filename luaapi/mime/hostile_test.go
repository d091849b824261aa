package mime

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// hostile are classes of broken messages; each gives one of about n bytes.
var hostile = map[string]func(n int) string{
	"header without colon": func(n int) string { return strings.Repeat("no colon here\r\n", n/15) + "\r\ntext" },
	"empty header fields":  func(n int) string { return strings.Repeat("a:\n", n/3) },
	"NULs": func(n int) string {
		return "\x00:\x00\r\n" + strings.Repeat("\x00", n) + "\r\n\r\n" + strings.Repeat("\x00", n)
	},
	"one long line":            func(n int) string { return mixed + "--b\r\n\r\n" + strings.Repeat("x", n) },
	"one long line of dashes":  func(n int) string { return mixed + strings.Repeat("-", n) },
	"one long boundary line":   func(n int) string { return mixed + "--b" + strings.Repeat(" ", n) + "\r\n\r\nx" },
	"one long field":           func(n int) string { return "Content-Type: text/plain; name=\"" + strings.Repeat("x", n) + "\r\n\r\n" },
	"one long folded field":    func(n int) string { return "Subject: x" + strings.Repeat("\r\n x", n/4) + "\r\n\r\n" },
	"many parts":               func(n int) string { return mixed + strings.Repeat("--b\n\nx\n", n/7) },
	"many empty parts":         func(n int) string { return mixed + strings.Repeat("--b\n", n/4) },
	"many boundary-like lines": func(n int) string { return nested(50) + strings.Repeat("--b1x\n", n/6) },
	"ends again and again":     func(n int) string { return mixed + strings.Repeat("--b--\n", n/6) },
	"deep multiparts":          func(n int) string { return nested(n / 60) },
	"deep multiparts with an end each": func(n int) string {
		out := nested(n / 80)
		for i := n / 80; i >= 0; i-- {
			out += fmt.Sprintf("--b%d--\r\n", i)
		}
		return out
	},
	"deep messages": func(n int) string { return strings.Repeat("Content-Type: message/rfc822\r\n\r\n", n/32) },
	"deep digests": func(n int) string {
		return strings.Repeat("Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n", n/55)
	},
	"no empty lines": func(n int) string {
		return strings.Repeat("Content-Type: multipart/mixed; boundary=b\r\n--b\r\n", n/48)
	},
	"same boundary inside": func(n int) string { return strings.Repeat(mixed+"--b\r\n", n/60) },
	"boundary injection":   func(n int) string { return mixed + strings.Repeat("--b\r\nSubject: x\r\n--b--\r\n--b\r\n", n/31) },
	"encoded messages":     encodedMessages,
	"mixed line ends":      func(n int) string { return mixed + strings.Repeat("--b\r\r\nx\n\r--b\n\r\r--b\r\n\n", n/24) },
	"only CRs":             func(n int) string { return mixed + strings.Repeat("\r", n) },
	"LFs, then CRs":        func(n int) string { return mixed + strings.Repeat("\n", n/2) + strings.Repeat("\r", n/2) },
	"invalid base64":       func(n int) string { return "Content-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat("=a!=", n/4) },
	"equals signs": func(n int) string {
		return "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + strings.Repeat("=", n)
	},
	"equals signs, blanks": func(n int) string {
		return "Content-Transfer-Encoding: quoted-printable\r\n\r\n=" + strings.Repeat(" ", n)
	},
	"overlong filename": func(n int) string {
		return "Content-Disposition: attachment; filename=" + strings.Repeat("a.", n/2) + "\r\n\r\n"
	},
	"bidi filename": func(n int) string {
		return "Content-Disposition: attachment; filename=\"" + strings.Repeat("\u202e", n/3) + "\"\r\n\r\n"
	},
	"filename in sections": sections,
	"encoded-words": func(n int) string {
		return "Content-Disposition: a; filename=\"" + strings.Repeat("=?a?b?", n/6) + "\"\r\n\r\n"
	},
	"many parameters":       func(n int) string { return "Content-Type: text/plain" + strings.Repeat(";a=b", n/4) + "\r\n\r\n" },
	"comments":              func(n int) string { return "Content-Type: " + strings.Repeat("(", n) + "\r\n\r\n" },
	"uuencode that is none": func(n int) string { return "\r\n" + strings.Repeat("begin 644 x\n#0V%T\n", n/18) },
	"begins":                func(n int) string { return "\r\n" + strings.Repeat("begin 644 x\nbegin 644 y\n", n/24) },
	"PGP armor":             func(n int) string { return "\r\n" + strings.Repeat("x-----BEGIN PGP MESSAGE-----\n", n/30) },
	"zip entries":           func(n int) string { return "\r\n" + strings.Repeat("PK\x03\x04", n/4) },
	"zip entries in one":    func(n int) string { return "\r\n" + strings.Repeat("PK\x03\x04"+strings.Repeat("a/", 13), n/30) },
	"zip bomb": func(n int) string {
		return "Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte("PK\x03\x04"+strings.Repeat("\x00", n*3/4)))
	},
}

const mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

// nested returns multiparts in multiparts, all open.
func nested(depth int) string {
	var out strings.Builder
	for i := range depth + 1 {
		if i > 0 {
			fmt.Fprintf(&out, "--b%d\r\n", i-1)
		}
		fmt.Fprintf(&out, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n", i)
	}
	return out.String()
}

// encodedMessages returns a message in quoted-printable in a message in quoted-printable, and so on, where each is as long as the other.
func encodedMessages(n int) string {
	return strings.Repeat("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", 50) + strings.Repeat("x", n)
}

func sections(n int) string {
	var out strings.Builder
	out.WriteString("Content-Disposition: attachment")
	for i := 0; out.Len() < n; i++ {
		fmt.Fprintf(&out, "; filename*%d=x", i)
	}
	return out.String() + "\r\n\r\n"
}

// TestHostile checks for each class that the ranges are right, that everything can be asked for, and that twice the bytes take at most
// about twice the steps.
func TestHostile(t *testing.T) {
	for name, generate := range hostile {
		t.Run(name, func(t *testing.T) {
			const size = 100_000
			small, large := generate(size), generate(2*size)
			a, b := parsed(t, small), parsed(t, large)
			askEverything(a)
			if most := a.steps*int64(len(large))/int64(len(small)) + 10_000; b.steps > most {
				t.Errorf("%d steps for %d bytes, but %d for %d", a.steps, len(small), b.steps, len(large))
			}
			// A look at each byte as a line, as a header, as a boundary line; and all that once more for each of the encoded messages in it.
			if most := int64(len(large)) * 3 * (1 + maxDecoded); b.steps > most {
				t.Errorf("%d steps for %d bytes", b.steps, len(large))
			}
		})
	}
}

// askEverything calls everything there is.
func askEverything(m *Message) {
	m.Text()
	m.HTML()
	m.IsSigned()
	m.IsEncrypted()
	m.Problems()
	for _, p := range m.Attachments() {
		p.Decoded()
	}
	asked := 0
	for p := range m.Walk() {
		if asked++; asked > 100 {
			break // for each of many multiparts in each other, RealType is the same work
		}
		p.Fields()
		p.Param("charset")
		p.VisibleName()
		p.DecodedText()
		p.SHA256()
		p.Size()
		p.RealType()
		p.IsTNEF()
	}
}

func TestLimits(t *testing.T) {
	tests := []struct {
		name, raw    string
		parts, depth int
	}{
		{"parts", mixed + strings.Repeat("--b\n\nx\n", MaxParts+100), MaxParts, 2},
		{"depth of multiparts", nested(1000), MaxDepth, MaxDepth},
		{"depth of messages", strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 1000), MaxDepth, MaxDepth},
		{"parts of encoded messages", mixed + strings.Repeat("--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nOg==\n", MaxParts), MaxParts, 3},
		{"size of a header", mixed + "--b\r\nX: y" + strings.Repeat("\r\n y", MaxHeader/4) + "\r\nContent-Type: text/html\r\n\r\n<p>\r\n--b--", 2, 2},
		{"encoded in each other", encodedMessages(10), maxDecoded + 1, maxDecoded + 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parsed(t, tt.raw)
			parts, deepest := 0, 0
			for p := range m.Walk() {
				parts++
				depth := 1
				for q := p.Parent; q != nil; q = q.Parent {
					depth++
				}
				deepest = max(deepest, depth)
			}
			if !m.Truncated || parts != tt.parts || deepest != tt.depth {
				t.Errorf("truncated %v, %d parts, depth %d; want %d parts, depth %d", m.Truncated, parts, deepest, tt.parts, tt.depth)
			}
		})
	}
}

// TestRandom checks the ranges of messages put together from what matters.
func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	pieces := strings.Split("--b|--b--|--c|--c--|\r\n|\r\n|\n|\r|\r\n\r\n|Content-Type: multipart/mixed; boundary=b|Content-Type: multipart/mixed; boundary=c|"+
		"Content-Type: message/rfc822|Content-Transfer-Encoding: base64|Content-Transfer-Encoding: quoted-printable|text|--| |:|a: b|=|begin 644 x\n|\x00|é", "|")
	for i := range 10_000 {
		var raw strings.Builder
		if r.IntN(2) == 0 {
			raw.WriteString(mixed)
		}
		for range r.IntN(40) {
			raw.WriteString(pieces[r.IntN(len(pieces))])
			if r.IntN(2) == 0 {
				raw.WriteString("\r\n")
			}
		}
		m := parsed(t, raw.String())
		askEverything(m)
		if t.Failed() {
			t.Fatalf("message %d: %q", i, raw.String())
		}
	}
}
