package lint

import "strings"

// Column returns the column of the first token on a line that is the word, 0 if there is none. A word in double quotes stands for a string
// that says it, however that is quoted.
func (s *Source) Column(line int, word string) int {
	text, quoted := strings.CutPrefix(word, `"`)
	text = strings.TrimSuffix(text, `"`)
	l := newLexer(s.text)
	for t := l.next(); t.kind != tokenEnd && !t.open && t.line <= line; t = l.next() {
		if t.line == line && (!quoted && t.text == word || quoted && t.says(text)) {
			return t.column
		}
	}
	return 0
}

// says reports a string in quotes that is the text.
func (t token) says(text string) bool {
	return t.kind == tokenText && len(t.text) == len(text)+2 && strings.Contains(t.text, text)
}
