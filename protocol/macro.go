package protocol

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"
	"strings"
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
// stage, and a command clears those of later stages. Two things differ: an empty packet clears its stage (libmilter
// cannot decode it and keeps stale values), and end-of-message macros hide end-of-header ones (libmilter up to 8.17.1
// had them the other way round).
//
// Packets are kept as they came and searched when a macro is asked for.
type Macros struct {
	raw     [numScopes][]byte
	command Command // the one that scopeCommand belongs to
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
func (m *Macros) store(payload []byte) {
	if len(payload) == 0 {
		return
	}
	s := scopeOf(Command(payload[0]))
	if s == scopeCommand {
		m.command = Command(payload[0])
	}
	m.raw[s] = append(m.raw[s][:0], payload[1:]...)
}

// begin clears what a command makes stale.
func (m *Macros) begin(cmd Command) {
	if cmd != m.command {
		m.clear(scopeCommand, numScopes)
	}
	switch cmd {
	case CmdConnect, CmdHelo, CmdMail, CmdRcpt:
		m.clear(scopeOf(cmd)+1, scopeCommand)
	case CmdQuitNC, CmdQuit, CmdOptNeg:
		m.clear(scopeConnect, numScopes)
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
		for n, v := range pairs(m.raw[s]) {
			if string(bareName(n)) == name {
				return v, true
			}
		}
	}
	return nil, false
}

// All yields every macro that is visible, by its name without braces.
func (m *Macros) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		seen := map[string]bool{}
		for s := numScopes - 1; s >= 0; s-- {
			for n, v := range pairs(m.raw[s]) {
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

// pairs yields the names and values of a packet; a name without a value counts as empty.
func pairs(raw []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(n, v []byte) bool) {
		for len(raw) > 0 {
			var name, value []byte
			name, raw, _ = bytes.Cut(raw, nul)
			value, raw, _ = bytes.Cut(raw, nul)
			if !yield(name, value) {
				return
			}
		}
	}
}

var nul = []byte{0}

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

// MacroLists has, by stage, the macros that a filter asks for, separated by blanks. A list replaces the MTA's own for that stage.
type MacroLists [numScopes - 1]string

// wireStages gives the number of each scope on the wire (mfapi.h: SMFIM_*), where EOM comes before EOH.
var wireStages = [numScopes - 1]uint32{scopeConnect: 0, scopeHelo: 1, scopeMail: 2, scopeRcpt: 3, scopeData: 4, scopeEOM: 5, scopeEOH: 6}

// Request sets the list of a stage. It fails for stages that have no macros of their own and for names no MTA could send.
func (l *MacroLists) Request(s Stage, names []string) error {
	scope := scopeOf(s.Command())
	if scope == scopeCommand {
		return fmt.Errorf("no macros can be requested for %v; the stages are connect helo mail rcpt data eoh eom", s)
	}
	if len(names) > 50 { // sendmail: MAXFILTERMACROS
		return fmt.Errorf("%d macros requested for %v, at most 50 work", len(names), s)
	}
	spelt := make([]string, len(names))
	for i, n := range names {
		spelt[i] = MacroName(n)
		if n == "" || strings.ContainsAny(n, " ,\x00\r\n") {
			return fmt.Errorf("%q is no macro name", n)
		}
	}
	l[scope] = strings.Join(spelt, " ")
	return nil
}

// Of returns the list of a stage.
func (l *MacroLists) Of(s Stage) string {
	if scope := scopeOf(s.Command()); scope != scopeCommand {
		return l[scope]
	}
	return ""
}

// Empty reports whether nothing is asked for.
func (l *MacroLists) Empty() bool { return *l == MacroLists{} }

// appendPayload appends the lists as they follow the twelve bytes of OPTNEG. Sendmail up to 8.17.1 looks at the wrong flag for
// EOM: a list for one of EOM and EOH works only when there is one for the other, so both are sent.
func (l *MacroLists) appendPayload(dst []byte) []byte {
	lists := *l
	if lists[scopeEOH] != "" && lists[scopeEOM] == "" {
		lists[scopeEOM] = defaultEOMMacros
	}
	if lists[scopeEOM] != "" && lists[scopeEOH] == "" {
		lists[scopeEOH] = defaultEOHMacros
	}
	for s, list := range lists {
		if list == "" {
			continue
		}
		dst = binary.BigEndian.AppendUint32(dst, wireStages[s])
		dst = append(dst, list...)
		dst = append(dst, 0)
	}
	return dst
}

// What both MTAs send by default at these stages, together.
const (
	defaultEOHMacros = "i"
	defaultEOMMacros = "i {msg_id}"
)

func (l *MacroLists) decode(p []byte) error {
	for len(p) > 0 {
		if len(p) < 5 {
			return fmt.Errorf("OPTNEG ends in the middle of a macro list")
		}
		number := binary.BigEndian.Uint32(p)
		list, rest, found := bytes.Cut(p[4:], nul)
		if !found {
			return fmt.Errorf("a macro list in OPTNEG does not end in NUL")
		}
		for s, n := range wireStages {
			if n == number { // others: Postfix warns and goes on
				l[s] = string(list)
			}
		}
		p = rest
	}
	return nil
}
