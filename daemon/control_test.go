package daemon

import (
	"net"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/engine"
)

func TestTraceFilter(t *testing.T) {
	for _, tt := range []struct {
		query string
		want  engine.TraceFilter
		err   string
	}{
		{"", engine.TraceFilter{}, ""},
		{"ip=192.0.2.1", engine.TraceFilter{IP: netip.MustParsePrefix("192.0.2.1/32")}, ""},
		{"ip=192.0.2.77/24", engine.TraceFilter{IP: netip.MustParsePrefix("192.0.2.0/24")}, ""},
		{"ip=::ffff:192.0.2.1", engine.TraceFilter{IP: netip.MustParsePrefix("192.0.2.1/32")}, ""},
		{"ip=2001:db8::1", engine.TraceFilter{IP: netip.MustParsePrefix("2001:db8::1/128")}, ""},
		{"sender=a%40b&recipient=c&script=d", engine.TraceFilter{Sender: "a@b", Recipient: "c", Script: "d"}, ""},
		{"ip=nowhere", engine.TraceFilter{}, `ip "nowhere" is neither an address nor a network`},
		{"client=x", engine.TraceFilter{}, `"client" is no filter; there are ip, sender, recipient, script`},
	} {
		got, err := traceFilter(httptest.NewRequest("GET", "/v1/trace?"+tt.query, nil))
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: %v; want %s", tt.query, err, tt.err)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%s: %+v, %v; want %+v", tt.query, got, err, tt.want)
		}
	}
}

// A socket that was passed on is the one that is configured, however either is written.
func TestSame(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	unix := l.Addr()
	v4 := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8891}
	every := &net.TCPAddr{IP: net.IPv6zero, Port: 8891}
	for _, tt := range []struct {
		addr net.Addr
		spec string
		same bool
	}{
		{unix, "unix:" + path, true},
		{unix, path + "?mode=0660", true},
		{unix, "unix:" + path + "2", false},
		{unix, "inet:8891@127.0.0.1", false},
		{v4, "inet:8891@127.0.0.1", true},
		{v4, "inet:localhost:8891", true},
		{v4, "inet:8892@127.0.0.1", false},
		{v4, "inet:8891@192.0.2.1", false},
		{v4, "unix:/x", false},
		{every, "inet:8891", true},
		{every, "inet:8891@127.0.0.1", false},
	} {
		spec, err := engine.ParseSpec(tt.spec)
		if err != nil {
			t.Fatal(err)
		}
		if got := same(tt.addr, spec); got != tt.same {
			t.Errorf("%v and %s: %v", tt.addr, tt.spec, got)
		}
	}
}

func TestLogLevels(t *testing.T) {
	was := logLevel()
	defer func() {
		if err := SetLogLevel(was); err != nil && was != "trace" {
			t.Error(err)
		}
	}()
	for _, name := range levels {
		if err := SetLogLevel(name); err != nil || logLevel() != name {
			t.Errorf("%s: %v, %s", name, err, logLevel())
		}
	}
	for _, name := range []string{"", "trace", "panic", "Info", "disabled"} {
		if err := SetLogLevel(name); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}
