package parallel

import (
	"strings"
	"sync/atomic"
	"testing"
)

// Each waits for the others, so they can end only if all run at once.
func TestRunIsParallel(t *testing.T) {
	a, b := make(chan bool), make(chan bool)
	Run(func() { a <- true; <-b }, func() { <-a; b <- true })
	Run()
}

func TestPanicComesToTheCaller(t *testing.T) {
	for _, others := range []int{0, 3} {
		var ended atomic.Int64
		var all []func()
		for range others {
			all = append(all, func() { ended.Add(1) })
		}
		func() {
			defer func() {
				if p, _ := recover().(string); !strings.HasPrefix(p, "boom") {
					t.Errorf("with %d others: recovered %q", others, p)
				}
			}()
			Run(append(all, func() { panic("boom") })...)
			t.Error("Run returned")
		}()
		if int(ended.Load()) != others {
			t.Errorf("%d of %d others ended", ended.Load(), others)
		}
	}
}
