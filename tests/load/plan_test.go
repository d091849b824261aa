package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luamilter/protocol"

	"luamilter/load"
)

// recorder is a filter that writes down every event it is told of, decoded by package protocol.
type recorder struct {
	want   protocol.Want
	events []string
	skip   bool // answer skip to the first chunk of a body
}

// serve is one connection.
func (r *recorder) serve(conn net.Conn) error {
	c := protocol.NewServerConn(conn)
	defer c.Close()
	offer, err := c.ReadOffer()
	if err != nil {
		return err
	}
	agreed, err := protocol.Negotiate(offer, r.want)
	if err != nil {
		return err
	}
	if err := c.Agree(agreed); err != nil {
		return err
	}
	for {
		ev, err := c.Next()
		if err != nil {
			return err
		}
		if _, ok := ev.(*protocol.Quit); ok {
			return nil
		}
		id, _ := c.Macros().Get("i")
		r.events = append(r.events, describe(ev)+" id="+string(id))
		if err := r.answer(c, ev); err != nil {
			return err
		}
	}
}

func (r *recorder) answer(c *protocol.ServerConn, ev protocol.Event) error {
	switch ev.(type) {
	case *protocol.Abort:
		return nil
	case *protocol.EndOfMessage:
		return c.Finish(nil, protocol.Reply{})
	case *protocol.Body:
		if r.skip {
			return c.Reply(protocol.Reply{Verdict: protocol.Skip})
		}
	}
	return c.Reply(protocol.Reply{})
}

func describe(ev protocol.Event) string {
	switch ev := ev.(type) {
	case *protocol.Connect:
		return fmt.Sprintf("connect %s %v %s %d", ev.Host, ev.Family, ev.Address, ev.Port)
	case *protocol.Helo:
		return fmt.Sprintf("helo %s", ev.Name)
	case *protocol.Mail:
		return fmt.Sprintf("mail %s %q", ev.Sender, []byte(ev.Params))
	case *protocol.Rcpt:
		return fmt.Sprintf("rcpt %s", ev.Recipient)
	case *protocol.Header:
		return fmt.Sprintf("header %s: %s", ev.Name, ev.Value)
	case *protocol.Body:
		return fmt.Sprintf("body %d", len(ev.Chunk))
	}
	return ev.Stage().String()
}

// record plays messages to a filter and returns the events it was told of.
func record(t *testing.T, r *recorder, bag *load.Mailbag, messages int) []string {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan error, 1)
	go func() {
		conn, err := l.Accept()
		if err == nil {
			err = r.serve(conn)
		}
		done <- err
	}()
	conn, err := load.Dial("unix", l.Addr().String(), time.Now().Add(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	p, err := load.NewPlayer(conn, bag, 7)
	if err != nil {
		t.Fatal(err)
	}
	for i := range messages {
		if err := p.Play(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Quit(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil && !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	return r.events
}

// everything is what a filter wants that asks for all events and answers them.
func everything() protocol.Want {
	var all protocol.Stages
	for s := range protocol.Stage(protocol.NumStages) {
		all = all.With(s)
	}
	return protocol.Want{Events: all, Replies: all, Actions: protocol.ActAddHeader}
}

// asMessage is what a filter that wants everything is told of a message.
func asMessage(m *load.Message, id, space string) []string {
	out := []string{fmt.Sprintf("mail %s %q id=", m.Sender, "SIZE=4711\x00BODY=8BITMIME\x00")}
	for i, r := range m.Recipients {
		if i == 0 {
			out = append(out, "rcpt "+r+" id=")
		} else {
			out = append(out, "rcpt "+r+" id="+id)
		}
	}
	out = append(out, "data id="+id)
	for _, f := range m.Fields {
		out = append(out, "header "+f.Name+": "+space+f.Value+" id="+id)
	}
	out = append(out, "eoh id="+id)
	for chunk := range slices.Chunk(m.Body, protocol.MaxChunk) {
		out = append(out, fmt.Sprintf("body %d id=%s", len(chunk), id))
	}
	return append(out, "eom id="+id)
}

func TestPlanSaysWhatTheMessageIs(t *testing.T) {
	for _, w := range workloads {
		t.Run(w.name, func(t *testing.T) {
			messages := w.messages()
			bag := load.NewMailbag(messages)
			got := record(t, &recorder{want: everything()}, bag, 2)
			want := []string{"connect client.example inet 192.0.2.77 49153 id=", "helo client.example id="}
			want = append(want, asMessage(messages[0], "4Z0007A001", "")...)
			want = append(want, asMessage(messages[1], "4Z0007A002", "")...)
			compare(t, got, want)
		})
	}
}

func TestPlanHonoursTheNegotiation(t *testing.T) {
	only := func(stages ...protocol.Stage) (set protocol.Stages) {
		for _, s := range stages {
			set = set.With(s)
		}
		return set
	}
	lists := protocol.MacroLists{}
	if err := lists.Request(protocol.StageEOM, []string{"msg_id"}); err != nil {
		t.Fatal(err)
	}
	messages := workloadNamed("w3").messages()
	bag, first := load.NewMailbag(messages), messages[0]
	chunks := (len(first.Body) + protocol.MaxChunk - 1) / protocol.MaxChunk
	for _, c := range []struct {
		name   string
		filter recorder
		want   []string
	}{
		{"nothing", recorder{}, []string{"eom id=4Z0007A001"}},
		{"recipients, no replies", recorder{want: protocol.Want{Events: only(protocol.StageMail, protocol.StageRcpt)}},
			slices.Concat(asMessage(first, "4Z0007A001", "")[:1+recipients], []string{"eom id=4Z0007A001"})},
		{"body, no replies", recorder{want: protocol.Want{Events: only(protocol.StageMail, protocol.StageBody)}},
			slices.Concat(asMessage(first, "4Z0007A001", "")[:1], slices.Repeat([]string{"body 65535 id=4Z0007A001"}, chunks-1),
				[]string{fmt.Sprintf("body %d id=4Z0007A001", len(first.Body)%protocol.MaxChunk), "eom id=4Z0007A001"})},
		{"skip", recorder{skip: true, want: protocol.Want{Events: only(protocol.StageMail, protocol.StageBody), Replies: only(protocol.StageBody), Extras: protocol.CanSkip}},
			slices.Concat(asMessage(first, "4Z0007A001", "")[:1], []string{"body 65535 id=4Z0007A001", "eom id=4Z0007A001"})},
		{"macros asked for", recorder{want: protocol.Want{Events: only(protocol.StageMail), Macros: lists}},
			slices.Concat(asMessage(first, "", "")[:1], []string{"eom id=4Z0007A001"})}, // from DATA
		{"blanks kept", recorder{want: protocol.Want{Events: only(protocol.StageMail, protocol.StageHeader), Extras: protocol.LeadingSpace}},
			slices.Concat(asMessage(first, "", "")[:1], asMessage(first, "4Z0007A001", " ")[5:25], []string{"eom id=4Z0007A001"})},
	} {
		t.Run(c.name, func(t *testing.T) {
			compare(t, record(t, &c.filter, bag, 1), c.want)
		})
	}
}

func compare(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Fatalf("event %d is missing: %s", i, want[i])
		case i >= len(want):
			t.Fatalf("event %d is one too many: %s", i, got[i])
		case got[i] != want[i]:
			t.Fatalf("event %d is %s\nexpected   %s", i, got[i], want[i])
		}
	}
}

func TestMessagesAreMarked(t *testing.T) {
	for _, w := range workloads {
		marked := 0
		for _, m := range w.marked() {
			text := string(m.Body)
			for _, f := range m.Fields {
				if strings.EqualFold(f.Name, "Subject") {
					text += strings.ToLower(f.Value)
				}
			}
			if has := strings.Contains(text, token) || strings.Contains(text, word); has != m.marked {
				t.Errorf("%s: a message is marked: %v, and has the word or token: %v", w.name, m.marked, has)
			}
			if m.marked {
				marked++
			}
			if len(m.Fields) != 20 || len(m.Body) != w.body || !strings.HasSuffix(text[:len(m.Body)], "\r\n") {
				t.Errorf("%s: %d fields and %d bytes of body", w.name, len(m.Fields), len(m.Body))
			}
		}
		if want := map[string]int{"w2": 2, "w3": 1}[w.name]; marked != want {
			t.Errorf("%s: %d marked messages, expected %d", w.name, marked, want)
		}
	}
}
