package dns

import (
	"strings"
	"testing"

	wire "github.com/miekg/dns"
)

// packed writes an answer after changes.
func packed(w wire.ResponseWriter, m *wire.Msg, change func(m *wire.Msg)) {
	m = m.Copy()
	change(m)
	if p, err := m.Pack(); err == nil {
		_, _ = w.Write(p)
	}
}

// forged is an answer that somebody would like us to take.
func forged(m *wire.Msg) {
	rr, _ := wire.NewRR(m.Question[0].Name + " 86400 A 203.0.113.66")
	m.Answer = []wire.RR{rr}
}

// What servers, and those who pretend to be one, can do wrong.
func TestHostileServers(t *testing.T) {
	s := startServer(t)
	isUDP := func(w wire.ResponseWriter) bool { return w.LocalAddr().Network() == "udp" }
	const right = `"192.0.2.1", "192.0.2.2"`
	for _, c := range []struct {
		name string
		do   behaviour
		want string // all of it, or its end if it begins with ...
	}{
		{"a forged one with another number comes first", func(w wire.ResponseWriter, ask *wire.Msg) {
			packed(w, s.answer(ask), func(m *wire.Msg) { forged(m); m.Id++ })
			_ = w.WriteMsg(s.answer(ask))
		}, right},
		{"a forged one to another question comes first", func(w wire.ResponseWriter, ask *wire.Msg) {
			packed(w, s.answer(ask), func(m *wire.Msg) { m.Question[0].Name = "example.org."; forged(m) })
			_ = w.WriteMsg(s.answer(ask))
		}, right},
		{"a forged one in other case comes first", func(w wire.ResponseWriter, ask *wire.Msg) {
			packed(w, s.answer(ask), func(m *wire.Msg) { m.Question[0].Name = swapCase(m.Question[0].Name); forged(m) })
			_ = w.WriteMsg(s.answer(ask))
		}, right},
		{"a question comes back first", func(w wire.ResponseWriter, ask *wire.Msg) {
			packed(w, ask, forged)
			_ = w.WriteMsg(s.answer(ask))
		}, right},
		{"rubbish comes first", func(w wire.ResponseWriter, ask *wire.Msg) {
			for _, p := range []string{"\x00", "rubbish", strings.Repeat("\xff", 4000)} {
				_, _ = w.Write([]byte(p))
			}
			_ = w.WriteMsg(s.answer(ask))
		}, right},
		{"a forged one comes second", func(w wire.ResponseWriter, ask *wire.Msg) {
			_ = w.WriteMsg(s.answer(ask))
			packed(w, s.answer(ask), forged)
		}, right},
		{"records of others come along", func(w wire.ResponseWriter, ask *wire.Msg) {
			m := s.answer(ask)
			rr, _ := wire.NewRR("bank.example. 86400 A 203.0.113.66")
			chaos, _ := wire.NewRR("example.com. 86400 CH A 203.0.113.66")
			m.Answer = append(append([]wire.RR{rr, chaos}, m.Answer...), rr)
			_ = w.WriteMsg(m)
		}, right},
		{"only strangers answer", func(w wire.ResponseWriter, ask *wire.Msg) {
			for range 2 * maxStrangers {
				packed(w, s.answer(ask), func(m *wire.Msg) { m.Id++ })
			}
		}, "...too many packets that answer something else"},
		{"the answer does not fit", func(w wire.ResponseWriter, ask *wire.Msg) {
			packed(w, s.answer(ask), func(m *wire.Msg) {
				if isUDP(w) {
					m.Answer, m.Truncated = nil, true
				}
			})
		}, right},
		{"the answer does not fit and is cut within a record", func(w wire.ResponseWriter, ask *wire.Msg) {
			m := s.answer(ask)
			m.Truncated = isUDP(w)
			p, _ := m.Pack()
			if isUDP(w) {
				p = p[:len(p)-5]
			}
			_, _ = w.Write(p)
		}, right},
		{"it is huge", func(w wire.ResponseWriter, ask *wire.Msg) {
			m := s.answer(ask)
			for len(m.Answer) < 1500 {
				m.Answer = append(m.Answer, m.Answer[1])
			}
			if isUDP(w) {
				m.Answer, m.Truncated = nil, true
			}
			m.Compress = true
			_ = w.WriteMsg(m)
		}, `"192.0.2.1"` + strings.Repeat(`, "192.0.2.2"`, 1499)},
		{"another answer over TCP", func(w wire.ResponseWriter, ask *wire.Msg) {
			packed(w, s.answer(ask), func(m *wire.Msg) {
				if m.Truncated = isUDP(w); !m.Truncated {
					m.Id++
				}
			})
		}, "...the answer over TCP is to another question, or cannot be read"},
		{"TCP is closed at once", func(w wire.ResponseWriter, ask *wire.Msg) {
			if !isUDP(w) {
				_ = w.Close()
				return
			}
			packed(w, s.answer(ask), func(m *wire.Msg) { m.Truncated = true })
		}, "...EOF"},
		{"it does not know EDNS", func(w wire.ResponseWriter, ask *wire.Msg) {
			if ask.IsEdns0() != nil {
				packed(w, new(wire.Msg).SetRcode(ask, wire.RcodeFormatError), func(m *wire.Msg) { m.Question = nil })
				return
			}
			_ = w.WriteMsg(s.answer(ask))
		}, right},
		{"it cannot find out", rcode(wire.RcodeServerFailure), "...the name server says SERVFAIL"},
		{"it does not want to", rcode(wire.RcodeRefused), "...the name server says REFUSED; does it recurse for this machine?"},
		{"aliases in a circle", func(w wire.ResponseWriter, ask *wire.Msg) {
			m := new(wire.Msg).SetReply(ask)
			m.Answer = aliases("example.com.", "b.example.com.", "example.com.")
			_ = w.WriteMsg(m)
		}, "...its aliases lead nowhere: a loop, or too many"},
		{"an alias of itself", func(w wire.ResponseWriter, ask *wire.Msg) {
			m := new(wire.Msg).SetReply(ask)
			m.Answer = aliases("example.com.", "example.com.")
			_ = w.WriteMsg(m)
		}, "...its aliases lead nowhere: a loop, or too many"},
		{"no records, and no reason", func(w wire.ResponseWriter, ask *wire.Msg) { _ = w.WriteMsg(new(wire.Msg).SetReply(ask)) }, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := resolver(t, func(o *Options) { o.Tries = 1 }, s) // with a cache of its own
			s.does("example.com", c.do)
			got := show(r, "example.com", A)
			if end, ok := strings.CutPrefix(c.want, "..."); ok && strings.HasSuffix(got, end) {
				return
			}
			if got != c.want {
				t.Errorf("got %.200s\nwant %.200s", got, c.want)
			}
		})
	}
}

// aliases makes each name an alias of the next.
func aliases(names ...string) (all []wire.RR) {
	for i := 1; i < len(names); i++ {
		rr, _ := wire.NewRR(names[i-1] + " 60 CNAME " + names[i])
		all = append(all, rr)
	}
	return all
}

func swapCase(s string) string {
	out := []byte(s)
	for i, c := range out {
		if c|0x20 >= 'a' && c|0x20 <= 'z' {
			out[i] = c ^ 0x20
		}
	}
	return string(out)
}

func TestManyAliases(t *testing.T) {
	for n, fine := range map[int]bool{maxAliases - 1: true, maxAliases: false, 1000: false} {
		m := new(wire.Msg)
		m.Response = true
		last := "a0.example."
		for i := range n {
			next := "a" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676)) + ".example."
			m.Answer = append(m.Answer, aliases(last, next)...)
			last = next
		}
		rr, _ := wire.NewRR(last + " 60 A 192.0.2.1")
		m.Answer = append(m.Answer, rr)
		a, err := answerOf(m, Question{"a0.example", A})
		if (err == nil && len(a.Records) == 1) != fine {
			t.Errorf("%d aliases: %v, %v", n, a, err)
		}
	}
}

func TestRandomCaseIsRandomAndNothingElse(t *testing.T) {
	const name = "mail-1._tcp.example.com."
	seen := map[string]bool{}
	for range 50 {
		n := withRandomCase(name)
		if strings.ToLower(n) != name {
			t.Fatal(n)
		}
		seen[n] = true
	}
	if len(seen) < 40 {
		t.Errorf("only %d forms in 50", len(seen))
	}
}
