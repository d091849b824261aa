package site

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"luamilter/tests/mta"
)

// limited is what the script says to senders who have sent enough.
const limited = "enough from this sender"

// books say what came out of the site.
type books struct {
	delivered map[string][]mark // by the id of the message: one, or it was delivered more than once
	stories   []story
}

// mark is what the script has added to a message.
type mark struct {
	filter string
	number int // of this sender's messages; 0 if the store was away
}

// story is a part of the test: what is done to the site, and from which phase of the traffic on.
type story struct {
	name    string
	phase   int
	refuses bool // messages may be refused for the time being
}

// story returns to which one a phase belongs.
func (b *books) story(phase int) int {
	for i := len(b.stories) - 1; i > 0; i-- {
		if b.stories[i].phase <= phase {
			return i
		}
	}
	return 0
}

// collect takes what has come to the sink.
func (s *site) collect() {
	s.t.Helper()
	for range s.sink.Waiting() {
		d := s.sink.Next(s.t)
		id := field(d, "Subject")
		s.books.delivered[id] = append(s.books.delivered[id], s.mark(d))
	}
}

// mark reads the mark of a message, which each has once.
func (s *site) mark(d *mta.Delivered) mark {
	var m mark
	value := field(d, "X-Filter")
	name, rest, _ := strings.Cut(value, "; ")
	if n, err := fmt.Sscanf(rest, "message %d of this sender", &m.number); (n != 1 || err != nil) && rest != "not counted" {
		s.t.Errorf("%s has the mark %q", field(d, "Subject"), value)
	}
	m.filter = name
	return m
}

// field returns the value of a field of the header, and those of all that have that name if there are several.
func field(d *mta.Delivered, name string) string {
	header, _, _ := strings.Cut(string(d.Data), "\r\n\r\n")
	var found []string
	for line := range strings.SplitSeq(header, "\r\n") {
		if value, ok := strings.CutPrefix(line, name+": "); ok {
			found = append(found, value)
		}
	}
	return strings.Join(found, " AND ")
}

// settle waits until all that was accepted is delivered, and checks that it is: each message once, and no other.
func (s *site) settle() {
	s.t.Helper()
	s.traffic.end()
	for _, what := range s.traffic.wrong {
		s.t.Error(what)
	}
	accepted := 0
	for _, m := range s.traffic.messages {
		if m.phase > 0 {
			accepted++
		}
	}
	queued := func() (left []mta.Queued) {
		for _, server := range s.servers {
			left = append(left, server.Queue(s.t)...)
		}
		return left
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if s.collect(); len(s.books.delivered) >= accepted && len(queued()) == 0 {
			break
		}
	}
	s.collect()
	if left := queued(); len(left) > 0 {
		s.t.Errorf("in the queues are %v", left)
	}
	for id, m := range s.traffic.messages {
		if want, got := m.phase > 0, len(s.books.delivered[id]); want && got != 1 || !want && got != 0 {
			s.t.Errorf("%s, accepted=%v, was delivered %d times; it was refused with %v", id, want, got, m.refusals)
		}
	}
	for id := range s.books.delivered {
		if s.traffic.messages[id] == nil {
			s.t.Errorf("%q was delivered, which nobody has sent", id)
		}
	}
}

// refusals checks that nobody was refused where nothing was done that could explain it, and that mail servers said so only for their filter.
func (s *site) refusals() {
	s.t.Helper()
	explained := 0
	for id, m := range s.traffic.messages {
		for _, r := range m.refusals {
			story := s.books.stories[s.books.story(r.phase)]
			if s.isLimited(m) && strings.Contains(r.reply, limited) {
				continue
			}
			if !story.refuses || !strings.Contains(r.reply, "451 4.7.1 Service unavailable - try again later") && !strings.Contains(r.reply, "451 4.3.2 Please try again later") {
				s.t.Errorf("%s: %s was refused by %s at %s with %s", story.name, id, m.server, r.verb, r.reply)
			}
			explained++
		}
	}
	if explained == 0 {
		s.t.Error("nobody was refused, though filters were killed: the test proves nothing")
	}
}

// isLimited reports whether a message is of a sender that sends more than it may.
func (s *site) isLimited(m *message) bool { return strings.HasPrefix(m.sender, "limited") }

// shared checks that all filters counted together: of each sender's messages before a phase no two have the same number.
func (s *site) shared(before int) {
	s.t.Helper()
	seen := map[string]string{}
	for id, m := range s.traffic.messages {
		for _, mark := range s.books.delivered[id] {
			if m.phase >= before || mark.number == 0 {
				continue
			}
			key := fmt.Sprint(m.sender, " ", mark.number)
			if other := seen[key]; other != "" {
				s.t.Errorf("%s and %s are both number %d of %s", id, other, mark.number, m.sender)
			}
			seen[key] = id
		}
	}
}

// tell prints what became of the messages of each story.
func (s *site) tell() {
	type sum struct {
		accepted, refused, uncounted int
		filters                      map[string]int
		replies                      map[string]int
	}
	sums := make([]sum, len(s.books.stories))
	for i := range sums {
		sums[i].filters, sums[i].replies = map[string]int{}, map[string]int{}
	}
	for id, m := range s.traffic.messages {
		for _, r := range m.refusals {
			if !strings.Contains(r.reply, limited) {
				at := &sums[s.books.story(r.phase)]
				at.refused++
				at.replies[m.server+", "+r.verb+": "+r.reply]++
			}
		}
		if m.phase == 0 {
			continue
		}
		at := &sums[s.books.story(m.phase)]
		at.accepted++
		for _, mark := range s.books.delivered[id] {
			at.filters[mark.filter]++
			if mark.number == 0 {
				at.uncounted++
			}
		}
	}
	for i, story := range s.books.stories {
		at := sums[i]
		s.t.Logf("%-36s %4d accepted and delivered once (%d, %d, %d by filter), %d of them not counted; %d times refused for the time being", story.name, at.accepted,
			at.filters["filter1"], at.filters["filter2"], at.filters["filter3"], at.uncounted, at.refused)
		for reply, n := range at.replies {
			s.t.Logf("%40d %s", n, reply)
		}
	}
}

// await waits until something is so.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("it does not come that %s", what)
}
