package engine

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"luamilter/protocol"
)

// mta is the MTA's end of a connection, told in words what to do.
type mta struct {
	*protocol.Client
	t        *testing.T
	conn     net.Conn
	progress int // how often the last end of a message was told to wait
}

// mta connects and negotiates what MTAs offer today.
func (r *rig) mta() *mta {
	r.t.Helper()
	return r.connect().negotiated()
}

// over negotiates on a connection that is open.
func (r *rig) over(nc net.Conn) *mta {
	r.t.Helper()
	return r.client(nc).negotiated()
}

func (m *mta) negotiated() *mta {
	m.t.Helper()
	if _, err := m.Negotiate(protocol.FullOffer); err != nil {
		m.t.Fatal(err)
	}
	return m
}

// patience is how long an answer may take on a busy machine.
const patience = time.Minute

// connect connects and says nothing yet.
func (r *rig) connect() *mta {
	r.t.Helper()
	nc, err := net.Dial("unix", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.client(nc)
}

func (r *rig) client(nc net.Conn) *mta {
	c := protocol.NewClient(nc, patience)
	r.t.Cleanup(func() { _ = c.Close() })
	return &mta{Client: c, t: r.t, conn: nc}
}

// dialog plays a conversation, one step a line, and compares what the filter answers with what stands behind "->".
func (m *mta) dialog(text string) {
	m.t.Helper()
	for line := range strings.Lines(text) {
		step, want, check := strings.Cut(strings.TrimSpace(line), " -> ")
		if step == "" {
			continue
		}
		step = strings.TrimSpace(step)
		if got := m.do(step); check && got != strings.TrimSpace(want) {
			m.t.Errorf("%s\n got %s\nwant %s", step, got, want)
		}
	}
}

// do takes one step and returns the answer: the reply, "unsent" for what the filter does not want, "silent" for what it
// does not answer, or the error.
func (m *mta) do(step string) string {
	m.t.Helper()
	verb, rest, _ := strings.Cut(step, " ")
	if strings.Contains(rest, `\`) {
		text, err := strconv.Unquote(`"` + rest + `"`)
		if err != nil {
			m.t.Fatalf("%s: %v", step, err)
		}
		rest = text
	}
	switch verb {
	case "macros":
		m.macros(rest)
		return ""
	case "eom":
		return m.eom()
	case "abort":
		return m.told(m.Abort())
	case "quitnc":
		return m.told(m.QuitNC())
	case "quit":
		return m.told(m.Quit())
	case "vanish":
		return m.told(m.Close())
	}
	ev := m.event(verb, rest)
	if !m.Wants(ev.Stage()) {
		return "unsent"
	}
	r, err := m.Send(ev)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case m.Agreed().Steps&ev.Stage().NRStep() != 0:
		return "silent"
	}
	return replyText(r)
}

func (m *mta) told(err error) string {
	m.t.Helper()
	if err != nil {
		m.t.Errorf("%v", err)
	}
	return ""
}

// event makes an event from words.
func (m *mta) event(verb, rest string) protocol.Event {
	m.t.Helper()
	first, more, _ := strings.Cut(rest, " ")
	params := protocol.MakeParams(strings.Fields(more)...)
	switch verb {
	case "connect":
		return connectEvent(strings.Fields(rest))
	case "helo":
		return &protocol.Helo{Name: []byte(rest)}
	case "mail":
		return &protocol.Mail{Sender: []byte(first), Params: params}
	case "rcpt":
		return &protocol.Rcpt{Recipient: []byte(first), Params: params}
	case "data":
		return &protocol.Data{}
	case "header":
		name, value, _ := strings.Cut(rest, ":")
		if m.Agreed().Steps&protocol.LeadingSpace == 0 {
			value = strings.TrimPrefix(value, " ")
		}
		return &protocol.Header{Name: []byte(name), Value: []byte(value)}
	case "eoh":
		return &protocol.EndOfHeader{}
	case "body":
		return &protocol.Body{Chunk: []byte(rest)}
	case "unknown":
		return &protocol.Unknown{Line: []byte(rest)}
	}
	m.t.Fatalf("no such step: %s %s", verb, rest)
	return nil
}

// connectEvent takes host, family, address and port, or nothing for a usual client.
func connectEvent(words []string) *protocol.Connect {
	if len(words) == 0 {
		words = []string{"client.example.net", "inet", "192.0.2.7", "4321"}
	}
	family := map[string]protocol.Family{"inet": protocol.FamilyInet, "inet6": protocol.FamilyInet6, "unix": protocol.FamilyUnix}[words[1]]
	ev := &protocol.Connect{Host: []byte(words[0]), Family: family}
	if len(words) > 2 {
		ev.Address = []byte(words[2])
	}
	if len(words) > 3 {
		port, _ := strconv.ParseUint(words[3], 10, 16)
		ev.Port = uint16(port)
	}
	return ev
}

// macros sends macros: a stage, then name=value, separated by semicolons.
func (m *mta) macros(text string) {
	m.t.Helper()
	name, rest, _ := strings.Cut(text, " ")
	stage, ok := protocol.StageNamed(name)
	if !ok {
		m.t.Fatalf("macros for %q", name)
	}
	var pairs []string
	for p := range strings.SplitSeq(rest, ";") {
		if name, value, ok := strings.Cut(strings.TrimSpace(p), "="); ok {
			pairs = append(pairs, name, value)
		}
	}
	if err := m.Macros(stage, pairs...); err != nil {
		m.t.Error(err)
	}
}

// eom ends the message: the reply and the changes.
func (m *mta) eom() string {
	changes, r, progress, err := m.EndOfMessage()
	m.progress = progress
	if err != nil {
		return "error: " + err.Error()
	}
	out := []string{replyText(r)}
	for _, c := range changes {
		if m.Agreed().Steps&protocol.LeadingSpace != 0 {
			c.Value = strings.TrimPrefix(c.Value, " ")
		}
		out = append(out, changeText(c))
	}
	return strings.Join(out, ", ")
}

func replyText(r protocol.Reply) string {
	if r.Code == 0 {
		return r.Verdict.String()
	}
	text := strings.ReplaceAll(r.Text, "\n", " / ")
	return strings.Join(strings.Fields(fmt.Sprintf("%v %d %s %s", r.Verdict, r.Code, r.Enhanced, text)), " ")
}

func changeText(c protocol.Change) string {
	text := fmt.Sprintf("%v %s %s", c.Response, c.Value, c.Params)
	switch c.Response {
	case protocol.RespAddHeader:
		text = fmt.Sprintf("%v %s: %s", c.Response, c.Name, c.Value)
	case protocol.RespInsHeader, protocol.RespChgHeader:
		text = fmt.Sprintf("%v %d %s: %s", c.Response, c.Index, c.Name, c.Value)
	case protocol.RespReplBody:
		text = fmt.Sprintf("%v %q", c.Response, c.Body)
	}
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", `\n`)
}

// message is a whole message in words, with one recipient; each test adds what it needs.
const wholeMessage = `
	mail <sender@example.org>
	rcpt <reader@example.com>
	data
	header Subject: hello
	eoh
	body text\r\n
	eom`

// packet writes a packet as it is given, past the client.
func (m *mta) packet(command byte, payload string) {
	m.t.Helper()
	p := []byte{0, 0, 0, byte(len(payload) + 1), command}
	if _, err := m.conn.Write(append(p, payload...)); err != nil {
		m.t.Fatal(err)
	}
}

// answer reads one packet past the client.
func (m *mta) answer() string {
	m.t.Helper()
	if err := m.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		m.t.Fatal(err)
	}
	var head [5]byte
	if _, err := m.conn.Read(head[:]); err != nil {
		return "error: " + err.Error()
	}
	rest := make([]byte, int(head[3])-1)
	if len(rest) > 0 {
		if _, err := m.conn.Read(rest); err != nil {
			return "error: " + err.Error()
		}
	}
	return string(head[4]) + string(rest)
}
