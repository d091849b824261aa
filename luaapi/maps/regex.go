package maps

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"luamilter/luaapi/maps/format"
	"luamilter/luaapi/re"
)

// regexes finds the first expression that matches. All are looked for in one pass.
type regexes struct {
	rules []rule
	exprs []*re.Regexp // one for each rule whose value takes parts of the match, nil for others
	set   *re.Set
	place []int // which rule each expression of the set is of
	plain bool  // no rule depends on another one, or on that something does not match
	size  int64
}

// regexBuilder makes one. Expressions of a regexp table (regexp_table(5)) ignore case unless their flags say otherwise, and their results
// take parts of what matched.
type regexBuilder struct {
	regexes
	postfix, fold bool
	sources       []string
}

// bytesPerRegex is about what an expression takes in RE2's memory.
const bytesPerRegex = 6 << 10

func (b *regexBuilder) add(e format.Entry) error {
	var r rule
	var expr *re.Regexp
	if e.Op != format.EndIf {
		source, err := b.source(&e)
		if err != nil {
			return err
		}
		compiled, err := re.Compile(source, "") // the set would not say the line
		if err != nil {
			return err
		}
		r = rule{e.Op, e.Not, strings.Clone(e.Value)}
		if b.postfix && strings.Contains(e.Value, "$") {
			if r.value, expr, err = template(&e, compiled); err != nil {
				return err
			}
		}
		b.place, b.sources = append(b.place, len(b.rules)), append(b.sources, source)
	} else {
		r.op = format.EndIf
	}
	b.rules, b.exprs = append(b.rules, r), append(b.exprs, expr)
	return nil
}

// source writes the expression of an entry as RE2 wants it.
func (b *regexBuilder) source(e *format.Entry) (string, error) {
	if !b.postfix {
		if b.fold {
			return "(?i)" + e.Key, nil
		}
		return e.Key, nil
	}
	fold, lines := true, false
	for _, flag := range e.Flags {
		switch flag {
		case 'i':
			fold = !fold
		case 'm':
			lines = !lines
		case 'x':
			return "", errors.New("the flag x, basic expressions, is not supported; write the expression without it")
		default:
			return "", fmt.Errorf("there is no flag %q; there are i and m", flag)
		}
	}
	flags := "s" // as regcomp(3) without REG_NEWLINE
	if lines {
		flags = "m"
	}
	if fold {
		flags += "i"
	}
	return "(?" + flags + ")" + e.Key, nil
}

// template checks a result with parts of the match in it. It returns the result as it is if it has none but $$.
func template(e *format.Entry, compiled *re.Regexp) (string, *re.Regexp, error) {
	parts, err := expand(e.Value, func(n int) (string, error) {
		if n >= len(compiled.Names()) {
			return "", fmt.Errorf("the result has $%d, and the expression only %d pairs of parentheses", n, len(compiled.Names())-1)
		}
		return "", errParts
	})
	switch {
	case errors.Is(err, errParts) && e.Not:
		return "", nil, errors.New("the result has a part of the match, which an expression with ! does not have")
	case errors.Is(err, errParts):
		return strings.Clone(e.Value), compiled, nil
	case err != nil:
		return "", nil, err
	}
	return parts, nil, nil
}

// errParts says that a result has parts of the match.
var errParts = errors.New("it has parts of the match")

// expand writes a result: $1, ${1} and $(1) are parts of the match, $$ is a dollar.
func expand(value string, part func(n int) (string, error)) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(value, "$")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		if strings.HasPrefix(rest, "$") {
			b.WriteByte('$')
			value = rest[1:]
			continue
		}
		n, length := reference(rest)
		if length == 0 {
			return "", fmt.Errorf("the result has a $ before %q; $1 is a part of the match, $$ a dollar", rest)
		}
		text, err := part(n)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		value = rest[length:]
	}
}

// reference reads 1, {1} or (1), and returns how long it is; 0 if it is none.
func reference(s string) (n, length int) {
	digits := s
	closing := ""
	if s != "" && (s[0] == '{' || s[0] == '(') {
		digits, closing = s[1:], map[byte]string{'{': "}", '(': ")"}[s[0]]
	}
	end := 0
	for end < len(digits) && digits[end] >= '0' && digits[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(digits[:end])
	if err != nil || n == 0 || !strings.HasPrefix(digits[end:], closing) {
		return 0, 0
	}
	return n, end + 2*len(closing)
}

func (b *regexBuilder) done() (Loaded, error) {
	var err error
	if b.set, err = re.CompileSet(b.sources, ""); err != nil {
		return nil, err
	}
	b.plain = true
	for i := range b.rules {
		r := &b.rules[i]
		b.size += 48 + int64(len(r.value))
		b.plain = b.plain && !r.not && r.op == format.Match
	}
	b.size += bytesPerRegex * int64(len(b.sources))
	return &b.regexes, nil
}

// Find implements Loaded.
func (x *regexes) Find(key string) (value string, found bool, err error) {
	hits, err := x.set.Find(key)
	if err != nil {
		return "", false, err
	}
	i := x.first(hits)
	if i < 0 {
		return "", false, nil
	}
	if x.exprs[i] == nil {
		return x.rules[i].value, true, nil
	}
	at := x.exprs[i].Find(key)
	value, err = expand(x.rules[i].value, func(n int) (string, error) {
		if at == nil || at[2*n] < 0 {
			return "", nil
		}
		return key[at[2*n]:at[2*n+1]], nil
	})
	return value, true, err
}

// first returns which rule applies where these expressions match, -1 if none does.
func (x *regexes) first(hits []int) int {
	switch {
	case x.plain && len(hits) == 0:
		return -1
	case x.plain:
		return x.place[hits[0]]
	}
	matched := make(map[int]bool, len(hits))
	for _, hit := range hits {
		matched[x.place[hit]] = true
	}
	return firstOf(x.rules, func(i int) (match, concerns bool) { return matched[i], true })
}

// Len implements Loaded.
func (x *regexes) Len() int { return count(x.rules) }

// Bytes implements Loaded.
func (x *regexes) Bytes() int64 { return x.size }
