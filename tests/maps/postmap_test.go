package maps

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/luaapi/maps"
	"luamilter/tests/mta"
)

// TestPostmap looks the same keys up in the same files as postmap -q.
func TestPostmap(t *testing.T) {
	postmap := mta.NeedProgram(t, "postmap")
	dir := mta.Dir(t)
	for name, text := range map[string]string{"main.cf": "compatibility_level = 3.6\n", "master.cf": ""} {
		write(t, filepath.Join(dir, name), text)
	}
	for _, c := range []struct {
		name   string
		kind   maps.Kind
		format string
		text   string
		keys   []string
	}{
		{"texthash", maps.Table, "texthash", "a@example.com  one\nA@EXAMPLE.com two\n\"b c\"@example.com three\n# comment\nE\tfive\n  more\n# between\n  even  \n\nlast six",
			[]string{"a@example.com", "A@example.COM", `"b c"@example.com`, "b", "e", "E", "last", "none", "#"}},
		{"regexp", maps.Regex, "regexp", `# first
/^foo(.*)bar$/ got $1 and ${1}x and $(1) $$
/^CASE/i upper
!/@/ noat
if /example/
/a.b/ any
/c/m multi
  and on
endif
if !/zzz/
!/^q/ notq
endif
|^q@(z+)\|| pipe
/^(w)?x@/ maybe <$1>
/.*/ rest`,
			[]string{"fooXbar", "FOOBAR", "foobaz", "CASE@1", "case@1", "1@example.a.b", "1@example.c", "q@zzz", "q@1", "q@zzz|", "x@zzz", "a\nb@example.a\nb"}},
		{"cidr", maps.Net, "cidr", "192.0.2.0/25 half\n192.0.2.0/24 net\n!2001:db8::/32 elsewhere\nif 10.0.0.0/8\n10.1.0.0/16 one\n!10.2.0.0/16 not two\nendif\n[2001:db8::1] bracket\n" +
			"192.0.2.55 late\n2001:db8::/48\n  long",
			[]string{"192.0.2.55", "192.0.2.200", "10.1.1.1", "10.2.1.1", "10.3.1.1", "11.1.1.1", "2001:db8::1", "2001:db8::2", "2001:db8:1::2", "2001:db9::1", "::ffff:192.0.2.1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(dir, c.name)
			write(t, path, c.text)
			pool := &maps.Pool{}
			m, err := pool.Open(t.Context(), maps.Spec{Kind: c.kind, Source: c.format + ":" + path}, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, key := range c.keys {
				cmd := exec.Command(postmap, "-c", dir, "-q", key, c.format+":"+path)
				var complaints strings.Builder
				cmd.Stderr = &complaints
				out, err := cmd.Output()
				if text := complaints.String(); text != "" && !strings.Contains(text, "duplicate entry") {
					t.Fatalf("postmap does not like the table: %s", text)
				}
				wantFound, want := err == nil, strings.TrimSuffix(string(out), "\n")
				got, found, err := m.Find(t.Context(), key)
				if err != nil || found != wantFound || got != want {
					t.Errorf("%q: %q %v %v, postmap says %q %v", key, got, found, err, want, wantFound)
				}
			}
		})
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
