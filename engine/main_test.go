package engine

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain fails when goroutines outlive the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stopEngine shuts an engine down; sessions get the time to end by themselves that they need on a busy machine.
func stopEngine(t testing.TB, e *Engine, done <-chan error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := e.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	e.Current().close()
}
