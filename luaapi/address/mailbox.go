package address

import (
	"errors"
	"fmt"
)

// Span is a part of a text, from the byte Start to before the byte End.
type Span struct{ Start, End int }

// Of returns that part of the text.
func (s Span) Of(text string) string { return text[s.Start:s.End] }

// Mailbox is one address with what stands around it (RFC 5322 section 3.4).
type Mailbox struct {
	Name     string // without quotes, decoded; no control characters
	Address  string // as an envelope takes it; "" for <>
	Local    string // the local part without quotes
	Domain   string // in lower case, "" if there is none
	Comment  string // the comments around it, without parentheses
	Group    string // the name of the group that it is in
	Problems Problems
	At       Span // all of it, without the comma
	AddrAt   Span // the address alone
}

// Group is a named group of a list, which may be empty.
type Group struct {
	Name string
	At   Span // from the name to the semicolon
}

// List is what a text of addresses has.
type List struct {
	Mailboxes []Mailbox // in the order of the text
	Groups    []Group
	Problems  Problems // those of the mailboxes too
}

// Bounds of a List. They are several times what fits into a field that an MTA passes on.
const (
	MaxMailboxes = 10000
	MaxText      = 1 << 20 // bytes
)

// ParseList reads the value of a field such as To, folded or not. The function decode is given text that has encoded-words, or
// bytes that are not UTF-8, and returns it as UTF-8 with these decoded; nil leaves it as it is. It never fails: see Problems.
func ParseList(text string, decode func(string) string) List {
	l := newList(text, decode)
	l.read()
	return l.out
}

// Parse reads a text that has one address, with or without a name. It is an error if the text has none, several, or one that is no
// address by RFC 5321; <> and a local part alone are fine. The problems are those of the whole text.
func Parse(text string, decode func(string) string) (Mailbox, error) {
	list := ParseList(text, decode)
	switch n := len(list.Mailboxes); {
	case text == "":
		return Mailbox{}, errors.New("there is no address: the text is empty")
	case list.Problems.Has(TooLong):
		return Mailbox{}, fmt.Errorf("the text of %d bytes is too long for an address", len(text))
	case n == 0:
		return Mailbox{}, fmt.Errorf("there is no address in %s", shown(text))
	case n > 1:
		return Mailbox{}, fmt.Errorf("there are %d addresses in %s; one was expected", n, shown(text))
	case list.Problems.Has(Invalid):
		return Mailbox{}, fmt.Errorf("%s is not an address; user@example.com is the form", shown(list.Mailboxes[0].Address))
	}
	m := list.Mailboxes[0]
	m.Problems = list.Problems
	return m, nil
}

// maxShown is how much of a text an error shows, in bytes.
const maxShown = 100

func shown(text string) string {
	if len(text) > maxShown {
		return fmt.Sprintf("%.*q...", maxShown, text[:maxShown])
	}
	return fmt.Sprintf("%q", text)
}
