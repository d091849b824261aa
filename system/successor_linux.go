package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// StartSuccessor starts args[0], looked for as a shell does, with args as its command line, env as its environment, and the listeners
// as its inheritance, and waits until it is Ready. After that the successor has the listening sockets and their names, and the caller
// closes its own: Close no longer removes the file of a unix socket. Listeners are *net.TCPListener or *net.UnixListener; names has one
// for each, as in FileDescriptorName=.
//
// A successor that ends, or is not ready when ctx ends, is an error; it is gone then, and the caller goes on as if nothing had happened.
// Give ctx a deadline. Keep the listeners open until StartSuccessor has returned.
func StartSuccessor(ctx context.Context, listeners []net.Listener, names, args, env []string) (pid int, err error) {
	defer func() {
		if err != nil {
			pid, err = 0, fmt.Errorf("start a successor: %w; this process goes on serving", err)
		}
	}()
	if os.Getpid() == 1 {
		return 0, errors.New("everything ends with process 1, so it cannot be replaced; restart the container instead")
	}
	if err := checkNames(listeners, names); err != nil {
		return 0, err
	}
	if len(args) == 0 {
		return 0, errors.New("no program is named")
	}
	program, err := exec.LookPath(args[0])
	if err != nil {
		return 0, err
	}
	ready, child, err := fork(program, listeners, args, successorEnvironment(env, names))
	if err != nil {
		return 0, err
	}
	if err := awaitReady(ctx, ready); err != nil {
		grace := time.Duration(0)
		if errors.Is(err, errEnded) {
			grace = endTime
		}
		return 0, fmt.Errorf("%w%s", err, discard(child, grace))
	}
	for _, l := range listeners {
		if l, ok := l.(*net.UnixListener); ok {
			l.SetUnlinkOnClose(false)
		}
	}
	// Until this process ends, it is the parent; nobody waits for the child, which is to live longer. Release forgets the id.
	pid = child.Pid
	return pid, child.Release()
}

// checkNames sees that names can be written into LISTEN_FDNAMES.
func checkNames(listeners []net.Listener, names []string) error {
	if len(listeners) != len(names) {
		return fmt.Errorf("there are %d sockets and %d names; give each a name", len(listeners), len(names))
	}
	for _, name := range names {
		if strings.ContainsFunc(name, func(r rune) bool { return r == ':' || r <= ' ' || r > '~' }) {
			return fmt.Errorf("socket name %q has a colon, a blank or something that is not ASCII; rename it", name)
		}
	}
	return nil
}

// successorEnvironment returns env without what concerns this process alone, and with what tells of the sockets and the line.
func successorEnvironment(env, names []string) []string {
	var kept []string
	for _, line := range env {
		name, _, _ := strings.Cut(line, "=")
		switch name {
		case envListenFDs, envListenPID, envListenNames, envReadyFD:
		case "WATCHDOG_PID": // the successor gives the signs of life
		default:
			kept = append(kept, line)
		}
	}
	kept = append(kept, envListenFDs+"="+strconv.Itoa(len(names)), envReadyFD+"="+strconv.Itoa(firstFD+len(names)))
	if strings.Join(names, "") != "" {
		kept = append(kept, envListenNames+"="+strings.Join(names, ":"))
	}
	return kept
}

// fork starts the program with the listeners from firstFD on, and one end of a pair of sockets behind them. It returns the other end.
//
// os/exec would take the descriptors by File.Fd, which may set them to blocking: for all processes that share the socket.
func fork(program string, listeners []net.Listener, args, env []string) (ready *os.File, child *os.Process, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	ready = os.NewFile(uintptr(pair[0]), "successor")
	files, err := duplicateAll(listeners)
	defer func() { closeAll(files) }()
	files = append(files, uintptr(pair[1]))
	if err != nil {
		return nil, nil, errors.Join(err, ready.Close())
	}
	pid, err := syscall.ForkExec(program, args, &syscall.ProcAttr{Env: env, Files: append([]uintptr{0, 1, 2}, files...)})
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("run %s: %w", program, err), ready.Close())
	}
	if child, err = os.FindProcess(pid); err != nil {
		return nil, nil, errors.Join(err, ready.Close()) // it is told by the end of the line
	}
	return ready, child, nil
}

// duplicateAll returns a second descriptor of each listener, closed on exec; those it has when there is an error as well.
func duplicateAll(listeners []net.Listener) ([]uintptr, error) {
	var files []uintptr
	for _, l := range listeners {
		conn, err := rawConn(l)
		if err != nil {
			return files, err
		}
		var dup int
		var dupErr error
		err = conn.Control(func(fd uintptr) { dup, dupErr = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, firstFD) })
		if err := errors.Join(err, dupErr); err != nil {
			return files, fmt.Errorf("pass on the socket %s: %w", l.Addr(), err)
		}
		files = append(files, uintptr(dup))
	}
	return files, nil
}

// errEnded is why there is no successor, when that has closed the line.
var errEnded = errors.New("it ended before it was ready, its log says why")

// endTime is how long a successor that is ending may take, to write into its log why.
const endTime = 5 * time.Second

// awaitReady waits for what the successor says, or for the end of ctx: then it shuts the line, so that the successor's Ready fails, and
// only what was said before counts.
func awaitReady(ctx context.Context, ready *os.File) error {
	defer ready.Close()
	conn, err := ready.SyscallConn()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() {
		// The only error there can be is that the file is closed already: then it is decided.
		_ = conn.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RD) })
	})
	defer stop()
	said := make([]byte, 1)
	switch n, err := ready.Read(said); {
	case n == 1 && said[0] == readyByte:
		return nil
	case n == 1:
		return fmt.Errorf("it says %q instead of being ready; is it luamilter?", said)
	case ctx.Err() != nil:
		return fmt.Errorf("it was not ready in time, its log says what it waits for: %w", ctx.Err())
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return errEnded
	default:
		return err
	}
}

// discard ends a successor that is not wanted, after the time that it has to end by itself, and returns how it ended. It has not
// accepted anything.
func discard(child *os.Process, grace time.Duration) string {
	kill := time.AfterFunc(grace, func() { _ = child.Kill() }) // an error means that it has ended by itself
	defer kill.Stop()
	state, err := child.Wait()
	if err != nil {
		return fmt.Sprintf(" (process %d: %v)", child.Pid, err)
	}
	return fmt.Sprintf(" (process %d: %s)", child.Pid, state)
}

func closeAll(descriptors []uintptr) {
	for _, fd := range descriptors {
		_ = unix.Close(int(fd))
	}
}
