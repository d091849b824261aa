package doctor

import (
	"cmp"
	"errors"
	"strconv"
	"strings"
)

// Bounds of an expansion: Postfix gives up at 100 levels; a text that doubles at every level must end as well.
const (
	maxLevels   = 100
	maxExpanded = 64 << 10
	maxSteps    = 10_000
)

// Reasons why Postfix cannot make out what a parameter is worth. It ends with a fatal error then.
var (
	errTooDeep   = errors.New("it refers to itself, or to too many others")
	errTooLong   = errors.New("it becomes too long")
	errUnclosed  = errors.New("a bracket is not closed")
	errNoName    = errors.New("a $ without a name; write $$ for the sign itself")
	errBadName   = errors.New("a name in ${...} has other characters than letters, digits and _")
	errBadChoice = errors.New("what follows ? or : in ${...} cannot be read")
	errBadTest   = errors.New("the comparison in ${...} cannot be read")
)

// expansion is the work on one parameter.
type expansion struct {
	scope scope
	level int
	steps int
	size  int
}

// expand replaces $name, ${name}, $(name), ${name?text}, ${name:text}, ${name?{text}:{text}} and comparisons (postconf(5)).
func (s scope) expand(text string) (string, error) {
	e := &expansion{scope: s}
	return e.text(text)
}

// text expands every $ in a text.
func (e *expansion) text(text string) (string, error) {
	if e.level++; e.level > maxLevels {
		return "", errTooDeep
	}
	defer func() { e.level-- }()
	var b strings.Builder
	for {
		plain, rest, found := strings.Cut(text, "$")
		b.WriteString(plain)
		if e.size += len(plain); e.size > maxExpanded {
			return "", errTooLong
		}
		if !found {
			return b.String(), nil
		}
		if e.steps++; e.steps > maxSteps {
			return "", errTooLong
		}
		if strings.HasPrefix(rest, "$") {
			b.WriteByte('$')
			text = rest[1:]
			continue
		}
		reference, after, err := cutReference(rest)
		if err != nil {
			return "", err
		}
		expanded, err := e.reference(reference)
		if err != nil {
			return "", err
		}
		b.WriteString(expanded)
		text = after
	}
}

// cutReference takes what follows a $ apart: a name or what is in brackets, and the rest.
func cutReference(text string) (reference, rest string, err error) {
	if text == "" {
		return "", "", errNoName
	}
	end := 0
	switch text[0] {
	case '{':
		end = closing(text, '{', '}')
	case '(':
		end = closing(text, '(', ')')
	default:
		if end = nameLength(text); end == 0 {
			return "", "", errNoName
		}
		return text[:end], text[end:], nil
	}
	if end < 0 {
		return "", "", errUnclosed
	}
	return text[1:end], text[end+1:], nil
}

// nameLength returns the number of bytes at the beginning of a text that can be a parameter's name.
func nameLength(text string) int {
	n := 0
	for n < len(text) && (text[n] == '_' || isAlphanumeric(text[n])) {
		n++
	}
	return n
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// reference expands what is in the brackets of ${...}.
func (e *expansion) reference(text string) (string, error) {
	test := strings.TrimLeft(text, " \t")
	if strings.HasPrefix(test, "{") {
		holds, rest, err := e.comparison(test)
		if err != nil {
			return "", err
		}
		if rest == "" && holds {
			return "true", nil
		}
		return e.choose(holds, rest)
	}
	n := nameLength(test)
	name, rest := test[:n], strings.TrimLeft(test[n:], " \t")
	if n == 0 || rest != "" && rest[0] != '?' && rest[0] != ':' {
		return "", errBadName
	}
	o, _ := e.scope.raw(name)
	if rest == "" {
		return e.text(o.value)
	}
	return e.choose(o.value != "", rest)
}

// choose expands the side of "?text", ":text" or "?{text}:{text}" that a condition selects.
func (e *expansion) choose(holds bool, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	var yes, no string
	var err error
	switch text[0] {
	case '?':
		if yes, text, err = cutChoice(text[1:]); err != nil {
			return "", err
		}
		if text != "" && text[0] != ':' {
			return "", errBadChoice
		}
	case ':':
	default:
		return "", errBadChoice
	}
	if text != "" {
		if no, text, err = cutChoice(text[1:]); err != nil {
			return "", err
		}
		if text != "" {
			return "", errBadChoice
		}
	}
	if holds {
		return e.text(yes)
	}
	return e.text(no)
}

// cutChoice takes one side of a choice: what is in braces, or else everything.
func cutChoice(text string) (choice, rest string, err error) {
	braced := strings.TrimLeft(text, " \t")
	if !strings.HasPrefix(braced, "{") {
		return text, "", nil
	}
	end := closing(braced, '{', '}')
	if end < 0 {
		return "", "", errUnclosed
	}
	return braced[1:end], strings.TrimLeft(braced[end+1:], " \t"), nil
}

// comparison evaluates "{left} operator {right}" and returns what follows it. An operator may end in "level": then versions are compared.
func (e *expansion) comparison(text string) (holds bool, rest string, err error) {
	left, text, err := cutChoice(text)
	if err != nil {
		return false, "", err
	}
	n := strings.IndexAny(text, "{ \t")
	if n < 0 {
		return false, "", errBadTest
	}
	operator, text := text[:n], strings.TrimLeft(text[n:], " \t")
	if suffix := "level"; strings.HasPrefix(text, suffix) {
		operator, text = operator+suffix, strings.TrimLeft(text[len(suffix):], " \t")
	}
	if !strings.HasPrefix(text, "{") {
		return false, "", errBadTest
	}
	right, rest, err := cutChoice(text)
	if err != nil {
		return false, "", err
	}
	if left, err = e.text(left); err != nil {
		return false, "", err
	}
	if right, err = e.text(right); err != nil {
		return false, "", err
	}
	operator, levels := strings.CutSuffix(operator, "level")
	order := compareValues(left, right)
	if levels {
		order = compareLevels(left, right)
	}
	holds, err = decide(operator, order)
	return holds, rest, err
}

// decide says whether an operator holds for an order of -1, 0 or 1.
func decide(operator string, order int) (bool, error) {
	switch operator {
	case "==":
		return order == 0, nil
	case "!=":
		return order != 0, nil
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	case ">=":
		return order >= 0, nil
	}
	return false, errBadTest
}

// compareValues compares numbers as such and everything else byte by byte.
func compareValues(a, b string) int {
	n, errA := strconv.ParseUint(a, 10, 64)
	m, errB := strconv.ParseUint(b, 10, 64)
	if errA == nil && errB == nil {
		return cmp.Compare(n, m)
	}
	return strings.Compare(a, b)
}

// compareLevels compares compatibility levels: 3.10 is later than 3.9.
func compareLevels(a, b string) int {
	as, bs := strings.Split(strings.TrimSpace(a), "."), strings.Split(strings.TrimSpace(b), ".")
	for i := range max(len(as), len(bs)) {
		if order := cmp.Compare(number(as, i), number(bs, i)); order != 0 {
			return order
		}
	}
	return 0
}

func number(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, err := strconv.Atoi(parts[i])
	if err != nil {
		return 0
	}
	return n
}
