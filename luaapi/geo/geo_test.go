package geo

import (
	"bytes"
	"context"
	"encoding/binary"
	"flag"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// field is a member of a map in a database.
type field struct {
	name  string
	value any // string, int, bool or []field
}

// encode writes a value as the MaxMind DB format has it, section "Output data section".
func encode(out *bytes.Buffer, v any) {
	control := func(kind, size int) {
		switch {
		case kind > 7:
			out.Write([]byte{byte(size), byte(kind - 7)})
		case size >= 29:
			out.Write([]byte{byte(kind<<5 | 29), byte(size - 29)})
		default:
			out.WriteByte(byte(kind<<5 | size))
		}
	}
	switch v := v.(type) {
	case string:
		control(2, len(v))
		out.WriteString(v)
	case int:
		control(6, 4)
		_ = binary.Write(out, binary.BigEndian, uint32(v))
	case bool:
		control(14, map[bool]int{true: 1}[v])
	case []field:
		control(7, len(v))
		for _, f := range v {
			encode(out, f.name)
			encode(out, f.value)
		}
	}
}

// entry is a network with what is known of it.
type entry struct {
	network string
	data    []field
}

// write makes a database with IPv4 networks, which must not overlap.
func write(t testing.TB, path string, entries ...entry) {
	t.Helper()
	nodes, data := [][2]int{{-1, -1}}, bytes.Buffer{}
	for _, e := range entries {
		network := netip.MustParsePrefix(e.network)
		bits, node := network.Addr().As4(), 0
		for i := range network.Bits() {
			side := int(bits[i/8] >> (7 - i%8) & 1)
			if i == network.Bits()-1 {
				nodes[node][side] = -2 - data.Len() // a place in the data
				break
			}
			if nodes[node][side] < 0 {
				nodes = append(nodes, [2]int{-1, -1})
				nodes[node][side] = len(nodes) - 1
			}
			node = nodes[node][side]
		}
		encode(&data, e.data)
	}
	var out bytes.Buffer
	for _, n := range nodes {
		for _, record := range n {
			switch {
			case record == -1:
				record = len(nodes)
			case record < -1:
				record = len(nodes) + 16 - 2 - record
			}
			out.Write([]byte{byte(record >> 16), byte(record >> 8), byte(record)})
		}
	}
	out.Write(make([]byte, 16))
	out.Write(data.Bytes())
	out.WriteString("\xab\xcd\xefMaxMind.com")
	encode(&out, []field{{"node_count", len(nodes)}, {"record_size", 24}, {"ip_version", 4}, {"database_type", "Test"}, {"binary_format_major_version", 2}, {"binary_format_minor_version", 0}, {"build_epoch", 1}})
	next := path + ".new"
	if err := os.WriteFile(next, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}

func country(code, name string, eu bool) []field {
	return []field{{"continent", []field{{"code", "EU"}}}, {"country", []field{{"iso_code", code}, {"is_in_european_union", eu}, {"names", []field{{"en", name}}}}}}
}

func network(n int, name string) []field {
	return []field{{"autonomous_system_number", n}, {"autonomous_system_organization", name}}
}

var update = flag.Bool("update", false, "write testdata instead of comparing with it")

// TestTestdata checks that the file that other packages' tests use is what it should be.
func TestTestdata(t *testing.T) {
	path := filepath.Join(t.TempDir(), "places.mmdb")
	write(t, path, entry{"127.0.0.0/8", append(country("DE", "Germany", true), network(64496, "Example Net")...)}, entry{"192.0.2.0/24", country("CH", "Switzerland", false)})
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "places.mmdb")
	if *update {
		if err := os.WriteFile(golden, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s differs (%v); run go test ./luaapi/geo -update", golden, err)
	}
}

func TestLook(t *testing.T) {
	folder := t.TempDir()
	countries, networks := filepath.Join(folder, "country.mmdb"), filepath.Join(folder, "asn.mmdb")
	write(t, countries, entry{"192.0.2.0/24", country("DE", "Germany", true)}, entry{"198.51.100.0/24", country("CH", "Switzerland", false)})
	write(t, networks, entry{"192.0.2.128/25", network(64496, "Example Net, an organization with a long name")})
	d, err := Open([]string{countries, networks})
	if err != nil {
		t.Fatal(err)
	}
	for ip, want := range map[string]Place{
		"192.0.2.1":          {Country: "DE", CountryName: "Germany", Continent: "EU", EU: true, Network: netip.MustParsePrefix("192.0.2.0/24")},
		"::ffff:192.0.2.200": {Country: "DE", CountryName: "Germany", Continent: "EU", EU: true, ASN: 64496, Organization: "Example Net, an organization with a long name", Network: netip.MustParsePrefix("192.0.2.128/25")},
		"198.51.100.9":       {Country: "CH", CountryName: "Switzerland", Continent: "EU", Network: netip.MustParsePrefix("198.51.100.0/24")},
	} {
		if got, err := d.Look(netip.MustParseAddr(ip)); err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", ip, got, err, want)
		}
	}
	if got, err := d.Look(netip.MustParseAddr("203.0.113.1")); err != ErrUnknown {
		t.Errorf("unknown: %+v, %v", got, err)
	}
	if got, err := d.Look(netip.MustParseAddr("2001:db8::1")); err == nil {
		t.Errorf("IPv6 in a file of IPv4: %+v", got)
	}
}

func TestReload(t *testing.T) {
	path := filepath.Join(t.TempDir(), "country.mmdb")
	write(t, path, entry{"192.0.2.0/24", country("DE", "Germany", true)})
	d, err := Open([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := d.Reload(); len(changed) > 0 || err != nil {
		t.Errorf("nothing has changed, but %v, %v", changed, err)
	}
	is := func(want string) {
		t.Helper()
		if got, err := d.Look(netip.MustParseAddr("192.0.2.1")); err != nil || got.Country != want {
			t.Errorf("%+v, %v, want %s", got, err, want)
		}
	}
	if err := os.WriteFile(path, []byte("not yet all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reload(); err == nil || !strings.Contains(err.Error(), "is no MaxMind DB") {
		t.Errorf("half a file: %v", err)
	}
	is("DE")
	write(t, path, entry{"192.0.2.0/24", country("AT", "Austria", true)}, entry{"198.51.100.0/24", country("DE", "Germany", true)})
	if changed, err := d.Reload(); len(changed) != 1 || err != nil {
		t.Errorf("a new file: %v, %v", changed, err)
	}
	is("AT")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Reload(); err == nil {
		t.Error("a file that is gone is no error")
	}
	is("AT")
}

// TestReloadWhileLooking is for the race detector.
func TestReloadWhileLooking(t *testing.T) {
	path := filepath.Join(t.TempDir(), "country.mmdb")
	write(t, path, entry{"192.0.2.0/24", country("DE", "Germany", true)})
	d, err := Open([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 1000 {
				if _, err := d.Look(netip.MustParseAddr("192.0.2.1")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 20 {
		write(t, path, entry{"192.0.2.0/24", country("DE", strings.Repeat("x", i), true)})
		if _, err := d.Reload(); err != nil {
			t.Error(err)
		}
	}
	all.Wait()
}

func TestWatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "country.mmdb")
	write(t, path, entry{"192.0.2.0/24", country("DE", "Germany", true)})
	d, err := Open([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	said := make(chan []string)
	var watching sync.WaitGroup
	watching.Go(func() {
		d.Watch(ctx, time.Millisecond, func(changed []string, err error) { said <- changed })
	})
	write(t, path, entry{"192.0.2.0/24", country("AT", "Austria", true)}, entry{"198.51.100.0/24", country("DE", "Germany", true)})
	if changed := <-said; len(changed) != 1 || changed[0] != path {
		t.Errorf("%v has changed", changed)
	}
	cancel()
	watching.Wait()
}

func TestOpenErrors(t *testing.T) {
	folder := t.TempDir()
	if _, err := Open([]string{filepath.Join(folder, "none.mmdb")}); err == nil || !strings.HasPrefix(err.Error(), "geo file: stat ") {
		t.Errorf("no file: %v", err)
	}
	path := filepath.Join(folder, "x.mmdb")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open([]string{path}); err == nil || !strings.Contains(err.Error(), "x.mmdb is no MaxMind DB") {
		t.Errorf("no database: %v", err)
	}
}

// TestBrokenFiles checks that a database with any wrong byte in it gives an error at most.
func TestBrokenFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "country.mmdb")
	write(t, path, entry{"192.0.2.0/24", country("DE", "Germany", true)})
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		bad := bytes.Clone(good)
		bad[random.IntN(len(bad))] ^= byte(1 + random.IntN(255))
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if d, err := Open([]string{path}); err == nil {
			_, _ = d.Look(netip.MustParseAddr("192.0.2.1"))
		}
	}
}

func TestTable(t *testing.T) {
	table := Table{netip.MustParsePrefix("192.0.2.0/24"): {Country: "DE"}, netip.MustParsePrefix("192.0.2.128/25"): {Country: "AT"}}
	if got, err := table.Look(netip.MustParseAddr("192.0.2.129")); err != nil || got.Country != "AT" || got.Network.Bits() != 25 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := table.Look(netip.MustParseAddr("203.0.113.1")); err != ErrUnknown {
		t.Errorf("unknown: %v", err)
	}
}
