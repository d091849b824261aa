package upstream

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// ErrUntold is the error of a fake that was told nothing of what it is asked: the test has forgotten something.
var ErrUntold = errors.New("the test does not say what the answer is")

// Fake answers in tests as it was told, and asks nobody.
type Fake struct {
	mu      sync.Mutex
	answers map[string]string
}

// NewFake makes a Fake that knows no address.
func NewFake() *Fake { return &Fake{answers: map[string]string{}} }

// Answer has every question to an address answered.
func (f *Fake) Answer(address, answer string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[address] = answer
}

// Exchange is that of Servers. An address that it was not told of is ErrUntold.
func (f *Fake) Exchange(_ context.Context, address string, _ *Exchange) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	answer, ok := f.answers[address]
	if !ok {
		return "", fmt.Errorf("%s: %w", address, ErrUntold)
	}
	return answer, nil
}
