package edit

import (
	"strings"
	"testing"

	"luamilter/luaapi/mime"
)

// tree writes a multipart. Its boundary is its kind.
func tree(kind string, parts ...string) string {
	var out strings.Builder
	out.WriteString("Content-Type: multipart/" + kind + "; boundary=" + kind[:3] + "\r\n\r\n")
	for _, part := range parts {
		out.WriteString("--" + kind[:3] + "\r\n" + part + "\r\n")
	}
	return out.String() + "--" + kind[:3] + "--\r\n"
}

func part(kind, text string) string { return "Content-Type: " + kind + "\r\n\r\n" + text }

func TestBodies(t *testing.T) {
	text, html, pdf := part("text/plain", "T"), part("text/html", "H"), part("application/pdf", "P")
	file := part("text/plain; name=x.txt", "F")
	message := part("message/rfc822", "Subject: x\r\n\r\nM")
	picture := part("image/png", "I")
	for _, tt := range []struct{ name, message, want string }{
		{"alternatives", tree("alternative", text, html), "TH"},
		{"a calendar among them", tree("alternative", text, html, part("text/calendar", "C")), "TH"},
		{"attachments", tree("mixed", text, pdf, file), "T"},
		{"attachment first", tree("mixed", pdf, html), "H"},
		{"text behind it", tree("mixed", text, pdf, part("text/plain", "U")), "T"},
		{"related", tree("alternative", text, tree("related", html, picture)), "TH"},
		{"related with a start", tree("related; start=\"<r@example.com>\"", part("text/html", "X"), "Content-ID: <r@example.com>\r\n"+html), "H"},
		{"forwarded", tree("mixed", text, message), "T"},
		{"forwarded without a word", tree("mixed", message, pdf), ""},
		{"forwarded as it is", message, ""},
		{"only an attachment", pdf, ""},
		{"report", tree("report", text, part("message/delivery-status", "D"), message), "T"},
		{"list with its own footer", tree("mixed", tree("alternative", text, html), part("text/plain", "L")), "TH"},
		{"signed", tree("signed", text, part("application/pgp-signature", "S")), "T"},
		{"encrypted", tree("encrypted", part("application/pgp-encrypted", "V"), part("text/plain", "X")), ""},
		{"no parts", tree("mixed"), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := raw(tt.message)
			got := ""
			for _, p := range bodies(m.Root) {
				got += p.Decoded()
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestAllOrNone checks that no alternative gets a footer if another cannot.
func TestAllOrNone(t *testing.T) {
	m := raw(tree("alternative", part("text/plain", "T"), part("text/html\r\nContent-Transfer-Encoding: x-unheard-of", "H")))
	for name, add := range map[string]func(*mime.Message, Footer) (Edit, Reason){"footer": AddFooter, "banner": AddBanner} {
		if e, reason := add(m, Footer{Text: "x"}); reason != OtherEncoding || !e.IsEmpty() {
			t.Errorf("%s: %v, %q", name, e, reason)
		}
	}
}

// TestForced checks that a signature stays where it was, broken or not.
func TestForced(t *testing.T) {
	before := tree("signed", part("text/plain", "T"), part("application/pgp-signature", "S"))
	m := raw(before)
	e, reason := AddFooter(m, Footer{Text: "x", Force: true})
	if want := strings.Replace(before, "T\r\n--sig", "T\r\n\r\nx\r\n--sig", 1); result(t, m, e) != want || reason != "" {
		t.Errorf("%q, want %q; %s", e.Apply(m.Root.Source), want, reason)
	}
}
