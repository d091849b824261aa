package mime

import (
	"strings"
	"testing"
)

// tree makes a multipart of parts, each a header, an empty line and a content.
func tree(kind, boundary string, parts ...string) string {
	var out strings.Builder
	out.WriteString("Content-Type: multipart/" + kind + `; boundary="` + boundary + "\"\r\n\r\n")
	for _, p := range parts {
		out.WriteString("--" + boundary + "\r\n" + p + "\r\n")
	}
	return out.String() + "--" + boundary + "--\r\n"
}

func part(contentType, content string) string {
	return "Content-Type: " + contentType + "\r\n\r\n" + content
}

func TestShown(t *testing.T) {
	plain, html := part("text/plain", "T"), part("text/html", "<H>")
	both := tree("alternative", "alt", plain, html)
	pdf := part("application/pdf; name=a.pdf", "%PDF")
	tests := []struct{ name, raw, text, html, attachments string }{
		{"text", plain, "T", "", ""},
		{"HTML", html, "", "<H>", ""},
		{"alternative", both, "T", "<H>", ""},
		{"with a file", tree("mixed", "m", both, pdf), "T", "<H>", "a.pdf"},
		{"the last of each kind", tree("alternative", "alt", part("text/plain", "1"), part("text/plain", "2"), html), "2", "<H>", ""},
		{"with an invitation", tree("alternative", "alt", plain, html, part("text/calendar", "BEGIN:VCALENDAR")), "T", "<H>", "(text/calendar)"},
		{"mixed texts", tree("mixed", "m", plain, pdf, part("text/plain", "U")), "T\r\nU", "", "a.pdf"},
		{"related", tree("related", "r", html, part("text/html; name=x.html", "no"), part("image/png", "x")), "", "<H>", "x.html (image/png)"},
		{"related in an alternative", tree("alternative", "a", plain, tree("related", "r", html, part("image/png", "x"))), "T", "<H>", "(image/png)"},
		{"start of related", tree(`related; start="<1@x>"`, "r", part("text/html", "no"), "Content-ID: <1@x>\r\n"+html), "", "<H>", ""},
		{"signed", tree("signed", "s", plain, part("application/pgp-signature", "x")), "T", "", "(application/pgp-signature)"},
		{"encrypted", tree("encrypted", "e", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "x")), "", "",
			"(application/pgp-encrypted) (application/octet-stream)"},
		{"text as a file", tree("mixed", "m", plain, "Content-Disposition: attachment\r\n"+part("text/plain", "no")), "T", "", "(text/plain)"},
		{"attached message", tree("mixed", "m", plain, part("message/rfc822", tree("mixed", "n", part("text/plain", "no"), pdf))), "T", "",
			"(message/rfc822) a.pdf"},
		{"unknown text", part("text/x-unknown", "T"), "T", "", ""},
		{"charsets", tree("mixed", "m", part("text/plain; charset=iso-8859-1", "\xe9"), part("text/plain; charset=utf-8", "é")), "é\r\né", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parsed(t, tt.raw)
			if got := m.Text(); got != tt.text {
				t.Errorf("Text() = %q, want %q", got, tt.text)
			}
			if got := m.HTML(); got != tt.html {
				t.Errorf("HTML() = %q, want %q", got, tt.html)
			}
			var names []string
			for _, a := range m.Attachments() {
				name := a.Filename
				if name == "" {
					name = "(" + a.Type + ")"
				}
				names = append(names, name)
			}
			if got := strings.Join(names, " "); got != tt.attachments {
				t.Errorf("Attachments() = %s, want %s", got, tt.attachments)
			}
		})
	}
}

func TestSignedAndEncrypted(t *testing.T) {
	plain := part("text/plain", "T")
	armor := func(what string) string {
		return part("text/plain", "hello\r\n-----BEGIN PGP "+what+"-----\r\n\r\nx\r\n")
	}
	tests := []struct {
		name, raw         string
		signed, encrypted bool
	}{
		{"neither", plain, false, false},
		{"PGP/MIME", tree("signed", "s", plain, part("application/pgp-signature", "x")), true, false},
		{"PGP/MIME, encrypted", tree("encrypted", "e", part("application/pgp-encrypted", "x"), part("application/octet-stream", "x")), false, true},
		{"S/MIME, opaque", part("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", "x"), true, false},
		{"S/MIME, encrypted", part("application/x-pkcs7-mime; smime-type=enveloped-data", "x"), false, true},
		{"S/MIME that does not say what", part("application/pkcs7-mime; name=smime.p7m", "x"), false, true},
		{"S/MIME whose content says what", part("application/pkcs7-mime", "0\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), true, false},
		{"S/MIME by its name", part("application/octet-stream; name=smime.p7m", "x"), false, true},
		{"certificates", part("application/pkcs7-mime; smime-type=certs-only", "x"), false, false},
		{"PGP in the text", armor("MESSAGE"), false, true},
		{"signed in the text", armor("SIGNED MESSAGE"), true, false},
		{"about PGP", part("text/plain", "begin with -----BEGIN PGP MESSAGE----- and"), false, false},
		{"attached", tree("mixed", "m", plain, part("message/rfc822", armor("MESSAGE"))), false, false},
		{"in mixed, from a list", tree("mixed", "m", tree("signed", "s", plain, part("application/pgp-signature", "x")), plain), true, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parsed(t, tt.raw)
			if m.IsSigned() != tt.signed || m.IsEncrypted() != tt.encrypted {
				t.Errorf("signed %v, encrypted %v; want %v, %v", m.IsSigned(), m.IsEncrypted(), tt.signed, tt.encrypted)
			}
		})
	}
}

func TestTNEF(t *testing.T) {
	for raw, want := range map[string]bool{
		part("application/ms-tnef", ""):                              true,
		part("application/octet-stream; name=WINMAIL.DAT", ""):       true,
		part("application/octet-stream", "\x78\x9f\x3e\x22\x01\x00"): true,
		part("application/octet-stream", "\x78\x9f"):                 false,
		part("text/plain", "x"):                                      false,
	} {
		if got := parsed(t, raw).Root.IsTNEF(); got != want {
			t.Errorf("%q: %v, want %v", raw, got, want)
		}
	}
}
