package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luamilter/load"
)

const (
	starts    = 5                      // of each filter
	knock     = 500 * time.Microsecond // between two attempts to connect
	afterward = 200                    // messages after the first one
)

// startSample is what one start took.
type startSample struct {
	ready  time.Duration // from starting the program to the end of the first negotiation
	first  time.Duration // the first message
	later  time.Duration // the median of the messages after it
	memory int64         // after these messages, in bytes
}

// startUp measures how soon filters are there, and how they do their first messages.
func (b *bench) startUp(ctx context.Context) error {
	w := workloadNamed("w1") // which the first of the scripts does
	scripts, err := writeScripts(b.dir, b.scripts)
	if err != nil {
		return err
	}
	samples := map[string][]startSample{}
	for round := range starts {
		for _, i := range load.Order(len(b.filters), round) {
			f := b.filters[i]
			s, err := b.oneStart(ctx, f, w, scripts)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				b.fault(ctx, f.name, w, err)
				continue
			}
			samples[f.name] = append(samples[f.name], s)
			fmt.Fprintf(b.notes, "load: start %d of %d: %-10s %.1f ms\n", round+1, starts, f.name, millis(s.ready))
		}
	}
	b.printStarts(samples)
	return nil
}

// oneStart starts a filter, plays some messages and stops it.
func (b *bench) oneStart(ctx context.Context, f filter, w *workload, scripts []string) (s startSample, err error) {
	p, err := b.place(f, w)
	if err != nil {
		return s, err
	}
	p.script = strings.Join(scripts, " ")
	begin := time.Now()
	r, err := b.launch(f, p, "")
	if err != nil {
		return s, err
	}
	defer r.stop()
	conn, err := r.firstConnection(ctx, begin)
	if err != nil {
		return s, fmt.Errorf("%w%s", err, r.said())
	}
	player, err := load.NewPlayer(conn, b.load(r, w, 1).Bag, 0)
	if err != nil {
		return s, errors.Join(err, conn.Close())
	}
	s.ready = time.Since(begin)
	defer func() { err = errors.Join(err, player.Quit()) }()

	if s.first, err = timed(player, 0); err != nil {
		return s, err
	}
	var later []time.Duration
	for i := range afterward {
		d, err := timed(player, i+1)
		if err != nil {
			return s, err
		}
		later = append(later, d)
	}
	slices.Sort(later)
	s.later = quantile(later, 0.5)
	s.memory = load.Memory(load.Tree(r.cmd.Process.Pid))
	return s, nil
}

// firstConnection connects as soon as the filter listens.
func (r *running) firstConnection(ctx context.Context, begin time.Time) (net.Conn, error) {
	network, address := r.dial()
	for end := begin.Add(startTime); ; {
		conn, err := load.Dial(network, address, end)
		if err == nil {
			return conn, nil
		}
		select {
		case <-r.done:
			return nil, fmt.Errorf("it ended: %v", r.err)
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(knock):
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("it does not listen on %s after %v", r.spec(), startTime)
		}
	}
}

// timed plays the i-th message and returns how long it took. A message that was treated wrongly is an error.
func timed(p *load.Player, i int) (time.Duration, error) {
	begin := time.Now()
	if err := p.Play(i); err != nil {
		return 0, err
	}
	d := time.Since(begin)
	if wrong := p.Wrong(); wrong != "" {
		return d, fmt.Errorf("message %d: %s", i+1, wrong)
	}
	return d, nil
}

// smallScript refuses one sender, as many small filters do; none of our messages is from there.
const smallScript = `-- Refuse a sender who does not stop.
local NAME = "sender%d@noisy.example"

function mail(conn, from)
  if from:lower():find(NAME, 1, true) then
    return reject(550, "5.7.1", "no mail from you")
  end
end
`

// writeScripts writes that many scripts into the folder and returns their paths. The first one is w1.
func writeScripts(dir string, number int) ([]string, error) {
	paths := []string{filepath.Join(dir, "w1.lua")}
	for i := 2; i <= number; i++ {
		path := filepath.Join(dir, fmt.Sprintf("small%d.lua", i))
		if err := os.WriteFile(path, fmt.Appendf(nil, smallScript, i), 0o644); err != nil {
			return nil, fmt.Errorf("write scripts: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (b *bench) printStarts(samples map[string][]startSample) {
	t := b.tableOf(fmt.Sprintf("start with %d scripts", b.scripts))
	t.line("filter", "start ms", "least-most", "first us", "then us", "MiB")
	for _, f := range b.filters {
		var ready, first, later, memory []float64
		for _, s := range samples[f.name] {
			ready = append(ready, millis(s.ready))
			first = append(first, micros(s.first))
			later = append(later, micros(s.later))
			memory = append(memory, float64(s.memory)/(1<<20))
		}
		if len(ready) == 0 {
			continue // it was said why
		}
		t.line(f.name, known(load.Median(ready)), known(slices.Min(ready))+"-"+known(slices.Max(ready)),
			fmt.Sprintf("%.0f", load.Median(first)), fmt.Sprintf("%.0f", load.Median(later)), known(load.Median(memory)))
	}
	t.print()
}

func millis(d time.Duration) float64 { return float64(d) / 1e6 }
