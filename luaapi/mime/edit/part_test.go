package edit

import (
	"strings"
	"testing"

	"luamilter/luaapi/mime"
)

const mixed = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\nHello\r\n--b \r\n" +
	"Content-Type: application/pdf;\r\n\tname=x.pdf\r\nContent-Transfer-Encoding: base64\r\nX-More: 1\r\n\r\nQUJD\r\nREVG\r\n\r\n--b--\r\nepilogue\r\n"

// at returns the part that a path such as 2.1 leads to.
func at(m *mime.Message, path ...int) *mime.Part {
	p := m.Root
	for _, i := range path {
		p = p.Parts[i-1]
	}
	return p
}

func TestRemovePart(t *testing.T) {
	const before = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble"
	const first = "\r\n--b\r\n\r\nHello"
	const end = "\r\n--b--\r\nepilogue\r\n"
	pdf := strings.TrimSuffix(strings.TrimPrefix(mixed, before+first), end)
	signed := "Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n\r\nx\r\n--b--\r\n--a\r\n\r\n--a--\r\n"
	attached := "Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nHello"
	for _, tt := range []struct {
		name, message string
		path          []int
		with          Replacement
		want          string
		reason        Reason
	}{
		{"removed", mixed, []int{2}, Replacement{}, before + first + end, ""},
		{"first", mixed, []int{1}, Replacement{}, before + pdf + end, ""},
		{"note", mixed, []int{2}, Replacement{Text: "It was\na virus."},
			before + first + "\r\n--b \r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\nIt was\r\na virus." + end, ""},
		{"file", mixed, []int{2}, Replacement{Type: "text/html", Text: "ü", Filename: "ü.html"},
			before + first + "\r\n--b \r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n" +
				"Content-Disposition: attachment; filename*=utf-8''%C3%BC.html\r\n\r\n=C3=BC" + end, ""},
		{"note that is a boundary", mixed, []int{2}, Replacement{Text: "--b--"},
			before + first +
				"\r\n--b \r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=2D-b--" + end, ""},
		{"only part", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b--\n", []int{1}, Replacement{},
			"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit\n\n\n--b--\n", ""},
		{"message itself", lines("Content-Type: application/pdf", "Content-Disposition: attachment; filename=x", "", "x"), nil, Replacement{Text: "Gone."},
			lines("Content-Type: text/plain; charset=us-ascii", "Content-Disposition: inline", "Content-Transfer-Encoding: 7bit", "MIME-Version: 1.0", "", "Gone."), ""},
		{"attached message", attached, []int{1}, Replacement{Text: "Gone."},
			"Content-Type: message/rfc822\r\n\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\nGone.", ""},
		{"empty part without line end before the boundary", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\n\r\nHello\r\n--b--\r\n", []int{1}, Replacement{Text: "Gone."},
			"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\nGone.\r\n--b\r\n\r\nHello\r\n--b--\r\n", ""},
		{"signed", signed, []int{1, 1}, Replacement{}, signed, Signed},
		{"beside what is signed", signed, []int{2}, Replacement{}, strings.Replace(signed, "\r\n--a\r\n\r\n--a--", "\r\n--a--", 1), ""},
		{"type", mixed, []int{2}, Replacement{Type: "text/html\r\nX: y"}, mixed, BadType},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := raw(tt.message)
			e, reason := RemovePart(m, at(m, tt.path...), tt.with)
			if got := result(t, m, e); got != tt.want || reason != tt.reason {
				t.Errorf("%q, want\n%q; %q, want %q", got, tt.want, reason, tt.reason)
			}
		})
	}
	other := raw(mixed)
	if e, reason := RemovePart(raw(mixed), at(other, 1), Replacement{}); reason != NotAPart || !e.IsEmpty() {
		t.Errorf("a part of another message: %v, %q", e, reason)
	}
	encoded := raw(lines("Content-Type: message/rfc822", "Content-Transfer-Encoding: base64", "", "U3ViamVjdDogeA0KDQpIaQ=="))
	if e, reason := RemovePart(encoded, at(encoded, 1), Replacement{}); reason != NotInBody || !e.IsEmpty() {
		t.Errorf("a part that was encoded: %v, %q", e, reason)
	}
}

func TestReplacePart(t *testing.T) {
	for _, tt := range []struct {
		name, message string
		path          []int
		with          Content
		want          string
	}{
		{"base64", mixed, []int{2}, Content{Bytes: "XYZ"}, strings.Replace(mixed, "QUJD\r\nREVG", "WFla", 1)},
		{"type", mixed, []int{2}, Content{Bytes: "ABCDEF", Type: "image/png"}, strings.Replace(mixed, "application/pdf", "image/png", 1)},
		{"type with parameters", mixed, []int{2}, Content{Bytes: "ABCDEF", Type: "image/png; name=y"}, strings.Replace(mixed, "application/pdf;\r\n\tname=x.pdf", "image/png; name=y", 1)},
		{"text", mixed, []int{1}, Content{Bytes: "Hi\r\nyou"}, strings.Replace(mixed, "Hello", "Hi\r\nyou", 1)},
		{"not as it is", mixed, []int{1}, Content{Bytes: "\x00"}, strings.Replace(mixed, "\r\n\r\nHello", "\r\nContent-Transfer-Encoding: base64\r\n\r\nAA==", 1)},
		{"boundary", mixed, []int{1}, Content{Bytes: "--b"}, strings.Replace(mixed, "\r\n\r\nHello", "\r\nContent-Transfer-Encoding: base64\r\n\r\nLS1i", 1)},
		{"quoted-printable", lines("MIME-Version: 1.0", "Content-Transfer-Encoding: Quoted-Printable", "", "a"), nil, Content{Bytes: "=\r\n"},
			lines("MIME-Version: 1.0", "Content-Transfer-Encoding: Quoted-Printable", "", "=3D")},
		{"multipart", mixed, nil, Content{Bytes: "Hello\r\n", Type: "text/plain"}, lines("MIME-Version: 1.0", "Content-Type: text/plain", "", "Hello")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := raw(tt.message)
			e, reason := ReplacePart(m, at(m, tt.path...), tt.with)
			if got := result(t, m, e); got != tt.want || reason != "" {
				t.Errorf("%q, want\n%q; %s", got, tt.want, reason)
			}
		})
	}
}
