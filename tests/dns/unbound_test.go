package dns

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	wire "github.com/miekg/dns"

	"luamilter/tests/mta"
)

const zone = `$TTL 300
@ SOA ns root 1 3600 900 86400 120
@ NS ns
@ A 192.0.2.1
@ A 192.0.2.2
@ AAAA 2001:db8::1
@ MX 20 mx2
@ MX 10 mx1
@ TXT "v=spf1 mx " "-all"
mx1 A 192.0.2.11
mx2 A 192.0.2.12
ns A 192.0.2.53
www CNAME web
web CNAME @
_submission._tcp SRV 5 1 587 mx1
`

const listZone = `$TTL 300
@ SOA ns root 1 3600 900 86400 120
@ NS ns.example.com.
1.2.0.192 A 127.0.0.2
1.2.0.192 A 127.0.0.4
9.2.0.192 A 127.255.255.254
`

// configuration of an unbound that answers on a port of this machine. %[1]s is its folder, %[2]s the port.
const configuration = `server:
  interface: 127.0.0.1
  port: %[2]s
  directory: "%[1]s"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "%[1]s/log"
  module-config: "iterator"
  do-ip6: no
  local-zone: "." static
  local-zone: "example.com." transparent
  local-zone: "dnsbl.example.org." transparent
auth-zone:
  name: "example.com."
  zonefile: "%[1]s/example.com"
  for-downstream: no
  for-upstream: yes
auth-zone:
  name: "dnsbl.example.org."
  zonefile: "%[1]s/dnsbl.example.org"
  for-downstream: no
  for-upstream: yes
remote-control:
  control-enable: no
`

// unbound is a name server of a test.
type unbound struct {
	dir, address string
	cmd          *exec.Cmd // nil while it does not run
}

// newUnbound writes its files and starts it; it ends with the test.
func newUnbound(t *testing.T) *unbound {
	t.Helper()
	mta.NeedProgram(t, "unbound")
	u := &unbound{dir: mta.Dir(t), address: freePort(t)}
	_, port, err := net.SplitHostPort(u.address)
	if err != nil {
		t.Fatal(err)
	}
	large := "large TXT"
	for range 15 {
		large += ` "` + strings.Repeat("x", 200) + `"`
	}
	for name, text := range map[string]string{
		"example.com": zone + large + "\n", "dnsbl.example.org": listZone, "unbound.conf": fmt.Sprintf(configuration, u.dir, port),
	} {
		if err := os.WriteFile(filepath.Join(u.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	u.start(t)
	t.Cleanup(u.stop)
	return u
}

// start starts it and waits until it answers.
func (u *unbound) start(t *testing.T) {
	t.Helper()
	u.cmd = exec.Command(mta.NeedProgram(t, "unbound"), "-d", "-c", filepath.Join(u.dir, "unbound.conf"))
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ask := new(wire.Msg).SetQuestion("example.com.", wire.TypeA)
	for range 1200 {
		if m, err := wire.Exchange(ask, u.address); err == nil && len(m.Answer) == 2 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	u.stop()
	text, _ := os.ReadFile(filepath.Join(u.dir, "log"))
	t.Fatalf("unbound does not answer:\n%s", text)
}

// stop ends it at once.
func (u *unbound) stop() {
	if u.cmd == nil {
		return
	}
	_ = u.cmd.Process.Kill()
	_ = u.cmd.Wait()
	u.cmd = nil
}

// freePort returns the address of a port that is free for UDP and TCP, and that nobody is given by chance while the server is away.
func freePort(t *testing.T) string {
	t.Helper()
	for range 20 {
		address := mta.FreeAddr(t)
		if packets, err := net.ListenPacket("udp", address); err == nil {
			_ = packets.Close()
			return address
		}
	}
	t.Fatal("no port is free for UDP and TCP")
	return ""
}
