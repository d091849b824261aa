package rspamd

import (
	"context"
	"errors"
)

// Fake is a Rspamd for tests: it thinks of every message what it was told. The zero Fake does not answer.
type Fake struct{ Result *Result }

// Check is that of Client.
func (f *Fake) Check(context.Context, *Message) (*Result, error) {
	if f.Result == nil {
		return nil, errors.New("rspamd: no answer")
	}
	return f.Result, nil
}
