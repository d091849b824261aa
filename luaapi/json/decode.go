package json

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// MaxDepth is how many arrays and objects may be inside each other.
const MaxDepth = 100

// Builder is told what a text has, in order. Its errors end the reading.
type Builder interface {
	Null() error
	Bool(value bool) error
	Number(value float64) error
	String(value string) error // also a whole number that a float64 does not hold
	BeginArray() error
	BeginObject() error
	Key(name string) error // before each member of an object
	End() error            // of what was begun last
}

// Error says where a text is no JSON.
type Error struct {
	Line   int // from 1
	Column int // in bytes, from 1
	Reason string
}

func (e *Error) Error() string {
	return fmt.Sprintf("no JSON in line %d, column %d: %s", e.Line, e.Column, e.Reason)
}

// Decode reads a text that is one value. The error is an *Error, or one of the builder's.
func Decode(text string, to Builder) error {
	d := decoder{text: text, to: to}
	d.blanks()
	if err := d.value(0); err != nil {
		return err
	}
	d.blanks()
	if d.at < len(d.text) {
		return d.wrong("the end was expected")
	}
	return nil
}

type decoder struct {
	text string
	at   int
	to   Builder
}

// wrong makes the error of the place where the decoder is.
func (d *decoder) wrong(reason string) error {
	before := d.text[:d.at]
	found := "the text ends"
	if d.at < len(d.text) {
		found = strconv.QuoteToASCII(d.text[d.at:min(d.at+1, len(d.text))]) + " is there"
	}
	return &Error{1 + strings.Count(before, "\n"), d.at - strings.LastIndexByte(before, '\n'), reason + ", but " + found}
}

func (d *decoder) blanks() {
	for d.at < len(d.text) && strings.IndexByte(" \t\r\n", d.text[d.at]) >= 0 {
		d.at++
	}
}

// peek returns the next byte, 0 at the end.
func (d *decoder) peek() byte {
	if d.at == len(d.text) {
		return 0
	}
	return d.text[d.at]
}

func (d *decoder) value(depth int) error {
	switch c := d.peek(); {
	case c == '{' || c == '[':
		if depth == MaxDepth {
			return d.wrong(fmt.Sprintf("more than %d arrays and objects are inside each other", MaxDepth))
		}
		if c == '{' {
			return d.object(depth + 1)
		}
		return d.array(depth + 1)
	case c == '"':
		s, err := d.string()
		if err != nil {
			return err
		}
		return d.to.String(s)
	case c == '-' || '0' <= c && c <= '9':
		return d.number()
	case d.word("true"):
		return d.to.Bool(true)
	case d.word("false"):
		return d.to.Bool(false)
	case d.word("null"):
		return d.to.Null()
	}
	return d.wrong("a value was expected")
}

func (d *decoder) word(w string) bool {
	if !strings.HasPrefix(d.text[d.at:], w) {
		return false
	}
	d.at += len(w)
	return true
}

func (d *decoder) array(depth int) error {
	if err := d.to.BeginArray(); err != nil {
		return err
	}
	return d.items(']', func() error { return d.value(depth) })
}

func (d *decoder) object(depth int) error {
	if err := d.to.BeginObject(); err != nil {
		return err
	}
	return d.items('}', func() error {
		if d.peek() != '"' {
			return d.wrong("a name in double quotes was expected")
		}
		name, err := d.string()
		if err != nil {
			return err
		}
		if err := d.to.Key(name); err != nil {
			return err
		}
		d.blanks()
		if d.peek() != ':' {
			return d.wrong("a colon was expected")
		}
		d.at++
		d.blanks()
		return d.value(depth)
	})
}

// items reads what is between an opening bracket and its closing one.
func (d *decoder) items(closing byte, item func() error) error {
	d.at++
	d.blanks()
	if d.peek() == closing {
		d.at++
		return d.to.End()
	}
	for {
		if err := item(); err != nil {
			return err
		}
		d.blanks()
		switch d.peek() {
		case ',':
			d.at++
			d.blanks()
		case closing:
			d.at++
			return d.to.End()
		default:
			return d.wrong("a comma or " + string(closing) + " was expected")
		}
	}
}

// number reads a number. Its syntax is checked here: strconv takes more.
func (d *decoder) number() error {
	start, whole := d.at, true
	if d.peek() == '-' {
		d.at++
	}
	if d.peek() == '0' {
		d.at++
	} else if !d.digits() {
		return d.wrong("a digit was expected")
	}
	if d.peek() == '.' {
		d.at++
		whole = false
		if !d.digits() {
			return d.wrong("a digit was expected")
		}
	}
	if d.peek()|0x20 == 'e' {
		d.at++
		whole = false
		if c := d.peek(); c == '+' || c == '-' {
			d.at++
		}
		if !d.digits() {
			return d.wrong("a digit was expected")
		}
	}
	text := d.text[start:d.at]
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case whole && (err != nil || math.Abs(f) > 1<<53):
		return d.to.String(text)
	case err != nil:
		d.at = start
		return d.wrong("a number that is not too large was expected")
	}
	return d.to.Number(f)
}

// digits passes over digits, and reports whether there are any.
func (d *decoder) digits() bool {
	start := d.at
	for d.at < len(d.text) && '0' <= d.text[d.at] && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at > start
}
