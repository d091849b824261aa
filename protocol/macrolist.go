package protocol

import (
	"encoding/binary"
	"fmt"
	"strings"
)

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

// decode reads what follows the twelve bytes of a filter's OPTNEG. A list may be given twice; the last one counts, as on Postfix.
func (l *MacroLists) decode(p []byte) error {
	for len(p) > 0 {
		if len(p) < 5 {
			return fmt.Errorf("OPTNEG ends in the middle of a macro list")
		}
		number := binary.BigEndian.Uint32(p)
		list, rest, found := cutNUL(p[4:])
		if !found {
			return fmt.Errorf("a macro list in OPTNEG does not end in NUL")
		}
		for s, n := range wireStages {
			if n == number { // Postfix warns of others and goes on
				l[s] = string(list)
			}
		}
		p = rest
	}
	return nil
}
