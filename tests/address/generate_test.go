package address

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
)

// maker makes lists of addresses as RFC 5322 allows them, with the parts of section 4 on which readers agree.
type maker struct{ *rand.Rand }

func (m maker) one(choices ...string) string { return choices[m.IntN(len(choices))] }

// list returns a list that may be folded.
func (m maker) list() string {
	var items []string
	for range 1 + m.IntN(5) {
		if m.IntN(6) == 0 {
			items = append(items, m.group())
		} else {
			items = append(items, m.mailbox())
		}
	}
	return strings.Join(items, m.one(",", ", ", ", ", ",\r\n ", " ,\t"))
}

func (m maker) group() string {
	var members []string
	for range m.IntN(4) {
		members = append(members, m.mailbox())
	}
	return m.phrase() + m.one(":", ": ") + strings.Join(members, ", ") + ";"
}

func (m maker) mailbox() string {
	switch m.IntN(6) {
	case 0:
		return m.address()
	case 1:
		return "<" + m.address() + ">"
	case 2:
		return m.address() + " " + m.comment()
	case 3:
		return m.phrase() + " " + m.comment() + " <" + m.address() + ">"
	}
	return m.phrase() + m.one(" ", "  ", "\r\n ", "\t") + "<" + m.address() + ">" + m.one("", "", " "+m.comment())
}

func (m maker) address() string { return m.local() + "@" + m.domain() }

func (m maker) local() string {
	if m.IntN(5) == 0 {
		return m.one(`"a b"`, `"x@y"`, `"a,b"`, `"a\"b"`, `"a\\b"`, `"plain"`, `"<>"`, `"a;b:c"`, `"(no comment)"`)
	}
	var parts []string
	for range 1 + m.IntN(3) {
		parts = append(parts, m.atom())
	}
	return strings.Join(parts, ".")
}

func (m maker) domain() string {
	return m.one("example.com", "example.org", "mail.example.net", "[192.0.2.1]", "x-1.test", "a.b.c.d.example")
}

func (m maker) atom() string {
	return m.one("jane", "Rex", "a", "O'Doe", "x+y", "a-b_c", "42", "{x}", "=", "!#$%&'*/?^`|~", "Who?")
}

func (m maker) comment() string {
	return m.one("(c)", "(a comment)", "(a (nested) one)", `(a \) and \( and \\)`, "()", `(a "quote)`, "(a, b; c: <d@e>)")
}

// phrase returns a name.
func (m maker) phrase() string {
	switch m.IntN(4) {
	case 0:
		return m.one(`"Doe, Jane"`, `"J. Doe"`, `"a \"b\" c"`, `"back\\slash"`, `"two  blanks"`, `"<jane@example.com>"`, `"(x)"`, `"a;b:c"`)
	case 1:
		return m.encoded()
	}
	words := []string{m.atom()}
	for range m.IntN(3) {
		words = append(words, m.one(m.atom(), m.atom(), "Q."))
	}
	return strings.Join(words, " ")
}

// encoded returns an encoded-word. It is one only: Python leaves the blank between two in a name, which RFC 2047 section 6.2 takes away.
func (m maker) encoded() string {
	text := m.one("Jörg", "Müller", "日本", "a b", "x", "Grüße, alle", "é")
	if m.IntN(2) == 0 {
		return "=?utf-8?b?" + base64.StdEncoding.EncodeToString([]byte(text)) + "?="
	}
	var q strings.Builder
	for i := range len(text) {
		fmt.Fprintf(&q, "=%02X", text[i])
	}
	return "=?UTF-8?Q?" + q.String() + "?="
}
