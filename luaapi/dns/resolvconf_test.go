package dns

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSystemServers(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "127.0.0.1:53",
		"# nameserver 192.0.2.1\n":      "127.0.0.1:53",
		"nameserver 192.0.2.53\n":       "192.0.2.53:53",
		"nameserver\t192.0.2.53 # x":    "192.0.2.53:53",
		"nameserver 2001:db8::53":       "[2001:db8::53]:53",
		"nameserver fe80::1%eth0":       "[fe80::1%eth0]:53",
		"nameserver\nnameserver x\n":    "127.0.0.1:53",
		"search a\nnameserver ::1\r\nX": "[::1]:53",
		"nameserver 192.0.2.1\noptions timeout:1\nnameserver 192.0.2.2\n": "192.0.2.1:53 192.0.2.2:53",
		strings.Repeat("nameserver 192.0.2.1\n", 100):                     strings.TrimSpace(strings.Repeat("192.0.2.1:53 ", maxServers)),
	} {
		path := filepath.Join(t.TempDir(), "resolv.conf")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := SystemServers(path)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%.40q: %v, %v", text, got, err)
		}
	}
	if got, err := SystemServers(filepath.Join(t.TempDir(), "none")); err != nil || len(got) != 1 || got[0] != "127.0.0.1:53" {
		t.Errorf("without the file: %v, %v", got, err)
	}
	if _, err := SystemServers(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}

func TestParseServer(t *testing.T) {
	for text, want := range map[string]string{
		"192.0.2.53": "192.0.2.53:53", "192.0.2.53:5353": "192.0.2.53:5353", "2001:db8::53": "[2001:db8::53]:53", "[2001:db8::53]": "[2001:db8::53]:53", "[2001:db8::53]:5353": "[2001:db8::53]:5353",
		"": "", "ns.example.com": "", "192.0.2.53:": "", "192.0.2.53:0": "", "192.0.2.53:dns": "", "192.0.2.53:70000": "", "localhost:53": "", "192.0.2.1 192.0.2.2": "",
	} {
		got, err := ParseServer(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}
