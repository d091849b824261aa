package tutorial

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// screen is a terminal to which a program writes.
type screen struct {
	program *os.File // the program's end
	ours    *os.File
	done    chan struct{} // closed when the program has closed its end

	mu   sync.Mutex
	text bytes.Buffer
}

// newScreen opens a terminal. It ends with the test.
func newScreen(t *testing.T) *screen {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ours.Close() })
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	number, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{program: program, ours: ours, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		_, _ = io.Copy(s, ours) // ends with EIO when the program's end is closed
	}()
	return s
}

// Write implements io.Writer for what the program has written.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	return len(p), nil
}

// String returns what there is so far.
func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.ReplaceAll(s.text.String(), "\r\n", "\n")
}

// end waits for all that the program has written. It must have ended.
func (s *screen) end() string {
	s.program.Close()
	<-s.done
	return s.String()
}
