package load

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Message is a message as an MTA has it.
type Message struct {
	Sender     string   // with brackets
	Recipients []string // with brackets
	Fields     []Field
	Body       []byte       // with CRLF
	Want       *Expectation // what the filter has to say about it; nil: anything
}

// Field is a header field. Lines of its value are separated by LF.
type Field struct{ Name, Value string }

// Expectation is what a filter has to say about a message.
type Expectation struct {
	Added  []Field // the fields it adds, and no others
	Refuse string  // how the reply begins that it refuses with; "" where it takes the message
}

// Shape is what made up messages look like.
type Shape struct {
	Recipients int
	Fields     int // of the header
	Body       int // bytes
}

// Usual is the shape of mail between people.
var Usual = Shape{Recipients: 3, Fields: 20, Body: 4096}

// kinds is how many different messages are sent in turn.
const kinds = 8

// Messages returns messages of the shape, the same ones every time. Each has at least one recipient.
func (s Shape) Messages() []*Message {
	random := rand.New(rand.NewPCG(6, 1))
	var all []*Message
	for i := range kinds {
		m := &Message{Sender: fmt.Sprintf("<sender%d@client.example>", i), Body: Text(s.Body, random)}
		for r := range max(1, s.Recipients) {
			m.Recipients = append(m.Recipients, fmt.Sprintf("<recipient%d@site.example>", r))
		}
		m.Fields = Header("Subject", fmt.Sprintf("Minutes of the meeting on day %d", i), random)
		for len(m.Fields) < s.Fields {
			m.Fields = append(m.Fields, Field{fmt.Sprintf("X-Field-%d", len(m.Fields)+1), fmt.Sprintf("%016x %016x", random.Uint64(), random.Uint64())})
		}
		m.Fields = m.Fields[len(m.Fields)-max(0, s.Fields):]
		all = append(all, m)
	}
	return all
}

// Header returns 20 fields as mail between people has them, three of them folded, with a Subject of that spelling and value.
func Header(name, subject string, random *rand.Rand) []Field {
	hop := func(n int) Field {
		return Field{"Received", fmt.Sprintf("from hop%d.example (hop%d.example [192.0.2.%d])\n\tby hop%d.example with ESMTPS id %08X\n\tfor <recipient0@site.example>; Mon, 6 Jan 2025 10:00:0%d +0000",
			n, n, n, n+1, random.Uint32(), n)}
	}
	return []Field{
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

// Text returns that many bytes of text in lines of some 70 characters.
func Text(size int, random *rand.Rand) []byte {
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
	if size >= 2 {
		copy(text[size-2:], "\r\n")
	}
	return text
}
