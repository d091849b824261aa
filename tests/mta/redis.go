package mta

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// RedisServer is a running redis-server, or a sentinel of one.
type RedisServer struct {
	Addr string // host:port

	process *process
	stopped bool
}

// Redis starts a redis-server on loopback that keeps nothing on the disk, with further lines for its configuration, and ends it with the test.
func Redis(t testing.TB, lines ...string) *RedisServer {
	t.Helper()
	return redisServer(t, loopback(t), nil, append([]string{`save ""`, "appendonly no"}, lines...))
}

// RedisCluster starts a redis-server that is a cluster by itself, as Redis does. Other servers of a cluster would talk to it on a port that is free now,
// and not on its own and 10000, where somebody's outgoing connection may be.
func RedisCluster(t testing.TB) *RedisServer {
	t.Helper()
	return Redis(t, "cluster-enabled yes", fmt.Sprintf("cluster-port %d", freePort(t)))
}

// RedisTLS starts a redis-server that speaks only TLS, and returns the path of the certificate to trust.
func RedisTLS(t testing.TB) (server *RedisServer, ca string) {
	t.Helper()
	addr := loopback(t)
	_, port, _ := net.SplitHostPort(addr)
	cert, key := certificate(t, Dir(t))
	return redisServer(t, addr, nil, []string{`save ""`, "port 0", "tls-port " + port, "tls-cert-file " + cert, "tls-key-file " + key, "tls-auth-clients no"}), cert
}

// Sentinel starts a sentinel, as Redis does a server.
func Sentinel(t testing.TB, lines ...string) *RedisServer {
	t.Helper()
	return redisServer(t, loopback(t), []string{"--sentinel"}, lines)
}

// RedisAt starts a redis-server, or a sentinel, with a configuration that binds it to a host:port.
func RedisAt(t testing.TB, addr, config string, args ...string) *RedisServer {
	t.Helper()
	return redisServer(t, addr, args, []string{config})
}

func redisServer(t testing.TB, addr string, args, lines []string) *RedisServer {
	t.Helper()
	program := NeedProgram(t, "redis-server")
	dir := Dir(t)
	host, port, _ := net.SplitHostPort(addr)
	config := filepath.Join(dir, "redis.conf")
	lines = append([]string{"bind " + host, "port " + port, "dir " + dir}, lines...)
	write(t, strings.Join(lines, "\n")+"\n", config)
	cmd := exec.Command(program, append([]string{config}, args...)...)
	cmd.Dir = dir
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	p, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	r := &RedisServer{Addr: addr, process: p}
	t.Cleanup(func() {
		r.Kill(t)
		if t.Failed() {
			t.Logf("log of redis-server on %s:\n%s", addr, tail(out.String(), 20))
		}
	})
	answers := func() bool {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return !p.running()
		}
		conn.Close()
		return true
	}
	if !eventually(patience, answers) || !p.running() {
		r.Kill(t)
		t.Fatalf("redis-server does not listen on %s:\n%s", addr, out.String())
	}
	return r
}

// Kill ends the server at once, and waits until it is gone. Calling it again does nothing.
func (r *RedisServer) Kill(t testing.TB) {
	t.Helper()
	if r.stopped {
		return
	}
	r.stopped = true
	if err := r.process.cmd.Process.Kill(); err != nil && !strings.Contains(err.Error(), os.ErrProcessDone.Error()) {
		t.Error(err)
	}
	<-r.process.done
}

// Suspend stops the server without ending it, so that it takes connections but answers nothing, until Resume.
func (r *RedisServer) Suspend(t testing.TB) {
	t.Helper()
	if err := r.process.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
}

// Resume has the server go on.
func (r *RedisServer) Resume(t testing.TB) {
	t.Helper()
	if err := r.process.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}
