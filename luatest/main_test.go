package luatest

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain finds goroutines that sessions and engines leave behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
