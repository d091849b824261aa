package edit

import "strings"

// tag is a tag of HTML, or a comment, whose name is "!".
type tag struct {
	name       string // in lower case
	closing    bool
	start, end int
}

// eachTag calls a function with each tag, as a browser sees them: none is in comments, scripts and the like, nor in the quotes of an attribute.
// It returns where something begins that is not closed, so that all behind it is no HTML; the length of s if nothing does.
func eachTag(s string, do func(tag)) (unclosed int) {
	for i := 0; ; {
		next := strings.IndexByte(s[i:], '<')
		if next < 0 {
			return len(s)
		}
		i += next
		t := tagAt(s, i)
		if t.name == "" {
			i++
			continue
		}
		if t.end < 0 {
			return i
		}
		do(t)
		if isRaw(t.name) && !t.closing {
			n := indexClosing(s[t.end:], t.name)
			if n < 0 {
				return i
			}
			t.end += n
		}
		i = t.end
	}
}

// tagAt returns the tag that begins at a <, without name if none does. Its end is -1 if it has none.
func tagAt(s string, i int) tag {
	rest := s[i:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		return tag{"!", false, i, ending(i, 2, rest, "-->")}
	case strings.HasPrefix(rest, "<!"), strings.HasPrefix(rest, "<?"):
		return tag{"!", false, i, ending(i, 2, rest, ">")}
	}
	t := tag{start: i}
	rest = rest[1:]
	if strings.HasPrefix(rest, "/") {
		t.closing, rest = true, rest[1:]
	}
	n := 0
	for n < len(rest) && !strings.ContainsRune(" \t\r\n\f/><", rune(rest[n])) {
		n++
	}
	if n == 0 || !isLetter(rest[0]) {
		return tag{}
	}
	t.name = strings.ToLower(rest[:n])
	t.end = tagEnd(s, len(s)-len(rest)+n)
	return t
}

// ending returns where something ends that begins at i with rest: behind the first end after some bytes.
func ending(i, skip int, rest, end string) int {
	n := strings.Index(rest[skip:], end)
	if n < 0 {
		return -1
	}
	return i + skip + n + len(end)
}

// tagEnd returns what is behind the > of a tag. A quote is one behind an equals sign only, as in browsers.
func tagEnd(s string, i int) int {
	value := false
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '>':
			return i + 1
		case c == '=':
			value = true
		case (c == '"' || c == '\'') && value:
			n := strings.IndexByte(s[i+1:], c)
			if n < 0 {
				return -1
			}
			i += n + 1
			value = false
		case c != ' ' && c != '\t' && c != '\r' && c != '\n':
			value = false
		}
	}
	return -1
}

// isRaw reports whether there are no tags in an element.
func isRaw(name string) bool {
	switch name {
	case "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes":
		return true
	}
	return false
}

// indexClosing returns where the closing tag of a name begins, -1 if there is none.
func indexClosing(s, name string) int {
	for from := 0; ; {
		i := strings.Index(s[from:], "</")
		if i < 0 || len(s)-from-i-2 < len(name) {
			return -1
		}
		from += i + 2
		if strings.EqualFold(s[from:from+len(name)], name) {
			return from - 2
		}
	}
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
