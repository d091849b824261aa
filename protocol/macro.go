package protocol

import (
	"bytes"
	"fmt"
	"iter"
)

// macroScope is a stage that has macros of its own, in the order in which values are looked up: later scopes hide earlier ones.
type macroScope int

const (
	scopeConnect macroScope = iota
	scopeHelo
	scopeMail
	scopeRcpt
	scopeData
	scopeEOH
	scopeEOM
	scopeCommand // of one command only: Postfix sends macros before each header field, body chunk and unknown command
	numScopes
)

// Macros holds what the MTA sent in SMFIC_MACRO packets, scoped as libmilter does: a packet replaces the macros of its
// stage, and a command clears those of later stages. Three things differ: an empty packet clears its stage (libmilter
// cannot decode it and keeps stale values); end-of-message macros hide end-of-header ones (libmilter up to 8.17.1 had them
// the other way round); and a packet stands for its command where that is not sent, because the filter does not want it.
//
// Packets are kept as they came and searched when a macro is asked for.
type Macros struct {
	raw  [numScopes][]byte
	next []byte // the last packet; it counts when its command comes, so that what the command ends sees the old macros
	over bool   // the connection ended that the macros belong to

	perChunk bool // the MTA sends macros before header fields or body chunks
}

func scopeOf(cmd Command) macroScope {
	switch cmd {
	case CmdConnect:
		return scopeConnect
	case CmdHelo:
		return scopeHelo
	case CmdMail:
		return scopeMail
	case CmdRcpt:
		return scopeRcpt
	case CmdData:
		return scopeData
	case CmdEOH:
		return scopeEOH
	case CmdEOM:
		return scopeEOM
	}
	return scopeCommand
}

// store keeps the payload of a SMFIC_MACRO packet: the letter of a command, then names and values.
func (m *Macros) store(payload []byte) error {
	if len(payload) == 0 {
		return nil
	}
	if len(payload) > MaxChunk { // libmilter: MILTER_MAX_DATA_SIZE
		return fmt.Errorf("%d bytes of macros, at most %d make sense", len(payload), MaxChunk)
	}
	m.adopt()
	m.next = append(m.next[:0], payload...)
	cmd := Command(payload[0])
	m.perChunk = m.perChunk || cmd == CmdHeader || cmd == CmdBody
	return nil
}

// begin makes the macros those of the command that comes now.
func (m *Macros) begin(cmd Command) {
	if len(m.next) > 0 && Command(m.next[0]) != cmd && scopeOf(Command(m.next[0])) == scopeCommand {
		m.next = m.next[:0] // of a command that was not sent
	}
	m.raw[scopeCommand] = m.raw[scopeCommand][:0]
	m.adopt()
	m.enter(scopeOf(cmd))
}

// end notes that the connection ended; its macros stay until the next command.
func (m *Macros) end() { m.over = true }

// adopt puts the packet that waits in its place.
func (m *Macros) adopt() {
	if m.over {
		m.clear(scopeConnect, numScopes)
		m.over = false
	}
	if len(m.next) == 0 {
		return
	}
	s := scopeOf(Command(m.next[0]))
	m.enter(s)
	m.raw[s], m.next = m.next, m.raw[s][:0]
}

// enter clears what a stage makes stale.
func (m *Macros) enter(s macroScope) {
	if s <= scopeRcpt {
		m.clear(s+1, scopeCommand)
	}
}

func (m *Macros) clear(from, to macroScope) {
	for s := from; s < to; s++ {
		m.raw[s] = m.raw[s][:0]
	}
}

// Get returns the value of a macro, whose name may be given with or without braces, from the latest stage that has it.
// The bytes are valid until the next event is read.
func (m *Macros) Get(name string) ([]byte, bool) {
	name = bareMacro(name)
	for s := numScopes - 1; s >= 0; s-- {
		if v, ok := m.in(s, name); ok {
			return v, true
		}
	}
	return nil, false
}

// in looks a macro up in one scope only.
func (m *Macros) in(s macroScope, name string) ([]byte, bool) {
	for rest := pairsOf(m.raw[s]); len(rest) > 0; {
		var n, v []byte
		if n, v, rest = cutPair(rest); string(bareName(n)) == name {
			return v, true
		}
	}
	return nil, false
}

// All yields every macro that is visible, by its name without braces.
func (m *Macros) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		seen := map[string]bool{}
		for s := numScopes - 1; s >= 0; s-- {
			for rest := pairsOf(m.raw[s]); len(rest) > 0; {
				var n, v []byte
				n, v, rest = cutPair(rest)
				name := string(bareName(n))
				if seen[name] {
					continue
				}
				seen[name] = true
				if !yield(name, string(v)) {
					return
				}
			}
		}
	}
}

// pairsOf returns a packet without the letter of a command that it begins with: names and values.
func pairsOf(raw []byte) []byte { return raw[min(1, len(raw)):] }

// cutPair cuts off the first name and value; a name without a value counts as empty.
func cutPair(pairs []byte) (name, value, rest []byte) {
	name, rest, _ = cutNUL(pairs)
	value, rest, _ = cutNUL(rest)
	return name, value, rest
}

// cutNUL is bytes.Cut for the byte that ends every text on the wire.
func cutNUL(b []byte) (before, after []byte, found bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i], b[i+1:], true
	}
	return b, nil, false
}

func bareName(n []byte) []byte {
	if len(n) > 2 && n[0] == '{' && n[len(n)-1] == '}' {
		return n[1 : len(n)-1]
	}
	return n
}

func bareMacro(name string) string {
	if len(name) > 2 && name[0] == '{' && name[len(name)-1] == '}' {
		return name[1 : len(name)-1]
	}
	return name
}

// MacroName returns a macro's name as MTAs spell it: one letter as it is, longer names in braces.
func MacroName(name string) string {
	name = bareMacro(name)
	if len(name) == 1 {
		return name
	}
	return "{" + name + "}"
}
