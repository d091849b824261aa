package web

import (
	"context"
	"fmt"
	"sync"

	"luamilter/luaapi/upstream"
)

// Fake answers requests in tests as it was told, and asks nobody.
type Fake struct {
	mu      sync.Mutex
	answers map[string]Response
	asked   []Request
}

// NewFake makes a Fake that knows no URL.
func NewFake() *Fake { return &Fake{answers: map[string]Response{}} }

// Answer has requests of a URL answered, whatever their method. Status 0 means that the server does not answer.
func (f *Fake) Answer(url string, r Response) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[url] = r
}

// Asked returns the requests so far.
func (f *Fake) Asked() []Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Request(nil), f.asked...)
}

// Do is that of Client. A URL that it was not told of is upstream.ErrUntold.
func (f *Fake) Do(_ context.Context, r *Request) (*Response, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, *r)
	answer, ok := f.answers[r.URL]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s %.200s: %w", r.Method, r.URL, upstream.ErrUntold)
	case answer.Status == 0:
		return nil, fmt.Errorf("http at %.200s: no answer", r.URL)
	}
	return &answer, nil
}
