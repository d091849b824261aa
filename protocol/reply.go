package protocol

import (
	"bytes"
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

// String returns the verdict's name, which is that of the Lua value.
func (v Verdict) String() string {
	return [...]string{"continue", "accept", "reject", "tempfail", "discard", "skip"}[v]
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
	MaxReplyLine  = 980 // bytes
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
	parts := strings.Split(s, ".")
	if len(parts) != 3 || parts[0] != strconv.Itoa(class) {
		return false
	}
	for _, p := range parts[1:] {
		if len(p) < 1 || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return false
		}
	}
	return true
}

// checkReplyText holds text to the textstring of RFC 5321 section 4.2.
func checkReplyText(text string) error {
	lines := strings.Split(text, "\n")
	if len(lines) > MaxReplyLines {
		return fmt.Errorf("reply text has %d lines, at most %d work", len(lines), MaxReplyLines)
	}
	for i, line := range lines {
		if len(line) > MaxReplyLine {
			return fmt.Errorf("line %d of the reply text has %d bytes, at most %d work", i+1, len(line), MaxReplyLine)
		}
		for _, b := range []byte(line) {
			if b != '\t' && b < ' ' || b >= 0x7f {
				return fmt.Errorf("reply text contains %s in line %d; printable(text) makes it fit", byteName(b), i+1)
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

func decodeReplyCode(p []byte) (Reply, error) {
	text, rest, found := bytes.Cut(p, nul)
	if !found || len(rest) != 0 {
		return Reply{}, fmt.Errorf("reply text does not end in exactly one NUL")
	}
	var r Reply
	var out []string
	lines := strings.Split(string(text), "\r\n")
	for i, line := range lines {
		sep := byte('-')
		if i == len(lines)-1 {
			sep = ' '
		}
		if len(line) < 4 || line[3] != sep {
			return Reply{}, fmt.Errorf("malformed reply line %q", line)
		}
		code, err := strconv.Atoi(line[:3])
		if err != nil || i > 0 && code != r.Code {
			return Reply{}, fmt.Errorf("malformed or changing reply code in %q", line)
		}
		r.Code = code
		body := line[4:]
		enhanced, after, _ := strings.Cut(body, " ")
		if validEnhanced(enhanced, code/100) {
			r.Enhanced, body = enhanced, after
		}
		if strings.Contains(strings.ReplaceAll(body, "%%", ""), "%") {
			return Reply{}, fmt.Errorf("unpaired %% in reply line %q", line)
		}
		out = append(out, strings.ReplaceAll(body, "%%", "%"))
	}
	r.Text = strings.Join(out, "\n")
	r.Verdict = Reject
	if r.Code/100 == 4 {
		r.Verdict = Tempfail
	}
	return r, r.check()
}
