package load

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"

	"luamilter/protocol"
)

// dialog is a message as it goes over the wire, cut where the filter has to answer.
type dialog []step

// step is what is sent before a reply is waited for.
type step struct {
	stage protocol.Stage // that of the reply
	data  []byte
	ids   []int // where the queue id stands in data
}

// plan has the dialogs of a workload for one result of the negotiation.
type plan struct {
	first []dialog // with what a connection begins with
	next  []dialog
}

// Mailbag has a workload's messages and the plans made for them, which all connections share.
type Mailbag struct {
	messages []*Message

	mu    sync.Mutex
	plans map[protocol.Offer]*plan
}

// NewMailbag puts messages into a bag.
func NewMailbag(messages []*Message) *Mailbag {
	return &Mailbag{messages: messages, plans: map[protocol.Offer]*plan{}}
}

// plan returns the dialogs for what a filter answered to the offer.
func (b *Mailbag) plan(agreed protocol.Offer) *plan {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p, ok := b.plans[agreed]; ok {
		return p
	}
	p := &plan{}
	for _, m := range b.messages {
		next := encoder{agreed: agreed}
		next.message(m)
		p.next = append(p.next, next.steps)
		first := encoder{agreed: agreed}
		first.connection()
		first.message(m)
		p.first = append(p.first, first.steps)
	}
	b.plans[agreed] = p
	return p
}

// queueID stands for the queue id, which each message gets when it is sent.
const queueID = "4Zqueue-id"

// encoder writes packets as Postfix does: macros before every event and even for those of the envelope that the filter does not
// want (milter8.c: milter8_event), but not for parts of the message that it does not want (milter8_message).
type encoder struct {
	agreed protocol.Offer
	out    []byte
	ids    []int
	steps  dialog
}

// connection is what comes before the first message: a client with TLS.
func (e *encoder) connection() {
	e.macros(protocol.StageConnect, "j", "mx.site.example", "{daemon_name}", "smtpd", "{daemon_addr}", "192.0.2.25",
		"v", "Postfix 3.7.11", "_", "client.example [192.0.2.77]")
	e.event(protocol.StageConnect, "client.example\x004\xc0\x01192.0.2.77\x00")
	e.macros(protocol.StageHelo, "{tls_version}", "TLSv1.3", "{cipher}", "TLS_AES_256_GCM_SHA384", "{cipher_bits}", "256")
	e.event(protocol.StageHelo, "client.example\x00")
}

func (e *encoder) message(m *Message) {
	e.macros(protocol.StageMail, "{mail_addr}", bare(m.Sender), "{mail_host}", "client.example", "{mail_mailer}", "smtp")
	e.event(protocol.StageMail, m.Sender+"\x00SIZE=4711\x00BODY=8BITMIME\x00")
	for i, r := range m.Recipients {
		macros := []string{"{rcpt_addr}", bare(r), "{rcpt_host}", "site.example", "{rcpt_mailer}", "local"}
		if i > 0 { // the first accepted recipient makes the queue file
			macros = append(macros, "i", queueID)
		}
		e.macros(protocol.StageRcpt, macros...)
		e.event(protocol.StageRcpt, r+"\x00")
	}
	e.macros(protocol.StageData, "i", queueID)
	e.event(protocol.StageData, "")
	e.header(m.Fields)
	e.body(m.Body)
	e.macros(protocol.StageEOM, "i", queueID)
	e.event(protocol.StageEOM, "")
}

func (e *encoder) header(fields []Field) {
	space := ""
	if e.agreed.Steps&protocol.LeadingSpace != 0 {
		space = " "
	}
	for _, f := range fields {
		if e.wants(protocol.StageHeader) {
			e.macros(protocol.StageHeader, "i", queueID)
			e.event(protocol.StageHeader, f.Name+"\x00"+space+f.Value+"\x00")
		}
	}
	if e.wants(protocol.StageEOH) {
		e.macros(protocol.StageEOH, "i", queueID)
		e.event(protocol.StageEOH, "")
	}
}

func (e *encoder) body(body []byte) {
	if !e.wants(protocol.StageBody) {
		return
	}
	for chunk := range slices.Chunk(body, protocol.MaxChunk) {
		e.macros(protocol.StageBody, "i", queueID)
		e.event(protocol.StageBody, string(chunk))
	}
}

func bare(address string) string { return strings.Trim(address, "<>") }

func (e *encoder) wants(s protocol.Stage) bool { return e.agreed.Steps&s.NoStep() == 0 }

// macros appends the macros of a stage; names and values alternate. If the filter asked for some, only those are sent. Fields and
// chunks share the lists of eoh and eom (milter8_header, milter8_body).
func (e *encoder) macros(s protocol.Stage, pairs ...string) {
	list := s
	switch s {
	case protocol.StageHeader:
		list = protocol.StageEOH
	case protocol.StageBody:
		list = protocol.StageEOM
	}
	asked := strings.Fields(e.agreed.Macros.Of(list))
	start := e.begin(protocol.CmdMacro)
	e.out = append(e.out, byte(s.Command()))
	for pair := range slices.Chunk(pairs, 2) {
		if len(asked) > 0 && !slices.Contains(asked, pair[0]) {
			continue
		}
		e.out = append(append(e.out, pair[0]...), 0)
		if pair[1] == queueID {
			e.ids = append(e.ids, len(e.out))
		}
		e.out = append(append(e.out, pair[1]...), 0)
	}
	e.end(start)
}

// event appends an event, if the filter wants it, and ends the step if it is to be answered.
func (e *encoder) event(s protocol.Stage, payload string) {
	if !e.wants(s) {
		return
	}
	start := e.begin(s.Command())
	e.out = append(e.out, payload...)
	e.end(start)
	if nr := s.NRStep(); nr == 0 || e.agreed.Steps&nr == 0 {
		e.steps = append(e.steps, step{s, e.out, e.ids})
		e.out, e.ids = nil, nil
	}
}

func (e *encoder) begin(c protocol.Command) (start int) {
	e.out = append(e.out, 0, 0, 0, 0, byte(c))
	return len(e.out) - 5
}

func (e *encoder) end(start int) {
	binary.BigEndian.PutUint32(e.out[start:], uint32(len(e.out)-start-4))
}
