package clamav

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Fake is a scanner for tests that knows what it was told, and asks nobody.
type Fake struct {
	mu      sync.Mutex
	viruses map[string]string
	down    string
}

// NewFake makes a Fake to which everything is clean.
func NewFake() *Fake { return &Fake{viruses: map[string]string{}} }

// Infect has everything that contains a text be infected, with that name.
func (f *Fake) Infect(text, name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.viruses[text] = name
}

// Fail has scans fail, for that reason; with "" they do not.
func (f *Fake) Fail(why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = why
}

// Scan is that of Scanner.
func (f *Fake) Scan(_ context.Context, r io.Reader) (Result, error) {
	all, err := io.ReadAll(r)
	if err != nil {
		return Result{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down != "" {
		return Result{}, fmt.Errorf("clamd: %s", f.down)
	}
	for text, name := range f.viruses {
		if strings.Contains(string(all), text) {
			return Result{true, name}, nil
		}
	}
	return Result{}, nil
}
