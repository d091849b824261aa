package url

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"luamilter/luaapi/address"
)

// Options say what to look for.
type Options struct {
	Bare     bool // also names without a scheme, such as example.com/x, if their top level is known; www.example.com is found anyway
	Defanged bool // also hxxp://example[.]com and the like
	Max      int  // how many are found at most; MaxFound if it is 0
}

// MaxFound is how many URLs are found unless Options say otherwise.
const MaxFound = 1000

// Where a URL was.
const (
	SourceText = "text" // in text that is shown
	SourceLink = "link" // where a click leads
	SourceLoad = "load" // what is loaded, as a picture is
	SourceForm = "form" // where a form is sent
)

// Found is a URL that was found.
type Found struct {
	URL
	Raw    string // as it stands there
	Source string
	Text   string // that is shown for a link, at most MaxShown bytes
}

func (o *Options) max() int {
	if o.Max > 0 {
		return o.Max
	}
	return MaxFound
}

// Find returns the URLs in plain text.
func Find(text string, o Options) []Found {
	var found []Found
	findIn(text, &o, func(f Found) bool {
		found = append(found, f)
		return len(found) < o.max()
	})
	return found
}

// findIn calls take for each URL in a text, until it returns false.
func findIn(text string, o *Options, take func(Found) bool) {
	text = unquoted(text)
	if o.Defanged {
		text = Refang(text)
	}
	for i := 0; i < len(text); {
		start, scheme := next(text, i, o.Bare)
		if start < 0 {
			return
		}
		raw := text[start:ending(text, start)]
		i = start + max(len(raw), 1)
		u, err := Parse(scheme + raw)
		if err == nil && !take(Found{URL: u, Raw: raw, Source: SourceText}) {
			return
		}
	}
}

// next returns where the next URL may begin, and the scheme that it lacks.
func next(text string, from int, bare bool) (start int, scheme string) {
	for i := from; i < len(text); i++ {
		if i > 0 && isWord(text[i-1]) {
			continue
		}
		rest := text[i:]
		switch text[i] | 0x20 {
		case 'h':
			if hasPrefix(rest, "http://") || hasPrefix(rest, "https://") || hasPrefix(rest, `http:\\`) || hasPrefix(rest, `https:\\`) {
				return i, ""
			}
		case 'f':
			if hasPrefix(rest, "ftp://") {
				return i, ""
			}
		case 'w':
			if hasPrefix(rest, "www.") && (i == 0 || text[i-1] != '@') {
				return i, "http://"
			}
		}
		if bare && (i == 0 || strings.IndexByte("@.-/", text[i-1]) < 0) && looksBare(rest) {
			return i, "http://"
		}
	}
	return -1, ""
}

func hasPrefix(s, prefix string) bool {
	return len(s) > len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// isWord reports whether a URL cannot begin behind a byte. UTF-8 is no word: some languages write without blanks.
func isWord(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' }

// looksBare reports whether a text begins with a name that has a known top level.
func looksBare(s string) bool {
	end, dots := 0, 0
	for end < len(s) && end < 254 && (isWord(s[end]) || s[end] == '-' || s[end] == '.' || s[end] >= utf8.RuneSelf) {
		if s[end] == '.' {
			dots++
		}
		end++
	}
	name := strings.TrimRight(s[:end], ".")
	if dots == 0 || strings.IndexByte(name, '.') < 1 || end < len(s) && s[end] == '@' {
		return false
	}
	_, err := address.OrganizationalDomain(name)
	return err == nil
}

// ending returns where a URL ends that begins at start.
func ending(text string, start int) int {
	end := start
	for end < len(text) && end-start < MaxLength {
		r, size := utf8.DecodeRuneInString(text[end:])
		if r <= ' ' || r == utf8.RuneError || strings.ContainsRune("\"<>`|^{}“”„«»‘’", r) || unicode.IsSpace(r) || unicode.IsControl(r) {
			break
		}
		end += size
	}
	return start + len(trimmed(text[start:end]))
}

// trimmed takes from a URL the marks of the sentence that it stands in: a closing bracket belongs to it if it has an opening one.
func trimmed(s string) string {
	round := strings.Count(s, ")") - strings.Count(s, "(")
	square := strings.Count(s, "]") - strings.Count(s, "[")
	for s != "" {
		switch last := s[len(s)-1]; {
		case strings.IndexByte(".,;:!?'*", last) >= 0:
		case last == ')' && round > 0:
			round--
		case last == ']' && square > 0:
			square--
		default:
			return s
		}
		s = s[:len(s)-1]
	}
	return s
}

// unquoted takes from a text what quoted-printable left in it, if there is something: a body that said it was plain.
func unquoted(text string) string {
	if !strings.Contains(text, "=3D") && !strings.Contains(text, "=3d") {
		return text
	}
	return strings.NewReplacer("=\r\n", "", "=\n", "", "=3D", "=", "=3d", "=", "=20", " ", "=26", "&").Replace(text)
}

// Refang undoes what people do to URLs so that nobody clicks on them: hxxps://example[.]com, example(dot)com.
func Refang(text string) string {
	return strings.NewReplacer(
		"hxxp", "http", "hXXp", "http", "HXXP", "http", "h**p", "http", "fxp://", "ftp://",
		"[.]", ".", "(.)", ".", "{.}", ".", "[dot]", ".", "(dot)", ".", "[DOT]", ".", " [.] ", ".", " [dot] ", ".", "[.", ".", ".]", ".",
		"[:]", ":", "[://]", "://", "[:]//", "://", "[/]", "/", "[at]", "@", "[@]", "@",
	).Replace(text)
}
