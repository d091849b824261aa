package engine

import (
	"fmt"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"luamilter/luaapi/budget"
)

// failures is an engine's log of errors in scripts. An error is written whole and at once when it is new; the same again within a window
// is counted, and one line at the window's end says how often it came. So a script that fails for every message of a busy server does
// not fill the disk, and nothing is lost.
type failures struct {
	log zerolog.Logger
	now func() time.Time

	mu     sync.Mutex
	seen   map[sameness]*folded
	open   []*folded   // windows, in the order in which they began and end
	timer  *time.Timer // nil, or set to the end of the first window
	closed bool        // nothing is folded any more
}

const (
	foldWindow = time.Minute

	// maxFolded is how many different errors are told apart; the rest count as one.
	maxFolded = 1000
)

// sameness is what two errors have in common that are the same.
type sameness struct {
	script, path string
	line         int
	text         string
}

// others stands for all errors beyond maxFolded.
var others = sameness{}

// folded is an error in its window.
type folded struct {
	key   sameness
	first ScriptError // without what is large
	last  sender
	times int64
	began time.Time
}

// sender is whose message an error came with.
type sender struct{ conn, client, queueID string }

func newFailures(log zerolog.Logger) *failures {
	return &failures{log: log, now: time.Now, seen: map[sameness]*folded{}}
}

// add writes an error to a session's log if it is new, and counts it otherwise.
func (f *failures) add(e *ScriptError, log *zerolog.Logger, from sender) {
	line := log.Warn()
	if !line.Enabled() {
		return
	}
	w := f.count(e, from)
	if w == nil {
		return
	}
	e.Explain()
	f.mu.Lock()
	w.first = e.brief()
	f.mu.Unlock()
	if from.client != "" {
		line = line.Str("client", from.client)
	}
	if from.queueID != "" {
		line = line.Str("queue_id", from.queueID)
	}
	if max(log.GetLevel(), zerolog.GlobalLevel()) <= zerolog.DebugLevel {
		line = line.Str("stack", e.Stack)
	}
	e.Log(line)
}

// brief is what a line about an error's repetitions needs of it.
func (e *ScriptError) brief() ScriptError {
	return ScriptError{Path: e.Path, Line: e.Line, Text: e.Text, Script: e.Script, Hook: e.Hook}
}

// count notes an error and returns its window if that is new.
func (f *failures) count(e *ScriptError, from sender) *folded {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	f.end(now.Add(-foldWindow))
	key := sameness{e.Script, e.Path, e.Line, e.Text}
	if f.seen[key] == nil && len(f.seen) >= maxFolded {
		key = others
	}
	if w := f.seen[key]; w != nil {
		w.times++
		w.last = from
		return nil
	}
	w := &folded{key: key, first: e.brief(), last: from, times: 1, began: now}
	if f.closed {
		return w
	}
	f.seen[key] = w
	f.open = append(f.open, w)
	f.arm(now)
	return w
}

// arm sets the timer to the end of the first window.
func (f *failures) arm(now time.Time) {
	if f.timer == nil && len(f.open) > 0 {
		f.timer = time.AfterFunc(f.open[0].began.Add(foldWindow).Sub(now), f.due)
	}
}

// due runs when the first window ends.
func (f *failures) due() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	f.timer = nil
	now := f.now()
	f.end(now.Add(-foldWindow))
	f.arm(now)
}

// end ends the windows that began no later than that.
func (f *failures) end(began time.Time) {
	for len(f.open) > 0 && !f.open[0].began.After(began) {
		w := f.open[0]
		f.open[0] = nil
		f.open = f.open[1:]
		delete(f.seen, w.key)
		f.write(w)
	}
}

// write says how often an error came, if more than once.
func (f *failures) write(w *folded) {
	if w.times == 1 {
		return
	}
	took := min(f.now().Sub(w.began), foldWindow).Round(time.Second)
	e := w.first
	count := fmt.Sprintf("failed %s times in %d s", budget.Thousands(w.times), max(1, int(took.Seconds())))
	if w.key == others {
		e = ScriptError{Path: e.Path, Script: e.Script}
		e.Text = fmt.Sprintf("%s, in more than %d different ways; the rest of them together", count, maxFolded)
	} else {
		e.Text = count + ": " + e.Text
	}
	line := f.log.Warn().Int64("times", w.times)
	if w.last.conn != "" {
		line = line.Str("conn", w.last.conn)
	}
	if w.last.client != "" {
		line = line.Str("client", w.last.client)
	}
	if w.last.queueID != "" {
		line = line.Str("queue_id", w.last.queueID)
	}
	e.Log(line)
}

// flush ends all windows now.
func (f *failures) flush() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end(f.now())
}

// close ends all windows. What fails afterwards is written as it comes.
func (f *failures) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	if f.timer != nil {
		f.timer.Stop()
	}
	f.end(f.now())
}
