package mail

import (
	"fmt"
	"mime"
	"strings"
	"unicode/utf8"

	"luamilter/protocol"
)

// Line lengths in bytes (RFC 5322 section 2.1.1, RFC 2047 section 2).
const (
	maxLine        = 998
	maxEncodedLine = 76
)

// HeaderValue makes a text fit for a header field of that name: CRLF becomes LF, what is not ASCII is encoded by RFC 2047 (unless
// utf8OK, for a message that came with SMTPUTF8), and long lines are folded at blanks. A line break must be followed by a blank.
func HeaderValue(name, text string, utf8OK bool) (string, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if err := protocol.CheckHeaderValue(text); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	limit := maxLine
	if !isASCII(text) && !(utf8OK && utf8.ValidString(text)) {
		text, limit = encodeWords(text), maxEncodedLine
	}
	return fold(text, len(name)+2, limit), nil
}

// RawValue checks a value that goes out as it is.
func RawValue(name, value string) error {
	if err := protocol.CheckHeaderValue(value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// encodeWords turns each run of words that are not ASCII into encoded-words and leaves the rest, so that addresses beside names
// stay readable. Text that is not UTF-8 either is marked as unknown-8bit (RFC 1428).
func encodeWords(text string) string {
	charset := "utf-8"
	if !utf8.ValidString(text) {
		charset = "unknown-8bit"
	}
	var out strings.Builder
	for text != "" {
		gap := len(text) - len(strings.TrimLeft(text, " \t\n"))
		out.WriteString(text[:gap])
		text = text[gap:]
		n := runOfWords(text)
		if run := text[:n]; isASCII(run) {
			out.WriteString(run)
		} else {
			out.WriteString(encodePhrase(charset, run))
		}
		text = text[n:]
	}
	return out.String()
}

// runOfWords returns how much of s is one word, a quoted string, or words that are not ASCII with only blanks between.
func runOfWords(s string) int {
	end := wordEnd(s)
	if s == "" || isASCII(s[:end]) {
		return end
	}
	for {
		gap := len(s[end:]) - len(strings.TrimLeft(s[end:], " \t\n"))
		next := end + gap + wordEnd(s[end+gap:])
		if next == end+gap || isASCII(s[end+gap:next]) || s[end+gap] == '"' {
			return end
		}
		end = next
	}
}

func wordEnd(s string) int {
	if strings.HasPrefix(s, `"`) {
		for i := 1; i < len(s); i++ {
			if s[i] == '\\' {
				i++
			} else if s[i] == '"' {
				return i + 1
			}
		}
	}
	if i := strings.IndexAny(s, " \t\n"); i >= 0 {
		return i
	}
	return len(s)
}

// encodePhrase encodes a run of words; a quoted string loses its quotes, inside which no encoded-word may stand.
func encodePhrase(charset, run string) string {
	if n := len(run); n >= 2 && run[0] == '"' && run[n-1] == '"' {
		run = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(run[1 : n-1])
	}
	run = strings.Join(strings.FieldsFunc(run, func(r rune) bool { return r == '\n' }), "")
	q, b := mime.QEncoding.Encode(charset, run), mime.BEncoding.Encode(charset, run)
	if len(b) < len(q) {
		return b
	}
	return q
}

// fold breaks lines over the limit at blanks; used is what already stands in the first line. A line without a blank stays.
func fold(text string, used, limit int) string {
	if used+len(text) <= limit {
		return text
	}
	var out strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			out.WriteByte('\n')
			used = 0
		}
		for used+len(line) > limit {
			cut := lastBlank(line, limit-used)
			if cut <= 0 {
				break
			}
			out.WriteString(line[:cut])
			out.WriteByte('\n')
			line, used = line[cut:], 0
		}
		out.WriteString(line)
	}
	return out.String()
}

// lastBlank returns where to break: the last blank up to the limit that has text on both sides, else the first after it.
func lastBlank(line string, limit int) int {
	text := len(line) - len(strings.TrimLeft(line, " \t"))
	for i := min(limit, len(line)-1); i > text; i-- {
		if blank(line[i]) && strings.TrimLeft(line[i:], " \t") != "" {
			return i
		}
	}
	for i := max(limit, text); i < len(line); i++ {
		if i > text && blank(line[i]) && strings.TrimLeft(line[i:], " \t") != "" {
			return i
		}
	}
	return -1
}

func blank(b byte) bool { return b == ' ' || b == '\t' }

// Unfold returns a field value on one line (RFC 5322 section 2.2.3).
func Unfold(value string) string {
	if strings.IndexByte(value, '\n') < 0 {
		return value
	}
	return strings.NewReplacer("\r\n", "", "\n", "").Replace(value)
}
