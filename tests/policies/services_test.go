package policies

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // for what the test writes
	"github.com/miekg/dns"

	"luamilter/tests/mta"
)

// virus is what the one signature of our clamd is about.
const virus = "luamilter-test-virus"

// clamd starts a clamd and returns the path of its socket.
func clamd(t *testing.T) string {
	t.Helper()
	program := mta.NeedProgram(t, "clamd")
	dir := mta.Dir(t)
	socket := filepath.Join(dir, "clamd.sock")
	if err := os.Mkdir(filepath.Join(dir, "db"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "db", "test.ndb"), fmt.Sprintf("Luamilter.Test:0:*:%x\n", virus))
	conf := filepath.Join(dir, "clamd.conf")
	write(t, conf, "LocalSocket "+socket+"\nDatabaseDirectory "+filepath.Join(dir, "db")+"\nForeground yes\nUser root\n")
	cmd := exec.Command(program, "-c", conf)
	cmd.Dir = dir
	mta.Program(t, cmd, func() bool {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return socket
}

// nameServer starts an authoritative name server and returns its address. Its list dnsbl.example.org has 198.18.0.0/16 and 198.51.100.0/24.
func nameServer(t *testing.T) string {
	t.Helper()
	packets, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, ask *dns.Msg) {
		m := new(dns.Msg).SetReply(ask)
		name := ask.Question[0].Name
		switch {
		case name == ".":
			rr, _ := dns.NewRR(". 60 NS ns.example.org.")
			m.Answer = append(m.Answer, rr)
		case strings.HasSuffix(name, ".18.198.dnsbl.example.org."), strings.HasSuffix(name, ".100.51.198.dnsbl.example.org."):
			rr, _ := dns.NewRR(name + " 60 A 127.0.0.2")
			m.Answer = append(m.Answer, rr)
		default:
			m.Rcode = dns.RcodeNameError
		}
		_ = w.WriteMsg(m)
	})}
	started, ended := make(chan struct{}), make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	go func() { _ = server.ActivateAndServe(); close(ended) }()
	<-started
	t.Cleanup(func() {
		_ = server.Shutdown()
		<-ended
	})
	return packets.LocalAddr().String()
}

// hooks is a web server that takes webhooks.
type hooks struct {
	*httptest.Server

	mu  sync.Mutex
	got map[string]int // how often it was told of a sender
}

func webServer(t *testing.T) *hooks {
	h := &hooks{got: map[string]int{}}
	h.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var told struct{ Sender string }
		if err := json.NewDecoder(r.Body).Decode(&told); err != nil || told.Sender == "" {
			t.Errorf("a webhook that says nothing: %v", err)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.got[told.Sender]++
	}))
	t.Cleanup(h.Close)
	return h
}

// times returns how often it was told of a sender.
func (h *hooks) times(sender string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.got[sender]
}

// postgres starts a PostgreSQL whose table users has the addresses that begin with user, and returns its host:port.
func postgres(t *testing.T) string {
	t.Helper()
	server := mta.Postgres(t)
	db, err := sql.Open("pgx", "postgres://luamilter@"+server.Addr+"/postgres?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 600 { // it takes connections before it is ready
		if err = db.Ping(); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, statement := range []string{
		"CREATE TABLE users (address VARCHAR(100) PRIMARY KEY)",
		"INSERT INTO users SELECT 'user' || n || '@example.org' FROM generate_series(1, 10000) AS n",
	} {
		if err == nil {
			_, err = db.Exec(statement)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return server.Addr
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
