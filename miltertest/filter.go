package miltertest

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"
)

// filter is a filter that a script started.
type filter struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended; then cmd.ProcessState tells how
}

// patience is how long a filter may take to end.
const patience = time.Minute

// startFilter starts a program: its path, which is not looked for, and its arguments.
func startFilter(command []string, stdout, stderr io.Writer) (*filter, error) {
	f := &filter{cmd: &exec.Cmd{Path: command[0], Args: command, Stdout: stdout, Stderr: stderr}, ended: make(chan struct{})}
	if err := f.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %s", command[0], reason(err))
	}
	go func() {
		_ = f.cmd.Wait() // end looks at how it ended
		close(f.ended)
	}()
	return f, nil
}

// terminate asks the filter to end.
func (f *filter) terminate() error { return f.cmd.Process.Signal(syscall.SIGTERM) }

// end has the filter end and reports what was wrong with that, nil if nothing was.
func (f *filter) end() error {
	_ = f.terminate() // it may have ended, or be about to
	select {
	case <-f.ended:
	case <-time.After(patience):
		_ = f.cmd.Process.Kill()
		<-f.ended
		return fmt.Errorf("filter process did not end within %v of SIGTERM and was killed", patience)
	}
	status, ok := f.cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case !ok:
		return errors.New("filter process ended in a way that this system does not tell")
	case status.Exited() && status.ExitStatus() != 0:
		return fmt.Errorf("filter process exited with status %d", status.ExitStatus())
	case status.Signaled() && status.Signal() != syscall.SIGTERM:
		return fmt.Errorf("filter process died with signal %d", status.Signal())
	}
	return nil
}
