package format

import (
	"errors"
	"strings"
)

// logical gives the logical lines of a table: a line that begins with a blank goes on with the one before; empty lines and comments count
// for nothing, and do not end a line (postmap(1)).
func logical(text string, do func(n int, line string) error) error {
	var whole string
	begin := 0
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSuffix(line, "\r")
		content := strings.TrimLeft(line, " \t\r\v\f")
		switch {
		case content == "" || content[0] == '#':
		case len(content) < len(line) && begin > 0:
			whole += line
		case len(content) < len(line):
			return wrong(n, "the first line begins with a blank, as if it went on with another")
		default:
			if begin > 0 {
				if err := do(begin, whole); err != nil {
					return err
				}
			}
			whole, begin = line, n
		}
	}
	if begin == 0 {
		return nil
	}
	return do(begin, whole)
}

const blanks = " \t\r\n\v\f"

// readTextHash reads keys and values. Keys are folded by those who look them up.
func readTextHash(text string, add func(Entry) error) error {
	return logical(text, func(n int, line string) error {
		key, value, err := cutKey(line)
		if err != nil {
			return Error{n, err}
		}
		value = strings.Trim(value, blanks)
		if value == "" {
			return wrong(n, "%s has no value; the form is: key, blanks, value", key)
		}
		return add(Entry{Key: key, Value: value, Line: n})
	})
}

// cutKey separates the key from what follows. Blanks inside quotes belong to it, as in the address "a b"@example.com.
func cutKey(line string) (key, rest string, err error) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case !quoted && strings.IndexByte(blanks, c) >= 0:
			return line[:i], line[i:], nil
		}
	}
	if quoted {
		return "", "", errors.New("the quotes are not closed")
	}
	return line, "", nil
}

// readCIDR reads networks and results (cidr_table(5)).
func readCIDR(text string, add func(Entry) error) error {
	depth := nesting{}
	err := logical(text, func(n int, line string) error {
		e := Entry{Line: n}
		line = e.condition(line)
		if e.Not = strings.HasPrefix(line, "!"); e.Not {
			line = strings.TrimLeft(line[1:], blanks)
		}
		at := strings.IndexAny(line+" ", blanks)
		e.Key, e.Value = line[:at], strings.Trim(line[at:], blanks)
		return depth.add(e, add)
	})
	return depth.end(err)
}

// condition takes "if" and "endif" from the beginning of a line.
func (e *Entry) condition(line string) string {
	word := line[:strings.IndexAny(line+" ", blanks+"!/")]
	switch strings.ToLower(word) {
	case "if":
		e.Op = If
	case "endif":
		e.Op = EndIf
	default:
		return line
	}
	return strings.Trim(line[len(word):], blanks)
}

// readRegexp reads expressions and results (regexp_table(5)).
func readRegexp(text string, add func(Entry) error) error {
	depth := nesting{}
	err := logical(text, func(n int, line string) error {
		e := Entry{Line: n}
		line = e.condition(line)
		if e.Op == EndIf {
			e.Value = line
			return depth.add(e, add)
		}
		if e.Not = strings.HasPrefix(line, "!"); e.Not {
			line = strings.TrimLeft(line[1:], blanks)
		}
		if line == "" || isWordByte(line[0]) {
			return wrong(n, "an expression between delimiters was expected, such as /expression/")
		}
		var ok bool
		if e.Key, line, ok = cutExpression(line); !ok {
			return wrong(n, "the expression has no second %q", line[:1])
		}
		at := strings.IndexAny(line+" ", blanks)
		e.Flags, e.Value = line[:at], strings.Trim(line[at:], blanks)
		return depth.add(e, add)
	})
	return depth.end(err)
}

// cutExpression returns what stands between delimiters and what follows; a backslash takes the next character with it. One before the delimiter
// itself stays where it is, since RE2 reads an escaped delimiter as it does the plain one.
func cutExpression(line string) (expression, rest string, ok bool) {
	for i := 1; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case line[0]:
			return line[1:i], line[i+1:], true
		}
	}
	return "", line, false
}

func isWordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// nesting is the lines of the conditions that are open.
type nesting struct{ open []int }

// add checks an entry against the conditions before it, and adds it.
func (d *nesting) add(e Entry, add func(Entry) error) error {
	switch {
	case e.Op == If && e.Value != "":
		return wrong(e.Line, "%q follows the condition; it stands alone", e.Value)
	case e.Op == If:
		d.open = append(d.open, e.Line)
	case e.Op == EndIf && (e.Key != "" || e.Value != ""):
		return wrong(e.Line, "endif stands alone")
	case e.Op == EndIf && len(d.open) == 0:
		return wrong(e.Line, "endif without if")
	case e.Op == EndIf:
		d.open = d.open[:len(d.open)-1]
	case e.Value == "":
		return wrong(e.Line, "%s has no result", e.Key)
	}
	return add(e)
}

// end returns an error if a condition is still open.
func (d *nesting) end(err error) error {
	if err != nil || len(d.open) == 0 {
		return err
	}
	return wrong(d.open[len(d.open)-1], "if without endif")
}
