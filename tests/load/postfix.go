package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"luamilter/tests/mta"

	"luamilter/load"
)

const (
	noFilter   = "no filter" // the line of the table with the listener that has none; no peer can have this name
	mailSize   = 4096        // bytes of each message
	drainTime  = time.Minute // that Postfix may take to throw away what it has taken
	burstTime  = 5 * time.Minute
	warmUpMail = 4 // messages of each session before the first round
)

// needPostfix reports whether a Postfix of our own can be started.
func needPostfix() error {
	if err := needPrograms("postfix", "postconf", "postqueue", "sendmail", "smtp-source"); err != nil {
		return err
	}
	if os.Getuid() != 0 {
		return missing{"--postfix", "root, as Postfix does", ""}
	}
	return nil
}

func needPrograms(names ...string) error {
	for _, name := range names {
		if _, err := sbin(name); err != nil {
			return missing{"--postfix", "Postfix with " + name, "postfix"}
		}
	}
	return nil
}

// sbin finds a program that may be in a folder that is not in PATH.
func sbin(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		path, err = exec.LookPath(filepath.Join("/usr/sbin", name))
	}
	return path, err
}

// listener is where Postfix takes mail, with one of the filters or none.
type listener struct {
	name    string
	address string
	pid     int // of the filter, 0 for none
}

// post is a Postfix that is measured.
type post struct {
	*mta.Server
	standIn   standIn
	listeners []listener
}

// throughPostfix measures what filters cost in a real MTA, with one Postfix that has a listener for each and one without a filter.
func (b *bench) throughPostfix(ctx context.Context) (err error) {
	w := workloadNamed("w2")
	all, err := b.startAll(ctx, w)
	if err != nil {
		return err
	}
	defer stopAll(all)
	if err := b.admitPostfix(all); err != nil {
		return err
	}
	p, err := startPostfix(all)
	defer func() { err = errors.Join(err, p.standIn.end()) }()
	if err != nil {
		return err
	}
	samples := map[string][]load.Sample{}
	for round := range b.roundCount + 1 {
		messages := b.messages
		if round == 0 {
			messages = warmUpMail * b.connections
		}
		for _, i := range load.Order(len(p.listeners), round) {
			l := p.listeners[i]
			s, err := l.burst(ctx, b.connections, messages)
			err = errors.Join(err, p.drain(ctx))
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				b.fault(ctx, l.name, w, err)
			}
			if round == 0 {
				continue
			}
			samples[l.name] = append(samples[l.name], s)
			fmt.Fprintf(b.notes, "load: postfix round %d of %d: %-10s %.0f messages/s\n", round, b.roundCount, l.name, s.Throughput())
		}
	}
	b.printPost(w, p.listeners, samples)
	return nil
}

// admitPostfix lets Postfix, which is another user, reach the sockets of the filters.
func (b *bench) admitPostfix(all []*running) error {
	if b.tcp {
		return nil
	}
	err := os.Chmod(b.dir, 0o711)
	for _, r := range all {
		err = errors.Join(err, os.Chmod(r.path, 0o666))
	}
	return err
}

// startPostfix starts a Postfix that has a listener for each filter. The stand-in has to end also after an error.
func startPostfix(all []*running) (*post, error) {
	p := &post{listeners: []listener{{name: noFilter}}}
	o := mta.Options{Others: map[string][]mta.Filter{}}
	for _, r := range all {
		o.Others[r.name] = []mta.Filter{{Milter: r.spec()}}
		p.listeners = append(p.listeners, listener{name: r.name, pid: r.cmd.Process.Pid})
	}
	err := p.standIn.do(func(t testing.TB) {
		p.Server = mta.Postfix(t, o)
		p.listeners[0].address = p.Addr
		for i := range p.listeners[1:] {
			l := &p.listeners[i+1]
			l.address = p.Listener(t, l.name)
		}
	})
	if err != nil {
		return p, fmt.Errorf("start Postfix: %w", err)
	}
	return p, nil
}

// burst sends messages to a listener, a session for each.
func (l listener) burst(ctx context.Context, sessions, messages int) (s load.Sample, err error) {
	program, err := sbin("smtp-source")
	if err != nil {
		return s, err
	}
	ctx, cancel := context.WithTimeout(ctx, burstTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-4", "-s", strconv.Itoa(sessions), "-m", strconv.Itoa(messages), "-l", strconv.Itoa(mailSize),
		"-M", "client.example", "-f", "sender@client.example", "-t", "recipient@dest.example", l.address)
	before, cpuErr := l.cpu()
	begin := time.Now()
	out, err := cmd.CombinedOutput() // it ends with an error at the first reply that is not good
	s.Wall = time.Since(begin)
	if err != nil {
		return load.Sample{}, errors.Join(ctx.Err(), fmt.Errorf("smtp-source: %w\n%s", err, bytes.TrimSpace(out)))
	}
	s.Messages = messages
	if after, err := l.cpu(); err == nil && cpuErr == nil {
		s.CPU = after - before
	}
	return s, nil
}

// cpu returns what the filter of a listener has used.
func (l listener) cpu() (time.Duration, error) {
	if l.pid == 0 {
		return 0, nil
	}
	return load.CPUTime(load.Tree(l.pid))
}

// drain waits until the queue is empty, so that the work left from one filter is not done in the time of the next.
func (p *post) drain(ctx context.Context) error {
	for end := time.Now().Add(drainTime); ctx.Err() == nil; load.Sleep(ctx, 50*time.Millisecond) {
		left := 0
		if err := p.standIn.do(func(t testing.TB) { left = len(p.Queue(t)) }); err != nil {
			return fmt.Errorf("look into Postfix's queue: %w", err)
		}
		if left == 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d messages are in Postfix's queue after %v", left, drainTime)
		}
	}
	return ctx.Err()
}

// added returns how many microseconds more a message took than with the reference, round by round.
func added(of, reference []load.Sample) []float64 {
	var out []float64
	for i := range min(len(of), len(reference)) {
		if of[i].Messages > 0 && reference[i].Messages > 0 {
			out = append(out, of[i].PerMessage(of[i].Wall)-reference[i].PerMessage(reference[i].Wall))
		}
	}
	return out
}

func (b *bench) printPost(w *workload, listeners []listener, samples map[string][]load.Sample) {
	t := b.tableOf("Postfix, " + w.name + ": " + w.what)
	head := []string{"filter", "msg/s", "wall us", "added us", "least-most", "CPU us"}
	if b.reference != "" {
		head = append(head, "x "+b.reference)
	}
	t.line(head...)
	for _, l := range listeners {
		var rate, wall, cpu []float64
		for _, s := range samples[l.name] {
			rate = append(rate, s.Throughput())
			wall = append(wall, s.PerMessage(s.Wall))
			cpu = append(cpu, s.PerMessage(s.CPU))
		}
		more := added(samples[l.name], samples[noFilter])
		cells := []string{l.name, fmt.Sprintf("%.0f", load.Median(rate)), fmt.Sprintf("%.0f", load.Median(wall)), "-", "-", known(load.Median(cpu))}
		if l.pid != 0 && len(more) > 0 {
			cells[3] = fmt.Sprintf("%.0f", load.Median(more))
			cells[4] = fmt.Sprintf("%.0f to %.0f", slices.Min(more), slices.Max(more))
		}
		if b.reference != "" {
			ratio := "-"
			if l.pid != 0 {
				ratio = ratioCell(ratios(samples[l.name], samples[b.reference]))
			}
			cells = append(cells, ratio)
		}
		t.line(cells...)
	}
	t.print()
}
