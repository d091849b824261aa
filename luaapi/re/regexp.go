package re

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
	"time"

	re2 "github.com/wasilibs/go-re2"
	"github.com/wasilibs/go-re2/experimental"
)

const (
	// MaxExpression is how long an expression may be, in bytes.
	MaxExpression = 16 << 10

	// MaxMatches is how many matches All finds.
	MaxMatches = 100_000
)

// Flags are the letters that may stand with an expression, and what they mean.
const Flags = "ims" + bytesFlag

// bytesFlag is the one that RE2 does not have as a letter.
const bytesFlag = "b"

// Regexp is a compiled expression. It is safe for use by several goroutines.
type Regexp struct {
	source string
	bytes  bool // a text is bytes, not UTF-8
	re     *re2.Regexp
	names  []string
}

// Compile compiles an expression. The flags are letters of Flags: i ignores case, m has ^ and $ match at lines, s has . match line breaks,
// b has the text be bytes instead of UTF-8. The error says what is wrong with the expression or the flags.
func Compile(source, flags string) (*Regexp, error) {
	text, err := checked(source, flags)
	if err != nil {
		return nil, err
	}
	r := &Regexp{source: source, bytes: strings.Contains(flags, bytesFlag)}
	compile := re2.Compile
	if r.bytes {
		compile = experimental.CompileLatin1
	}
	if r.re, err = compile(text); err != nil {
		return nil, fmt.Errorf("%q is no expression: %w", shown(source), err)
	}
	r.names = r.re.SubexpNames()
	return r, nil
}

// checked returns an expression with its flags as RE2 writes them, if nothing is wrong with either.
func checked(source, flags string) (string, error) {
	text, err := withFlags(source, flags)
	if err != nil {
		return "", err
	}
	if err := check(text, strings.Contains(flags, bytesFlag)); err != nil {
		return "", fmt.Errorf("%q is no expression: %w", shown(source), err)
	}
	return text, nil
}

// withFlags returns the expression with its flags as RE2 writes them, and checks the flags.
func withFlags(source, flags string) (string, error) {
	if len(source) > MaxExpression {
		return "", fmt.Errorf("the expression has %d bytes, of at most %d", len(source), MaxExpression)
	}
	if strings.IndexByte(source, 0) >= 0 {
		return "", fmt.Errorf("%q has a NUL in it; write \\x00", shown(source))
	}
	inner := ""
	for _, c := range flags {
		switch {
		case !strings.ContainsRune(Flags, c):
			return "", fmt.Errorf("there is no flag %q; there are i (ignores case), m (^ and $ match at lines), s (. matches line breaks) and b (bytes)", c)
		case string(c) != bytesFlag:
			inner += string(c)
		}
	}
	if inner != "" {
		return "(?" + inner + ")" + source, nil
	}
	return source, nil
}

// check finds mistakes with the parser of the standard library, which knows the same syntax: RE2 writes about each to the standard error.
func check(text string, bytes bool) error {
	if bytes {
		text = latin1(text)
	}
	_, err := syntax.Parse(text, syntax.Perl)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		return fmt.Errorf("%s: `%s`", wrong.Code, shown(wrong.Expr))
	}
	return err
}

// latin1 returns a text with a character for each byte.
func latin1(s string) string {
	out := make([]rune, len(s))
	for i := range len(s) {
		out[i] = rune(s[i])
	}
	return string(out)
}

// shown cuts an expression for an error.
func shown(source string) string {
	const most = 60
	if len(source) > most {
		return source[:most] + "..."
	}
	return source
}

// Source returns the expression as it was written.
func (r *Regexp) Source() string { return r.source }

// Names returns the names of the captures; that of the first one, which is the whole match, and those of captures without a name are "".
func (r *Regexp) Names() []string { return r.names }

// Test reports whether there is a match in a text.
func (r *Regexp) Test(s string) bool {
	if r.bytes {
		return r.re.MatchString(s)
	}
	return r.re.MatchString(valid(s).s)
}

// Find returns where the first match and its captures begin and end, two places for each, -1 for a capture that took no part; nil without
// a match.
func (r *Regexp) Find(s string) []int {
	if r.bytes {
		return r.re.FindStringSubmatchIndex(s)
	}
	text := valid(s)
	return text.back(r.re.FindStringSubmatchIndex(text.s))
}

// batches are how many matches All looks for at a time: each begins anew.
var batches = [...]int{64, 1024, 16 << 10, MaxMatches + 1}

// All returns what Find would for every match, the first most of them; a negative one is all. It asks goOn how long it may take whenever
// there is more to do, and fails with its error; and it fails if there are more than MaxMatches.
func (r *Regexp) All(s string, most int, goOn func(expected time.Duration) error) ([][]int, error) {
	text := asIs(s)
	if !r.bytes {
		text = valid(s)
	}
	if most < 0 {
		most = MaxMatches + 1
	}
	var found [][]int
	for i, n := range batches {
		n = min(n, most)
		began := time.Now()
		found = r.re.FindAllStringSubmatchIndex(text.s, n)
		if len(found) < n || n == most {
			break
		}
		next := batches[min(i+1, len(batches)-1)]
		if err := goOn(time.Since(began) * time.Duration(next/n)); err != nil {
			return nil, err
		}
	}
	if len(found) > MaxMatches {
		return nil, fmt.Errorf("there are more than %d matches of %q", MaxMatches, shown(r.source))
	}
	for _, at := range found {
		text.back(at)
	}
	return found, nil
}
