package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Generator is what a filter is measured with: messages over several connections at once.
type Generator struct {
	Network, Address string
	Connections      int
	PerConnection    int // messages after which a connection is closed and another one opened; 0: it stays
	Rate             int // messages a second over all connections, 0: as many as the filter does
	Bag              *Mailbag
	Opened           []*Player // the connections, where they are open already; they are ended by the run
}

// Tally is what one connection, or all of them, did.
type Tally struct {
	Messages  int
	Trips     int // replies that were waited for
	Refused   int // messages that ended with another verdict than continue or accept
	Wrong     int // messages that the filter treated wrongly
	Lost      int // connections that broke or could not be opened
	Fault     string
	Latencies Histogram // of every message: from its beginning, or where it begins a connection from connecting on, or with a rate from when it was due
}

func (t *Tally) add(other *Tally) {
	t.Messages += other.Messages
	t.Trips += other.Trips
	t.Refused += other.Refused
	t.Wrong += other.Wrong
	t.Lost += other.Lost
	t.blame(other.Fault)
	t.Latencies.Merge(&other.Latencies)
}

func (t *Tally) blame(fault string) {
	if t.Fault == "" {
		t.Fault = fault
	}
}

// Err tells what went wrong, nil if nothing did.
func (t *Tally) Err() error {
	switch {
	case t.Wrong > 0:
		return fmt.Errorf("%d messages were treated wrongly, first: %s", t.Wrong, t.Fault)
	case t.Lost > 0:
		return fmt.Errorf("%d connections were lost, first: %s", t.Lost, t.Fault)
	}
	return nil
}

// Sample is a tally with what it cost.
type Sample struct {
	Tally
	Wall      time.Duration
	CPU       time.Duration // of the filter; 0 if unknown
	Generator time.Duration // CPU of this process
	Memory    int64         // of the filter at the end, in bytes; 0 if unknown
}

// Add adds another sample of the same filter; the memory is that of the later one.
func (s *Sample) Add(later *Sample) {
	s.Tally.add(&later.Tally)
	s.Wall += later.Wall
	s.CPU += later.CPU
	s.Generator += later.Generator
	s.Memory = later.Memory
}

// PerMessage returns microseconds of a CPU time for each message.
func (s *Sample) PerMessage(cpu time.Duration) float64 {
	if s.Messages == 0 {
		return 0
	}
	return float64(cpu) / 1e3 / float64(s.Messages)
}

// Throughput returns messages a second.
func (s *Sample) Throughput() float64 {
	if s.Wall <= 0 {
		return 0
	}
	return float64(s.Messages) / s.Wall.Seconds()
}

// Count plays that many messages.
func (g *Generator) Count(ctx context.Context, messages int, within time.Duration) (Tally, error) {
	r := g.newRun(within, counting, int64(messages))
	t := r.wait(ctx, r.start())
	return t, errors.Join(ctx.Err(), t.Err())
}

const endless = 1 << 60 // messages

// Timed plays messages for a time, after a time that does not count, and measures what the process and its children use; pid 0 is for one
// that is not known.
func (g *Generator) Timed(ctx context.Context, warm, length time.Duration, pid int) (Sample, error) {
	r := g.newRun(warm+length+patience, warming, endless)
	tallies := r.start()
	Sleep(ctx, warm)
	m := beginMeter(pid)
	r.phase.Store(counting)
	Sleep(ctx, length)
	s := m.read()
	r.stop()
	s.Tally = r.wait(ctx, tallies)
	if s.Messages == 0 && s.Fault == "" {
		return s, errors.Join(ctx.Err(), fmt.Errorf("no message was done within %v", length))
	}
	return s, errors.Join(ctx.Err(), s.Err())
}

// Counted plays that many messages and measures what the process and its children use.
func (g *Generator) Counted(ctx context.Context, messages int, within time.Duration, pid int) (Sample, error) {
	m := beginMeter(pid)
	t, err := g.Count(ctx, messages, within)
	s := m.read()
	s.Tally = t
	return s, err
}

// meter measures what happens in a time.
type meter struct {
	pid      int
	cpu, own time.Duration
	begin    time.Time
	err      error
}

func beginMeter(pid int) *meter {
	m := &meter{pid: pid}
	if pid > 0 {
		m.cpu, m.err = CPUTime(Tree(pid))
	}
	m.own, m.begin = OwnCPU(), time.Now()
	return m
}

// read returns what was used since the beginning, as far as the system tells.
func (m *meter) read() Sample {
	s := Sample{Wall: time.Since(m.begin), Generator: OwnCPU() - m.own}
	if m.pid == 0 || m.err != nil {
		return s
	}
	pids := Tree(m.pid)
	if cpu, err := CPUTime(pids); err == nil {
		s.CPU = cpu - m.cpu
	}
	s.Memory = Memory(pids)
	return s
}

// Sleep waits, but not longer than ctx.
func Sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
