package site

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// site is all of it. The addresses are those of the page in a network of loopback that is this site's own, so ports are those of the page too.
type site struct {
	t        *testing.T
	local    *strings.Replacer
	files    map[string]string
	primary  *mta.RedisServer
	replica  *mta.RedisServer
	filters  []*filter
	balancer *mta.Balancer
	servers  []*mta.Server // Postfix, Sendmail
	sink     *mta.Sink
	traffic  *traffic
	books    books
}

// filter is one of the daemons.
type filter struct {
	name, addr string
	run        mta.Run
	daemon     *mta.Process
}

// newSite starts everything, and traffic.
func newSite(t *testing.T) *site {
	network := fmt.Sprintf("127.%d.%d.", 10+rand.IntN(200), rand.IntN(250))
	dir := mta.Dir(t)
	s := &site{t: t, files: files(t), sink: mta.NewSink(t), books: books{delivered: map[string][]mark{}}}
	s.local = strings.NewReplacer("192.0.2.", network, "/run/haproxy", dir)
	s.startRedis()
	for i := range 3 {
		s.filters = append(s.filters, s.newFilter(i+1))
		s.start(s.filters[i])
	}
	s.balancer = mta.HAProxy(t, s.file("haproxy.cfg"), filepath.Join(dir, "admin.sock"))
	s.servers = []*mta.Server{
		mta.Postfix(t, mta.Options{Relay: s.sink.Addr, Lines: lines(s.file("main.cf"))}),
		mta.Sendmail(t, mta.Options{Relay: s.sink.Addr, Lines: lines(s.file("sendmail.mc"))}),
	}
	for _, f := range s.filters {
		s.balancer.AwaitBackend(t, f.name, "UP")
	}
	s.traffic = newTraffic(s.servers)
	t.Cleanup(s.traffic.end)
	return s
}

func lines(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

// file returns a file of the page, for here. Pairs of texts are replaced in it before: it is shown for one machine, and there are several.
func (s *site) file(name string, pairs ...string) string {
	return s.local.Replace(strings.NewReplacer(pairs...).Replace(s.files[name]))
}

// startRedis starts the servers and the sentinels, and waits until the sentinels know of each other and of the replica.
func (s *site) startRedis() {
	s.t.Helper()
	s.startPrimary()
	s.replica = mta.RedisAt(s.t, s.local.Replace("192.0.2.22:6379"), s.file("redis.conf", "192.0.2.21", "192.0.2.22")+s.local.Replace("replicaof 192.0.2.21 6379\n"))
	s.awaitRedis(s.replica, "master_link_status:up")
	var sentinels []*mta.RedisServer
	for i := range 3 {
		own := fmt.Sprintf("192.0.2.3%d", i+1)
		sentinels = append(sentinels, mta.RedisAt(s.t, s.local.Replace(own+":26379"), s.file("sentinel.conf", "192.0.2.31", own), "--sentinel"))
	}
	for _, server := range sentinels {
		sentinel := redis.NewSentinelClient(options(server))
		s.t.Cleanup(func() { sentinel.Close() })
		await(s.t, "the sentinels know each other and the replica", func() bool {
			primary, err := sentinel.Master(s.t.Context(), "mail").Result()
			replicas, err2 := sentinel.Replicas(s.t.Context(), "mail").Result()
			return err == nil && err2 == nil && primary["num-other-sentinels"] == "2" && len(replicas) == 1 && replicas[0]["master-link-status"] == "ok"
		})
	}
}

// startPrimary starts the first server, with nothing in it.
func (s *site) startPrimary() {
	s.t.Helper()
	s.primary = mta.RedisAt(s.t, s.local.Replace("192.0.2.21:6379"), s.file("redis.conf"))
}

// awaitRedis waits until a server says something of its replication.
func (s *site) awaitRedis(server *mta.RedisServer, what string) {
	s.t.Helper()
	client := redis.NewClient(options(server))
	defer client.Close()
	await(s.t, "the server on "+server.Addr+" says "+what, func() bool {
		said, err := client.Info(s.t.Context(), "replication").Result()
		return err == nil && strings.Contains(said, what)
	})
}

// options are those of a connection to a server or a sentinel.
func options(server *mta.RedisServer) *redis.Options {
	return &redis.Options{Addr: server.Addr, Password: "secret", Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}}
}

// newFilter writes the files of the nth daemon.
func (s *site) newFilter(n int) *filter {
	s.t.Helper()
	dir := mta.Dir(s.t)
	host := fmt.Sprintf("192.0.2.1%d", n)
	f := &filter{name: fmt.Sprintf("filter%d", n), addr: s.local.Replace(host + ":8891")}
	config := s.file("luamilter.toml", "192.0.2.11", host, "filter1", f.name) + fmt.Sprintf("[admin]\nlisten = %q\n", "unix:"+filepath.Join(dir, "admin.sock"))
	for name, text := range map[string]string{"luamilter.toml": config, "site.lua": s.files["site.lua"]} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	f.run = mta.Run{Args: []string{"-c", filepath.Join(dir, "luamilter.toml")}}
	return f
}

// start starts a daemon, which ends with the test.
func (s *site) start(f *filter) {
	s.t.Helper()
	d := mta.Daemon(s.t, f.run)
	f.daemon = d
	s.t.Cleanup(func() { atOnce(s.t, d) })
}

// atOnce ends a daemon, if it has not ended, without the notice that it would give.
func atOnce(t *testing.T, d *mta.Process) {
	t.Helper()
	if d.Running() {
		d.Terminate()
		d.Signal(t, syscall.SIGTERM)
	}
}

// startAgain starts a daemon that has ended again, and waits until haproxy sends it mail.
func (s *site) startAgain(f *filter) {
	s.t.Helper()
	s.start(f)
	s.balancer.AwaitBackend(s.t, f.name, "UP")
}
