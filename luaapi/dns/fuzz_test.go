package dns

import (
	"strings"
	"testing"
	"unicode/utf8"

	wire "github.com/miekg/dns"
)

// FuzzAnswer reads packets that a server may send to a question for a type.
func FuzzAnswer(f *testing.F) {
	s := &nameServer{odd: map[string]behaviour{}}
	for line := range strings.Lines(zoneText) {
		if rr, err := wire.NewRR(line); err == nil && rr != nil {
			s.records = append(s.records, rr)
		}
	}
	for _, t := range []Type{A, AAAA, CNAME, MX, NS, PTR, SRV, TXT} {
		for _, name := range []string{"example.com", "www.example.com", "none.example.com"} {
			ask := newMessage(Question{name, t}, false)
			ask.Id = 7
			if p, err := s.answer(ask).Pack(); err == nil {
				f.Add(p, name, uint16(t))
			}
		}
	}
	f.Fuzz(func(t *testing.T, packet []byte, name string, typ uint16) {
		q, err := NewQuestion(name, Type(typ))
		if err != nil {
			return
		}
		ask := newMessage(q, false)
		ask.Id = 7
		m, ok := read(packet, ask)
		if !ok {
			return
		}
		if len(m.Question) > 0 && m.Question[0] != ask.Question[0] {
			t.Errorf("%v was taken for an answer to %v", m.Question, q)
		}
		a, err := answerOf(m, q)
		if err != nil && len(a.Records) > 0 || a.Missing && len(a.Records) > 0 || a.validFor < 0 || a.validFor > longest {
			t.Errorf("%+v, %v", a, err)
		}
		for _, r := range a.Records {
			if q.Type != TXT && (strings.ContainsAny(r.Value, "\n\r\x00 ") || !utf8.ValidString(r.Value)) {
				t.Errorf("%v brings %q", q, r.Value)
			}
		}
	})
}

// FuzzQuestion checks names, which come from mail: what passes can be asked for.
func FuzzQuestion(f *testing.F) {
	for _, name := range []string{"example.com.", "bücher.example", `a\.b`, "a..b", "_x._tcp.example", "xn--a", "*.example", strings.Repeat("a.", 127)} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		q, err := NewQuestion(name, A)
		if err != nil {
			return
		}
		packet, err := newMessage(q, true).Pack()
		if err != nil {
			t.Fatalf("%q becomes %q: %v", name, q.Name, err)
		}
		m := new(wire.Msg)
		if err := m.Unpack(packet); err != nil || plainName(m.Question[0].Name) != q.Name {
			t.Errorf("%q becomes %q: %v, %v", name, q.Name, m.Question, err)
		}
		if again, err := NewQuestion(q.Name, A); err != nil || again != q {
			t.Errorf("%q becomes %q, and that %v, %v", name, q.Name, again, err)
		}
	})
}
