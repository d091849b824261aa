package main

import (
	"bytes"
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"

	"luamilter/protocol"
)

//go:embed w1.lua w2.lua w3.lua w4.lua cfilter.c pyfilter.py
var sources embed.FS

// workload is one kind of work that filters are measured with.
type workload struct {
	name   string // also that of its script
	what   string
	body   int // bytes of each body
	marked int // every how many messages the word or token is in one; 0 for never
	expect func(*message) expectation
}

// Names that scripts, the C filter and the checks share.
const (
	word  = "viagra"
	token = "EICAR-TEST"
)

var workloads = []workload{
	{"w1", "count the recipients", 4096, 0, func(m *message) expectation {
		return adds("X-Rcpt-Count", len(m.recipients))
	}},
	{"w2", "look at every header field", 4096, 4, func(m *message) expectation {
		e := adds("X-Header-Count", len(m.fields))
		if m.marked {
			e.added = append(e.added, field{"X-Match", "yes"})
		}
		return e
	}},
	{"w3", "search a body of 250 kB for a token", 250_000, 8, func(m *message) expectation {
		if m.marked {
			return expectation{refuse: "550 5.7.1"}
		}
		return adds("X-Body-Bytes", len(m.body))
	}},
	{"w4", "answer every event", 4096, 0, func(m *message) expectation {
		const others = 4 // mail, data, eoh, eom
		chunks := (len(m.body) + protocol.MaxChunk - 1) / protocol.MaxChunk
		return adds("X-Events", len(m.recipients)+len(m.fields)+chunks+others)
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

// field is a header field.
type field struct{ name, value string }

// expectation is what a filter has to say about a message.
type expectation struct {
	added  []field // the fields it adds, and no others
	refuse string  // how the reply begins that it refuses with; "" where it takes the message
}

func adds(name string, value int) expectation {
	return expectation{added: []field{{name, fmt.Sprint(value)}}}
}

// message is a message as an MTA has it.
type message struct {
	sender     string
	recipients []string
	fields     []field
	body       []byte
	marked     bool // the word is in its Subject, or the token in its body
	want       expectation
}

const (
	messageKinds = 8 // different messages of a workload, sent in turn
	recipients   = 3
)

// messages returns the messages of the workload, the same ones every time.
func (w *workload) messages() []*message {
	random := rand.New(rand.NewPCG(6, 1))
	var all []*message
	for i := range messageKinds {
		m := &message{
			sender: fmt.Sprintf("<sender%d@client.example>", i),
			marked: w.marked > 0 && i%w.marked == w.marked-1,
		}
		for r := range recipients {
			m.recipients = append(m.recipients, fmt.Sprintf("<recipient%d@site.example>", r))
		}
		m.fields = fields(i, m.marked && w.name == "w2", random)
		m.body = body(w.body, random)
		if m.marked && w.name == "w3" {
			hide(m.body)
		}
		m.want = w.expect(m)
		all = append(all, m)
	}
	return all
}

// fields returns the header of the i-th message: 20 fields as mail between people has them, three of them folded.
func fields(i int, marked bool, random *rand.Rand) []field {
	name, subject := "Subject", fmt.Sprintf("Minutes of the meeting on day %d", i)
	if i%2 == 1 {
		name = "SUBJECT"
	}
	if marked {
		subject = "Your Viagra order"
	}
	hop := func(n int) field {
		return field{"Received", fmt.Sprintf("from hop%d.example (hop%d.example [192.0.2.%d])\n\tby hop%d.example with ESMTPS id %08X\n\tfor <recipient0@site.example>; Mon, 6 Jan 2025 10:00:0%d +0000",
			n, n, n, n+1, random.Uint32(), n)}
	}
	return []field{
		hop(1), hop(2), hop(3),
		{"DKIM-Signature", fmt.Sprintf("v=1; a=rsa-sha256; c=relaxed/relaxed; d=client.example; s=one;\n\tbh=%016x; b=%016x%016x", random.Uint64(), random.Uint64(), random.Uint64())},
		{"From", "A Sender <sender@client.example>"},
		{"To", "First Reader <recipient0@site.example>, Second Reader <recipient1@site.example>"},
		{"Cc", "Third Reader <recipient2@site.example>"},
		{name, subject},
		{"Date", "Mon, 6 Jan 2025 10:00:00 +0000"},
		{"Message-ID", fmt.Sprintf("<%016x@client.example>", random.Uint64())},
		{"In-Reply-To", fmt.Sprintf("<%016x@site.example>", random.Uint64())},
		{"References", fmt.Sprintf("<%016x@site.example> <%016x@client.example>", random.Uint64(), random.Uint64())},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8; format=flowed"},
		{"Content-Transfer-Encoding", "8bit"},
		{"Content-Language", "en-GB"},
		{"User-Agent", "Mail Reader 11.2"},
		{"Organization", "Client and Sons"},
		{"X-Priority", "3"},
		{"List-Id", "The weekly list <weekly.lists.client.example>"},
	}
}

// body returns text of that many bytes in lines of some 70 characters.
func body(size int, random *rand.Rand) []byte {
	words := strings.Fields("please find below what we agreed on and tell me by the end of the week if anything is missing from this list of points")
	var b bytes.Buffer
	for line := 0; b.Len() < size; {
		w := words[random.IntN(len(words))]
		b.WriteString(w)
		if line += len(w) + 1; line > 66 {
			b.WriteString("\r\n")
			line = 0
		} else {
			b.WriteByte(' ')
		}
	}
	text := b.Bytes()[:size]
	copy(text[size-2:], "\r\n")
	return text
}

// hide puts the token into a body, across the border of two chunks.
func hide(body []byte) {
	at := len(body)/protocol.MaxChunk*protocol.MaxChunk - len(token)/2
	copy(body[at:], token)
}
