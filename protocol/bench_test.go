package protocol

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// BenchmarkFrame reads packets from memory.
func BenchmarkFrame(b *testing.B) {
	for _, bench := range []struct {
		name string
		loop []byte
	}{
		{"small", messageOf("DCDHDMDRTDLDNDBDE")},
		{"64KiB", frame('B', strings.Repeat("x", MaxChunk))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			packets := len(splitFrames(b, bench.loop))
			f := newFrameReader(&loopWire{loop: bench.loop})
			b.SetBytes(int64(len(bench.loop) / packets))
			b.ReportAllocs()
			for b.Loop() {
				for {
					_, _, ok, err := f.frame()
					if err != nil {
						b.Fatal(err)
					}
					if ok {
						break
					}
					if err := f.fill(); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkNext reads and answers one event, of each kind.
func BenchmarkNext(b *testing.B) {
	for _, bench := range []struct {
		name string
		want Want
		loop []byte
	}{
		{"mail", everything, messageOf("M")},
		{"mail with macros", everything, append(frame('D', "Mi\x00Q1\x00{mail_addr}\x00a@b.example\x00{mail_host}\x00b.example\x00"), command('M')...)},
		{"header", everything, messageOf("M" + strings.Repeat("L", 1000))},
		{"header, no answer", Want{Events: everything.Events}, messageOf("M" + strings.Repeat("L", 1000))},
		{"body 64KiB", everything, append(command('M'), bytes.Repeat(frame('B', strings.Repeat("x", MaxChunk)), 50)...)},
		{"eom", everything, bytes.Repeat(messageOf("ME"), 100)},
		{"whole message", everything, messageOf("DMDRDTDLDLDLDLDNDBDEA")},
	} {
		b.Run(bench.name, func(b *testing.B) {
			c := newLoop(b, bench.want, bench.loop)
			b.ReportAllocs()
			for b.Loop() {
				if err := answerOne(c, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkUnwanted is an event that the filter does not want and the MTA sends all the same.
func BenchmarkUnwanted(b *testing.B) {
	c := newLoop(b, Want{Events: stageSet(StageMail)}, append(bytes.Repeat(messageOf("DL"), 99), command('M')...))
	b.ReportAllocs()
	for b.Loop() { // a hundred of them
		if err := answerOne(c, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReply writes a reply with a text.
func BenchmarkReply(b *testing.B) {
	c := newLoop(b, everything, messageOf("M"))
	r, err := NewReply(Reject, 550, "5.7.1", "message refused: 100% spam\nsee https://mail.example/spam")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Next(); err != nil {
			b.Fatal(err)
		}
		if err := c.Reply(r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFinish ends messages with changes.
func BenchmarkFinish(b *testing.B) {
	header := Change{Response: RespAddHeader, Name: "X-Rcpt-Count", Value: "2"}
	for _, bench := range []struct {
		name    string
		changes []Change
	}{
		{"none", nil},
		{"one header", []Change{header}},
		{"ten headers", []Change{header, header, header, header, header, header, header, header, header, header}},
		{"body 250KB", []Change{replaceBody(make([]byte, 250_000))}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			c := newLoop(b, everything, messageOf("ME"))
			b.ReportAllocs()
			for b.Loop() {
				for range 2 {
					if err := answerOne(c, bench.changes); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkHeaderEdit finds the packets for an edit of a header of thirty fields.
func BenchmarkHeaderEdit(b *testing.B) {
	fields := headerOf(strings.Repeat("Received X-A X-B Subject From To ", 5))
	for _, mta := range []MTA{Postfix, Sendmail} {
		b.Run(mta.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				h := NewHeaderEdit(fields)
				h.Delete(h.Find("X-A", 2))
				h.Change(h.Find("Subject", 1), "new")
				h.Insert(0, Field{Name: "X-Top", Value: "1"})
				h.Add(Field{Name: "X-End", Value: "1"})
				if len(h.Changes(mta)) != 4 {
					b.Fatal("not four packets")
				}
			}
		})
	}
}

// BenchmarkMacro looks a macro up among those of a Postfix message.
func BenchmarkMacro(b *testing.B) {
	var m Macros
	for _, p := range []string{"C j=mx.test.example {daemon_name}=mx {daemon_addr}=127.0.0.1 v=Postfix _=x", "M {mail_addr}=a {mail_host}=b {mail_mailer}=c",
		"R i=4jXJkd41Wbz1SGRP {rcpt_addr}=a {rcpt_host}=b {rcpt_mailer}=c", "E i=4jXJkd41Wbz1SGRP"} {
		if err := m.store(macroPacket(p)); err != nil {
			b.Fatal(err)
		}
		m.begin(Command(p[0]))
	}
	for _, name := range []string{"i", "{daemon_name}", "absent"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Get(name)
			}
		})
	}
}

// BenchmarkSocket is a message over a unix socket, client and server, as the processor sees it: one round trip for each event, or
// one in all.
func BenchmarkSocket(b *testing.B) {
	for _, bench := range []struct {
		name string
		want Want
	}{
		{"every answer", everything}, {"no answers", Want{Events: everything.Events}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			mta, filter := connect(b, "unix")
			_ = mta.SetDeadline(time.Time{})
			_ = filter.SetDeadline(time.Time{})
			go func() {
				c := NewServerConn(filter)
				if negotiate(c, bench.want) == nil {
					_, _ = answerAll(c, nil)
				}
				_ = c.Close()
			}()
			c := NewClient(mta, 0)
			if _, err := c.Negotiate(FullOffer); err != nil {
				b.Fatal(err)
			}
			events := allEvents()[3:]
			b.ReportAllocs()
			for b.Loop() {
				for _, ev := range events {
					if _, err := c.Send(ev); err != nil {
						b.Fatal(err)
					}
				}
				if _, _, _, err := c.EndOfMessage(); err != nil {
					b.Fatal(err)
				}
			}
			_ = c.Quit()
		})
	}
}
