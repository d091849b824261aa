package maps

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"luamilter/luaapi/maps/format"
	"luamilter/luaapi/maps/live"
)

// notes are what a pool tells.
type notes struct {
	mu  sync.Mutex
	all []Note
}

func (n *notes) tell(one Note) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.all = append(n.all, one)
}

// errs returns the errors that were told.
func (n *notes) errs() (all []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, one := range n.all {
		if one.Err != nil {
			all = append(all, one.Err.Error())
		}
	}
	return all
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 3000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it does not come to this: %s", what)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, m *Map, key string) bool {
	t.Helper()
	_, found, err := m.Find(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// run keeps a pool fresh until the test ends.
func run(t *testing.T, p *Pool, w Watch) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, w) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Whoever opens the same list gets the same map, also under another spelling of its path.
func TestSame(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.txt"), "one")
	var p Pool
	open := func(s Spec, folder string) *Map {
		m, err := p.Open(t.Context(), s, folder)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := open(Spec{Source: "a.txt"}, dir)
	if open(Spec{Source: filepath.Join(dir, "a.txt")}, "/") != first {
		t.Error("the same file is another map")
	}
	if open(Spec{Source: "a.txt", Kind: Domain}, dir) == first || open(Spec{Source: "a.txt", Fold: true}, dir) == first {
		t.Error("another kind is the same map")
	}
	table := []format.Entry{{Key: "a"}}
	if open(Spec{Entries: table}, dir) != open(Spec{Entries: []format.Entry{{Key: "a"}}}, "/") {
		t.Error("the same table is another map")
	}
	if first.Len() != 1 || !has(t, first, "one") {
		t.Error("it is not read")
	}
}

// A file that changes is read again, one with a mistake is not used, and the mistake is told once.
func TestFiles(t *testing.T) {
	for name, w := range map[string]Watch{"told by the system": {Notify: true}, "looked at": {Poll: 20 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "nets.txt")
			write(t, path, "192.0.2.0/24")
			var n notes
			p := &Pool{Tell: n.tell}
			run(t, p, w)
			m, err := p.Open(t.Context(), Spec{Kind: Net, Source: path}, "")
			if err != nil {
				t.Fatal(err)
			}
			if w.Notify {
				eventually(t, "its folder is watched", func() bool { write(t, path, "192.0.2.0/24\n203.0.113.0/24"); return has(t, m, "203.0.113.1") })
			}
			write(t, path, "198.51.100.0/24")
			eventually(t, "the new list", func() bool { return has(t, m, "198.51.100.1") && !has(t, m, "192.0.2.1") })
			write(t, path, "203.0.113.0/24\nnonsense")
			eventually(t, "the mistake is told", func() bool { return len(n.errs()) > 0 })
			if !has(t, m, "198.51.100.1") {
				t.Error("the old list is gone")
			}
			if got := n.errs(); len(got) != 1 || !strings.HasPrefix(got[0], path+":2: \"nonsense\" is no address") {
				t.Errorf("%q", got)
			}
			s := p.Status()[0]
			if s.Broken == nil || s.Failed != 1 || s.Entries != 1 {
				t.Errorf("%+v", s)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			eventually(t, "it is told that the file is gone", func() bool { return len(n.errs()) > 1 })
			write(t, path, "203.0.113.0/24")
			eventually(t, "the good list", func() bool { return has(t, m, "203.0.113.1") && p.Status()[0].Broken == nil })
			again, err := p.Open(t.Context(), Spec{Kind: Net, Source: path}, "")
			if err != nil || again != m {
				t.Errorf("%v", err)
			}
		})
	}
}

// What a script cannot be loaded with.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "bad.txt"), "a\nb c\n@\n")
	for _, c := range []struct {
		spec Spec
		want string
	}{
		{Spec{Source: "none.txt"}, "none.txt: no such file"},
		{Spec{Source: "."}, "is no file"},
		{Spec{Source: "bad.txt", Kind: Domain}, "bad.txt:3: \"@\" is no domain"},
		{Spec{Source: "hash:/etc/postfix/access"}, "write texthash:/etc/postfix/access"},
		{Spec{Source: "texhash:/a"}, "did you mean texthash: instead"},
		{Spec{Source: "posgres://h/d"}, "did you mean postgres: instead"},
		{Spec{Source: "ftp://h/d"}, "there is no source ftp:"},
		{Spec{Source: "https:///list"}, "names no host"},
		{Spec{Source: "sqlite:/a.db"}, "say with the option query"},
		{Spec{Source: "bad.txt", Load: true}, "are for databases"},
		{Spec{Source: "sqlite:/a.db", Kind: Net, Query: live.Query{Text: "x"}}, "say load = true"},
		{Spec{Source: "redis://h", Query: live.Query{Text: "DEL ?"}}, `the query "DEL ?" is not one that can be asked here; write GET prefix:?`},
		{Spec{Source: "redis://h", Query: live.Query{Text: "HGET users"}}, "write GET prefix:?"},
		{Spec{Source: "redis://h", Query: live.Query{Text: "HGET users name"}}, `in the query "HGET users name" ? stands for the key`},
		{Spec{Source: "redis://h", Load: true, Query: live.Query{Text: "SMEMBERS ?"}}, "? stands for the key; write SMEMBERS name"},
		{Spec{Source: "redis://u:secret@h:x", Query: live.Query{Text: "GET ?"}}, "has no host that can be read"},
		{Spec{Source: "ldap://h/b", Load: true, Query: live.Query{Text: "x"}}, "a directory is asked for each key"},
		{Spec{Source: "bad.txt", Refresh: time.Millisecond}, "refresh at least 1s"},
		{Spec{Source: "mysql://u:secret@h:x/d", Query: live.Query{Text: "x"}}, "no URL"},
		{Spec{Source: "ldap://h/b?a?all", Query: live.Query{Text: "x"}}, `there is no scope "all"`},
	} {
		p := &Pool{Servers: true}
		_, err := p.Open(t.Context(), c.spec, dir)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", c.spec.Source, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("it shows the password: %v", err)
		}
	}
}

// A list on a web server is read again when it changes, and its copy is used while the server does not answer.
func TestWeb(t *testing.T) {
	var text atomic.Pointer[string]
	var whole, unchanged atomic.Int64
	set := func(s string) { text.Store(&s) }
	set("example.com")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := *text.Load()
		w.Header().Set("ETag", `"`+now+`"`)
		if r.Header.Get("If-None-Match") == `"`+now+`"` {
			unchanged.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		whole.Add(1)
		_, _ = w.Write([]byte(now))
	}))
	defer server.Close()
	spec := Spec{Kind: Domain, Source: server.URL + "/list.txt", Refresh: time.Second}
	folder := t.TempDir()
	var n notes
	p := &Pool{Servers: true, Folder: folder, Tell: n.tell}
	run(t, p, Watch{})
	m, err := p.Open(t.Context(), spec, "")
	if err != nil || !has(t, m, "mail.example.com") {
		t.Fatal(err)
	}
	eventually(t, "it is asked again", func() bool { return unchanged.Load() > 0 })
	set("user@example.com")
	eventually(t, "a mistake is told", func() bool { return len(n.errs()) > 0 })
	if !has(t, m, "mail.example.com") || !strings.Contains(n.errs()[0], "/list.txt:1: ") {
		t.Errorf("%q", n.errs())
	}
	set("example.net")
	eventually(t, "the new list", func() bool { return has(t, m, "example.net") && !has(t, m, "example.com") })
	server.Close()
	later := &Pool{Servers: true, Folder: folder}
	copied, err := later.Open(t.Context(), spec, "")
	if err != nil || !has(t, copied, "example.net") {
		t.Errorf("the copy is not used: %v", err)
	}
	none, err := new(Pool).Open(t.Context(), spec, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := none.Find(t.Context(), "example.net"); !errors.Is(err, ErrNoServers) {
		t.Errorf("without servers: %v", err)
	}
	alone, err := (&Pool{Servers: true}).Open(t.Context(), spec, "")
	if err != nil {
		t.Fatalf("a server that does not answer keeps a script from being loaded: %v", err)
	}
	if _, _, err := alone.Find(t.Context(), "example.net"); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("without a copy: %v", err)
	}
}

// A fake stands in for a list, also one that is open, until it is taken back.
func TestFake(t *testing.T) {
	var p Pool
	spec := Spec{Kind: Domain, Source: "sqlite:a.db", Query: live.Query{Text: "SELECT 1 WHERE ?"}}
	m, err := p.Open(t.Context(), spec, "/")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.Find(t.Context(), "example.com"); !errors.Is(err, ErrNoServers) {
		t.Errorf("it is asked: %v", err)
	}
	p.Fake("sqlite:a.db", []format.Entry{{Key: "example.com", Value: "yes"}})
	p.Fake("other", nil)
	if v, found, err := m.Find(t.Context(), "a.example.com"); v != "yes" || !found || err != nil {
		t.Errorf("%q %v %v", v, found, err)
	}
	p.Unfake()
	if _, _, err := m.Find(t.Context(), "example.com"); !errors.Is(err, ErrNoServers) {
		t.Errorf("it is still there: %v", err)
	}
}
