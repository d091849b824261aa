package mail

import (
	"bytes"
	"fmt"
	"strings"

	"luamilter/protocol"
)

// Recipient is an envelope recipient.
type Recipient struct {
	Address string // without brackets
	AsSent  string // as the MTA sent it; "" for one that a script added
	Params  string // ESMTP parameters of an added one
}

// Message is a message at its end, with the edits made so far. Reading shows the edited message; Changes tells the MTA.
type Message struct {
	Header *protocol.HeaderEdit
	UTF8   bool // it came with SMTPUTF8 (RFC 6531)

	sender       string
	senderParams string
	newSender    bool

	recipients []Recipient
	deleted    []Recipient // of those the MTA knows

	body     []byte // as the MTA sent it, where it was collected
	replaced bool

	quarantine string
}

// NewMessage returns a message without edits. Recipients must be those the MTA knows; it keeps the slices and does not change them.
func NewMessage(header *protocol.HeaderEdit, sender string, recipients []Recipient, body []byte) *Message {
	return &Message{Header: header, sender: sender, recipients: recipients[:len(recipients):len(recipients)], body: body}
}

// Sender returns the envelope sender, "" for the null sender.
func (m *Message) Sender() string { return m.sender }

// Recipients returns the envelope recipients.
func (m *Message) Recipients() []Recipient { return m.recipients }

// Body returns the body, with CRLF line ends.
func (m *Message) Body() []byte { return m.body }

// ChangeSender replaces the envelope sender; "" is the null sender.
func (m *Message) ChangeSender(address, params string) error {
	address = TrimBrackets(address)
	if address != "" {
		if err := CheckAddress(address, m.UTF8); err != nil {
			return err
		}
	}
	if err := CheckParams(params); err != nil {
		return err
	}
	m.sender, m.senderParams, m.newSender = address, params, true
	return nil
}

// AddRecipient adds an envelope recipient. It returns false, and does nothing, if the address is there already.
func (m *Message) AddRecipient(address, params string) (bool, error) {
	address = TrimBrackets(address)
	if err := CheckAddress(address, m.UTF8); err != nil {
		return false, err
	}
	if err := CheckParams(params); err != nil {
		return false, err
	}
	for _, r := range m.recipients {
		if SameAddress(r.Address, address) {
			return false, nil
		}
	}
	for i, r := range m.deleted {
		if SameAddress(r.Address, address) && params == "" { // it was there: nothing to tell the MTA
			m.deleted = append(m.deleted[:i], m.deleted[i+1:]...)
			m.recipients = append(m.recipients, r)
			return true, nil
		}
	}
	m.recipients = append(m.recipients, Recipient{Address: address, Params: params})
	return true, nil
}

// DeleteRecipient removes an envelope recipient, every time it is there. It returns false if it is not.
func (m *Message) DeleteRecipient(address string) (bool, error) {
	address = TrimBrackets(address)
	if err := CheckAddress(address, true); err != nil {
		return false, err
	}
	var kept []Recipient
	for _, r := range m.recipients {
		switch {
		case !SameAddress(r.Address, address):
			kept = append(kept, r)
		case r.AsSent != "":
			m.deleted = append(m.deleted, r)
		}
	}
	found := len(kept) < len(m.recipients)
	m.recipients = kept
	return found, nil
}

// ReplaceBody replaces the body. Line ends become CRLF, as on the wire, and the last line gets one.
func (m *Message) ReplaceBody(content []byte) {
	m.body, m.replaced = toCRLF(content), true
}

// toCRLF returns text with every line ended by CRLF.
func toCRLF(text []byte) []byte {
	bare := bytes.Count(text, []byte("\n")) - bytes.Count(text, []byte("\r\n"))
	open := len(text) > 0 && text[len(text)-1] != '\n'
	if bare == 0 && !open {
		return text
	}
	out := make([]byte, 0, len(text)+bare+2)
	for i, b := range text {
		if b == '\n' && (i == 0 || text[i-1] != '\r') {
			out = append(out, '\r')
		}
		out = append(out, b)
	}
	if open {
		out = append(bytes.TrimSuffix(out, []byte("\r")), "\r\n"...)
	}
	return out
}

// Quarantine has the MTA hold the message. The reason is one line that is not empty; the last call wins.
func (m *Message) Quarantine(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("the reason is empty")
	}
	for i := 0; i < len(reason); i++ {
		if reason[i] < ' ' || reason[i] == 0x7f {
			return fmt.Errorf("the reason contains %q", reason[i])
		}
	}
	m.quarantine = reason
	return nil
}

// Quarantined reports whether the message is to be held.
func (m *Message) Quarantined() bool { return m.quarantine != "" }

// Changes returns the packets that turn the message the MTA has into the edited one, the body last.
func (m *Message) Changes(mta protocol.MTA) []protocol.Change {
	out := m.Header.Changes(mta)
	if m.newSender {
		out = append(out, protocol.ChangeSender(m.sender, m.senderParams))
	}
	gone := map[string]bool{} // the MTA removes every recipient of that name at once
	for _, r := range m.deleted {
		if !gone[r.AsSent] {
			gone[r.AsSent] = true
			out = append(out, protocol.DeleteRecipient(r.AsSent))
		}
	}
	for _, r := range m.recipients {
		if r.AsSent == "" {
			out = append(out, protocol.AddRecipient(r.Address, r.Params))
		}
	}
	if m.quarantine != "" {
		out = append(out, protocol.Quarantine(m.quarantine))
	}
	if m.replaced {
		out = append(out, protocol.ReplaceBody(m.body)...)
	}
	return out
}
