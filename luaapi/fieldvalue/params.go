package fieldvalue

// Params takes a value apart and decodes it: what is before the first semicolon, and the parameters in the order in which they begin, with
// their names without asterisks. Everything is on one line and in UTF-8. It refuses nothing; problems, at most maxProblems of them, say
// what was odd, in words.
//
// Of parameters that are there twice, both are in the list, the one that readers prefer first; one that is also there in a form of RFC 2231
// is only there in that form, as RFC 6266 section 4.3 says. Sections come out with all that is in them, whatever their numbers.
func Params(value string) (main string, params []Param, problems []string) {
	v := Parse(value)
	main, ok := Text(v.Main)
	if !ok || main != v.Main {
		v.problem("what is before the parameters is not plain text")
	}
	byName := map[string][]piece{}
	var names []string
	for _, p := range v.Params {
		c, ok := pieceOf(p)
		if !ok {
			v.problem("parameter %s has no number where one should be", shown(p.Name))
		}
		if byName[c.name] == nil {
			names = append(names, c.name)
		}
		byName[c.name] = append(byName[c.name], c)
	}
	for _, name := range names {
		params = append(params, v.decoded(name, readings(byName[name]))...)
	}
	return main, params, v.Problems
}

// decoded returns the readings of a parameter that count: one value, or several if it is there more than once.
func (v *Value) decoded(name string, readings []Reading) []Param {
	var out []Param
	for _, r := range readings {
		if r.Form == Plain && readings[0].Form != Plain {
			break
		}
		if r.Flaws&Gap != 0 {
			v.problem("parameter %s: its sections do not count from 0 in steps of 1", shown(name))
		}
		text, clean := oneLine(r.Text + r.Rest)
		if r.Flaws&^Gap != 0 || !clean {
			v.problem("parameter %s cannot be decoded for certain", shown(name))
		}
		out = append(out, Param{name, text})
	}
	if len(out) > 1 {
		v.problem("parameter %s is there more than once", shown(name))
	}
	return out
}
