package main

import (
	"embed"
	"fmt"
	"math/rand/v2"

	"luamilter/protocol"

	"luamilter/load"
)

//go:embed w1.lua w2.lua w3.lua w4.lua cfilter.c pyfilter.py
var sources embed.FS

// workload is one kind of work that filters are measured with.
type workload struct {
	name   string // also that of its script
	what   string
	body   int // bytes of each body
	every  int // every how many messages the word or token is in one; 0 for never
	expect func(*marked) load.Expectation
}

// Names that scripts, the C filter and the checks share.
const (
	word  = "viagra"
	token = "EICAR-TEST"
)

var workloads = []workload{
	{"w1", "count the recipients", 4096, 0, func(m *marked) load.Expectation {
		return adds("X-Rcpt-Count", len(m.Recipients))
	}},
	{"w2", "look at every header field", 4096, 4, func(m *marked) load.Expectation {
		e := adds("X-Header-Count", len(m.Fields))
		if m.marked {
			e.Added = append(e.Added, load.Field{Name: "X-Match", Value: "yes"})
		}
		return e
	}},
	{"w3", "search a body of 250 kB for a token", 250_000, 8, func(m *marked) load.Expectation {
		if m.marked {
			return load.Expectation{Refuse: "550 5.7.1"}
		}
		return adds("X-Body-Bytes", len(m.Body))
	}},
	{"w4", "answer every event", 4096, 0, func(m *marked) load.Expectation {
		const others = 4 // mail, data, eoh, eom
		chunks := (len(m.Body) + protocol.MaxChunk - 1) / protocol.MaxChunk
		return adds("X-Events", len(m.Recipients)+len(m.Fields)+chunks+others)
	}},
}

// workloadNamed returns the workload with that name, nil if there is none.
func workloadNamed(name string) *workload {
	for i := range workloads {
		if workloads[i].name == name {
			return &workloads[i]
		}
	}
	return nil
}

func adds(name string, value int) load.Expectation {
	return load.Expectation{Added: []load.Field{{Name: name, Value: fmt.Sprint(value)}}}
}

// marked is a message, perhaps with the word in its Subject or the token in its body.
type marked struct {
	*load.Message
	marked bool
}

const (
	messageKinds = 8 // different messages of a workload, sent in turn
	recipients   = 3
)

// messages returns the messages of the workload, the same ones every time.
func (w *workload) messages() []*load.Message {
	var all []*load.Message
	for _, m := range w.marked() {
		all = append(all, m.Message)
	}
	return all
}

func (w *workload) marked() []*marked {
	random := rand.New(rand.NewPCG(6, 1))
	var all []*marked
	for i := range messageKinds {
		m := &marked{&load.Message{Sender: fmt.Sprintf("<sender%d@client.example>", i)}, w.every > 0 && i%w.every == w.every-1}
		for r := range recipients {
			m.Recipients = append(m.Recipients, fmt.Sprintf("<recipient%d@site.example>", r))
		}
		m.Fields = fields(i, m.marked && w.name == "w2", random)
		m.Body = load.Text(w.body, random)
		if m.marked && w.name == "w3" {
			hide(m.Body)
		}
		want := w.expect(m)
		m.Want = &want
		all = append(all, m)
	}
	return all
}

// fields returns the header of the i-th message.
func fields(i int, marked bool, random *rand.Rand) []load.Field {
	name, subject := "Subject", fmt.Sprintf("Minutes of the meeting on day %d", i)
	if i%2 == 1 {
		name = "SUBJECT"
	}
	if marked {
		subject = "Your Viagra order"
	}
	return load.Header(name, subject, random)
}

// hide puts the token into a body, across the border of two chunks.
func hide(body []byte) {
	at := len(body)/protocol.MaxChunk*protocol.MaxChunk - len(token)/2
	copy(body[at:], token)
}
