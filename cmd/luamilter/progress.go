package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"luamilter/replay"
	"luamilter/replay/corpus"
)

// progress is a bar on a terminal that shows how much of a corpus is played. Elsewhere it shows nothing.
type progress struct {
	out   io.Writer // nil for no bar
	total int64     // bytes
	done  int64
	count int
	last  time.Time // when it was drawn
	drawn bool
}

// drawEvery is how often the bar is drawn.
const drawEvery = 100 * time.Millisecond

func newProgress(out io.Writer, files []corpus.File) *progress {
	p := &progress{last: time.Now()}
	for _, f := range files {
		p.total += f.Size
	}
	if isTerminal(out) {
		p.out = out
	}
	return p
}

// played notes a message.
func (p *progress) played(m *replay.Message) {
	p.count++
	p.done += int64(m.Size)
	if p.out == nil || time.Since(p.last) < drawEvery {
		return
	}
	p.last, p.drawn = time.Now(), true
	fmt.Fprintf(p.out, "\r%s", p.bar())
}

// bar is the bar as a line.
func (p *progress) bar() string {
	const width = 40
	share := min(1, float64(p.done)/float64(max(1, p.total)))
	full := int(share * width)
	return fmt.Sprintf("[%s%s] %3.0f %%  %d messages", strings.Repeat("#", full), strings.Repeat(".", width-full), 100*share, p.count)
}

// clear takes the bar away, so that something else can be written.
func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.drawn = false
	}
}
