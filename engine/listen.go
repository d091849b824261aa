package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Spec is a socket to listen on.
type Spec struct {
	Network string // tcp, tcp4, tcp6 or unix
	Address string // host:port or path
	Mode    fs.FileMode
	Owner   string // user to whom the file is given; "" leaves it to whoever opens it
	Group   string // "" leaves the group as it is
	text    string
}

// DefaultSpec is where the daemon listens when nothing is said.
const DefaultSpec = "inet:8891@127.0.0.1"

// defaultSocketMode lets every MTA on the machine in, as a port on the loopback interface does.
const defaultSocketMode = 0o666

// String returns the specification as it was given.
func (s Spec) String() string { return s.text }

// ParseSpec reads a socket specification: inet:port@host, inet6:port@host, unix:/path, local:/path, /path (Sendmail's spelling), and
// inet:host:port (Postfix's). A path may be followed by
// ?mode=0660&owner=luamilter&group=postfix.
func ParseSpec(text string) (Spec, error) {
	kind, rest, found := strings.Cut(text, ":")
	if strings.HasPrefix(text, "/") {
		kind, rest, found = "unix", text, true
	}
	if !found || rest == "" {
		return Spec{}, specError(text, "it needs a kind and an address")
	}
	switch strings.ToLower(kind) {
	case "inet", "inet6":
		return parseInet(text, strings.ToLower(kind), rest)
	case "unix", "local":
		return parseUnix(text, rest)
	case "tcp", "tcp4", "tcp6":
		return Spec{}, specError(text, "write inet instead of "+kind)
	}
	return Spec{}, specError(text, fmt.Sprintf("%q is no kind of socket", kind))
}

func specError(text, why string) error {
	return fmt.Errorf("socket %q: %s (known are inet:port@host, inet6:port@host, inet:host:port, unix:/path)", text, why)
}

func parseInet(text, kind, rest string) (Spec, error) {
	port, host, at := strings.Cut(rest, "@") // without either sign it is the port alone: every address
	colon := strings.LastIndexByte(rest, ':')
	postfix := !at && colon >= 0 && !strings.HasSuffix(rest, "]")
	if postfix {
		host, port = rest[:colon], rest[colon+1:]
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	switch {
	case isPort(port):
	case port == "":
		return Spec{}, specError(text, "there is no port")
	case postfix && isPort(host):
		return Spec{}, specError(text, fmt.Sprintf("port and host are the wrong way round, write %s:%s:%s", kind, port, host))
	case isPort(host):
		return Spec{}, specError(text, fmt.Sprintf("port and host are the wrong way round, write %s:%s@%s", kind, host, port))
	default:
		return Spec{}, specError(text, fmt.Sprintf("%q is no port", port))
	}
	network := strings.Replace(kind, "inet", "tcp", 1)
	if network == "tcp" && host != "" && net.ParseIP(host).To4() != nil {
		network = "tcp4"
	}
	return Spec{Network: network, Address: net.JoinHostPort(host, port), text: text}, nil
}

// isPort reports whether s is the number or the name of a port.
func isPort(s string) bool {
	_, err := net.LookupPort("tcp", s)
	return s != "" && err == nil
}

func parseUnix(text, rest string) (Spec, error) {
	path, query, _ := strings.Cut(rest, "?")
	if !strings.HasPrefix(path, "/") {
		return Spec{}, specError(text, "the path must begin with /")
	}
	if len(path) > 107 {
		return Spec{}, specError(text, fmt.Sprintf("the path has %d bytes, at most 107 work", len(path)))
	}
	s := Spec{Network: "unix", Address: path, Mode: defaultSocketMode, text: text}
	options, err := url.ParseQuery(query)
	if err != nil {
		return Spec{}, specError(text, "what follows ? cannot be read")
	}
	for key, values := range options {
		value := values[len(values)-1]
		switch key {
		case "mode":
			mode, err := strconv.ParseUint(value, 8, 32)
			if err != nil || mode > 0o777 {
				return Spec{}, specError(text, fmt.Sprintf("mode %q is not octal up to 0777", value))
			}
			s.Mode = fs.FileMode(mode)
		case "owner":
			s.Owner = value
		case "group":
			s.Group = value
		default:
			return Spec{}, specError(text, fmt.Sprintf("%q is not known after ?, only mode, owner and group", key))
		}
	}
	return s, nil
}

// Listen opens the socket. The file of a unix socket that nobody listens on any more is replaced; one that is in use is an error.
func (s Spec) Listen() (net.Listener, error) {
	if s.Network != "unix" {
		l, err := net.Listen(s.Network, s.Address)
		if err != nil {
			return nil, fmt.Errorf("listen on %s: %w", s, err)
		}
		return l, nil
	}
	if err := s.removeStale(); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", s, err)
	}
	l, err := net.Listen("unix", s.Address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", s, err)
	}
	if err := s.permit(); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", s, errors.Join(err, l.Close()))
	}
	return l, nil
}

// removeStale removes the socket of a process that is gone. Anything else at the path stays.
func (s Spec) removeStale() error {
	info, err := os.Lstat(s.Address)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return errors.New("the file exists and is no socket; remove it or choose another path")
	}
	c, err := net.DialTimeout("unix", s.Address, time.Second)
	switch {
	case err == nil:
		return errors.Join(errors.New("another process listens there; stop it or choose another path"), c.Close())
	case errors.Is(err, syscall.ECONNREFUSED): // nobody listens
		return os.Remove(s.Address)
	}
	return fmt.Errorf("another process seems to listen there: %w", err)
}

// permit sets mode, owner and group of the socket's file.
func (s Spec) permit() error {
	uid, gid := -1, -1
	if s.Owner != "" {
		u, err := user.Lookup(s.Owner)
		if err != nil {
			return fmt.Errorf("user %q does not exist on this machine", s.Owner)
		}
		if uid, err = strconv.Atoi(u.Uid); err != nil {
			return err
		}
	}
	if s.Group != "" {
		g, err := user.LookupGroup(s.Group)
		if err != nil {
			return fmt.Errorf("group %q does not exist on this machine", s.Group)
		}
		if gid, err = strconv.Atoi(g.Gid); err != nil {
			return err
		}
	}
	if uid >= 0 || gid >= 0 {
		if err := os.Chown(s.Address, uid, gid); err != nil {
			return err
		}
	}
	return os.Chmod(s.Address, s.Mode)
}
