package protocol

import (
	"fmt"
	"strconv"
	"strings"
)

// Verdict is what a filter decides about an event.
type Verdict uint8

// The verdicts.
const (
	Continue Verdict = iota // no opinion: go on
	Accept                  // take it without further questions
	Reject                  // refuse for good (5xx)
	Tempfail                // refuse for now (4xx)
	Discard                 // tell the client it was taken, and drop it
	Skip                    // no more events of this kind for this message (body only)
)

var verdictNames = [...]string{"continue", "accept", "reject", "tempfail", "discard", "skip"}

// String returns the verdict's name, which is that of the Lua value.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict %d", uint8(v))
}

// Final reports whether the verdict ends the filtering of what it is about.
func (v Verdict) Final() bool { return v != Continue && v != Skip }

// Reply is a verdict with, for Reject and Tempfail, the reply that the SMTP client gets.
type Reply struct {
	Verdict  Verdict
	Code     int    // 4xx or 5xx; 0: the MTA chooses code and text
	Enhanced string // RFC 3463 status such as "5.7.1"; "" for none
	Text     string // lines separated by LF
}

// Limits of a reply's text, those of libmilter.
const (
	MaxReplyLine  = 980 // bytes, a percent sign counting as two
	MaxReplyLines = 32
)

// NewReply returns a checked reply. An error names the part that is wrong and what would be right.
func NewReply(v Verdict, code int, enhanced, text string) (Reply, error) {
	r := Reply{v, code, enhanced, text}
	return r, r.check()
}

func (r *Reply) check() error {
	class := 5
	switch r.Verdict {
	case Reject:
	case Tempfail:
		class = 4
	default:
		if r.Verdict > Skip {
			return fmt.Errorf("%v does not exist", r.Verdict)
		}
		if r.Code != 0 || r.Enhanced != "" || r.Text != "" {
			return fmt.Errorf("%v takes no reply; only reject and tempfail do", r.Verdict)
		}
		return nil
	}
	if r.Code == 0 && r.Enhanced == "" && r.Text == "" {
		return nil
	}
	if r.Code/100 != class {
		return fmt.Errorf("%v needs a reply code from %d00 to %d99, not %d", r.Verdict, class, class, r.Code)
	}
	if r.Enhanced != "" && !validEnhanced(r.Enhanced, class) {
		return fmt.Errorf("%v needs an enhanced status like %d.7.1, not %q", r.Verdict, class, r.Enhanced)
	}
	return checkReplyText(r.Text)
}

// validEnhanced reports whether s is class.subject.detail of RFC 3463 section 2.
func validEnhanced(s string, class int) bool {
	if len(s) < 2 || s[0] != byte('0'+class) || s[1] != '.' {
		return false
	}
	subject, detail, found := strings.Cut(s[2:], ".")
	return found && isShortNumber(subject) && isShortNumber(detail)
}

func isShortNumber(s string) bool {
	return len(s) >= 1 && len(s) <= 3 && strings.Trim(s, "0123456789") == ""
}

// checkReplyText holds text to the textstring of RFC 5321 section 4.2.
func checkReplyText(text string) error {
	if n := strings.Count(text, "\n") + 1; n > MaxReplyLines {
		return fmt.Errorf("reply text has %d lines, at most %d work", n, MaxReplyLines)
	}
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		if n := len(line) + strings.Count(line, "%"); n > MaxReplyLine {
			return fmt.Errorf("line %d of the reply text has %d bytes, at most %d work", number, n, MaxReplyLine)
		}
		for i := range len(line) {
			if b := line[i]; b != '\t' && b < ' ' || b >= 0x7f {
				return fmt.Errorf("reply text contains %s in line %d; printable(text) makes it fit", byteName(b), number)
			}
		}
	}
	return nil
}

func byteName(b byte) string {
	switch {
	case b == '\r':
		return "a carriage return"
	case b == 0:
		return "a NUL"
	case b < ' ' || b == 0x7f:
		return fmt.Sprintf("the control character 0x%02X", b)
	}
	return fmt.Sprintf("the byte 0x%02X, which is not ASCII,", b)
}

var plainResponses = [...]Response{Continue: RespContinue, Accept: RespAccept, Reject: RespReject, Tempfail: RespTempfail, Discard: RespDiscard, Skip: RespSkip}

// appendPacket appends the reply as a packet. Percent signs are doubled, as both MTAs expect.
func (r *Reply) appendPacket(dst []byte) []byte {
	if r.Code == 0 {
		return append(dst, 0, 0, 0, 1, byte(plainResponses[r.Verdict]))
	}
	enhanced := r.Enhanced
	if enhanced == "" && looksLikeOtherClass(r.Text, r.Code) {
		enhanced = strconv.Itoa(r.Code/100) + ".0.0"
	}
	dst, start := beginFrame(dst, byte(RespReplyCode))
	for text, more := r.Text, true; more; {
		var line string
		line, text, more = strings.Cut(text, "\n")
		dst = strconv.AppendInt(dst, int64(r.Code), 10)
		if more {
			dst = append(dst, '-')
		} else {
			dst = append(dst, ' ')
		}
		if enhanced != "" {
			dst = append(dst, enhanced...)
			if line != "" {
				dst = append(dst, ' ')
			}
		}
		for i := 0; i < len(line); i++ {
			if line[i] == '%' {
				dst = append(dst, '%')
			}
			dst = append(dst, line[i])
		}
		if more {
			dst = append(dst, '\r', '\n')
		}
	}
	return endFrame(append(dst, 0), start)
}

// looksLikeOtherClass reports whether a line of text begins with a digit that Postfix would take for an enhanced status of
// another class than the code's, and therefore for a malformed reply.
func looksLikeOtherClass(text string, code int) bool {
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && line[0] >= '0' && line[0] <= '9' && int(line[0]-'0') != code/100 {
			return true
		}
	}
	return false
}

// decodeReply reads a verdict packet, as an MTA does.
func decodeReply(code Response, p []byte) (Reply, error) {
	if code == RespReplyCode {
		return decodeReplyCode(p)
	}
	for v, c := range plainResponses {
		if c != code {
			continue
		}
		if len(p) != 0 {
			return Reply{}, fmt.Errorf("%v was followed by %d bytes of data", code, len(p))
		}
		return Reply{Verdict: Verdict(v)}, nil
	}
	return Reply{}, fmt.Errorf("unexpected %v", code)
}

// decodeReplyCode reads the lines of an SMTP reply, refusing what one of the MTAs would not pass on as it is.
func decodeReplyCode(p []byte) (Reply, error) {
	text, rest, found := cutNUL(p)
	if !found || len(rest) != 0 {
		return Reply{}, fmt.Errorf("reply text does not end in exactly one NUL")
	}
	lines := strings.Split(string(text), "\r\n")
	var r Reply
	for i, line := range lines {
		code, err := replyLineCode(line, i == len(lines)-1)
		if err != nil {
			return Reply{}, err
		}
		if i > 0 && code != r.Code {
			return Reply{}, fmt.Errorf("reply code changes from %d to %d", r.Code, code)
		}
		r.Code, lines[i] = code, line[4:]
	}
	r.Verdict = Reject
	if r.Code/100 == 4 {
		r.Verdict = Tempfail
	}
	r.Enhanced = cutEnhanced(lines, r.Code/100)
	r.Text = strings.ReplaceAll(strings.Join(lines, "\n"), "%%", "%")
	return r, nil
}

// replyLineCode returns the code of one line as it goes over the wire.
func replyLineCode(line string, last bool) (int, error) {
	switch {
	case len(line) < 4 || line[0] != '4' && line[0] != '5' || !isDigit(line[1]) || !isDigit(line[2]):
		return 0, fmt.Errorf("reply line %q does not begin with a code from 400 to 599", line)
	case line[3] != ' ' && line[3] != '-' || (line[3] == ' ') != last:
		return 0, fmt.Errorf("reply line %q needs a '-' after the code where another line follows, else a blank", line)
	case len(line) > 4 && isDigit(line[4]) && line[4] != line[0]:
		return 0, fmt.Errorf("reply line %q has an enhanced status of another class; Postfix drops the filter", line)
	case strings.ContainsAny(line, "\r\n"):
		return 0, fmt.Errorf("reply line %q contains a bare CR or LF", line)
	case strings.Contains(strings.ReplaceAll(line, "%%", ""), "%"):
		return 0, fmt.Errorf("reply line %q has an unpaired %%; Sendmail replaces the text", line)
	}
	return int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0'), nil
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// cutEnhanced removes the enhanced status from all lines and returns it, if they have the same one.
func cutEnhanced(lines []string, class int) string {
	enhanced, _, _ := strings.Cut(lines[0], " ")
	if !validEnhanced(enhanced, class) {
		return ""
	}
	for _, line := range lines {
		if first, _, _ := strings.Cut(line, " "); first != enhanced {
			return ""
		}
	}
	for i, line := range lines {
		_, lines[i], _ = strings.Cut(line, " ")
	}
	return enhanced
}
