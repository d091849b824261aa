package mta

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Dir returns a new directory that every user may enter and that is removed with the test. Unlike t.TempDir it suits
// programs that give up root, such as those of Postfix, and its path is short enough for a unix socket in it.
func Dir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "luamilter-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("clean up: %v", err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// UnixSpec returns the spec of a unix socket in a directory of its own; nothing listens there yet.
func UnixSpec(t testing.TB) string {
	t.Helper()
	return "unix:" + filepath.Join(Dir(t), "milter.sock")
}

// InetSpec returns the spec of a free TCP port on loopback; nothing listens there yet.
func InetSpec(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("inet:%d@127.0.0.1", freePort(t))
}

// ports are the ports this process has given out; none is given out twice, as its user may not listen yet.
var ports struct {
	sync.Mutex
	taken map[int]bool
}

// freePort returns a TCP port nobody listens on. It lies below the range from which the kernel takes the ports of
// outgoing connections, so that none of these can take it before the server does.
func freePort(t testing.TB) int {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	if ports.taken == nil {
		ports.taken = make(map[int]bool)
	}
	for range 200 {
		port := 23000 + rand.IntN(9000)
		if ports.taken[port] {
			continue
		}
		l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		l.Close()
		ports.taken[port] = true
		return port
	}
	t.Fatal("no free port on 127.0.0.1")
	return 0
}

// loopback returns the host:port of a free TCP port on loopback.
func loopback(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", freePort(t))
}

// splitSpec takes a milter spec apart: network "unix" with a path, or network "tcp" with host and port.
func splitSpec(t testing.TB, spec string) (network, host, port string) {
	t.Helper()
	kind, rest, _ := strings.Cut(spec, ":")
	rest, _, _ = strings.Cut(rest, "?")
	switch kind {
	case "unix", "local":
		return "unix", rest, ""
	case "inet":
		port, host, ok := strings.Cut(rest, "@")
		if ok {
			return "tcp", host, port
		}
	}
	t.Fatalf("milter spec %q: want inet:port@host or unix:/path", spec)
	return "", "", ""
}
