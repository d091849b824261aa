package dns

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Fake is a Source for tests: it answers what it was told, and asks nobody. A name that it was told nothing about does not exist.
type Fake struct {
	mu    sync.Mutex
	known map[Question]fact
	names map[string]bool
}

// ErrUntold is wrapped by the error of a lookup in a test that has told no answers. It is a mistake in the test, whatever the script makes of
// lookups that fail.
var ErrUntold = errors.New("the test has told no answers: call fake_dns first")

// fact is what a Fake was told about a question.
type fact struct {
	answer Answer
	err    error
}

// NewFake makes a Fake that knows of nothing.
func NewFake() *Fake { return &Fake{known: map[Question]fact{}, names: map[string]bool{}} }

// Set gives a name its records of a type.
func (f *Fake) Set(name string, t Type, records ...Record) error {
	return f.tell(name, t, fact{answer: Answer{Records: records}})
}

// Fail has lookups of a name and type fail.
func (f *Fake) Fail(name string, t Type, err error) error { return f.tell(name, t, fact{err: err}) }

func (f *Fake) tell(name string, t Type, what fact) error {
	q, err := NewQuestion(name, t)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[q], f.names[q.Name] = what, true
	return nil
}

// Cached implements Source: a Fake has everything to be asked for, as if over the network.
func (f *Fake) Cached(Question) (Answer, bool) { return Answer{}, false }

// Lookup implements Source.
func (f *Fake) Lookup(ctx context.Context, q Question) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, fmt.Errorf("look up %v: %w", q, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	what, ok := f.known[q]
	switch {
	case !ok:
		return Answer{Missing: !f.names[q.Name]}, nil
	case what.err != nil:
		return Answer{}, fmt.Errorf("look up %v: %w", q, what.err)
	}
	return what.answer, nil
}
