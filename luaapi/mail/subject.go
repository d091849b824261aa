package mail

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"luamilter/luaapi/fieldvalue"
)

// replyMarks are what mail programs put before a subject, with a colon, in the languages that change them.
var replyMarks = []string{
	"re", "fw", "fwd", "aw", "wg", "antw", "sv", "vs", "vb", "vl", "ref", "r", "i", "rv", "res", "enc", "tr", "odp", "pd", "ynt", "ilt", "回复", "答复", "转发",
}

// PrefixSubject returns the value of a subject with a text and a blank in front. It returns false, and the subject as it is, if people
// would read the text there already: at the beginning, or with nothing but marks like "Re:" and other tags in brackets before it.
//
// The text is encoded where it must be, and what the subject had stays as it was, encoded-words whole.
func PrefixSubject(subject, text string, utf8OK bool) (value string, changed bool, err error) {
	text = strings.Trim(text, blanks)
	if text == "" {
		return "", false, fmt.Errorf("the text is empty")
	}
	subject = strings.TrimLeft(subject, blanks)
	if hasPrefix(subject, text) {
		return subject, false, nil
	}
	if subject == "" {
		value, err = HeaderValue("Subject", text, utf8OK)
		return value, true, err
	}
	if !utf8.ValidString(subject) { // nobody knows its charset: it cannot be encoded together with the text
		value, err = HeaderValue("Subject", text, utf8OK)
		value += " " + subject
	} else {
		value, err = HeaderValue("Subject", text+gapBefore(subject, text)+subject, utf8OK)
	}
	if err == nil {
		err = RawValue("Subject", value)
	}
	return value, true, err
}

// gapBefore is what is between the text and the subject: a line break where the line would be too long for encoded-words (RFC 2047 section 2).
func gapBefore(subject, text string) string {
	line, _, _ := strings.Cut(subject, "\n")
	if isASCII(text) && strings.Contains(line, "=?") && len("Subject: ")+len(text)+1+len(line) > maxEncodedLine {
		return "\n "
	}
	return " "
}

// hasPrefix reports whether a subject begins with a text, or does so behind reply marks and tags.
func hasPrefix(subject, text string) bool {
	rest, _ := fieldvalue.Text(subject)
	text, _ = fieldvalue.Text(text)
	for {
		rest = strings.TrimLeft(rest, blanks)
		if strings.HasPrefix(rest, text) {
			return true
		}
		n := markEnd(rest)
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
}

// maxTag is more than a tag or mark has that people would read over.
const maxTag = 60

// markEnd returns where the reply mark or the tag in brackets ends that s begins with, 0 if it does not.
func markEnd(s string) int {
	near := s[:min(len(s), maxTag)]
	if strings.HasPrefix(near, "[") {
		return strings.IndexByte(near, ']') + 1
	}
	for _, colon := range []string{":", "："} {
		mark, _, ok := strings.Cut(near, colon)
		if ok && isReplyMark(mark) {
			return len(mark) + len(colon)
		}
	}
	return 0
}

// isReplyMark reports whether a word is one, perhaps with a count, as in Re[2].
func isReplyMark(s string) bool {
	if i := strings.IndexAny(s, "[(^"); i > 0 {
		s = s[:i]
	}
	s = strings.ToLower(strings.TrimRight(s, " 0123456789"))
	for _, mark := range replyMarks {
		if s == mark {
			return true
		}
	}
	return false
}
