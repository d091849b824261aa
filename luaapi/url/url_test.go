package url

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"HTTP://Example.COM":                           "http://example.com/",
		"https://example.com:443/a?b#c":                "https://example.com/a?b",
		"http://example.com:8080":                      "http://example.com:8080/ [port]",
		" https:\\\\example.com\\a ":                   "https://example.com/a",
		"https:example.com/a":                          "https://example.com/a",
		"https:////example.com":                        "https://example.com/",
		"ht\ntps://exa\r\n\tmple.com":                  "https://example.com/",
		"https://example.com/%7ea/./b/../%2e%2E/c%2fd": "https://example.com/c%2Fd",
		"https://example.com/a/..":                     "https://example.com/",
		"https://example.com/a b\"ü?x=<y>":             "https://example.com/a%20b%22%C3%BC?x=%3Cy%3E",
		"https://bank.example@example.com/":            "https://bank.example@example.com/ [user]",
		"https://a@b@example.com./":                    "https://a@b@example.com/ [user]",
		"http://192.0.2.1/":                            "http://192.0.2.1/ [ip]",
		"http://0xC0.0.02.1":                           "http://192.0.2.1/ [ip odd ip]",
		"http://3221225985/":                           "http://192.0.2.1/ [ip odd ip]",
		"http://[2001:DB8::0:1]:80/":                   "http://[2001:db8::1]/ [ip]",
		"https://bücher.example/":                      "https://xn--bcher-kva.example/ [punycode]",
		"https://exam%70le.com/":                       "https://example.com/",
		"https://аррӏе.example/":                       "https://xn--80ak6aa92e.example/ [punycode lookalike]",
		"https://gооgle.example/":                      "https://xn--ggle-55da.example/ [punycode mixed scripts lookalike]",
		"https://日本語abc.example/":                      "https://xn--abc-s08fl0dtz6h.example/ [punycode]",
		"mailto:a@example.com?subject=x":               "mailto:a@example.com?subject=x",
		"javascript:alert(1)":                          "javascript:alert(1)",
		"git://example.com/a/../b":                     "git://example.com/b",
		"git://example.com":                            "git://example.com",
		"":                                             `"" has no scheme such as https`,
		"example.com/a:b":                              `"example.com/a:b" has no scheme such as https`,
		"https://":                                     `"https://" is no URL: it has no host`,
		"https://a:99999/":                             `"https://a:99999/" is no URL: "99999" is no port`,
		"https://a:x/":                                 `"https://a:x/" is no URL: "x" is no port`,
		"https://[::1/":                                `"https://[::1/" is no URL: "[:" is no IPv6 address`,
		"https://a b/":                                 `"https://a b/" is no URL: "a b" is no host`,
		"https://" + strings.Repeat("a", MaxLength):    "the URL has 8200 bytes, of at most 8192",
	} {
		got := ""
		if u, err := Parse(text); err != nil {
			got = err.Error()
		} else if got = u.String(); u.Notes != nil {
			got += fmt.Sprintf(" %s", u.Notes)
		}
		if got != want {
			t.Errorf("%.60q\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestParts(t *testing.T) {
	u, err := Parse("https://u:p@Mail.Example.co.uk:8443/a/b?x=1#top")
	if got := fmt.Sprintf("%s %s %s %s %s %s %s %s", u.Scheme, u.User, u.Host, u.Port, u.Path, u.Query, u.Fragment, u.Domain()); err != nil || got != "https u:p mail.example.co.uk 8443 /a/b x=1 top example.co.uk" {
		t.Errorf("%s, %v", got, err)
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name, text string
		options    Options
		want       string
	}{
		{"in a sentence", "See https://example.com/a, or (http://example.org/x_(y)). Bye", Options{}, "https://example.com/a http://example.org/x_(y)"},
		{"in brackets", "<https://example.com/a> \"https://example.com/b\" [https://example.com/c]", Options{}, "https://example.com/a https://example.com/b https://example.com/c"},
		{"www", "go to www.example.com! not awww.example.com", Options{}, "www.example.com"},
		{"no part of a word", "xhttp://example.com", Options{}, ""},
		{"behind letters of another script", "見てhttps://example.com/a", Options{}, "https://example.com/a"},
		{"bare names only if asked for", "example.com/x a@example.com", Options{}, ""},
		{"bare names", "Try example.com/x, pay.example.co.uk: not a@example.com nor file.txt or 1.5", Options{Bare: true}, "example.com/x pay.example.co.uk"},
		{"defanged only if asked for", "hxxp://example[.]com", Options{}, ""},
		{"defanged", "hxxps://example[.]com/a and hxxp[:]//example(dot)org", Options{Defanged: true}, "https://example.com/a http://example.org"},
		{"leftovers of quoted-printable", "https://example.com/?a=3D1&b=3D=\r\n2 x", Options{}, "https://example.com/?a=1&b=2"},
		{"at most", "http://a.example http://b.example http://c.example", Options{Max: 2}, "http://a.example http://b.example"},
		{"quotes of typographers", "“https://example.com/a”", Options{}, "https://example.com/a"},
		{"no host", "http:// https://", Options{}, ""},
	} {
		var got []string
		for _, f := range Find(c.text, c.options) {
			got = append(got, f.Raw)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

func TestFindHTML(t *testing.T) {
	for _, c := range []struct {
		name, html string
		want       string
	}{
		{"a link", `<a href="https://example.com/?a=1&amp;b=2">Click <b>here</b></a>`, `link https://example.com/?a=1&b=2 "Click here"`},
		{"shows another", `<a href=http://example.net>https://www.example.com/</a>`, `link http://example.net/ "https://www.example.com/" [shown]`},
		{"shows the same domain", `<a href="https://click.example.com/1">example.com</a>`, `link https://click.example.com/1 "example.com"`},
		{"shows no name", `<a href="https://example.com/1">read more... now.</a>`, `link https://example.com/1 "read more... now."`},
		{"what is loaded", `<img src="https://example.com/a.png"><link href="//example.org/b.css"><body background="http://example.net/c">`, `load https://example.com/a.png, load https://example.org/b.css, load http://example.net/c`},
		{"a form", `<form action="https://example.com/login">`, "form https://example.com/login"},
		{"a refresh", `<meta http-equiv="Refresh" content="0; url='https://example.com/'">`, "link https://example.com/"},
		{"text", `<p>https://example.com/x</p><script>"https://example.org"</script><style>a{}</style>`, "text https://example.com/x"},
		{"without a base", `<a href="/x">x</a><a href="#top">top</a>`, ""},
		{"with a base", `<base href="https://example.com:8080/d/e"><a href="/x">x</a><a href="y">y</a><a href="?z">z</a>`, `link https://example.com:8080/x "x" [port], link https://example.com:8080/d/y "y" [port], link https://example.com:8080/d/e?z "z" [port]`},
		{"line breaks inside", "<a href=\"ht\ntps://exa\nmple.com\">x</a>", `link https://example.com/ "x"`},
		{"other schemes", `<a href="javascript:alert(1)">x</a><a href="mailto:a@example.com">write</a>`, `link javascript:alert(1) "x", link mailto:a@example.com "write"`},
		{"a link that is not closed", `<a href="https://example.com/">one<a href="https://example.org/">two`, `link https://example.com/ "one", link https://example.org/ "two"`},
		{"quoted-printable", "<a href=3D\"https://exam=\r\nple.com/\">x</a>", `link https://example.com/ "x"`},
	} {
		var got []string
		for _, f := range FindHTML(c.html, Options{}) {
			s := f.Source + " " + f.String()
			if f.Text != "" {
				s += fmt.Sprintf(" %q", f.Text)
			}
			if f.Notes != nil {
				s += fmt.Sprintf(" %s", f.Notes)
			}
			got = append(got, s)
		}
		if s := strings.Join(got, ", "); s != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, s, c.want)
		}
	}
	many := strings.Repeat(`<a href="https://example.com/">x</a>`, 2*MaxFound)
	if n := len(FindHTML(many, Options{})); n != MaxFound {
		t.Errorf("%d of many", n)
	}
	if long := FindHTML(`<a href="https://example.com/">`+strings.Repeat("é", 100_000)+`</a>`, Options{}); len(long) != 1 || len(long[0].Text) > MaxShown {
		t.Errorf("a long text: %d", len(long))
	}
}

func TestLookalike(t *testing.T) {
	for name, want := range map[string]string{"аррӏе.example": "apple.example", "example.com": "", "bücher.example": ""} {
		if got := Lookalike(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if a, b := len([]rune(lookalikes)), len(lookedLike); a != b {
		t.Errorf("%d letters look like %d", a, b)
	}
}

func TestEscape(t *testing.T) {
	if got := Escape("a b/ü~"); got != "a%20b%2F%C3%BC~" || Unescape(got) != "a b/ü~" {
		t.Error(got)
	}
	if got := Unescape("%4"); got != "%4" {
		t.Error(got)
	}
}

// FuzzParse checks that the normal form stays as it is.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"https://u@example.com:8080/a/../b?c#d", "http:\\\\0x7f.1\\", "mailto:x", "https://аррӏе.example/%2e%2E/", "git://a//"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(u.String())
		if err != nil && len(u.String()) <= MaxLength {
			t.Fatalf("%q: %q: %v", s, u.String(), err)
		}
		if err == nil && again.String() != u.String() {
			t.Fatalf("%q: %q, then %q", s, u.String(), again.String())
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add(`<a href="https://example.com">www.example.org</a> hxxp://x[.]y=3D`)
	f.Add("example.com/)))) http://[::1] =3D=\nx")
	f.Fuzz(func(t *testing.T, s string) {
		o := Options{Bare: true, Defanged: true, Max: 20}
		for _, found := range append(Find(s, o), FindHTML(s, o)...) {
			if found.String() == "" || found.Scheme == "" {
				t.Fatalf("%q: %+v", s, found)
			}
		}
	})
}
