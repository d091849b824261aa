package smtp

import (
	"context"
	"sync"
)

// Fake knows in tests which recipients there are, and asks nobody.
type Fake struct {
	mu    sync.Mutex
	known map[string]bool
}

// NewFake makes a Fake that knows nobody.
func NewFake() *Fake { return &Fake{known: map[string]bool{}} }

// Know has a recipient be known.
func (f *Fake) Know(recipient string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known[recipient] = true
}

// Verify is that of Client.
func (f *Fake) Verify(_ context.Context, q *Question) (Verdict, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known[q.Recipient] {
		return Verdict{Known: true}, nil
	}
	return Verdict{Reply: "550 5.1.1 unknown"}, nil
}
