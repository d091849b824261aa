package system

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// Variables of sd_listen_fds(3), and our own that stands for LISTEN_PID in a successor (see the package's decisions).
const (
	envListenFDs   = "LISTEN_FDS"
	envListenPID   = "LISTEN_PID"
	envListenNames = "LISTEN_FDNAMES"
	envReadyFD     = "LUAMILTER_READY_FD"
)

// firstFD is the descriptor of the first socket, SD_LISTEN_FDS_START.
const firstFD = 3

// readyByte is what a successor writes to its predecessor.
const readyByte = 1

// Socket is a listening socket that was open when the process started.
type Socket struct {
	Name     string       // FileDescriptorName= of the unit, or what the predecessor called it; systemd's default is the unit's name
	Listener net.Listener // TCP or unix; Addr tells where it listens, and Close leaves the file of a unix socket alone
}

// Inheritance is what a process was given by the one that started it: systemd, or a predecessor that hands over.
type Inheritance struct {
	Sockets   []Socket
	Successor bool // it comes from a predecessor, which serves until Ready

	ready *os.File // the predecessor waits at the other end; nil without one, and after Ready
}

// Ready tells the predecessor, if there is one, that it may stop accepting. Call it before the first Accept: an error means that the
// predecessor did not wait any longer and goes on serving, so this process must end.
func (i *Inheritance) Ready() error {
	if i.ready == nil {
		return nil
	}
	_, err := i.ready.Write([]byte{readyByte})
	err = cmp.Or(err, i.ready.Close())
	i.ready = nil
	if err != nil {
		return fmt.Errorf("take over from the running luamilter: it did not wait and goes on serving: %w", err)
	}
	return nil
}

// environment is what the variables say.
type environment struct {
	count int      // sockets, from firstFD on
	names []string // as many, or none
	ready int      // descriptor of the line to the predecessor; 0 without one
}

// Inherited returns the sockets that this process was started with, none being no error. It removes the variables, so that no other
// program takes them for its own, and has the descriptors closed in programs that are started later. Call it once, first of all.
func Inherited() (*Inheritance, error) {
	env, err := readEnvironment()
	for _, name := range []string{envListenFDs, envListenPID, envListenNames, envReadyFD} {
		err = errors.Join(err, os.Unsetenv(name))
	}
	if err != nil {
		return nil, err
	}
	inherited := &Inheritance{Successor: env.ready != 0}
	if err := inherited.open(env); err != nil {
		return nil, errors.Join(err, inherited.Close())
	}
	return inherited, nil
}

// Close gives back everything, for a start that goes no further. A predecessor goes on serving then. Sockets that are closed already
// are no error.
func (i *Inheritance) Close() error {
	var errs []error
	for _, s := range i.Sockets {
		if err := s.Listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	if i.ready != nil {
		errs = append(errs, i.ready.Close())
	}
	return errors.Join(errs...)
}

// readEnvironment returns what the variables say; nothing if they are meant for another process.
func readEnvironment() (environment, error) {
	var env environment
	ready, isSuccessor := os.LookupEnv(envReadyFD)
	if !isSuccessor && os.Getenv(envListenPID) != strconv.Itoa(os.Getpid()) {
		return env, nil
	}
	text := os.Getenv(envListenFDs)
	count, err := strconv.Atoi(text)
	if err != nil || count < 0 || count > 1<<16 {
		return env, fmt.Errorf("%s=%q is no number of sockets; unset it, or start luamilter by its socket unit", envListenFDs, text)
	}
	env.count = count
	if names := os.Getenv(envListenNames); names != "" {
		env.names = strings.Split(names, ":")
		if len(env.names) != count {
			return env, fmt.Errorf("%s=%q has %d names for %d sockets; give each socket unit one FileDescriptorName", envListenNames, names, len(env.names), count)
		}
	}
	if !isSuccessor {
		return env, nil
	}
	// The line comes behind the sockets.
	env.ready, err = strconv.Atoi(ready)
	if err != nil || env.ready != firstFD+count {
		return env, fmt.Errorf("%s=%q does not fit %s=%q; only luamilter sets it, when it starts its successor: unset it", envReadyFD, ready, envListenFDs, text)
	}
	return env, nil
}

func (e environment) name(i int) string {
	if i < len(e.names) {
		return e.names[i]
	}
	return ""
}
