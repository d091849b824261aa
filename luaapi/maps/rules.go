package maps

import "luamilter/luaapi/maps/format"

// rule is an entry of an ordered list; the list has one more thing for each, by which it matches.
type rule struct {
	op    format.Op
	not   bool
	value string
}

// firstOf returns the first rule that matches within its conditions, -1 if none does. The matches say what each rule's own key does;
// what does not concern the looked-up key at all matches neither way.
func firstOf(rules []rule, matches func(i int) (match, concerns bool)) int {
	failed := 0 // conditions that are open and do not hold
	for i := range rules {
		r := &rules[i]
		switch {
		case failed > 0 && r.op == format.If:
			failed++
		case failed > 0 && r.op == format.EndIf:
			failed--
		case failed > 0 || r.op == format.EndIf:
		default:
			match, concerns := matches(i)
			holds := concerns && match != r.not
			if r.op == format.If && !holds {
				failed++
			}
			if r.op == format.Match && holds {
				return i
			}
		}
	}
	return -1
}

// count returns how many of the rules have a result.
func count(rules []rule) int {
	n := 0
	for i := range rules {
		if rules[i].op == format.Match {
			n++
		}
	}
	return n
}
