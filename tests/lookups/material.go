package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"

	"luamilter/luaapi/maps"
)

// How much there is of what.
const (
	domainCount  = 1_000_000
	networkCount = 100_000
	patternCount = 1_000
	queryCount   = 1_000_000
	fewQueries   = 200_000 // where each takes longer
)

// list is a list in the files that we and the peers read, and what is looked up in it.
type list struct {
	name    string // of the kind and of its files
	title   string
	kind    maps.Kind
	path    string // an entry a line
	rspamd  string // the same as rspamd writes it
	postfix string // and Postfix, with a value
	keys    []string
	keyFile string // the keys, a line each; every other is in the list, the first is not

	rspamdType  string
	postfixType string // "" if it has no such table
	postfixKeys int    // how many it is asked, as it takes long; 0 for all
}

// entry is a line of the list in each spelling.
type entry struct{ own, rspamd, postfix string }

// plain is an entry that all write alike.
func plain(text string) entry { return entry{text, text, text} }

// makeLists writes the lists and their keys.
func (b *bench) makeLists() ([]*list, error) {
	lists := []*list{
		{name: "set", title: "%s domains", kind: maps.Set, rspamdType: "set", postfixType: "texthash"},
		{name: "domain", title: "%s domains", kind: maps.Domain},
		{name: "net", title: "%s networks", kind: maps.Net, rspamdType: "radix", postfixType: "cidr", postfixKeys: 2_000},
		{name: "regex", title: "%s patterns", kind: maps.Regex, rspamdType: "regexp", postfixType: "regexp", postfixKeys: 1_000},
	}
	for _, l := range lists {
		entries, keys := b.domains(l.kind)
		switch l.kind {
		case maps.Net:
			entries, keys = b.networks()
		case maps.Regex:
			entries, keys = b.patterns()
		}
		if err := b.writeList(l, entries, keys); err != nil {
			return nil, err
		}
	}
	return lists, nil
}

// sized returns how many there are of something.
func (b *bench) sized(n int) int { return max(100, n/b.scale) }

// writeList writes the files of a list.
func (b *bench) writeList(l *list, entries []entry, keys []string) (err error) {
	var own, rspamd, postfix strings.Builder
	for _, e := range entries {
		fmt.Fprintln(&own, e.own)
		fmt.Fprintln(&rspamd, e.rspamd)
		fmt.Fprintln(&postfix, e.postfix, "ok")
	}
	l.keys, l.title = keys, l.name+", "+fmt.Sprintf(l.title, figure(float64(len(entries))))
	for _, f := range []struct {
		path *string
		name string
		text string
	}{{&l.path, "", own.String()}, {&l.rspamd, "-rspamd", rspamd.String()}, {&l.postfix, "-postfix", postfix.String()}, {&l.keyFile, "-keys", strings.Join(keys, "\n") + "\n"}} {
		if *f.path, err = b.write(l.name+f.name+".txt", f.text); err != nil {
			return err
		}
	}
	return nil
}

// stride jumps through lists, so that neighbours are not asked for one after the other; a prime.
const stride = 7_654_321

// domains are names with 24 letters, and as keys names in the list, of a domain map one two levels below, and others.
func (b *bench) domains(kind maps.Kind) (entries []entry, keys []string) {
	n := b.sized(domainCount)
	for i := range n {
		entries = append(entries, plain(fmt.Sprintf("%s-%07d.example.com", [...]string{"shop", "mail", "news", "cdn"}[i%4], i*7919%10_000_000)))
	}
	above := ""
	if kind == maps.Domain {
		above = "a.b."
	}
	for i := range b.sized(queryCount) / 2 {
		name := entries[i*stride%n].own
		keys = append(keys, "mx"+name, above+name)
	}
	return entries, keys
}

// networks are IPv4 networks of several sizes, and as keys addresses within and elsewhere.
func (b *bench) networks() (entries []entry, keys []string) {
	random := rand.New(rand.NewPCG(6, 2))
	var nets []netip.Prefix
	for i := range b.sized(networkCount) {
		address := netip.AddrFrom4([4]byte{byte(16 + random.IntN(80)), byte(random.IntN(256)), byte(random.IntN(256)), byte(random.IntN(256))})
		p := netip.PrefixFrom(address, [...]int{20, 24, 24, 24, 28, 32}[i%6]).Masked()
		nets = append(nets, p)
		entries = append(entries, plain(p.String()))
	}
	for i := range b.sized(queryCount) / 2 {
		other := netip.AddrFrom4([4]byte{200, byte(i >> 16), byte(i >> 8), byte(i)})
		keys = append(keys, other.String(), nets[i*stride%len(nets)].Addr().String())
	}
	return entries, keys
}

// patterns are expressions as filters have them for subjects, and as keys subjects that match one or none.
func (b *bench) patterns() (entries []entry, keys []string) {
	n := b.sized(patternCount)
	for i := range n {
		p := fmt.Sprintf(`(offer|deal)-[0-9]+-item%04d\.`, i)
		entries = append(entries, entry{p, "/" + p + "/", "/" + p + "/"})
	}
	for i := range b.sized(fewQueries) / 2 {
		item := i * stride % n
		keys = append(keys,
			fmt.Sprintf("Minutes of the meeting about offer-%d-item-%04d and what we agreed on", i, item),
			fmt.Sprintf("Only this week for readers of the list: deal-%d-item%04d. and more", i, item))
	}
	return entries, keys
}
