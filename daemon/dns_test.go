package daemon

import (
	"net"
	"strings"
	"testing"

	wire "github.com/miekg/dns"

	"luamilter/protocol"
)

// answering is a name server that knows 1.2.0.192.dnsbl.example.org, fails for anything below broken.example.org, and has nothing else.
func answering(t *testing.T) (address string) {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &wire.Server{PacketConn: packets, Handler: wire.HandlerFunc(func(w wire.ResponseWriter, ask *wire.Msg) {
		m := new(wire.Msg).SetReply(ask)
		switch name := ask.Question[0].Name; {
		case name == "1.2.0.192.dnsbl.example.org.":
			rr, _ := wire.NewRR(name + " 60 A 127.0.0.2")
			m.Answer = append(m.Answer, rr)
		case strings.HasSuffix(name, "broken.example.org."):
			m.Rcode = wire.RcodeServerFailure
		default:
			m.Rcode = wire.RcodeNameError
		}
		_ = w.WriteMsg(m)
	})}
	ended := make(chan error, 1)
	started := make(chan bool)
	server.NotifyStartedFunc = func() { close(started) }
	go func() { ended <- server.ActivateAndServe() }()
	<-started
	t.Cleanup(func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
		<-ended
	})
	return packets.LocalAddr().String()
}

// Scripts ask the name servers of the configuration, and the page shows what came of it.
func TestLookups(t *testing.T) {
	m := monitorWith(t, "[dns]\nservers = [\""+answering(t)+"\"]\n", map[string]string{"first.lua": `
local dns = require "dns"
function mail(conn, sender)
  if dns.bl { zones = { sender }, ip = conn.ip } then return reject end
  return continue
end
function eom(conn, msg) return accept end`})
	for _, c := range []struct {
		zone string
		want protocol.Verdict
	}{
		{"dnsbl.example.org", protocol.Reject}, {"dnsbl.example.org", protocol.Reject}, {"other.example.org", protocol.Accept}, {"broken.example.org", protocol.Accept}, {"broken.example.org", protocol.Accept},
	} {
		if r := m.mail(c.zone); r.Verdict != c.want {
			t.Errorf("%s: %v, want %v", c.zone, r.Verdict, c.want)
		}
	}
	shows(t, m.page(),
		`luamilter_dns_lookups_total{result="found"} 1`,
		`luamilter_dns_lookups_total{result="cached"} 1`,
		`luamilter_dns_lookups_total{result="missing"} 1`,
		`luamilter_dns_lookups_total{result="empty"} 0`,
		`luamilter_dns_lookups_total{result="failed"} 1`,
		`luamilter_dns_lookups_total{result="failed_before"} 1`,
		`luamilter_dns_stale_total 0`,
		`luamilter_dns_seconds_count 3`,
		`luamilter_dns_servers{state="up"} 1`,
		`luamilter_dns_servers{state="down"} 0`,
	)
}
