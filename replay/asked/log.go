package asked

import (
	"fmt"
	"strings"
	"sync"
)

// Lookup is something that a script asked, or had sent.
type Lookup struct {
	Kind     string `json:"kind"`               // the module: dns, http, clamav, rspamd, spamc, socket, smtp, geo, map; or http.later, smtp.send
	Question string `json:"question,omitempty"` // of the kind's own form: "MX example.com"
	Answer   string `json:"answer,omitempty"`
	Failed   string `json:"failed,omitempty"` // why there is no answer
	Asked    bool   `json:"asked"`            // somebody was asked, or a file was looked at
	Times    int    `json:"times,omitempty"`  // how often, if it was the same more than once
}

// Sends reports whether lookups of a kind are none, but something to be sent.
func Sends(kind string) bool { return kind == httpLater || kind == smtpSend }

// The kinds of what is to be sent.
const (
	httpLater = "http.later"
	smtpSend  = "smtp.send"
)

// String returns the lookup on one line.
func (l *Lookup) String() string {
	text := l.Kind
	if l.Question != "" {
		text += " " + l.Question
	}
	if l.Times > 1 {
		text += fmt.Sprintf(" (%d times)", l.Times)
	}
	if l.Failed != "" {
		return text + ": " + l.Failed
	}
	return text + ": " + l.Answer
}

// Log has the lookups of one message. It is safe for use by several goroutines.
type Log struct {
	mu  sync.Mutex
	all []Lookup
}

// Lookups returns what was asked so far. Of a script that asks more than 1000 different things, it is not all.
func (l *Log) Lookups() []Lookup {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Lookup(nil), l.all...)
}

const (
	maxLookups = 1000
	maxText    = 300 // bytes of a question or an answer
)

// note adds a lookup, or counts it if it is there.
func (l *Log) note(one Lookup) {
	one.Question, one.Answer, one.Failed = oneLine(one.Question), oneLine(one.Answer), oneLine(one.Failed)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.all {
		before := l.all[i]
		before.Times = 0
		if before == one {
			l.all[i].Times = max(l.all[i].Times, 1) + 1
			return
		}
	}
	if len(l.all) < maxLookups {
		l.all = append(l.all, one)
	}
}

// done notes a lookup that somebody answered, or did not.
func (l *Log) done(kind, question, answer string, err error) {
	one := Lookup{Kind: kind, Question: question, Asked: true}
	if err != nil {
		one.Failed = err.Error()
	} else {
		one.Answer = answer
	}
	l.note(one)
}

// oneLine makes a text one line that is not too long.
func oneLine(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "..."
	}
	return strings.NewReplacer("\r", "\\r", "\n", "\\n", "\t", "\\t").Replace(text)
}
