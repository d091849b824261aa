package scanners

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// virus is what our signature is about. It is none that anybody else looks for.
const virus = "luamilter-test-virus"

// write writes a file in a folder.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// listens reports whether somebody listens.
func listens(network, address string) func() bool {
	return func() bool {
		conn, err := net.Dial(network, address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}
}

// clamd starts a clamd with one signature, which takes streams of up to a megabyte, and returns the path of its socket.
func clamd(t *testing.T) string {
	t.Helper()
	program := mta.NeedProgram(t, "clamd")
	dir := mta.Dir(t)
	socket := filepath.Join(dir, "clamd.sock")
	write(t, dir, "db/test.ndb", fmt.Sprintf("Luamilter.Test:0:*:%x\n", virus))
	conf := write(t, dir, "clamd.conf", "LocalSocket "+socket+"\nDatabaseDirectory "+filepath.Join(dir, "db")+"\nForeground yes\nUser root\nStreamMaxLength 1M\n")
	cmd := exec.Command(program, "-c", conf)
	cmd.Dir = dir
	mta.Program(t, cmd, listens("unix", socket))
	return socket
}

// rspamd starts a rspamd with one rule and returns its host:port.
func rspamd(t *testing.T) string {
	t.Helper()
	program := mta.NeedProgram(t, "rspamd")
	dir, addr := mta.Dir(t), mta.FreeAddr(t)
	rules := write(t, dir, "rules.lua", `
rspamd_config.TEST_SUBJECT = {
  callback = function(task)
    if task:get_header("Subject") ~= "spam" then return false end
    return true, 1.0, task:get_helo(), tostring(task:get_from_ip()), task:get_from("smtp")[1].addr, task:get_recipients("smtp")[1].addr
  end,
  score = 7, description = "the subject says so", group = "test",
}`)
	suffixes := write(t, dir, "suffixes", "com\nexample\n")
	conf := write(t, dir, "rspamd.conf", fmt.Sprintf(`
options { pidfile = "%[1]s/pid"; cache_file = "%[1]s/cache"; tempdir = "%[1]s"; hs_cache_dir = "%[1]s"; filters = ""; url_tld = "%[2]s"; dns { nameserver = ["127.0.0.1:9"]; timeout = 0.1s; retransmits = 1; } }
logging { type = "console"; level = "info"; }
worker "normal" { bind_socket = "%[3]s"; count = 1; }
actions { reject = 15; add_header = 6; }
lua = "%[4]s";
`, dir, suffixes, addr, rules))
	if err := os.Chmod(dir, 0o777); err != nil { // its workers may have another user
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-f", "-i", "-c", conf)
	cmd.Dir = dir
	mta.Program(t, cmd, listens("tcp", addr))
	return addr
}

// spamd starts a spamd with one rule and returns its host:port.
func spamd(t *testing.T) string {
	t.Helper()
	program := mta.NeedProgram(t, "spamd")
	dir, addr := mta.Dir(t), mta.FreeAddr(t)
	rules := "required_score 5\nheader TEST_SUBJECT Subject =~ /^spam$/\nscore TEST_SUBJECT 7\n" +
		"header TEST_CLIENT X-Spam-Relays-Trusted =~ /ip=127.0.0.1 /\nscore TEST_CLIENT 0.1\ndns_available no\nreport_hostname mx.test.example\n"
	plugins := "loadplugin Mail::SpamAssassin::Plugin::Check\n"
	for _, folder := range []string{"rules", "site"} {
		write(t, dir, folder+"/init.pre", plugins)
	}
	write(t, dir, "rules/rules.cf", rules)
	write(t, dir, "site/local.cf", "")
	cmd := exec.Command(program, "-L", "-x", "-i", addr, "-m", "2", "-s", "stderr", "--configpath="+filepath.Join(dir, "rules"), "--siteconfigpath="+filepath.Join(dir, "site"))
	cmd.Dir = dir
	mta.Program(t, cmd, listens("tcp", addr))
	return addr
}

// The ways in which a gate lets its server fail.
const (
	open     int32 = iota
	closed         // as if the server was stopped
	slow           // connections are taken, and nothing comes for ten seconds
	nonsense       // something comes that is none of the protocol
)

// gate is a server in front of another one.
type gate struct {
	addr string
	mode atomic.Int32
}

// newGate puts a gate in front of a server, until the test ends.
func newGate(t *testing.T, network, address string) *gate {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	g := &gate{addr: l.Addr().String()}
	ended := make(chan struct{})
	t.Cleanup(func() { close(ended) })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(conn, network, address, ended)
		}
	}()
	return g
}

func (g *gate) pass(conn net.Conn, network, address string, ended <-chan struct{}) {
	defer conn.Close()
	switch g.mode.Load() {
	case closed:
		_ = conn.(*net.TCPConn).SetLinger(0) // a reset
		return
	case slow:
		select {
		case <-time.After(10 * time.Second):
		case <-ended:
		}
		return
	case nonsense:
		_, _ = io.WriteString(conn, "\x00\x01 452 4.3.2 stream: perhaps\r\n"+strings.Repeat("?", 5000))
		_, _ = io.CopyN(io.Discard, conn, 100)
		return
	}
	server, err := net.Dial(network, address)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, conn)
		_ = server.(interface{ CloseWrite() error }).CloseWrite()
	}()
	_, _ = io.Copy(conn, server)
}
