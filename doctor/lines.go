package doctor

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// maxFile is how many bytes of a configuration file are read; one that is longer is an error.
const maxFile = 8 << 20

// readFile returns the text of a file below root.
func readFile(root, path string) (string, error) {
	full := below(root, path)
	if info, err := os.Stat(full); err != nil {
		return "", err
	} else if !info.Mode().IsRegular() {
		return "", fmt.Errorf("read %s: it is no regular file", full)
	}
	f, err := os.Open(full)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return "", err
	}
	if len(text) > maxFile {
		return "", fmt.Errorf("read %s: more than %d MiB, this is no configuration file", path, maxFile>>20)
	}
	return string(text), nil
}

// below is where a path of the examined system is; .. does not lead out of root.
func below(root, path string) string {
	if root == "" {
		return path
	}
	return filepath.Join(root, filepath.Join("/", path))
}

// line is a logical line: a line and those that continue it.
type line struct {
	text  string
	parts []part
}

// part tells where a physical line begins in the text of a logical one.
type part struct{ at, number int }

// number returns the number of the physical line that the byte at an offset of the text is from.
func (l *line) number(at int) int {
	n := l.parts[0].number
	for _, p := range l.parts {
		if p.at > at {
			break
		}
		n = p.number
	}
	return n
}

// logicalLines joins lines with those that begin with white space and continue them. Empty lines and comments are left out, also between a
// line and its continuation (postconf(5)); a continuation of nothing is dropped, as Postfix does.
func logicalLines(text string) []line {
	var lines []line
	number := 0
	for physical := range strings.Lines(text) {
		number++
		physical = strings.TrimRight(physical, "\r\n")
		bare := strings.TrimLeft(physical, " \t\r\n\v\f")
		switch {
		case bare == "" || bare[0] == '#':
		case len(bare) == len(physical):
			lines = append(lines, line{physical, []part{{0, number}}})
		case len(lines) > 0:
			lines[len(lines)-1].join(physical, number)
		}
	}
	for i := range lines {
		lines[i].text = strings.TrimRight(lines[i].text, " \t\r\n\v\f")
	}
	return lines
}

// join adds a physical line.
func (l *line) join(physical string, number int) {
	l.parts = append(l.parts, part{len(l.text), number})
	l.text += physical
}

// word is a piece of a text and where it begins.
type word struct {
	text string
	at   int
}

// words splits a text at separators, but not within braces at the beginning of a word (Postfix's mystrtokq).
func words(text, separators string) []word {
	var list []word
	for at := 0; at < len(text); {
		if strings.IndexByte(separators, text[at]) >= 0 {
			at++
			continue
		}
		end := at
		if text[at] == '{' {
			end = at + max(closing(text[at:], '{', '}'), 0)
		}
		if n := strings.IndexAny(text[end:], separators); n >= 0 {
			end += n
		} else {
			end = len(text)
		}
		list = append(list, word{text[at:end], at})
		at = end
	}
	return list
}

// closing returns the offset of the bracket that closes the one the text begins with, -1 if there is none.
func closing(text string, opens, closes byte) int {
	level := 0
	for i := range len(text) {
		switch text[i] {
		case opens:
			level++
		case closes:
			if level--; level == 0 {
				return i
			}
		}
	}
	return -1
}

// unbrace returns what is inside of braces around a text; ok is false if there are none.
func unbrace(text string) (inner string, ok bool) {
	if len(text) < 2 || text[0] != '{' || closing(text, '{', '}') != len(text)-1 {
		return text, false
	}
	return strings.TrimSpace(text[1 : len(text)-1]), true
}
