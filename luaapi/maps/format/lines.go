package format

import "strings"

// readLines reads an entry from each line: a word, and behind it the value, or with whole only the line. Empty lines, and lines that begin with
// # or ; are left out, and so is a value that does.
func readLines(text string, whole bool, add func(Entry) error) error {
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.Trim(line, " \t\r")
		if line == "" || isComment(line) {
			continue
		}
		e := Entry{Key: line, Line: n}
		if at := strings.IndexAny(line, " \t"); at >= 0 && !whole {
			e.Key, e.Value = line[:at], strings.TrimLeft(line[at:], " \t")
			if isComment(e.Value) {
				e.Value = ""
			}
		}
		if err := add(e); err != nil {
			return err
		}
	}
	return nil
}

func isComment(s string) bool { return s != "" && (s[0] == '#' || s[0] == ';') }
