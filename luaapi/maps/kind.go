package maps

import (
	"fmt"
	"strings"

	"luamilter/luaapi/maps/format"
)

// Kind is how a map finds.
type Kind uint8

// The kinds.
const (
	Set    Kind = iota // texts
	Net                // networks: the smallest one that an address is in
	Domain             // domains and what is below them: the nearest one
	Regex              // expressions: the first one that matches
	Table              // keys with values
)

// String returns what scripts call it.
func (k Kind) String() string { return [...]string{"set", "net", "domain", "regex", "table"}[k] }

// Loaded is a list in memory. It is never changed.
type Loaded interface {
	// Find returns the value of a key, "" if it has none, and whether it is in the list.
	Find(key string) (value string, found bool, err error)
	Len() int     // entries
	Bytes() int64 // of memory, about
}

// builder makes a list of entries.
type builder interface {
	add(e format.Entry) error
	done() (Loaded, error)
}

// newBuilder returns a builder for lists of a kind and a format. It makes room for the entries of a text.
func newBuilder(k Kind, f format.Format, fold bool, text string) (builder, error) {
	switch {
	case f == format.CIDR && k != Net:
		return nil, fmt.Errorf("a cidr table has networks: use map.net, not map.%s", k)
	case f == format.Regexp && k != Regex:
		return nil, fmt.Errorf("a regexp table has expressions: use map.regex, not map.%s", k)
	case f == format.CIDR:
		return &cidr{}, nil
	case f == format.Regexp:
		return &regexBuilder{postfix: true}, nil
	}
	switch k {
	case Net:
		return newNetworks(), nil
	case Domain:
		return &domains{index: newIndex(room(f, text))}, nil
	case Regex:
		return &regexBuilder{fold: fold}, nil
	}
	return &exact{index: newIndex(room(f, text)), fold: fold || f == format.TextHash}, nil
}

// room returns how many entries a text has at most, where that is easily told, and how many bytes an index of them takes.
func room(f format.Format, text string) (entries, bytes int) {
	if f != format.Lines && f != format.TextHash {
		return 0, 0
	}
	entries = strings.Count(text, "\n") + 1
	return entries, len(text) + entries // a byte more: two lengths for a line end
}

// build reads a list.
func build(s *Spec, text string) (Loaded, error) {
	b, err := newBuilder(s.Kind, s.Format, s.Fold, text)
	if err != nil {
		return nil, err
	}
	o := format.Options{WholeLines: s.Kind == Set || s.Kind == Regex, Key: s.Key, Value: s.Value}
	if err := format.Read(s.Format, text, o, b.add); err != nil {
		return nil, err
	}
	return b.done()
}
