package simulate

import (
	"bytes"
	"strings"

	"luamilter/protocol"
)

// Message is the content of a message.
type Message struct {
	Header []protocol.Field // Value or, where it is to the byte, Tail; folded lines are separated by LF
	Body   []byte           // line ends are CRLF
}

// maxField is how much of a header field Postfix passes on when there are filters, in bytes.
const maxField = 60_000

// ReadMessage takes a message apart as Postfix does, whatever its line ends: a line that is no header field ends the header and is part
// of the body, a "From " line of a mailbox becomes a field, and a stray CR becomes a blank. The message may keep parts of text.
func ReadMessage(text []byte) Message {
	var m Message
	rest := text
	for first := true; len(rest) > 0; first = false {
		line, after := cutLine(rest)
		if len(line) == 0 {
			rest = after
			break
		}
		switch name, tail, ok := cutField(line); {
		case first && isMailboxLine(line):
			m.Header = append(m.Header, newField("X-Mailbox-Line", " "+string(line)))
		case (line[0] == ' ' || line[0] == '\t') && len(m.Header) > 0:
			last := &m.Header[len(m.Header)-1]
			last.Tail += "\n" + headerText(line)
		case ok:
			m.Header = append(m.Header, protocol.Field{Name: string(name), Tail: headerText(tail)})
		default:
			m.finish(rest)
			return m
		}
		rest = after
	}
	m.finish(rest)
	return m
}

// finish gives the fields their values and takes the rest of the text as the body.
func (m *Message) finish(rest []byte) {
	for i := range m.Header {
		m.Header[i] = newField(m.Header[i].Name, m.Header[i].Tail)
	}
	m.Body = wireLines(rest)
}

// newField returns a field as Postfix passes it on; tail is what follows the colon.
func newField(name, tail string) protocol.Field {
	if nul := strings.IndexByte(tail, 0); nul >= 0 {
		tail = tail[:nul]
	}
	if len(tail) > maxField {
		tail = tail[:maxField]
		if end := strings.LastIndexByte(tail, '\n'); end > 0 {
			tail = tail[:end]
		}
	}
	return protocol.Field{Name: name, Value: strings.TrimPrefix(tail, " "), Tail: tail}
}

// cutLine cuts off the first line, without its end, to which all CRs before the LF belong.
func cutLine(text []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(text, []byte("\n"))
	return bytes.TrimRight(line, "\r"), rest
}

// cutField cuts a line behind the name of a field, which blanks may follow before the colon; ok is false if there is none.
func cutField(line []byte) (name, tail []byte, ok bool) {
	name, tail, ok = bytes.Cut(line, []byte(":"))
	if name = bytes.TrimRight(name, " \t"); !ok || len(name) == 0 {
		return nil, nil, false
	}
	for _, b := range name {
		if b <= ' ' || b >= 0x7f {
			return nil, nil, false
		}
	}
	return name, tail, true
}

// isMailboxLine reports whether a line separates the messages of a mailbox.
func isMailboxLine(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From "))
}

// headerText is a line of a field without stray CRs.
func headerText(line []byte) string { return strings.ReplaceAll(string(line), "\r", " ") }

// wireLines returns text with CRLF line ends, the last line included, and blanks for stray CRs.
func wireLines(text []byte) []byte {
	if len(text) == 0 {
		return nil
	}
	out := make([]byte, 0, len(text)+bytes.Count(text, []byte("\n"))+2)
	for len(text) > 0 {
		var line []byte
		line, text = cutLine(text)
		at := len(out)
		out = append(append(out, line...), '\r', '\n')
		stray := out[at : len(out)-2]
		for i := bytes.IndexByte(stray, '\r'); i >= 0; i = bytes.IndexByte(stray, '\r') {
			stray[i] = ' '
		}
	}
	return out
}
