package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Messages of the two runs under strace; what the second does more is due to its messages.
const (
	fewMessages  = 500
	manyMessages = 2500
)

// needStrace reports whether strace can be used.
func needStrace() error {
	if _, err := exec.LookPath("strace"); err != nil {
		return missing{"--syscalls", "strace", "strace"}
	}
	return nil
}

// systemCalls counts what filters ask of the kernel for each message.
func (b *bench) systemCalls(ctx context.Context, w *workload) error {
	t := b.table(w)
	t.line("filter", "calls a message", "of which")
	for _, f := range b.filters {
		perMessage, err := b.traceTwice(ctx, f, w)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			b.fault(ctx, f.name, w, err)
			continue
		}
		sum, most := mostUsed(perMessage)
		t.line(f.name, fmt.Sprintf("%.1f", sum), most)
		fmt.Fprintf(b.notes, "load: %s system calls: %-10s %.1f a message\n", w.name, f.name, sum)
	}
	t.print()
	return nil
}

// traceTwice returns the calls a message, by name.
func (b *bench) traceTwice(ctx context.Context, f filter, w *workload) (map[string]float64, error) {
	few, err := b.trace(ctx, f, w, fewMessages)
	if err != nil {
		return nil, err
	}
	many, err := b.trace(ctx, f, w, manyMessages)
	if err != nil {
		return nil, err
	}
	perMessage := map[string]float64{}
	for name, n := range many {
		perMessage[name] = float64(n-few[name]) / (manyMessages - fewMessages)
	}
	return perMessage, nil
}

// trace runs a filter under strace for that many messages and returns its calls by name.
func (b *bench) trace(ctx context.Context, f filter, w *workload, messages int) (map[string]int, error) {
	path := filepath.Join(b.dir, "strace")
	r, err := b.start(ctx, f, w, "strace -f -qq -c -o '"+path+"'")
	if err != nil {
		return nil, err
	}
	_, err = b.load(r, w, b.connections).Count(ctx, messages, time.Minute)
	r.stop()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read what strace counted: %w", err)
	}
	calls := parseStrace(string(text))
	if len(calls) == 0 {
		return nil, errors.New("strace counted nothing")
	}
	return calls, nil
}

// parseStrace reads the table of strace -c: share, seconds, microseconds a call, calls, perhaps errors, name.
func parseStrace(text string) map[string]int {
	calls := map[string]int{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 5 || f[len(f)-1] == "total" {
			continue
		}
		if n, err := strconv.Atoi(f[3]); err == nil {
			calls[f[len(f)-1]] += n
		}
	}
	return calls
}

// mostUsed returns the sum and names the calls that count.
func mostUsed(perMessage map[string]float64) (sum float64, most string) {
	names := slices.SortedFunc(maps.Keys(perMessage), func(a, b string) int {
		return cmp.Or(cmp.Compare(perMessage[b], perMessage[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names {
		n := perMessage[name]
		sum += n
		if n >= 0.05 && len(parts) < 5 {
			parts = append(parts, fmt.Sprintf("%s %.1f", name, n))
		}
	}
	return sum, strings.Join(parts, " ")
}
