package address

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTrim(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"<a@b>", "a@b"}, {"a@b", "a@b"}, {"<>", ""}, {"", ""}, {"<", "<"}, {"<a@b", "<a@b"}, {"<<a>>", "<a>"}, {" <a@b>", " <a@b>"},
	} {
		if got := Trim(tt.in); got != tt.want {
			t.Errorf("Trim(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// goodAddresses are RFC 5321 Mailboxes, and what MTAs take besides.
var goodAddresses = []string{
	"user@example.com", "USER+tag@EXAMPLE.com", "user", "postmaster", "a.b-c_d@x-y.example", "a..b@example.com", ".a.@example.com",
	"!#$%&'*/=?^`{|}~@example.com", "user%example.org@example.com", "user@localhost", "user@1.example", "user@a_b.example",
	`"a b"@example.com`, `"a@b"@example.com`, `"a\"b"@example.com`, `"\\"@example.com`, `"<>,;:[]()"@example.com`, `"quoted"`,
	"user@[192.0.2.1]", "user@[IPv6:2001:db8::1]", "user@[ipv6:::1]", "user@[IPv6:::ffff:192.0.2.1]",
	strings.Repeat("x", 64) + "@" + strings.Repeat("y.", 100) + "example",
}

// badAddresses are none, or several.
var badAddresses = []string{
	"", "@", "@example.com", "user@", "a@b@c", "a b@example.com", "user@exa mple.com", "user@example..com", "user@.example.com", "user@example.com.",
	"a@example.com,b@example.com", "a@example.com b@example.com", "<a@example.com", "a@example.com>", "a<b@example.com>", "A <a@example.com>",
	"a@example.com>\r\nRCPT TO:<b@example.com", "a@example.com\n", "\ta@example.com", "a\x00@example.com", "a\x7f@example.com", "a@exam\x00ple.com",
	"@a,@b:user@example.com", "a@b:user@example.com", ":include:/etc/passwd", "group: a@b;", "a@example.com (comment)",
	`"a@example.com`, `"a"b@example.com`, `a"b"@example.com`, `""@example.com`, `"a\"@example.com`, `"a` + "\n" + `b"@example.com`, `"`, `""`, `"\"`, `"\`,
	"user@[", "user@[]", "user@[192.0.2.256]", "user@[IPv6:192.0.2.1]", "user@[2001:db8::1]", "user@[IPv6:fe80::1%eth0]", "user@[192.0.2.1", "user@[192.0.2.1]x",
	"user@[x]", "user@exa$mple.com", "user@example.com/x", `a\b@example.com`, strings.Repeat("x", 600),
}

func TestCheck(t *testing.T) {
	for _, a := range goodAddresses {
		if err := Check(a, false); err != nil {
			t.Error(err)
		}
	}
	for _, a := range badAddresses {
		if Check(a, false) == nil || Check(a, true) == nil {
			t.Errorf("%q is taken for an address", a)
		}
	}
}

func TestCheckUTF8(t *testing.T) {
	for _, a := range []string{"jörg@example.com", "user@bücher.example", `"jö rg"@example.com`, "用户@例子.广告"} {
		if err := Check(a, true); err != nil {
			t.Error(err)
		}
		if err := Check(a, false); err == nil || !strings.Contains(err.Error(), "did not come with SMTPUTF8") {
			t.Errorf("Check(%q): %v", a, err)
		}
	}
	for _, a := range []string{"j\xf6rg@example.com", "a\u00a0b@example.com", "a@b\u2028c", "a\u0085@b", "a\u200bb@example.com", "a@exam\ufeffple.com", "\"a\u0085\"@b", "ö@exa mple"} {
		if Check(a, true) == nil {
			t.Errorf("%q is taken for an address", a)
		}
	}
}

func TestSame(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"a@b", "a@b", true},
		{"a@B.example", "a@b.EXAMPLE", true},
		{"A@b", "a@b", false},
		{"a@b", "a@c", false},
		{"a@b", "a", false},
		{"a", "A", false},
		{"", "", true},
		{"", "a", false},
		{`"a"@b`, "a@B", true},
		{`"\a"@b`, "a@b", true},
		{`"a b"@c`, `"a\ b"@C`, true},
		{`"a@b"`, "a@b", false},
		{`"a@b"@c`, "a@b@c", true}, // only the first is an address
		{"a@bücher.example", "a@BÜCHER.example", true},
	} {
		if got := Same(tt.a, tt.b); got != tt.want {
			t.Errorf("Same(%q, %q) = %v", tt.a, tt.b, got)
		}
		if got := Same(tt.b, tt.a); got != tt.want {
			t.Errorf("Same(%q, %q) = %v", tt.b, tt.a, got)
		}
	}
}

// FuzzSyntax checks that nothing that breaks out of the command passes for an address, and that Same is an equivalence.
func FuzzSyntax(f *testing.F) {
	for _, a := range append(goodAddresses, badAddresses...) {
		f.Add(a, strings.ToUpper(a))
	}
	f.Add("jörg@example.com", `"jörg"@EXAMPLE.com`)
	f.Fuzz(func(t *testing.T, a, b string) {
		if !Same(a, a) || Same(a, b) != Same(b, a) {
			t.Errorf("Same(%q, %q) is no equivalence", a, b)
		}
		if Same(a, b) && Check(a, true) == nil && !strings.EqualFold(Unquote(a), Unquote(b)) && !strings.Contains(a+b, `"`) {
			t.Errorf("%q and %q are the same", a, b)
		}
		if Check(a, false) == nil && (Check(a, true) != nil || !isASCII(a)) {
			t.Errorf("%q is an address only without SMTPUTF8", a)
		}
		if Check(a, true) != nil {
			return
		}
		if strings.ContainsAny(a, "\x00\r\n\t\x7f") || !utf8.ValidString(a) || a != Trim(a) {
			t.Errorf("%q is taken for an address", a)
		}
		inQuotes := strings.HasPrefix(a, `"`)
		if !inQuotes && (strings.ContainsAny(a, ` <>,;()"\`) || strings.Count(a, "@") > 1) {
			t.Errorf("%q is taken for one address", a)
		}
		if domain := a[strings.LastIndexByte(a, '@')+1:]; inQuotes && domain != a && !strings.HasSuffix(domain, `"`) && strings.ContainsAny(domain, ` <>,;()"\`) {
			t.Errorf("%q is taken for one address", a)
		}
	})
}
