package outbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"luamilter/luaapi/outage"
)

// receiver takes what is delivered, and fails as it is told.
type receiver struct {
	mu  sync.Mutex
	got []string
	err error
	out chan string
}

func (r *receiver) deliver(_ context.Context, payload []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, string(payload))
	r.out <- string(payload)
	return r.err
}

func newReceiver(err error) *receiver { return &receiver{err: err, out: make(chan string, 100)} }

// open opens a folder whose items a receiver gets.
func open(t *testing.T, dir string, r *receiver, keep time.Duration, dropped func(Item, error)) *Outbox {
	t.Helper()
	b, err := Open(Options{Dir: dir, Size: 5, Keep: keep, Kinds: map[string]Deliver{"test": r.deliver}, Dropped: dropped})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// run delivers until the function that it returns is called.
func run(t *testing.T, b *Outbox) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func put(t *testing.T, b *Outbox, payload string) {
	t.Helper()
	if _, err := b.Put("test", payload); err != nil {
		t.Fatal(err)
	}
}

// files returns what is in the folder, but for the lock.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != ".lock" {
			names = append(names, e.Name())
		}
	}
	return names
}

// What was put by a process that ended is delivered by the next one, once.
func TestSurvives(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	r := newReceiver(nil)
	first := open(t, dir, r, time.Hour, nil)
	for i := range 3 {
		put(t, first, fmt.Sprint(i))
	}
	second := open(t, dir, r, time.Hour, nil)
	if n := second.Counts().Waiting; n != 3 {
		t.Errorf("%d wait, want 3", n)
	}
	stop := run(t, second)
	got := []string{<-r.out, <-r.out, <-r.out}
	stop()
	slices.Sort(got)
	if want := []string{`"0"`, `"1"`, `"2"`}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	if c := second.Counts(); c.Delivered != 3 || c.Waiting != 0 {
		t.Errorf("counts %+v", c)
	}
}

// What is put while it runs is delivered at once.
func TestPutWhileRunning(t *testing.T) {
	r := newReceiver(nil)
	b := open(t, t.TempDir(), r, time.Hour, nil)
	run(t, b)
	for i := range 20 {
		put(t, b, fmt.Sprint(i))
		if got := <-r.out; got != fmt.Sprintf("%q", fmt.Sprint(i)) {
			t.Errorf("%s, want %d", got, i)
		}
		for b.Counts().Waiting >= 5 { // it is removed after it was delivered
			time.Sleep(time.Millisecond)
		}
	}
}

func TestFull(t *testing.T) {
	b := open(t, t.TempDir(), newReceiver(nil), time.Hour, nil)
	for i := range 7 {
		if _, err := b.Put("test", "x"); errors.Is(err, ErrFull) != (i >= 5) {
			t.Errorf("item %d: %v", i+1, err)
		}
	}
}

// What fails stays, what is refused for good or has waited too long does not.
func TestFailures(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		keep  time.Duration
		left  int
		count Counts
	}{
		"for now":  {errors.New("busy"), time.Hour, 1, Counts{Waiting: 1, Put: 1, Failed: 1}},
		"for good": {fmt.Errorf("no: %w", ErrFinal), time.Hour, 0, Counts{Put: 1, Dropped: 1}},
		"too long": {errors.New("busy"), 0, 0, Counts{Put: 1, Dropped: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			r := newReceiver(c.err)
			why := make(chan error, 1)
			b := open(t, dir, r, c.keep, func(_ Item, err error) { why <- err })
			put(t, b, "x")
			stop := run(t, b)
			<-r.out
			if c.left == 0 {
				if err := <-why; !errors.Is(err, c.err) {
					t.Errorf("dropped: %v", err)
				}
			}
			for i := 0; b.Counts().Failed != c.count.Failed && i < 5000; i++ {
				time.Sleep(time.Millisecond)
			}
			stop()
			if left := files(t, dir); len(left) != c.left {
				t.Errorf("%v is left", left)
			}
			if b.Counts() != c.count {
				t.Errorf("counts %+v, want %+v", b.Counts(), c.count)
			}
		})
	}
}

// Files that are no items are set aside, and do not stop the others.
func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.json": "{", "b.json": `{"kind": "other"}`, "notes.txt": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := newReceiver(nil)
	b := open(t, dir, r, time.Hour, nil)
	put(t, b, "x")
	stop := run(t, b)
	<-r.out
	stop()
	if got, want := files(t, dir), []string{"a.json.bad", "b.json.bad", "notes.txt"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Of two that run on one folder, one delivers.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	first, second := newReceiver(nil), newReceiver(nil)
	a := open(t, dir, first, time.Hour, nil)
	run(t, a)
	put(t, a, "0")
	<-first.out // it has the lock
	b := open(t, dir, second, time.Hour, nil)
	run(t, b)
	for i := range 3 {
		put(t, a, fmt.Sprint(i))
		<-first.out
	}
	if n := len(second.out); n != 0 {
		t.Errorf("the second one delivered %d", n)
	}
}

// What was not tried is tried again after a first pause, however often that was so; what failed after longer and longer ones.
func TestPauses(t *testing.T) {
	b := open(t, t.TempDir(), newReceiver(nil), time.Hour, nil)
	for name, c := range map[string]struct {
		ends []ending
		want time.Duration
	}{
		"failed once":                   {[]ending{failed}, firstPause},
		"failed three times":            {[]ending{failed, failed, failed}, 4 * firstPause},
		"never tried":                   {[]ending{notTried, notTried, notTried, notTried}, firstPause},
		"not tried after it failed":     {[]ending{failed, failed, notTried}, firstPause},
		"failed after it was not tried": {[]ending{notTried, notTried, failed}, firstPause},
	} {
		r := &runner{Outbox: b, attempts: map[string]*attempt{"1": {pause: firstPause}}}
		var began time.Time
		for _, end := range c.ends {
			began = time.Now()
			r.note(result{"1", end})
		}
		if got := r.attempts["1"].next.Sub(began).Truncate(firstPause); got != c.want {
			t.Errorf("%s: it is tried again in %v, want %v", name, got, c.want)
		}
	}
}

// Nobody is told of an outage by what was not tried.
func TestNotTried(t *testing.T) {
	var told []outage.Note
	r := newReceiver(fmt.Errorf("%w: paused", ErrNotTried))
	dir := t.TempDir()
	b, err := Open(Options{Dir: dir, Size: 9, Keep: time.Hour, Kinds: map[string]Deliver{"test": r.deliver}, Outage: func(n outage.Note) { told = append(told, n) }})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 * outage.Enough {
		put(t, b, "x")
	}
	stop := run(t, b)
	for range 2 * outage.Enough {
		<-r.out
	}
	stop()
	if c := b.Counts(); len(told) > 0 || c.Failed > 0 || c.Waiting != 2*outage.Enough || len(files(t, dir)) != 2*outage.Enough {
		t.Errorf("told %v, counts %+v", told, c)
	}
}
