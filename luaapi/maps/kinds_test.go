package maps

import (
	"strings"
	"testing"

	"luamilter/luaapi/maps/format"
)

// TestFind looks keys up in lists of each kind; "-" is a key that is not there.
func TestFind(t *testing.T) {
	for _, c := range []struct {
		name string
		spec Spec
		text string
		want map[string]string
	}{
		{"a set has whole lines", Spec{Kind: Set}, "two words\n# comment\n; comment\n\n  blanks  \r\nUpper", map[string]string{"two words": "", "two": "-", "blanks": "", "upper": "-", "Upper": "", "# comment": "-", "": "-"}},
		{"a set that folds", Spec{Kind: Set, Fold: true}, "ÄB@Example.com", map[string]string{"äb@example.COM": ""}},
		{"the first of two counts", Spec{Kind: Table}, "a 1\na 2\nb\tx y # no comment", map[string]string{"a": "1", "b": "x y # no comment", "A": "-"}},
		{"domains and what is below", Spec{Kind: Domain}, "example.com one # why\n.example.org two\n*.example.net three\nMAIL.example.com four\nde", map[string]string{
			"example.com": "one # why", "EXAMPLE.com.": "one # why", "a.b.example.com": "one # why", "x.mail.example.com": "four", "notexample.com": "-",
			"example.org": "-", "a.example.org": "two", "a.b.example.org": "two", "example.net": "-", "a.example.net": "three",
			"user@a.example.org": "two", "<user@example.com>": "one # why", "example.de": "", "": "-", ".": "-", "a..example.com": "one # why", ".example.com": "-", "com": "-"}},
		{"the nearest domain", Spec{Kind: Domain}, "example.com wide\n.mail.example.com below\nmail.example.com itself", map[string]string{"a.mail.example.com": "below", "mail.example.com": "itself", "b.example.com": "wide"}},
		{"networks, the smallest first", Spec{Kind: Net}, "192.0.2.0/24 net\n192.0.2.128/25 half ; why\n192.0.2.130 one\n198.51.100.10-198.51.100.20 range\n2001:db8::/32 six\n0.0.0.0/0 all\n2001:db8:1::1-2001:db8:1::ff r6", map[string]string{
			"192.0.2.1": "net", "192.0.2.129": "half ; why", "192.0.2.130": "one", "198.51.100.9": "all", "198.51.100.10": "range", "198.51.100.20": "range", "198.51.100.21": "all",
			"2001:db8::1": "six", "2001:db9::1": "-", "::ffff:192.0.2.1": "net", "[192.0.2.1]": "net", "[IPv6:2001:db8::1]": "six", "mail.example.com": "-", "": "-", "2001:db8:1::80": "r6", "fe80::1%eth0": "-"}},
		{"expressions", Spec{Kind: Regex}, "^a+$\nwin a \\w+", map[string]string{"aaa": "", "you win a car": "", "AAA": "-", "": "-"}},
		{"expressions that fold", Spec{Kind: Regex, Fold: true}, "^a+$", map[string]string{"AaA": ""}},
		{"the first of several expressions", Spec{Kind: Regex, Format: format.Regexp}, "/ab/ first\n/b/ second\n/a/ third\n/(c)./ fourth $1", map[string]string{
			"ab": "first", "b a": "second", "cb": "second", "ac": "third", "cd": "fourth c", "d": "-"}},
		{"the first that applies", Spec{Kind: Regex, Format: format.Regexp}, "if /x/\n/a/ first\nendif\n!/b/ second\n/a/ third", map[string]string{
			"xa": "first", "a": "second", "ab": "third", "b": "-"}},
		{"texthash folds", Spec{Kind: Table, Format: format.TextHash}, "A@Example.com  x\n  y", map[string]string{"a@example.com": "x  y"}},
		{"csv", Spec{Kind: Table, Format: format.CSV}, "a,1\n\"b,c\",\"two \"\"x\"\"\"\n# comment\nd", map[string]string{"a": "1", "b,c": `two "x"`, "d": ""}},
		{"csv with names", Spec{Kind: Table, Format: format.CSV, Key: "address", Value: "owner"}, "id,owner,address\n1,alice,a@example.com", map[string]string{"a@example.com": "alice", "address": "-"}},
		{"csv by numbers", Spec{Kind: Table, Format: format.CSV, Key: "3", Value: "1"}, "id,owner,address\n1,alice,a@example.com", map[string]string{"a@example.com": "1", "address": "id"}},
		{"json array", Spec{Kind: Set, Format: format.JSON}, `["a", 1, "b"]`, map[string]string{"a": "", "1": "", "c": "-"}},
		{"json object", Spec{Kind: Table, Format: format.JSON}, `{"a": "x", "b": 12345678901234567890, "c": true, "d": null}`, map[string]string{"a": "x", "b": "12345678901234567890", "c": "true", "d": ""}},
		{"json objects", Spec{Kind: Table, Format: format.JSON, Key: "k", Value: "v"}, `[{"k": "a", "v": 1, "x": []}]`, map[string]string{"a": "1"}},
		{"a byte order mark", Spec{Kind: Table}, "\ufeffa 1", map[string]string{"a": "1"}},
		{"nothing", Spec{Kind: Domain}, "", map[string]string{"a": "-"}},
		{"no expressions", Spec{Kind: Regex}, "", map[string]string{"a": "-"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, err := build(&c.spec, c.text)
			if err != nil {
				t.Fatal(err)
			}
			for key, want := range c.want {
				got, found, err := list.Find(key)
				if !found {
					got = "-"
				}
				if err != nil || got != want {
					t.Errorf("%q: %q %v, want %q", key, got, err, want)
				}
			}
		})
	}
}

// TestMistakes has what is wrong with lists, and the line.
func TestMistakes(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		spec             Spec
	}{
		{"bits behind the length", "192.0.2.0/24\n192.0.2.1/24", "line 2: 192.0.2.1/24 has bits behind its length; perhaps 192.0.2.0/24 was meant", Spec{Kind: Net}},
		{"no address", "example.com", `line 1: "example.com" is no address`, Spec{Kind: Net}},
		{"a range that ends before", "192.0.2.9-192.0.2.1", "line 1: the range 192.0.2.9-192.0.2.1 ends before it begins", Spec{Kind: Net}},
		{"a range of two families", "192.0.2.9-::1", "line 1: \"192.0.2.9-::1\" is no range", Spec{Kind: Net}},
		{"an address among domains", "\n\nuser@example.com", `line 3: "user@example.com" is no domain`, Spec{Kind: Domain}},
		{"a dot", ".", `line 1: "." is no domain`, Spec{Kind: Domain}},
		{"no expression", "a\n(b", `line 2: "(b" is no expression`, Spec{Kind: Regex}},
		{"no value", "a 1\n\nb", "line 3: b has no value", Spec{Kind: Table, Format: format.TextHash}},
		{"a blank at first", " a 1", "line 1: the first line begins with a blank", Spec{Kind: Table, Format: format.TextHash}},
		{"open quotes", `"a 1`, "line 1: the quotes are not closed", Spec{Kind: Table, Format: format.TextHash}},
		{"no result", "192.0.2.0/24", "line 1: 192.0.2.0/24 has no result", Spec{Kind: Net, Format: format.CIDR}},
		{"no end", "if 192.0.2.0/24\n192.0.2.1 a", "line 1: if without endif", Spec{Kind: Net, Format: format.CIDR}},
		{"no beginning", "192.0.2.1 a\nendif", "line 2: endif without if", Spec{Kind: Net, Format: format.CIDR}},
		{"no second delimiter", "/a b", `line 1: the expression has no second "/"`, Spec{Kind: Regex, Format: format.Regexp}},
		{"no delimiter", "abc x", "line 1: an expression between delimiters was expected", Spec{Kind: Regex, Format: format.Regexp}},
		{"a flag", "/a/z x", `line 1: there is no flag 'z'`, Spec{Kind: Regex, Format: format.Regexp}},
		{"a part that is not there", "/(a)/ $2", "line 1: the result has $2, and the expression only 1 pairs", Spec{Kind: Regex, Format: format.Regexp}},
		{"a part of no match", "!/(a)/ $1", "line 1: the result has a part of the match, which an expression with ! does not have", Spec{Kind: Regex, Format: format.Regexp}},
		{"a dollar", "/(a)/ 5$", "line 1: the result has a $", Spec{Kind: Regex, Format: format.Regexp}},
		{"expressions in a set", "", "a regexp table has expressions: use map.regex, not map.set", Spec{Kind: Set, Format: format.Regexp}},
		{"no such column", "id,owner", "line 1: there is no column ownr; did you mean owner?", Spec{Kind: Table, Format: format.CSV, Key: "ownr"}},
		{"quotes in csv", "a\nb\"c", "line 2: bare \" in non-quoted", Spec{Kind: Set, Format: format.CSV}},
		{"broken json", "[\n\"a\",\n}", "line 3: invalid character", Spec{Kind: Set, Format: format.JSON}},
		{"short json", "[\n\"a\",", "EOF", Spec{Kind: Set, Format: format.JSON}},
		{"objects in json", "[\n{}]", "line 2: an item is an object", Spec{Kind: Set, Format: format.JSON}},
		{"a list as value", `{"a": []}`, "line 1: the value of a is an array", Spec{Kind: Table, Format: format.JSON}},
		{"no database", "hello", "no constant database", Spec{Kind: Table, Format: format.CDB}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := build(&c.spec, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %s", err, c.want)
			}
		})
	}
}

// TestIndexGrows has many entries, and every one is found.
func TestIndexGrows(t *testing.T) {
	x := newIndex(0, 0)
	key := func(i int) string {
		return strings.Repeat("k", i%300) + string(rune('a'+i%26)) + strings.Repeat("x", i/300)
	}
	want := map[string]string{}
	for i := range 20_000 {
		if _, there := want[key(i)]; !there {
			want[key(i)] = strings.Repeat("v", i%200)
		}
		if err := x.add(key(i), strings.Repeat("v", i%200)); err != nil {
			t.Fatal(err)
		}
	}
	x.trim()
	if x.count != len(want) {
		t.Errorf("%d entries, want %d", x.count, len(want))
	}
	for k, v := range want {
		if got, found := x.find(k); !found || got != v {
			t.Fatalf("%q: %q %v", k, got, found)
		}
	}
	if _, found := x.find("none"); found {
		t.Error("it finds what is not there")
	}
}
