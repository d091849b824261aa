package luatest

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
	"luamilter/simulate"
)

// step is a method of a session: it tells the filter of an event, and returns what came of it.
func (f *file) step(name string, do func(s *session, L *lua.LState) (simulate.Answer, error)) lua.LGFunction {
	return f.method(name, func(s *session, L *lua.LState) int {
		a, err := do(s, L)
		if err != nil {
			stop(L, err)
		}
		s.watch(s.mta.Hooks())
		L.Push(f.kinds.object(L, &result{session: s, verdict: a.Reply.Verdict, stage: a.Stage, reply: simulate.OnTheWire(a.Reply)}, "result"))
		return 1
	})
}

// method makes a method of a session that is open.
func (f *file) method(name string, do func(s *session, L *lua.LState) int) lua.LGFunction {
	return func(L *lua.LState) int {
		s := receive[*session](L, "session", name)
		f.inTest(L, "session:"+name)
		if s.ended {
			L.RaiseError("session:%s: the session is closed", name)
		}
		return do(s, L)
	}
}

// inMail refuses a step that belongs to a message where there is none.
func (s *session) inMail(L *lua.LState, name string) {
	if !s.inMessage {
		L.RaiseError("session:%s: there is no message; mail comes first", name)
	}
}

// greet connects and says EHLO as far as the test has not. What the filter says to it stands, and is the answer to whatever follows.
func (s *session) greet() error {
	if _, err := s.reach(); err != nil || s.greeted {
		return err
	}
	s.greeted = true
	_, err := s.mta.Helo(s.client.Helo)
	return err
}

// reach connects if the test has not.
func (s *session) reach() (simulate.Answer, error) {
	if s.connected {
		return simulate.Answer{}, nil
	}
	return s.connect(nil)
}

func (s *session) connect(*lua.LState) (simulate.Answer, error) {
	s.connected = true
	return s.mta.Connect()
}

func (s *session) helo(L *lua.LState) (simulate.Answer, error) {
	name := s.client.Helo
	if L.Get(2) != lua.LNil {
		name = textArg(L, "session:helo", 2, "name")
	}
	if a, err := s.reach(); err != nil {
		return a, err
	}
	s.greeted = true
	return s.mta.Helo(name)
}

func (s *session) mail(L *lua.LState) (simulate.Answer, error) {
	sender, params := textArg(L, "session:mail", 2, "sender"), listArg(L, "session:mail", L.Get(3), "params")
	if err := s.greet(); err != nil {
		return simulate.Answer{}, err
	}
	s.begin()
	return s.mta.Mail(sender, params...)
}

// begin begins a message.
func (s *session) begin() {
	s.inMessage, s.inData, s.headerEnded, s.message = true, false, false, simulate.Message{}
}

func (s *session) rcpt(L *lua.LState) (simulate.Answer, error) {
	s.inMail(L, "rcpt")
	return s.mta.Rcpt(textArg(L, "session:rcpt", 2, "recipient"), listArg(L, "session:rcpt", L.Get(3), "params")...)
}

func (s *session) data(L *lua.LState) (simulate.Answer, error) {
	s.inMail(L, "data")
	s.inData = true
	return s.mta.Data()
}

func (s *session) header(L *lua.LState) (simulate.Answer, error) {
	f := fieldOf(L, "session:header", textArg(L, "session:header", 2, "name"), textArg(L, "session:header", 3, "value"))
	if err := s.enterHeader(L, "header"); err != nil {
		return simulate.Answer{}, err
	}
	s.message.Header = append(s.message.Header, f)
	return s.mta.Header(f)
}

// enterHeader sends DATA if the test has not.
func (s *session) enterHeader(L *lua.LState, step string) error {
	s.inMail(L, step)
	if s.inData {
		return nil
	}
	_, err := s.data(L)
	return err
}

// fieldOf returns a header field as an MTA would send it.
func fieldOf(L *lua.LState, function, name, value string) protocol.Field {
	value = strings.ReplaceAll(value, "\r\n", "\n")
	if err := protocol.CheckHeaderName(name); err != nil {
		L.RaiseError("%s: %v", function, err)
	}
	if err := protocol.CheckHeaderValue(value); err != nil {
		L.RaiseError("%s: %s: %v", function, name, err)
	}
	return protocol.Field{Name: name, Value: value}
}

func (s *session) eoh(L *lua.LState) (simulate.Answer, error) {
	if err := s.enterHeader(L, "eoh"); err != nil {
		return simulate.Answer{}, err
	}
	s.headerEnded = true
	return s.mta.EndOfHeader()
}

// enterBody ends the header if the test has not.
func (s *session) enterBody(L *lua.LState, step string) error {
	s.inMail(L, step)
	if s.headerEnded {
		return nil
	}
	_, err := s.eoh(L)
	return err
}

func (s *session) body(L *lua.LState) (simulate.Answer, error) {
	chunk := []byte(textArg(L, "session:body", 2, "chunk"))
	if err := s.enterBody(L, "body"); err != nil {
		return simulate.Answer{}, err
	}
	s.message.Body = append(s.message.Body, chunk...)
	return s.mta.Body(chunk)
}

func (s *session) unknown(L *lua.LState) (simulate.Answer, error) {
	command := textArg(L, "session:unknown", 2, "command")
	if err := s.greet(); err != nil {
		return simulate.Answer{}, err
	}
	return s.mta.Unknown(command)
}

// eom is session:eom().
func (s *session) eom(L *lua.LState) int {
	err := s.enterBody(L, "eom")
	if err == nil {
		_, err = s.mta.EndOfMessage()
	}
	if err != nil {
		stop(L, err)
	}
	s.inMessage = false
	return s.pushResult(L, s.mta.Result())
}

// abort is session:abort().
func (s *session) abort(L *lua.LState) int {
	s.inMessage = false
	if err := s.mta.Abort(); err != nil {
		stop(L, err)
	}
	return 0
}

// close is session:close().
func (s *session) close(L *lua.LState) int {
	if err := s.quit(); err != nil {
		stop(L, err)
	}
	return 0
}

// pushResult returns what became of the message.
func (s *session) pushResult(L *lua.LState, r *simulate.Result) int {
	s.watch(r.Hooks)
	L.Push(s.file.kinds.object(L, &result{
		session: s, verdict: r.Verdict, stage: r.Stage, reply: simulate.OnTheWire(r.Reply), message: r, sent: s.message,
	}, "result"))
	return 1
}
