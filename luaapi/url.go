package luaapi

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/address"
	"luamilter/luaapi/url"
)

var urlModule = Module{
	"url", Require,
	"URLs as browsers read them: where a click leads is what matters. Text that has none never raises an error. A URL is a table, a [link](#link).\n\n" +
		"Its `notes` are an array of what is odd: `\"" + strings.Join(url.Notes(), "\"`, `\"") + "\"`. `user` is something before an @, `odd ip` an address such as 0x7f.1, `lookalike` a host in letters of another script that look like ASCII, `shown` a link whose text shows another domain than it leads to.",
	nil,
	[]Func{
		{"find", "text: string?, options: table?", "link[]", "", fmt.Sprintf("The URLs in plain `text`, an array of tables. In `options`, `bare = true` finds names without a scheme too (`example.com/x`; `www.example.com` is found anyway), `defanged = true` what was made unclickable (`hxxp://example[.]com`), and `max` is how many it finds at most, by default %d. What quoted-printable left behind (`=3D`) is undone.", url.MaxFound),
			noText + " `options` has another key; `max` is less than 1.", "url.spec.whatwg.org", (*Env).bindURLFind},
		{"find_html", "html: string?, options: table?", "link[]", "", "The URLs in `html`: where links lead, what is loaded, where forms are sent, and what is shown as text. A link without a host counts only if there is a `<base>`. The `options` are as for `find`.",
			"`html` is neither a string nor nil. `options` has another key; `max` is less than 1.", "url.spec.whatwg.org, html.spec.whatwg.org", (*Env).bindURLFindHTML},
		{"parse", "text: string?", "link?, string?", "", fmt.Sprintf("The URL that `text` is, as a table. Nil, and why, if it is none, has no scheme, or is longer than %d bytes.", url.MaxLength), noText, "url.spec.whatwg.org", (*Env).bindURLParse},
		{"normalize", "text: string?", "string?, string?", "", "The normal form of the URL that `text` is. Nil, and why, if it is none.", noText, "url.spec.whatwg.org, RFC 3986 section 6", (*Env).bindURLNormalize},
		{"refang", "text: string", "string", "", "Undoes in `text` what people do to URLs so that nobody clicks on them: `hxxp`, `[.]`, `(dot)`.", "", "", (*Env).bindURLRefang},
		{"escape", "text: string", "string", "", "Writes `text` so that it can be part of a path or query: `%20` for a blank.", "The result is longer than a string may be.", "RFC 3986 section 2.1", (*Env).bindURLEscape},
		{"unescape", "text: string", "string", "", "Replaces each `%` with two digits in `text` by the byte that it stands for.", "", "RFC 3986 section 2.1", (*Env).bindURLUnescape},
	},
}

// What a URL costs as a table, and to look for it.
const (
	urlBytes        = 2 << 10
	urlSteps        = 100
	urlBytesPerStep = 4
)

// countOption is an option that is a number from 1 on.
func countOption(name string, into *int) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		n, ok := v.(lua.LNumber)
		if !ok || n < 1 || lua.LNumber(int32(n)) != n {
			L.RaiseError("%s: %s is %s; a whole number from 1 on was expected", function, name, shortKey(v))
		}
		*into = int(n)
	}}
}

func (e *Env) bindURLFind() lua.LGFunction { return e.bindFindURLs("url.find", "the text", url.Find) }

func (e *Env) bindURLFindHTML() lua.LGFunction {
	return e.bindFindURLs("url.find_html", "the html", url.FindHTML)
}

// bindFindURLs makes a function that finds URLs.
func (e *Env) bindFindURLs(function, what string, find func(string, url.Options) []url.Found) lua.LGFunction {
	return func(L *lua.LState) int {
		e.dotted(L, function)
		s := ""
		if L.GetTop() == 0 {
			L.RaiseError("%s: there is no %s", function, strings.TrimPrefix(what, "the "))
		}
		if L.Get(1) != lua.LNil {
			s = content(L, function, 1)
		}
		var o url.Options
		takeOptions(L, function, 2, boolOption("bare", &o.Bare), boolOption("defanged", &o.Defanged), countOption("max", &o.Max))
		e.spend(L, len(s)/urlBytesPerStep)
		found := find(s, o)
		e.Budget.Count(tableSize + len(found)*urlBytes)
		e.spend(L, len(found)*urlSteps)
		out := L.CreateTable(len(found), 0)
		for i := range found {
			out.RawSetInt(i+1, e.foundTable(&found[i]))
		}
		L.Push(out)
		return 1
	}
}

// foundTable returns a URL that was found as scripts see it.
func (e *Env) foundTable(f *url.Found) *lua.LTable {
	t := e.urlTable(&f.URL)
	t.RawSetString("raw", lua.LString(strings.Clone(f.Raw)))
	t.RawSetString("source", lua.LString(f.Source))
	if f.Source == url.SourceLink {
		t.RawSetString("text", lua.LString(f.Text))
	}
	return t
}

// urlTable returns a URL as scripts see it.
func (e *Env) urlTable(u *url.URL) *lua.LTable {
	t := e.L.CreateTable(0, 12)
	t.RawSetString("url", lua.LString(u.String()))
	for _, part := range [...][2]string{
		{"scheme", u.Scheme}, {"user", u.User}, {"host", u.Host}, {"port", u.Port}, {"path", u.Path}, {"query", u.Query}, {"fragment", u.Fragment}, {"domain", u.Domain()},
	} {
		setIfAny(t, part[0], strings.Clone(part[1]))
	}
	if strings.Contains(u.Host, "xn--") {
		if name, err := address.ToUnicode(u.Host); err == nil {
			t.RawSetString("unicode", lua.LString(name))
			setIfAny(t, "looks_like", url.Lookalike(name))
		}
	}
	notes := e.L.CreateTable(len(u.Notes), 0)
	for i, n := range u.Notes {
		notes.RawSetInt(i+1, lua.LString(n))
	}
	t.RawSetString("notes", notes)
	return t
}

// bindURL makes a function of one URL.
func (e *Env) bindURL(function string, push func(L *lua.LState, u *url.URL)) lua.LGFunction {
	return func(L *lua.LState) int {
		s, given := e.foreign(L, function, 1, "the text")
		if !given {
			return pushWhy(L, "there is no URL: the text is nil")
		}
		u, err := url.Parse(s)
		if err != nil {
			return pushWhy(L, err.Error())
		}
		e.Budget.Count(urlBytes)
		e.spend(L, urlSteps)
		push(L, &u)
		return 1
	}
}

func (e *Env) bindURLParse() lua.LGFunction {
	return e.bindURL("url.parse", func(L *lua.LState, u *url.URL) { L.Push(e.urlTable(u)) })
}

func (e *Env) bindURLNormalize() lua.LGFunction {
	return e.bindURL("url.normalize", func(L *lua.LState, u *url.URL) { L.Push(lua.LString(u.String())) })
}

// bindURLText makes a function from text to text, which gets at most so many times as long.
func (e *Env) bindURLText(function string, longer int, convert func(string) string) lua.LGFunction {
	return func(L *lua.LState) int {
		e.dotted(L, function)
		s := content(L, function, 1)
		e.grow(L, longer*len(s))
		L.Push(lua.LString(convert(s)))
		return 1
	}
}

func (e *Env) bindURLRefang() lua.LGFunction { return e.bindURLText("url.refang", 1, url.Refang) }
func (e *Env) bindURLEscape() lua.LGFunction { return e.bindURLText("url.escape", 3, url.Escape) }
func (e *Env) bindURLUnescape() lua.LGFunction {
	return e.bindURLText("url.unescape", 1, url.Unescape)
}
