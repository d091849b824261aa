package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/engine"
	"luamilter/protocol"
)

// runner is a Lua that does work.
type runner interface {
	// measure does a workload's work n times.
	measure(ctx context.Context, w *workload, n int) (sample, error)
}

// sample is what doing the work some times came to.
type sample struct {
	sum int64
	cpu time.Duration // of the process, with its garbage collection, without loading the workload
}

// longest bounds one measurement, which takes some 70 ms unless something is wrong.
const longest = 30 * time.Second

// inProcess is a Lua inside this program. The function executes a script in a new VM and returns the error that it raises.
type inProcess func(script string) error

// measure implements runner. What the VM, the script and the material cost is measured alone and taken off.
func (execute inProcess) measure(_ context.Context, w *workload, n int) (sample, error) {
	loading, err := execute.timed(w.script(0))
	if err != nil {
		return sample{}, err
	}
	all, err := execute.timed(w.script(n))
	return sample{all.sum, max(0, all.cpu-loading.cpu)}, err
}

// timed executes a script on a heap without garbage.
func (execute inProcess) timed(script string) (sample, error) {
	runtime.GC()
	start := cpuTime()
	err := execute(script)
	spent := cpuTime() - start
	sum, err := sumIn(err)
	return sample{sum, spent}, err
}

// sumIn returns the sum that a script raised.
func sumIn(raised error) (int64, error) {
	var api *lua.ApiError
	if !errors.As(raised, &api) {
		return 0, fmt.Errorf("the script raised no sum: %w", raised)
	}
	digits, found := strings.CutPrefix(api.Object.String(), sumMark)
	if !found {
		return 0, raised
	}
	return strconv.ParseInt(digits, 10, 64)
}

// inLuamilter executes scripts as luamilter does when it loads them: in its VM, with its libraries, counting instructions. The
// file is put into the folder.
func inLuamilter(dir string) inProcess {
	limits := engine.DefaultLimits
	limits.Instructions, limits.CommandTime = 1<<60, longest
	return func(script string) error {
		path := filepath.Join(dir, "workload.lua")
		if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
			return err
		}
		p, err := engine.Load([]string{path}, engine.Options{Limits: limits, OnError: protocol.Tempfail})
		if err == nil {
			p.Close()
		}
		return err
	}
}

// inStock executes scripts in gopher-lua as it comes: with its own libraries, and nothing that could stop a script.
func inStock(script string) error {
	L := lua.NewState()
	defer L.Close()
	return L.DoString(script)
}
