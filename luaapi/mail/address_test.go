package mail

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTrimBrackets(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"<a@b>", "a@b"}, {"a@b", "a@b"}, {"<>", ""}, {"", ""}, {"<", "<"}, {"<a@b", "<a@b"}, {"<<a>>", "<a>"}, {" <a@b>", " <a@b>"},
	} {
		if got := TrimBrackets(tt.in); got != tt.want {
			t.Errorf("TrimBrackets(%q) = %q, want %q", tt.in, got, tt.want)
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

func TestCheckAddress(t *testing.T) {
	for _, a := range goodAddresses {
		if err := CheckAddress(a, false); err != nil {
			t.Error(err)
		}
	}
	for _, a := range badAddresses {
		if CheckAddress(a, false) == nil || CheckAddress(a, true) == nil {
			t.Errorf("%q is taken for an address", a)
		}
	}
}

func TestCheckAddressUTF8(t *testing.T) {
	for _, a := range []string{"jörg@example.com", "user@bücher.example", `"jö rg"@example.com`, "用户@例子.广告"} {
		if err := CheckAddress(a, true); err != nil {
			t.Error(err)
		}
		if err := CheckAddress(a, false); err == nil || !strings.Contains(err.Error(), "did not come with SMTPUTF8") {
			t.Errorf("CheckAddress(%q): %v", a, err)
		}
	}
	for _, a := range []string{"j\xf6rg@example.com", "a\u00a0b@example.com", "a@b\u2028c", "a\u0085@b", "\"a\u0085\"@b", "ö@exa mple"} {
		if CheckAddress(a, true) == nil {
			t.Errorf("%q is taken for an address", a)
		}
	}
}

func TestSameAddress(t *testing.T) {
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
		if got := SameAddress(tt.a, tt.b); got != tt.want {
			t.Errorf("SameAddress(%q, %q) = %v", tt.a, tt.b, got)
		}
		if got := SameAddress(tt.b, tt.a); got != tt.want {
			t.Errorf("SameAddress(%q, %q) = %v", tt.b, tt.a, got)
		}
	}
}

// FuzzAddress checks that nothing that breaks out of the command passes for an address, and that SameAddress is an equivalence.
func FuzzAddress(f *testing.F) {
	for _, a := range append(goodAddresses, badAddresses...) {
		f.Add(a, strings.ToUpper(a))
	}
	f.Add("jörg@example.com", `"jörg"@EXAMPLE.com`)
	f.Fuzz(func(t *testing.T, a, b string) {
		if !SameAddress(a, a) || SameAddress(a, b) != SameAddress(b, a) {
			t.Errorf("SameAddress(%q, %q) is no equivalence", a, b)
		}
		if SameAddress(a, b) && CheckAddress(a, true) == nil && !strings.EqualFold(unquoted(a), unquoted(b)) && !strings.Contains(a+b, `"`) {
			t.Errorf("%q and %q are the same", a, b)
		}
		if CheckAddress(a, false) == nil && (CheckAddress(a, true) != nil || !isASCII(a)) {
			t.Errorf("%q is an address only without SMTPUTF8", a)
		}
		if CheckAddress(a, true) != nil {
			return
		}
		if strings.ContainsAny(a, "\x00\r\n\t\x7f") || !utf8.ValidString(a) || a != TrimBrackets(a) {
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

func TestCheckParams(t *testing.T) {
	for _, p := range []string{"", "SIZE=123", "SMTPUTF8", "RET=HDRS ENVID=a+20b", "  RET=FULL  ", "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@b", "8BITMIME", "X-a=b=c", "AUTH=<>"} {
		if err := CheckParams(p); err != nil {
			t.Error(err)
		}
	}
	for _, p := range []string{"=", "=x", "RET=", "-A=b", "A_B=c", "A=b\tc", "A=b\r\nRCPT", "A=\x00", "ENVID=ö", "ö", "a,b", strings.Repeat("A=b ", 1000)} {
		if CheckParams(p) == nil {
			t.Errorf("%q are taken for parameters", p)
		}
	}
	for _, p := range []string{"", " ", "A B", "A=b c", strings.Repeat("A", 3000)} {
		if CheckParam(p) == nil {
			t.Errorf("%q is taken for a parameter", p)
		}
	}
}
