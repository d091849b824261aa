package edit

import (
	"strings"
	"testing"

	"luamilter/luaapi/charset"
	"luamilter/luaapi/mime"
)

// message is one with a text in two alternatives, in a charset and an encoding.
func message(set, encoding, text string) string {
	part := func(kind, text string) string {
		b, _ := charset.Encode(set, text)
		s := string(b)
		switch encoding {
		case "base64":
			s = base64Lines(s, 0, 76, "\r\n") + "\r\n"
		case "quoted-printable":
			s = quoted(s, "\r\n", strings.HasPrefix(set, "utf-16"))
		}
		return "--b\r\nContent-Type: " + kind + "; charset=" + set + "\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + s + "\r\n"
	}
	return "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
		part("text/plain", text) + part("text/html", "<html><body>\r\n<p>"+text+"</p>\r\n</body></html>\r\n") + "--b--\r\n"
}

// TestOnce checks that a footer is known again, wherever it was put in, and that what was before it is still there.
func TestOnce(t *testing.T) {
	for _, set := range []string{"us-ascii", "utf-8", "iso-8859-1", "koi8-r", "iso-2022-jp", "iso-2022-kr", "hz-gb-2312", "gb18030", "shift_jis", "big5", "utf-16", "utf-16le"} {
		for _, encoding := range []string{"7bit", "8bit", "base64", "quoted-printable"} {
			for _, f := range []Footer{{Text: "Sent by us."}, {Text: "Grüße 日本\n\n~{x~} €"}, {HTML: "<p>Grüße <b>日本</b></p>"}, {Text: "T", HTML: "<img src=x>"}} {
				for name, add := range map[string]func(*mime.Message, Footer) (Edit, Reason){"footer": AddFooter, "banner": AddBanner} {
					f.Once = true
					before := raw(message(set, encoding, "Hello ~ world"))
					e, reason := add(before, f)
					if reason != "" {
						t.Fatalf("%s %s in %s: %s", name, f.Text, set, reason)
					}
					after := raw(result(t, before, e))
					checkAdded(t, before, after, e)
					if again, reason := add(after, f); reason != AlreadyThere {
						t.Errorf("%s %q in %s %s: %q, %v\n%s", name, f.Text+f.HTML, set, encoding, reason, again, after.Root.Content.Of(after.Root.Source))
					}
				}
			}
		}
	}
}

func TestOnceInQuotes(t *testing.T) {
	f := Footer{Text: "This mail may be\nread by others.", Once: true}
	for name, message := range map[string]string{
		"quoted":       lines("", "Hello", "> This mail may be", "> read by others."),
		"twice quoted": lines("", "Hello", "> > This mail may", "> > be read by", "> > others."),
		"HTML":         lines("Content-Type: text/html", "", "<blockquote>This mail <b>may</b> be<br>", "read by&nbsp;others.</blockquote>"),
	} {
		if _, reason := AddFooter(raw(message), f); reason != AlreadyThere {
			t.Errorf("%s: %q", name, reason)
		}
	}
}
