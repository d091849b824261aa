package simulate

import (
	"bytes"
	"slices"
	"strings"

	"luamilter/luaapi/address"
	"luamilter/protocol"
)

// Recipient is an envelope recipient.
type Recipient struct {
	Address string // without brackets
	Params  string // ESMTP parameters, separated by blanks
}

// Delivered is a message as the next hop gets it.
type Delivered struct {
	Sender       string // without brackets
	SenderParams string // ESMTP parameters, separated by blanks
	Recipients   []Recipient
	Header       []protocol.Field // without the Received field of the MTA itself
	Received     int              // how many of the fields are above that
	Body         []byte           // line ends are CRLF
	Quarantine   string           // why it is held; "" if it is not

	sendmail bool // it is Sendmail that does the changes
}

// apply does what the filter asks for, in the way of Postfix (cleanup_milter.c) or of Sendmail.
func (d *Delivered) apply(changes []protocol.Change, leadingSpace bool) {
	fields := d.list(leadingSpace)
	var body []byte
	replaced := false
	for i := range changes {
		switch c := &changes[i]; c.Response {
		case protocol.RespAddHeader, protocol.RespInsHeader, protocol.RespChgHeader:
			fields.apply(c)
		case protocol.RespReplBody:
			body, replaced = append(body, c.Body...), true
		case protocol.RespChgFrom:
			d.Sender, d.SenderParams = address.Trim(c.Value), c.Params
		case protocol.RespAddRcpt, protocol.RespAddRcptPar:
			d.Recipients = append(d.Recipients, Recipient{address.Trim(c.Value), c.Params})
		case protocol.RespDelRcpt:
			gone := address.Trim(c.Value)
			d.Recipients = slices.DeleteFunc(d.Recipients, func(r Recipient) bool { return r.Address == gone })
		case protocol.RespQuarantine:
			d.Quarantine = c.Value
		}
	}
	d.Header, d.Received = fields.delivered()
	if replaced {
		d.Body = replacedLines(body)
	}
}

// replacedLines returns a body that a filter gave, as Postfix passes it on: the last line gets an end, and one CR before an LF belongs to that.
func replacedLines(text []byte) []byte {
	out := make([]byte, 0, len(text)+bytes.Count(text, []byte("\n"))+2)
	for len(text) > 0 {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		out = append(append(out, bytes.TrimSuffix(line, []byte("\r"))...), '\r', '\n')
	}
	return out
}

// HeaderLines returns the header, line by line, without line ends.
func (d *Delivered) HeaderLines() []string {
	var lines []string
	for i := range d.Header {
		lines = append(lines, strings.Split(d.Header[i].Raw(), "\n")...)
	}
	return lines
}

// Text returns the header and the body as one text with CRLF line ends.
func (d *Delivered) Text() []byte {
	var out bytes.Buffer
	for _, line := range d.HeaderLines() {
		out.WriteString(line + "\r\n")
	}
	out.WriteString("\r\n")
	out.Write(d.Body)
	return out.Bytes()
}

// headerList is a header as an MTA keeps it while a filter's changes are done.
type headerList interface {
	apply(c *protocol.Change)
	// delivered returns the fields of the message and of the filter, and how many of them are above the MTA's own Received.
	delivered() (fields []protocol.Field, received int)
}

// list returns the header as the MTA keeps it.
func (d *Delivered) list(leadingSpace bool) headerList {
	if d.sendmail {
		return newSendmailHeader(d.Header, leadingSpace)
	}
	return &headerFile{fields: slices.Insert(slices.Clone(d.Header), 0, protocol.Field{}), leadingSpace: leadingSpace}
}

// changedField is the field that a change brings.
func changedField(c *protocol.Change, leadingSpace bool) protocol.Field {
	if leadingSpace {
		return newField(c.Name, c.Value)
	}
	return newField(c.Name, " "+c.Value)
}

// headerFile is the header in a queue file of Postfix. The field without a name is Postfix's own Received.
type headerFile struct {
	fields       []protocol.Field
	leadingSpace bool
}

func (h *headerFile) apply(c *protocol.Change) {
	f := changedField(c, h.leadingSpace)
	switch c.Response {
	case protocol.RespAddHeader:
		h.fields = append(h.fields, f)
	case protocol.RespInsHeader: // before the field at that place, own Received counted
		h.fields = slices.Insert(h.fields, min(int(c.Index), len(h.fields)), f)
	default:
		h.change(f, int(c.Index), c.Value == "")
	}
}

// change changes or deletes the n-th field of a name; one that is not there is added.
func (h *headerFile) change(f protocol.Field, n int, gone bool) {
	i := h.find(f.Name, n)
	switch {
	case i >= 0 && gone:
		h.fields = slices.Delete(h.fields, i, i+1)
	case i >= 0:
		h.fields[i] = f
	case !gone:
		h.fields = append(h.fields, f)
	}
}

// find skips the first field there is, which Postfix takes for its own Received even when something stands above that. Number 0 is the first.
func (h *headerFile) find(name string, n int) int {
	n = max(n, 1)
	for i, f := range h.fields {
		if i == 0 || !strings.EqualFold(f.Name, name) {
			continue
		}
		if n--; n == 0 {
			return i
		}
	}
	return -1
}

func (h *headerFile) delivered() (fields []protocol.Field, received int) {
	received = slices.IndexFunc(h.fields, func(f protocol.Field) bool { return f.Name == "" })
	return slices.Delete(h.fields, received, received+1), received
}
