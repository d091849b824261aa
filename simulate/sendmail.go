package simulate

import (
	"slices"
	"strings"

	"luamilter/protocol"
)

// sendmailHeader is Sendmail's list (headers.c, milter.c). It begins with the H lines of sendmail.cf; deleted fields stay in it and count.
type sendmailHeader struct {
	lines        []sendmailLine
	leadingSpace bool
}

type sendmailLine struct {
	protocol.Field
	gone bool // deleted
	user bool // of the message or the filter; the rest is from sendmail.cf
}

// sendmailCf are the H lines of the default sendmail.cf, in their order. Received is the MTA's own.
var sendmailCf = [...]string{"Return-Path", ownReceived, "Resent-Date", "Date", "Resent-From", "From", "Full-Name", "Resent-Message-Id", "Message-Id"}

const ownReceived = "Received"

func newSendmailHeader(fields []protocol.Field, leadingSpace bool) *sendmailHeader {
	h := &sendmailHeader{leadingSpace: leadingSpace}
	for _, name := range sendmailCf {
		h.lines = append(h.lines, sendmailLine{Field: protocol.Field{Name: name}})
	}
	for _, f := range fields {
		h.lines = append(h.lines, sendmailLine{Field: f, user: true})
	}
	return h
}

func (h *sendmailHeader) apply(c *protocol.Change) {
	line := sendmailLine{Field: changedField(c, h.leadingSpace), user: true}
	switch c.Response {
	case protocol.RespAddHeader:
		h.add(line)
	case protocol.RespInsHeader: // behind the line with that number, from 0
		h.lines = slices.Insert(h.lines, int(min(int64(c.Index)+1, int64(len(h.lines)))), line)
	default:
		h.change(line, int(c.Index), c.Value == "")
	}
}

// change changes or deletes the n-th field of a name; one that is not there is added.
func (h *sendmailHeader) change(line sendmailLine, n int, gone bool) {
	i := h.find(line.Name, n)
	switch {
	case i >= 0 && gone:
		h.lines[i].gone = true
	case i >= 0:
		h.lines[i] = line
	case !gone:
		h.insertBeforeFirst(line)
	}
}

// find counts what the message and the filter have, deleted or not; if there are not so many, the line of sendmail.cf is meant.
func (h *sendmailHeader) find(name string, n int) int {
	own := -1
	for i := range h.lines {
		l := &h.lines[i]
		switch {
		case !strings.EqualFold(l.Name, name):
		case l.user:
			if n--; n <= 0 {
				return i
			}
		case l.Name != ownReceived:
			own = i
		}
	}
	return own
}

// add takes the place of a line of sendmail.cf, or else goes above the first field of its name, or else to the end.
func (h *sendmailHeader) add(line sendmailLine) {
	i := slices.IndexFunc(h.lines, func(l sendmailLine) bool {
		return !l.user && l.Name != ownReceived && strings.EqualFold(l.Name, line.Name)
	})
	if i >= 0 {
		h.lines[i] = line
		return
	}
	h.insertBeforeFirst(line)
}

func (h *sendmailHeader) insertBeforeFirst(line sendmailLine) {
	i := slices.IndexFunc(h.lines, func(l sendmailLine) bool { return strings.EqualFold(l.Name, line.Name) })
	if i < 0 {
		i = len(h.lines)
	}
	h.lines = slices.Insert(h.lines, i, line)
}

func (h *sendmailHeader) delivered() (fields []protocol.Field, received int) {
	for _, l := range h.lines {
		switch {
		case !l.user && l.Name == ownReceived:
			received = len(fields)
		case l.user && !l.gone:
			fields = append(fields, l.Field)
		}
	}
	return fields, received
}
