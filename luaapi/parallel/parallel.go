// Package parallel does several things at once and waits for all of them.
package parallel

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Run calls each function in a goroutine of its own and returns when all have ended. If one panics, Run does, once all have ended: so it
// is the caller who is lost, and not the process.
func Run(all ...func()) {
	if len(all) == 1 {
		all[0]()
		return
	}
	var wg sync.WaitGroup
	panics := make(chan string, len(all))
	for _, one := range all {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panics <- fmt.Sprintf("%v, in\n%s", p, debug.Stack())
				}
			}()
			one()
		})
	}
	wg.Wait()
	select {
	case p := <-panics:
		panic(p)
	default:
	}
}
