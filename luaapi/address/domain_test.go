package address

import (
	"strings"
	"testing"
)

func TestHalves(t *testing.T) {
	for _, tt := range []struct{ address, local, domain string }{
		{"User@EXAMPLE.com", "User", "example.com"}, {"<user@example.com>", "user", "example.com"}, {`"a@b"@example.com`, "a@b", "example.com"},
		{"root", "root", ""}, {"", "", ""}, {"<>", "", ""}, {"user@[192.0.2.1]", "user", "[192.0.2.1]"}, {"a@BÜCHER.example", "a", "bücher.example"},
	} {
		if l, d := Local(tt.address), Domain(tt.address); l != tt.local || d != tt.domain {
			t.Errorf("%s: %q, %q", tt.address, l, d)
		}
	}
}

func TestIDNA(t *testing.T) {
	for _, tt := range []struct{ unicode, ascii string }{
		{"bücher.example", "xn--bcher-kva.example"},
		{"user@bücher.example", "user@xn--bcher-kva.example"},
		{`"a b"@bücher.example`, `"a b"@xn--bcher-kva.example`},
		{"straße.example", "xn--strae-oqa.example"},
		{"例子.example", "xn--fsqu00a.example"},
		{"_dmarc.example.com", "_dmarc.example.com"},
		{"r3---sn-x.example.com", "r3---sn-x.example.com"},
		{"user@[192.0.2.1]", "user@[192.0.2.1]"},
		{"user@[IPv6:2001:db8::1]", "user@[IPv6:2001:db8::1]"},
	} {
		if got, err := ToASCII(tt.unicode); got != tt.ascii || err != nil {
			t.Errorf("ToASCII(%s) = %s, %v", tt.unicode, got, err)
		}
		if got, err := ToUnicode(tt.ascii); got != tt.unicode || err != nil {
			t.Errorf("ToUnicode(%s) = %s, %v", tt.ascii, got, err)
		}
		for _, s := range []string{tt.unicode, tt.ascii} {
			if u, err := ToUnicode(s); u != tt.unicode || err != nil {
				t.Errorf("ToUnicode(%s) = %s, %v", s, u, err)
			}
		}
	}
	if got, err := ToASCII("BÜCHER.Example"); got != "xn--bcher-kva.example" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	for text, want := range map[string]string{
		"jörg@example.com":               `the local part of "jörg@example.com" is not ASCII; only SMTPUTF8 carries it`,
		"":                               `"" is no domain name`,
		"a..b":                           `"a..b" is no domain name`,
		"a b":                            `"a b" is no domain name`,
		"user@":                          `"" is no domain name`,
		"xn--a.example":                  `"xn--a.example" is no domain name`,
		"b\xfccher.example":              `"b\xfccher.example" is no domain name`,
		"[x]":                            `"[x]" is no domain name`,
		strings.Repeat("ü", 70) + ".com": `is no domain name`,
	} {
		if got, err := ToASCII(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ToASCII(%q) = %q, %v", text, got, err)
		}
		if got, err := ToUnicode(text); err == nil && text != "jörg@example.com" {
			t.Errorf("ToUnicode(%q) = %q", text, got)
		}
	}
}

func TestOrganizationalDomain(t *testing.T) {
	for _, tt := range []struct{ domain, want string }{
		{"example.com", "example.com"}, {"mail.a.b.example.com", "example.com"}, {"MAIL.Example.COM.", "example.com"}, {"mail.example.co.uk", "example.co.uk"},
		{"a.b.example.github.io", "example.github.io"}, {"www.bücher.de", "bücher.de"}, {"www.xn--bcher-kva.de", "xn--bcher-kva.de"},
		{"x.食狮.公司.cn", "食狮.公司.cn"}, {"x.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn"}, {"_dmarc.example.com", "example.com"}, {"a.city.kobe.jp", "city.kobe.jp"},
	} {
		if got, err := OrganizationalDomain(tt.domain); got != tt.want || err != nil {
			t.Errorf("OrganizationalDomain(%s) = %s, %v", tt.domain, got, err)
		}
	}
	for _, tt := range []struct{ domain, want string }{
		{"co.uk", `"co.uk" is a public suffix, below which organizations register their domains`},
		{"com", `"com" is a public suffix, below which organizations register their domains`},
		{"x.kobe.jp", `"x.kobe.jp" is a public suffix, below which organizations register their domains`},
		{"[192.0.2.1]", "[192.0.2.1] is an IP address, which has no organizational domain"},
		{"192.0.2.1", "192.0.2.1 is an IP address, which has no organizational domain"},
		{"2001:db8::1", "2001:db8::1 is an IP address, which has no organizational domain"},
		{"mail.corp.lan", `the public suffix list does not know .lan, the end of "mail.corp.lan"`},
		{"localhost", `the public suffix list does not know .localhost, the end of "localhost"`},
		{"", `"" is no domain name`},
		{"a..com", `"a..com" is no domain name`},
		{".com", `".com" is no domain name`},
	} {
		if got, err := OrganizationalDomain(tt.domain); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("OrganizationalDomain(%q) = %q, %v\nwant %s", tt.domain, got, err, tt.want)
		}
	}
}

func TestSameAcrossIDNA(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"a@bücher.example", "a@xn--bcher-kva.example", true}, {"a@BÜCHER.example", "a@XN--BCHER-KVA.example", true}, {"a@straße.example", "a@strasse.example", false},
		{"A@bücher.example", "a@bücher.example", false}, {"a@bücher.example", "a@bucher.example", false}, {"a@b\xfccher.example", "a@xn--bcher-kva.example", false},
		{"a@bu\u0308cher.example", "a@bücher.example", true},
	} {
		if Same(tt.a, tt.b) != tt.want || Same(tt.b, tt.a) != tt.want {
			t.Errorf("Same(%q, %q) is not %v", tt.a, tt.b, tt.want)
		}
	}
}

func TestWithoutExtension(t *testing.T) {
	for _, tt := range []struct{ address, delimiters, want string }{
		{"user+tag@example.com", "+", "user@example.com"}, {"user+a+b@example.com", "+", "user@example.com"}, {"user-a+b@example.com", "+-", "user@example.com"},
		{"user-a+b@example.com", "+", "user-a@example.com"}, {"user@example.com", "+", "user@example.com"}, {"user@exa+mple.com", "+", "user@exa+mple.com"},
		{"+tag@example.com", "+", "+tag@example.com"}, {"user+@example.com", "+", "user@example.com"}, {"user+tag", "+", "user"}, {"user+tag@example.com", "", "user+tag@example.com"},
		{`"a b+c"@example.com`, "+", `"a b"@example.com`}, {`"user+tag"@example.com`, "+", "user@example.com"}, {"owner-list@example.com", "-", "owner-list@example.com"},
		{"list-request@example.com", "+-", "list-request@example.com"}, {"owner-list+x@example.com", "+", "owner-list@example.com"}, {"Mailer-Daemon@example.com", "-", "Mailer-Daemon@example.com"},
		{"double-bounce@example.com", "-", "double-bounce@example.com"}, {"", "+", ""}, {"jörg+ü@example.com", "+", "jörg@example.com"},
	} {
		if got := WithoutExtension(tt.address, tt.delimiters); got != tt.want {
			t.Errorf("WithoutExtension(%q, %q) = %q, want %q", tt.address, tt.delimiters, got, tt.want)
		}
	}
}
