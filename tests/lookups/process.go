package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// find returns the path of a program, which may be in a folder for administrators that is not in PATH; what to install if it is nowhere.
func find(program, debian string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/local/sbin"} {
		path := filepath.Join(dir, program)
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", notInstalled(debian)
}

// lacking is why somebody takes no part.
type lacking string

func (l lacking) Error() string { return string(l) }

// notInstalled says what to install.
func notInstalled(debian string) error {
	return lacking("not installed (apt-get install " + debian + ")")
}

// How long servers have.
const (
	startTime = 60 * time.Second
	endTime   = 20 * time.Second // rspamd waits for its workers
)

// server is a program that was started here.
type server struct {
	cmd  *exec.Cmd
	log  string        // path of what it prints
	done chan struct{} // closed when it has ended
}

// start runs a program until the part is over, and waits until it is ready.
func (b *bench) start(ctx context.Context, cmd *exec.Cmd, ready func() bool) (*server, error) {
	s, err := b.launch(cmd)
	if err != nil {
		return nil, err
	}
	b.later(s.stop)
	return s, s.wait(ctx, ready)
}

// launch runs a program, which the caller has to stop.
func (b *bench) launch(cmd *exec.Cmd) (*server, error) {
	name := filepath.Base(cmd.Path)
	log, err := os.CreateTemp(b.dir, name+"-*.log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s := &server{cmd: cmd, log: log.Name(), done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		_ = cmd.Wait() // how it ended says its log
		close(s.done)
	}()
	return s, nil
}

// wait waits until the server is ready.
func (s *server) wait(ctx context.Context, ready func() bool) error {
	for end := time.Now().Add(startTime); !ready(); {
		select {
		case <-s.done:
			return fmt.Errorf("start %s: it ended: %s", s.cmd.Path, s.said())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(end) {
			return fmt.Errorf("start %s: it is not ready after %v: %s", s.cmd.Path, startTime, s.said())
		}
	}
	return nil
}

// said returns the end of what it printed.
func (s *server) said() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n  ")
}

// stop ends the program: asked first, then by force.
func (s *server) stop() error {
	for _, how := range []os.Signal{syscall.SIGTERM, os.Kill} {
		_ = s.cmd.Process.Signal(how) // an error means that it has ended
		select {
		case <-s.done:
			return nil
		case <-time.After(endTime):
		}
	}
	return fmt.Errorf("process %d, %s, does not end", s.cmd.Process.Pid, s.cmd.Path)
}

// listens reports whether somebody listens.
func listens(network, address string) func() bool {
	return func() bool {
		conn, err := net.Dial(network, address)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	}
}

// freePort returns the address of a port on loopback that is free for TCP and UDP.
func freePort() (string, error) {
	for range 20 {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return "", fmt.Errorf("find a port: %w", err)
		}
		address := l.Addr().String()
		packets, err := net.ListenPacket("udp4", address)
		_ = l.Close()
		if err == nil {
			return address, packets.Close()
		}
	}
	return "", fmt.Errorf("find a port: none is free for TCP and UDP on 127.0.0.1")
}

// write writes a file in the program's folder and returns its path.
func (b *bench) write(name, text string) (string, error) {
	path := filepath.Join(b.dir, name)
	return path, os.WriteFile(path, []byte(text), 0o644)
}

// folder makes a folder in which any user may write, as servers that give up root need it.
func (b *bench) folder(name string) (string, error) {
	path := filepath.Join(b.dir, name)
	if err := os.Mkdir(path, 0o777); err != nil {
		return "", err
	}
	return path, os.Chmod(path, 0o777)
}
