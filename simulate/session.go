package simulate

import (
	"strconv"
	"strings"
	"sync"

	"luamilter/engine"
	"luamilter/luaapi/address"
	"luamilter/protocol"
)

// Session is the connection of an SMTP client, as far as the filter hears of it. It is not safe for use by several goroutines.
type Session struct {
	QueueID string // of the messages that follow; "" for one that the MTA makes up

	filter *Filter
	client Client
	wire   *protocol.Client
	agreed protocol.Agreement
	macros [protocol.NumStages]overrides
	pairs  []string        // room for macros
	gone   <-chan struct{} // closed when the filter has closed its end

	answers []Answer // of the connection
	settled *Answer  // decides whatever may come on this connection
	closed  bool     // our end
	count   int      // of messages
	message message

	mu    sync.Mutex
	hooks []engine.HookRun // that ran and nobody has asked for
}

// message is a message on its way. It is made anew at each MAIL.
type message struct {
	known     bool // there was a MAIL
	sender    string
	recipient string // the last one that was named
	queueID   string // "" as long as the MTA has none
	content   Delivered
	answers   []Answer
	settled   *Answer // decides whatever may come of this message
	refused   *Answer // of the last recipient that was refused
	changes   []protocol.Change
	progress  int
	done      bool
}

// watch keeps a hook that ran.
func (s *Session) watch(h engine.HookRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = append(s.hooks, h)
}

// Hooks returns the hooks that have run since it was last called. Those that the filter does not answer, and close, may show later: all are
// there after EndOfMessage, and after Quit.
func (s *Session) Hooks() []engine.HookRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	hooks := s.hooks
	s.hooks = nil
	return hooks
}

// Agreed returns what was negotiated.
func (s *Session) Agreed() protocol.Offer { return s.agreed.Offer }

// Connect tells of the client.
func (s *Session) Connect() (Answer, error) {
	return s.tell(s.client.connect(), s.client.hostName())
}

// Helo tells what the client says at HELO or EHLO.
func (s *Session) Helo(name string) (Answer, error) {
	return s.tell(&protocol.Helo{Name: []byte(name)}, name)
}

// Mail begins a message. The sender may have brackets; "" is the null sender.
func (s *Session) Mail(sender string, params ...string) (Answer, error) {
	if err := s.reset(); err != nil {
		return Answer{}, err
	}
	s.count++
	m := &s.message
	m.known, m.sender = true, address.Trim(sender)
	m.content.Sender, m.content.SenderParams = m.sender, strings.Join(params, " ")
	if s.filter.MTA.Kind == protocol.Sendmail {
		m.queueID = s.nextQueueID()
	}
	return s.tell(&protocol.Mail{Sender: bracketed(sender), Params: protocol.MakeParams(params...)}, m.sender)
}

// Rcpt names a recipient, with or without brackets.
func (s *Session) Rcpt(recipient string, params ...string) (Answer, error) {
	m := &s.message
	m.recipient = address.Trim(recipient)
	a, err := s.tell(&protocol.Rcpt{Recipient: bracketed(recipient), Params: protocol.MakeParams(params...)}, m.recipient)
	switch a.Reply.Verdict {
	case protocol.Reject, protocol.Tempfail:
		m.refused = &a
		return a, err
	}
	m.content.Recipients = append(m.content.Recipients, Recipient{m.recipient, strings.Join(params, " ")})
	if m.queueID == "" { // Postfix opens the queue file now
		m.queueID = s.nextQueueID()
	}
	return a, err
}

// nextQueueID returns the queue id of the message.
func (s *Session) nextQueueID() string {
	if s.QueueID != "" {
		return s.QueueID
	}
	return "4SIM" + strconv.Itoa(100000+s.count)
}

// bracketed returns an address as clients send it.
func bracketed(mailbox string) []byte {
	if strings.HasPrefix(mailbox, "<") {
		return []byte(mailbox)
	}
	return []byte("<" + mailbox + ">")
}

// Data tells of the DATA command.
func (s *Session) Data() (Answer, error) { return s.tell(&protocol.Data{}, "") }

// Header tells of a header field.
func (s *Session) Header(f protocol.Field) (Answer, error) {
	tail := f.Tail
	if tail == "" {
		tail = " " + f.Value
	}
	f = newField(f.Name, tail)
	s.message.content.Header = append(s.message.content.Header, f)
	value := f.Value
	if s.leadingSpace() {
		value = f.Tail
	}
	return s.tell(&protocol.Header{Name: []byte(f.Name), Value: []byte(value)}, f.Name)
}

func (s *Session) leadingSpace() bool { return s.agreed.Steps&protocol.LeadingSpace != 0 }

// EndOfHeader tells that the header is complete.
func (s *Session) EndOfHeader() (Answer, error) { return s.tell(&protocol.EndOfHeader{}, "") }

// Body tells of a part of the body, cut anywhere, whose line ends are CRLF. The session keeps it. Of several packets, the answer is the last.
func (s *Session) Body(part []byte) (a Answer, err error) {
	if s.message.content.Body == nil {
		s.message.content.Body = part[:len(part):len(part)]
	} else {
		s.message.content.Body = append(s.message.content.Body, part...)
	}
	for len(part) > 0 && err == nil {
		n := min(len(part), protocol.MaxChunk)
		a, err = s.tell(&protocol.Body{Chunk: part[:n]}, "")
		part = part[n:]
	}
	return a, err
}

// EndOfMessage tells that the message is complete, and has the changes done that the filter asks for. Result tells what became of it.
func (s *Session) EndOfMessage() (Answer, error) {
	m := &s.message
	m.done = true
	a, stands := s.standing(protocol.StageEOM, "")
	if stands {
		return s.note(a), nil
	}
	if err := s.sendMacros(protocol.StageEOM); err != nil {
		return a, err
	}
	var err error
	m.changes, a.Reply, m.progress, err = s.wire.EndOfMessage()
	if err != nil {
		return a, err
	}
	a.Asked = Answered
	if v := a.Reply.Verdict; v == protocol.Continue || v == protocol.Accept {
		m.content.sendmail = s.filter.MTA.Kind == protocol.Sendmail
		m.content.apply(m.changes, s.leadingSpace())
	}
	return s.note(a), nil
}

// Unknown tells of a command that the MTA does not know.
func (s *Session) Unknown(line string) (Answer, error) {
	return s.tell(&protocol.Unknown{Line: []byte(line)}, line)
}

// Abort gives the message up, as RSET does.
func (s *Session) Abort() error { return s.reset() }

// reset ends the message that there is, if any.
func (s *Session) reset() error {
	known := s.message.known
	s.message = message{}
	if !known || s.closed {
		return nil
	}
	return s.wire.Abort()
}

// Quit ends the connection and waits until the filter is done with it.
func (s *Session) Quit() error {
	if err := s.reset(); err != nil {
		return err
	}
	return s.leave(s.wire.Quit)
}

// vanish ends the connection without a word, as Postfix does after a final verdict at CONNECT or HELO.
func (s *Session) vanish() error { return s.leave(s.wire.Close) }

func (s *Session) leave(how func() error) error {
	if s.closed {
		return nil
	}
	s.closed = true
	err := how()
	<-s.gone
	return err
}
