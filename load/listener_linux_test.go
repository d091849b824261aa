package load

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestListenerPID(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, c := range []struct{ network, address string }{{"unix", path}, {"tcp4", "127.0.0.1:0"}, {"tcp6", "[::1]:0"}} {
		t.Run(c.network, func(t *testing.T) {
			l, err := net.Listen(c.network, c.address)
			if err != nil {
				if c.network == "tcp6" {
					t.Skip("there is no IPv6 here")
				}
				t.Fatal(err)
			}
			defer l.Close()
			conn, err := net.Dial(c.network, l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if pid, err := ListenerPID(conn); pid != os.Getpid() || err != nil {
				t.Errorf("process %d listens: %v; expected %d", pid, err, os.Getpid())
			}
		})
	}
}

// A socket that init opened has its credentials, so the table of sockets decides.
func TestUnixListenersAreInTheTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	if _, err := unixInode(path); err == nil || !strings.Contains(err.Error(), "no process of this machine listens on "+path) {
		t.Errorf("nobody listens: %v", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if pid, err := holder(unixInode(path)); pid != os.Getpid() || err != nil {
		t.Errorf("process %d listens: %v; expected %d", pid, err, os.Getpid())
	}
}
