package mta

import (
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Balancer is a running haproxy: a master, which a reload leaves alone, and its workers.
type Balancer struct {
	process *process
	admin   string // path of the runtime socket
	log     *log
}

// Backend is what a haproxy knows of one server behind it.
type Backend struct {
	Status      string // such as UP, DOWN, or "UP 1/2" on the way to being down
	Connections int    // since the worker began
	Redispatch  int    // those that went to another server, because this one did not take them
}

// HAProxy starts a haproxy, as the service of Debian does, and waits until it serves. The configuration must open a runtime socket
// (stats socket) at the path admin.
func HAProxy(t testing.TB, config, admin string) *Balancer {
	t.Helper()
	needRoot(t) // it becomes another user
	dir := Dir(t)
	path := filepath.Join(dir, "haproxy.cfg")
	write(t, config, path)
	b := &Balancer{admin: admin, log: &log{filepath.Join(dir, "log")}}
	out, err := os.OpenFile(b.log.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command(NeedProgram(t, "haproxy"), "-W", "-db", "-f", path)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	if b.process, err = start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.process.terminate()
		_ = b.process.wait(10 * time.Second) // it ends with 143
		stopWithin(dir)
		if t.Failed() {
			t.Logf("log of haproxy:\n%s", tail(b.log.String(), 40))
		}
	})
	b.loaded(t, 1)
	return b
}

// Reload has haproxy read its configuration anew without losing a connection, and waits until the new worker serves. The old one goes on until its
// connections are over. What Backends counts begins at 0 again.
func (b *Balancer) Reload(t testing.TB) {
	t.Helper()
	before := b.loads()
	if err := b.process.cmd.Process.Signal(syscall.SIGUSR2); err != nil {
		t.Fatal(err)
	}
	b.loaded(t, before+1)
}

// loads is how often a configuration was loaded.
func (b *Balancer) loads() int { return strings.Count(b.log.String(), "Loading success") }

// loaded waits until a configuration was loaded for the nth time.
func (b *Balancer) loaded(t testing.TB, n int) {
	t.Helper()
	if !eventually(patience, func() bool { return b.loads() >= n || !b.process.running() }) || !b.process.running() {
		t.Fatalf("haproxy does not serve:\n%s", b.log)
	}
}

// Backends returns what haproxy knows of the servers in its backends, by their names.
func (b *Balancer) Backends(t testing.TB) map[string]Backend {
	t.Helper()
	servers, err := b.backends()
	if err != nil {
		t.Fatalf("ask haproxy: %v", err)
	}
	return servers
}

// AwaitBackend waits until haproxy says of a server that its status begins with a text, such as UP or DOWN.
func (b *Balancer) AwaitBackend(t testing.TB, name, status string) {
	t.Helper()
	is := func() bool {
		servers, err := b.backends()
		return err == nil && strings.HasPrefix(servers[name].Status, status) && !strings.Contains(servers[name].Status, "/")
	}
	if !eventually(patience, is) {
		t.Fatalf("haproxy does not see %s %s:\n%s", name, status, tail(b.log.String(), 20))
	}
}

// backends asks for the table of statistics: comma-separated values, of which the first line has the names.
func (b *Balancer) backends() (map[string]Backend, error) {
	conn, err := net.Dial("unix", b.admin)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, "show stat -1 4 -1\n"); err != nil { // all proxies, only their servers
		return nil, err
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimSpace(strings.TrimPrefix(string(text), "# ")))).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("%w: %s", err, text)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	servers := map[string]Backend{}
	for _, row := range rows[1:] {
		number := func(name string) int {
			n, _ := strconv.Atoi(row[column[name]]) // nothing stands for 0
			return n
		}
		servers[row[column["svname"]]] = Backend{row[column["status"]], number("stot"), number("wredis")}
	}
	return servers, nil
}
