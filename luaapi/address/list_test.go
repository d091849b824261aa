package address

import (
	"fmt"
	"mime"
	"slices"
	"strings"
	"testing"
)

// decodeWords decodes encoded-words, or leaves the text alone if it cannot.
func decodeWords(text string) string {
	out, err := new(mime.WordDecoder).DecodeHeader(text)
	if err != nil {
		return text
	}
	return out
}

// show writes a list on one line: "Name <address> (comment) [group] {problem}".
func show(l List) string {
	var out []string
	for _, m := range l.Mailboxes {
		s := "<" + m.Address + ">"
		if m.Name != "" {
			s = m.Name + " " + s
		}
		if m.Comment != "" {
			s += " (" + m.Comment + ")"
		}
		if m.Group != "" {
			s += " [" + m.Group + "]"
		}
		if m.Problems != 0 {
			s += fmt.Sprintf(" {%s}", strings.Join(m.Problems.Strings(), "; "))
		}
		out = append(out, s)
	}
	return strings.Join(out, " | ")
}

// listCases are texts, what ParseList makes of them, and problems of the whole list that are none of a mailbox.
var listCases = []struct {
	name, text, want string
	problems         Problems
}{
	// RFC 5322 section 3.4 and appendix A
	{"address", "user@example.com", "<user@example.com>", 0},
	{"brackets", "<user@example.com>", "<user@example.com>", 0},
	{"A.1.1", "John Doe <jdoe@machine.example>", "John Doe <jdoe@machine.example>", 0},
	{"A.1.2 from", `"Joe Q. Public" <john.q.public@example.com>`, "Joe Q. Public <john.q.public@example.com>", 0},
	{"A.1.2 to", `Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>`, "Mary Smith <mary@x.test> | <jdoe@example.org> | Who? <one@y.test>", 0},
	{"A.1.2 cc", `<boss@nil.test>, "Giant; \"Big\" Box" <sysservices@example.net>`, `<boss@nil.test> | Giant; "Big" Box <sysservices@example.net>`, 0},
	{"A.1.3 group", "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;", "Ed Jones <c@a.test> [A Group] | <joe@where.test> [A Group] | John <jdoe@one.test> [A Group]", 0},
	{"A.1.3 empty group", "Undisclosed recipients:;", "", 0},
	{"A.5 comments", `Pete(A nice \) chap) <pete(his account)@silly.test(his host)>`, "Pete <pete@silly.test> (A nice ) chap his account his host)", 0},
	{"A.5 group", "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
		"Chris Jones <c@public.example> (Chris's host.) [A Group] | <joe@example.org> [A Group] | John <jdoe@one.test> (my dear friend) [A Group]", 0},
	{"A.5 empty group", "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "", 0},
	{"A.6.1 from", "Joe Q. Public <john.q.public@example.com>", "Joe Q. Public <john.q.public@example.com>", 0},
	{"A.6.1 to", "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example", "Mary Smith <mary@example.net> {route} | <jdoe@test.example>", ExtraComma},
	{"route of two", "<@a.example,@b.example:user@example.com>", "<user@example.com> {route}", 0},
	{"obsolete spaces", `"a" . b . "c d" @ example . com`, `<"a.b.c d"@example.com>`, 0},
	{"quotes that it does not need", `"user"@example.com`, "<user@example.com>", 0},
	{"quotes that it needs", `<"a b"@example.com>`, `<"a b"@example.com>`, 0},
	{"quoted @", `"a@b"@example.com`, `<"a@b"@example.com>`, 0},
	{"literal", "user@[192.0.2.1], user@[IPv6:2001:db8::1]", "<user@[192.0.2.1]> | <user@[IPv6:2001:db8::1]>", 0},
	{"folds", "Jane\r\n Doe\n\t<jane@example.com>", "Jane Doe <jane@example.com>", 0},
	{"fold in quotes", "\"Jane\r\n Doe\" <jane@example.com>", "Jane Doe <jane@example.com>", 0},
	{"two quoted words", `"Jane" "Doe" <jane@example.com>`, "Jane Doe <jane@example.com>", 0},
	{"comment as a name", "jane@example.com (Jane Doe)", "<jane@example.com> (Jane Doe)", 0},
	{"two comments", "(a) jane@example.com (b (c))", "<jane@example.com> (a b (c))", 0},
	{"SMTPUTF8", "Jörg <jörg@bücher.example>", "Jörg <jörg@bücher.example> {not ASCII}", 0},
	{"groups and others", "a@example.com, G: b@example.com, c@example.com;, d@example.com", "<a@example.com> | <b@example.com> [G] | <c@example.com> [G] | <d@example.com>", 0},
	{"two groups", "G: a@example.com; H: b@example.com;", "<a@example.com> [G] | <b@example.com> [H]", 0},
	// RFC 2047
	{"encoded-word", "=?utf-8?q?J=C3=B6rg?= <j@example.com>", "Jörg <j@example.com>", 0},
	{"encoded-words", "=?utf-8?q?J=C3=B6rg?= =?utf-8?q?_M=C3=BCller?= Jr <j@example.com>", "Jörg Müller Jr <j@example.com>", 0},
	{"encoded-word in quotes", `"=?utf-8?q?J=C3=B6rg?=" <j@example.com>`, "Jörg <j@example.com> {encoded-word in quotes}", 0},
	{"encoded-word with a comma", "=?utf-8?Q?M=C3=BCller,_J=C3=B6rg?= <j@example.com>", "Müller, Jörg <j@example.com>", 0},
	{"encoded-word with an @", "=?utf-8?Q?j@example.org?= <j@example.com>", "j@example.org <j@example.com>", 0},
	{"encoded-word with a blank", "=?utf-8?Q?J=C3=B6rg M?= <j@example.com>", "Jörg M <j@example.com>", 0},
	{"encoded-word in a comment", "j@example.com (=?utf-8?q?J=C3=B6rg?=)", "<j@example.com> (Jörg)", 0},
	{"encoded line break", "=?utf-8?q?a=0D=0Ab?= <j@example.com>", "a  b <j@example.com> {control character}", 0},
	{"not an encoded-word", "=?utf-8?q <j@example.com>, =?,a@example.com", "=?utf-8?q <j@example.com> | <=?> {no domain} | <a@example.com>", 0},
	// what real mail has
	{"empty", "", "", 0},
	{"blanks", " \r\n ", "", 0},
	{"null", "<>", "<> {empty address}", 0},
	{"null with a name", "MAILER-DAEMON <>", "MAILER-DAEMON <> {empty address}", 0},
	{"undisclosed", "undisclosed-recipients:;", "", 0},
	{"undisclosed, not closed", "undisclosed-recipients:", "", UnclosedGroup},
	{"comma in a name", "Doe, Jane <jane@example.com>", "Doe, Jane <jane@example.com> {unquoted name}", 0},
	{"commas in names", "Doe, Jane, MD <jane@example.com>, Roe, Rex <rex@example.com>", "Doe, Jane, MD <jane@example.com> {unquoted name} | Roe, Rex <rex@example.com> {unquoted name}", 0},
	{"a comment, then a comma", "(x), Jane <jane@example.com>", "Jane <jane@example.com>", 0},
	{"two commas in a name", "Doe,, Jane <jane@example.com>", "Doe,, Jane <jane@example.com> {unquoted name}", ExtraComma},
	{"dots in a name", "J. R. Doe <jr@example.com>", "J. R. Doe <jr@example.com>", 0},
	{"@ in a name", "jane@example.com <jane@example.org>", "jane@example.com <jane@example.org> {unquoted name}", 0},
	{"@ in a name of several words", "jane@example.org via List <list@example.com>", "jane@example.org via List <list@example.com> {unquoted name}", 0},
	{"brackets in a name", "[External] Jane <jane@example.com>", "[External] Jane <jane@example.com>", 0},
	{"apostrophe in a name", "Pat O'Doe <pat@example.com>", "Pat O'Doe <pat@example.com>", 0},
	{"apostrophes as quotes", "'jane@example.com'", "<jane@example.com> {quoted address}", 0},
	{"apostrophes in a name", "'Jane Doe' <jane@example.com>", "'Jane Doe' <jane@example.com>", 0},
	{"address in quotes", `"jane@example.com"`, "<jane@example.com> {quoted address}", 0},
	{"address in quotes, and again", `"jane@example.com" <jane@example.com>`, "jane@example.com <jane@example.com>", 0},
	{"backslash in a name", `Doe\, Jane <jane@example.com>`, "Doe, Jane <jane@example.com>", 0},
	{"trailing comma", "a@example.com, b@example.com,", "<a@example.com> | <b@example.com>", ExtraComma},
	{"trailing semicolon", "a@example.com;", "<a@example.com>", Semicolon},
	{"semicolons", "a@example.com; Jane <b@example.com>", "<a@example.com> | Jane <b@example.com>", Semicolon},
	{"commas", ",,a@example.com,,", "<a@example.com>", ExtraComma},
	{"no comma", "a@example.com b@example.com", "<a@example.com> | <b@example.com> {no comma}", 0},
	{"no comma, brackets", "<a@example.com> <b@example.com>", "<a@example.com> | <b@example.com> {no comma}", 0},
	{"no comma, names", "Jane <a@example.com> Rex <b@example.com>", "Jane <a@example.com> | Rex <b@example.com> {no comma}", 0},
	{"no comma, mixed", "<a@example.com> b@example.com", "<a@example.com> | <b@example.com> {no comma}", 0},
	{"no brackets", "Jane Doe jane@example.com", "Jane Doe <jane@example.com> {no brackets}", 0},
	{"no brackets, twice", "Jane a@example.com Rex b@example.com", "Jane <a@example.com> {no brackets} | Rex <b@example.com> {no brackets; no comma}", 0},
	{"no domain", "postmaster", "<postmaster> {no domain}", 0},
	{"no domains", "root, Jane <root>, <root>", "root, Jane <root> {no domain; unquoted name} | <root> {no domain}", 0},
	{"no domain, then an address", "root, a@example.com, daemon", "<root> {no domain} | <a@example.com> | <daemon> {no domain}", 0},
	{"text only", "Jane Doe", "", TextOnly},
	{"text, then an address", "the team, a@example.com", "<a@example.com>", TextOnly},
	{"text behind", "<a@example.com> and others", "<a@example.com>", NoComma | TextOnly},
	{"text behind a bare one", "a@example.com and others", "<a@example.com>", TextOnly},
	{"mailto", "mailto:a@example.com", "<a@example.com> {prefix}", 0},
	{"mailto in brackets", "Jane <mailto:a@example.com>", "Jane <a@example.com> {prefix}", 0},
	{"unclosed quote", `"Jane <a@example.com>`, `"Jane <a@example.com> {unclosed quote}`, 0},
	{"unclosed comment", "Jane (work <a@example.com>", "Jane (work <a@example.com> {unclosed comment}", 0},
	{"unclosed bracket", "Jane <a@example.com", "Jane <a@example.com> {unclosed bracket}", 0},
	{"unclosed bracket, comma", "<a@example.com, b@example.com>", "<a@example.com> {unclosed bracket} | <b@example.com> {stray character}", 0},
	{"unclosed bracket in a name", "Jane < Doe <a@example.com>", "Jane Doe <a@example.com> {unclosed bracket}", 0},
	{"unclosed group", "G: a@example.com, b@example.com", "<a@example.com> [G] | <b@example.com> [G]", UnclosedGroup},
	{"unclosed literal", "a@[192.0.2.1", "<a@[192.0.2.1> {not a valid address; unclosed bracket}", 0},
	{"group in a group", "G: H: a@example.com;;", "<a@example.com> [H]", UnclosedGroup | Semicolon},
	{"two brackets", "Jane <<a@example.com>>", "Jane <a@example.com> {stray character}", StrayCharacter},
	{"closing only", "a@example.com>", "<a@example.com> {stray character}", 0},
	{"colon only", ": a@example.com", "<a@example.com> {stray character}", 0},
	{"smart quotes", "“Doe, Jane” <a@example.com>, „Roe, Rex“ <b@example.com>", "Doe, Jane <a@example.com> {smart quotes} | Roe, Rex <b@example.com> {smart quotes}", 0},
	{"unclosed smart quote", "“Jane <a@example.com>", "“Jane <a@example.com>", 0},
	{"dot behind", "a@example.com.", "<a@example.com> {stray character}", 0},
	{"two @", "a@@example.com", "<a@example.com> {stray character}", 0},
	{"@ twice", "a@b@example.com", `<"a@b"@example.com>`, 0},
	{"only @", "@", "<@> {not a valid address}", 0},
	{"no local part", "<@example.com>", "<@example.com> {not a valid address}", 0},
	{"nothing behind @", "a@, b@example.com", "<a@> {not a valid address} | <b@example.com>", 0},
	{"blank in an address", "<jane doe@example.com>", `<"jane doe"@example.com>`, 0},
	{"blank in a domain", "<jane@exa mple.com>", "<jane@exa mple.com> {not a valid address}", 0},
	{"dots in a local part", "a..b.@example.com", "<a..b.@example.com>", 0},
	{"NUL", "a\x00b <a@example.com>", "a b <a@example.com> {control character}", 0},
	{"NUL in quotes", "\"a\x00b\" <a@example.com>", "a b <a@example.com> {control character}", 0},
	{"NUL in an address", "<\"a\x00b\"@example.com>", "<\"a\x00b\"@example.com> {not a valid address}", 0},
	{"no-break space", "Jane\u00a0Doe <a@example.com>\u00a0", "Jane Doe <a@example.com>", 0},
	{"byte order mark", "\ufeffa@example.com", "<a@example.com>", 0},
	{"latin-1", "J\xf6rg <a@example.com>", "J\xf6rg <a@example.com>", 0},
	{"latin-1 address", "j\xf6rg@example.com", "<j\xf6rg@example.com> {not a valid address; not ASCII}", 0},
	{"upper case", "Jane@EXAMPLE.com", "<Jane@EXAMPLE.com>", 0},
}

func TestParseList(t *testing.T) {
	for _, tt := range listCases {
		got := ParseList(tt.text, decodeWords)
		want := tt.problems
		for _, m := range got.Mailboxes {
			want |= m.Problems
		}
		if s := show(got); s != tt.want || got.Problems != want {
			t.Errorf("%s: %q\n got %s {%s}\nwant %s {%s}", tt.name, tt.text, s, strings.Join(got.Problems.Strings(), "; "), tt.want, strings.Join(want.Strings(), "; "))
		}
		checkList(t, tt.text, got)
	}
}

// checkList checks what must be so of every list.
func checkList(t *testing.T, text string, l List) {
	t.Helper()
	at := 0
	for _, m := range l.Mailboxes {
		if m.At.Start < at || m.At.End < m.At.Start || m.At.End > len(text) || m.AddrAt.Start < m.At.Start || m.AddrAt.End > m.At.End || m.AddrAt.End < m.AddrAt.Start {
			t.Fatalf("%q: spans of %+v", text, m)
		}
		at = m.At.End
		if l.Problems&m.Problems != m.Problems {
			t.Errorf("%q: the list has problems %v, a mailbox %v", text, l.Problems.Strings(), m.Problems.Strings())
		}
		if indexControl(m.Name) >= 0 || indexControl(m.Comment) >= 0 {
			t.Errorf("%q: control characters in %+v", text, m)
		}
		switch {
		case m.Problems.Has(Empty):
			if m.Address != "" {
				t.Errorf("%q: %+v is not empty", text, m)
			}
		case m.Problems.Has(Invalid) != (Check(m.Address, true) != nil):
			t.Errorf("%q: %+v is invalid: %v; Check: %v", text, m, m.Problems.Has(Invalid), Check(m.Address, true))
		case !m.Problems.Has(Invalid) && (Local(m.Address) != m.Local || Domain(m.Address) != m.Domain):
			t.Errorf("%q: %q has the halves %q and %q, not %q and %q", text, m.Address, Local(m.Address), Domain(m.Address), m.Local, m.Domain)
		}
	}
	for _, g := range l.Groups {
		if g.At.Start < 0 || g.At.End < g.At.Start || g.At.End > len(text) {
			t.Fatalf("%q: span of %+v", text, g)
		}
	}
}

func TestSpans(t *testing.T) {
	const text = "(first) Jane Doe <jane@example.com> (x),\r\n rex @ example.org, Roe, Ann <@a.example:\"ann\"@example.net>, G: root; "
	l := ParseList(text, nil)
	var got []string
	for _, m := range l.Mailboxes {
		got = append(got, m.At.Of(text), m.AddrAt.Of(text))
	}
	want := []string{
		"(first) Jane Doe <jane@example.com> (x)", "jane@example.com", "rex @ example.org", "rex @ example.org",
		"Roe, Ann <@a.example:\"ann\"@example.net>", "\"ann\"@example.net", "root", "root",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if g := l.Groups; len(g) != 1 || g[0].At.Of(text) != "G: root;" || g[0].Name != "G" {
		t.Errorf("groups %+v", g)
	}
	for i, m := range l.Mailboxes { // an edit of one leaves the others
		edited := ParseList(text[:m.AddrAt.Start]+"new@example.com"+text[m.AddrAt.End:], nil)
		for j, other := range edited.Mailboxes {
			want := l.Mailboxes[j].Address
			if i == j {
				want = "new@example.com"
			}
			if other.Address != want || other.Name != l.Mailboxes[j].Name {
				t.Errorf("edit of %d: %d is %s <%s>", i, j, other.Name, other.Address)
			}
		}
	}
}

func TestParse(t *testing.T) {
	m, err := Parse("Jane Doe <Jane@Example.COM>", nil)
	if err != nil || m.Name != "Jane Doe" || m.Address != "Jane@Example.COM" || m.Local != "Jane" || m.Domain != "example.com" || m.Problems != 0 {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := Parse("Jane <jane@example.com>; and others", nil); err != nil || m.Problems != Semicolon|TextOnly {
		t.Errorf("%+v, %v", m, err)
	}
	for _, text := range []string{"<>", "root", "G: a@example.com;"} {
		if _, err := Parse(text, nil); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"":                             "there is no address: the text is empty",
		"Jane Doe":                     `there is no address in "Jane Doe"`,
		"undisclosed-recipients:;":     `there is no address in "undisclosed-recipients:;"`,
		"a@example.com, b@example.com": `there are 2 addresses in "a@example.com, b@example.com"; one was expected`,
		"Jane <a@exa mple.com>":        `"a@exa mple.com" is not an address; user@example.com is the form`,
		strings.Repeat("x ", 500):      `there is no address in "` + strings.Repeat("x ", 50) + `"...`,
	} {
		if _, err := Parse(text, nil); err == nil || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestTooLong(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		mailboxes  int
		problems   Problems
	}{
		{"most mailboxes", strings.Repeat("a@b,", MaxMailboxes-1) + "a@b", MaxMailboxes, 0},
		{"too many mailboxes", strings.Repeat("a@b,", MaxMailboxes) + "a@b", MaxMailboxes, TooLong},
		{"most text", "a@b" + strings.Repeat(" ", MaxText-3), 1, 0},
		{"too much text", "a@b," + strings.Repeat(" ", MaxText-4) + "c@d", 1, TooLong | ExtraComma},
	} {
		l := ParseList(tt.text, nil)
		if len(l.Mailboxes) != tt.mailboxes || l.Problems != tt.problems {
			t.Errorf("%s: %d mailboxes, %v", tt.name, len(l.Mailboxes), l.Problems.Strings())
		}
		if _, err := Parse(tt.text, nil); tt.problems.Has(TooLong) && (err == nil || !strings.Contains(err.Error(), "bytes is too long for an address")) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// TestStepsAreLinear counts steps for what repeats: twice the text is at most twice the work.
func TestStepsAreLinear(t *testing.T) {
	pieces := []string{
		"a", " ", "a ", ",", "a,", "a b,", ";", ":", "a:", "G:a@b;", "@", "a@", "a@b ", "a@b,", "<", "<a", "<a@b", "<a@b>", "<@a,", "<@a:", ">", "(", "(a", "(a)", ")", "a(b)@c ",
		`"`, `" `, `\"`, `"a" `, `"\`, `\`, "[", "@[", "@[a] ", "“", "„", "“a”", "“ „", "=?", "=?a?q?", "=?a?q?,", "=?a?q?b?= ", "=?,", "a.", ". ", "'", "a@b.", "\x00", "\xe2", "\u00a0", "\r\n ", "=?(", "=?a?q?b,=?",
		"a, b <", "(,", "<(", `"@" `, `"a@b"`, `"a@b" x,`,
	}
	for _, a := range pieces {
		for _, b := range pieces {
			piece := a + b
			n := 1000 / len(piece)
			once, twice := steps(strings.Repeat(piece, n)), steps(strings.Repeat(piece, 2*n))
			if twice > 2*once+200 || once > 40*n*len(piece) {
				t.Errorf("%q: %d steps for %d bytes, %d for twice as many", piece, once, n*len(piece), twice)
			}
		}
	}
}

func steps(text string) int {
	l := newList(text, nil)
	l.read()
	return l.steps
}

func TestProblemStrings(t *testing.T) {
	seen := map[string]bool{}
	for i := range numberOfProblems {
		s := Problems(1 << i).Strings()
		if len(s) != 1 || s[0] == "" || seen[s[0]] {
			t.Errorf("problem %d is %q", i, s)
		}
		seen[s[0]] = true
	}
	if got := (Route | Empty).Strings(); !slices.Equal(got, []string{"empty address", "route"}) {
		t.Errorf("%q", got)
	}
}

// FuzzAddress checks that every text is read, that spans lie in it in order, and that what was read can be written and read again.
func FuzzAddress(f *testing.F) {
	for _, tt := range listCases {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := ParseList(text, decodeWords)
		checkList(t, text, l)
		if n := steps(text); n > 40*len(text)+100 {
			t.Errorf("%q: %d steps for %d bytes", text, n, len(text))
		}
		for _, m := range l.Mailboxes {
			if !m.Problems.Has(Invalid | Empty) {
				roundTrip(t, m.Name, m.Address)
			}
		}
	})
}
