package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// program is a Lua that is a program of its own. It measures itself: os.clock is the CPU time of its process.
type program struct {
	path string
	dir  string // where unpack put the Lua files
}

// unpack writes the Lua files for programs into a folder.
func unpack(dir string) error {
	if err := os.CopyFS(dir, sources); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	return nil
}

// measure implements runner.
func (p program) measure(ctx context.Context, w *workload, n int) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, p.path, "driver.lua", "material.lua", w.file(), fmt.Sprint(n))
	cmd.Dir = p.dir
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return sample{}, fmt.Errorf("%w %s", errors.Join(ctx.Err(), err), bytes.TrimSpace(complaint.Bytes()))
	}
	var sum, micros int64
	if _, err := fmt.Sscan(string(out), &sum, &micros); err != nil {
		return sample{}, fmt.Errorf("read what driver.lua printed, %q: %w", out, err)
	}
	return sample{sum, time.Duration(micros) * time.Microsecond}, nil
}
