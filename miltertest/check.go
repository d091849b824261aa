package miltertest

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

// What mt.eom_check looks for.
const (
	headerAdded = iota + 1
	headerInserted
	headerChanged
	headerDeleted
	recipientAdded
	recipientDeleted
	bodyChanged
	quarantined
	smtpReply
)

// checks has, for each of these, how many values a script may give beside the connection and the kind, and what compares them.
var checks = map[int]struct {
	least, most int
	matches     func(a arguments, r *request) bool
}{
	headerAdded:      {0, 2, matchesAdded},
	headerInserted:   {0, 3, matchesIndexed(protocol.RespInsHeader)},
	headerChanged:    {0, 3, matchesIndexed(protocol.RespChgHeader)},
	headerDeleted:    {0, 2, matchesDeleted},
	recipientAdded:   {1, 1, matchesText(protocol.RespAddRcpt)},
	recipientDeleted: {1, 1, matchesText(protocol.RespDelRcpt)},
	bodyChanged:      {0, 1, matchesBody},
	quarantined:      {0, 1, matchesText(protocol.RespQuarantine)},
	smtpReply:        {1, 3, matchesReply},
}

// eomCheck tells whether the filter wanted something at the end of the message.
func (lib *library) eomCheck(a arguments) int {
	a.count(2, 5)
	c, kind := a.conn(1), a.number(2)
	check, ok := checks[int(kind)]
	if given := a.l.GetTop() - 2; !ok || given < check.least || given > check.most {
		a.invalid()
	}
	check.matches(a, &request{}) // raises an error for values that it cannot take
	for i := range c.requests {
		if check.matches(a, &c.requests[i]) {
			return a.answer(lua.LTrue)
		}
	}
	return a.answer(lua.LFalse)
}

// getHeader returns the value of a field that the filter added or inserted, the last one first.
func (lib *library) getHeader(a arguments) int {
	a.count(3, 3)
	c, name, skip := a.conn(1), a.text(2), int(a.number(3))
	for i := range c.requests {
		r := &c.requests[i]
		if r.code != protocol.RespAddHeader && r.code != protocol.RespInsHeader {
			continue
		}
		if _, fieldName, value := r.field(); fieldName == name {
			if skip == 0 {
				return a.answer(lua.LString(value))
			}
			skip--
		}
	}
	return a.answer(lua.LNil)
}

// field takes a request apart that concerns a header field.
func (r *request) field() (index uint32, name, value string) {
	payload := r.payload
	if r.code != protocol.RespAddHeader && len(payload) >= 4 {
		index, payload = binary.BigEndian.Uint32(payload), payload[4:]
	}
	name, rest, _ := strings.Cut(string(payload), "\x00")
	value, _, _ = strings.Cut(rest, "\x00")
	return index, name, value
}

// text returns the first text of a request.
func (r *request) text() string {
	text, _, _ := strings.Cut(string(r.payload), "\x00")
	return text
}

func matchesAdded(a arguments, r *request) bool {
	_, name, value := r.field()
	return all(a.textIs(3, name), a.textIs(4, value), r.code == protocol.RespAddHeader)
}

func matchesIndexed(code protocol.Response) func(arguments, *request) bool {
	return func(a arguments, r *request) bool {
		index, name, value := r.field()
		return all(a.textIs(3, name), a.textIs(4, value), a.indexIs(5, index), r.code == code)
	}
}

func matchesDeleted(a arguments, r *request) bool {
	index, name, value := r.field()
	return all(a.textIs(3, name), a.indexIs(4, index), value == "", r.code == protocol.RespChgHeader)
}

func matchesText(code protocol.Response) func(arguments, *request) bool {
	return func(a arguments, r *request) bool { return a.textIs(3, r.text()) && r.code == code }
}

func matchesBody(a arguments, r *request) bool {
	return a.textIs(3, string(r.payload)) && r.code == protocol.RespReplBody
}

// matchesReply compares the whole reply with what is given of it.
func matchesReply(a arguments, r *request) bool {
	var parts []string
	for i := 3; i <= a.l.GetTop(); i++ {
		parts = append(parts, a.text(i))
	}
	return strings.Join(parts, " ") == r.text() && r.code == protocol.RespReplyCode
}

// all reports whether everything holds. Unlike && it looks at each, so that no argument that is wrong goes unnoticed.
func all(conditions ...bool) bool { return !slices.Contains(conditions, false) }

// textIs reports whether an argument is a text; one that is not given is like any.
func (a arguments) textIs(i int, text string) bool { return a.l.GetTop() < i || a.text(i) == text }

// indexIs does so for a number; -1 is like any.
func (a arguments) indexIs(i int, index uint32) bool {
	if a.l.GetTop() < i {
		return true
	}
	n := a.number(i)
	return n == -1 || math.Trunc(n) == float64(index)
}
