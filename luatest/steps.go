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

// greet connects and says EHLO as far as the test has not.
func (s *session) greet() (simulate.Answer, error) {
	if !s.connected {
		s.connected = true
		if a, err := s.mta.Connect(); err != nil || a.Reply.Verdict.Final() {
			return a, err
		}
	}
	if s.greeted {
		return simulate.Answer{}, nil
	}
	s.greeted = true
	return s.mta.Helo(s.client.Helo)
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
	if !s.connected {
		s.connected = true
		if a, err := s.mta.Connect(); err != nil || a.Reply.Verdict.Final() {
			return a, err
		}
	}
	s.greeted = true
	return s.mta.Helo(name)
}

func (s *session) mail(L *lua.LState) (simulate.Answer, error) {
	sender, params := textArg(L, "session:mail", 2, "sender"), listArg(L, "session:mail", L.Get(3), "params")
	if a, err := s.greet(); err != nil || a.Reply.Verdict.Final() && a.Reply.Verdict != protocol.Accept {
		return a, err
	}
	s.inData, s.headerEnded, s.message = false, false, simulate.Message{}
	return s.mta.Mail(sender, params...)
}

func (s *session) rcpt(L *lua.LState) (simulate.Answer, error) {
	return s.mta.Rcpt(textArg(L, "session:rcpt", 2, "recipient"), listArg(L, "session:rcpt", L.Get(3), "params")...)
}

func (s *session) data(*lua.LState) (simulate.Answer, error) {
	s.inData = true
	return s.mta.Data()
}

// enterHeader sends DATA if the test has not.
func (s *session) enterHeader() (simulate.Answer, error) {
	if s.inData {
		return simulate.Answer{}, nil
	}
	return s.data(nil)
}

func (s *session) header(L *lua.LState) (simulate.Answer, error) {
	f := fieldOf(L, "session:header", textArg(L, "session:header", 2, "name"), textArg(L, "session:header", 3, "value"))
	if a, err := s.enterHeader(); err != nil || a.Reply.Verdict.Final() {
		return a, err
	}
	s.message.Header = append(s.message.Header, f)
	return s.mta.Header(f)
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

func (s *session) eoh(*lua.LState) (simulate.Answer, error) {
	if a, err := s.enterHeader(); err != nil || a.Reply.Verdict.Final() {
		return a, err
	}
	s.headerEnded = true
	return s.mta.EndOfHeader()
}

// enterBody ends the header if the test has not.
func (s *session) enterBody() (simulate.Answer, error) {
	if s.headerEnded {
		return simulate.Answer{}, nil
	}
	return s.eoh(nil)
}

func (s *session) body(L *lua.LState) (simulate.Answer, error) {
	chunk := []byte(textArg(L, "session:body", 2, "chunk"))
	if a, err := s.enterBody(); err != nil || a.Reply.Verdict.Final() {
		return a, err
	}
	s.message.Body = append(s.message.Body, chunk...)
	return s.mta.Body(chunk)
}

func (s *session) unknown(L *lua.LState) (simulate.Answer, error) {
	command := textArg(L, "session:unknown", 2, "command")
	if a, err := s.greet(); err != nil || a.Reply.Verdict.Final() {
		return a, err
	}
	return s.mta.Unknown(command)
}

// eom is session:eom().
func (s *session) eom(L *lua.LState) int {
	_, err := s.enterBody()
	if err == nil {
		_, err = s.mta.EndOfMessage()
	}
	if err != nil {
		stop(L, err)
	}
	return s.pushResult(L, s.mta.Result())
}

// abort is session:abort().
func (s *session) abort(L *lua.LState) int {
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
