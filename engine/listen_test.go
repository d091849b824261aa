package engine

import (
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Each way to write a socket, and what it means.
func TestParseSpec(t *testing.T) {
	for _, c := range []struct {
		text, network, address string
		mode                   fs.FileMode
		owner, group           string
	}{
		{text: "inet:8891@127.0.0.1", network: "tcp4", address: "127.0.0.1:8891"},
		{text: "inet:8891@localhost", network: "tcp", address: "localhost:8891"},
		{text: "inet:8891", network: "tcp", address: ":8891"},
		{text: "inet:8891@", network: "tcp", address: ":8891"},
		{text: "INET:8891@127.0.0.1", network: "tcp4", address: "127.0.0.1:8891"},
		{text: "inet:smtp@127.0.0.1", network: "tcp4", address: "127.0.0.1:smtp"},
		{text: "inet:8891@[::1]", network: "tcp", address: "[::1]:8891"},
		{text: "inet:8891@::1", network: "tcp", address: "[::1]:8891"},
		{text: "inet6:8891@::1", network: "tcp6", address: "[::1]:8891"},
		{text: "inet6:8891@[::1]", network: "tcp6", address: "[::1]:8891"},
		{text: "inet6:8891", network: "tcp6", address: ":8891"},
		{text: "inet:127.0.0.1:8891", network: "tcp4", address: "127.0.0.1:8891"},
		{text: "inet:localhost:8891", network: "tcp", address: "localhost:8891"},
		{text: "inet:[::1]:8891", network: "tcp", address: "[::1]:8891"},
		{text: "unix:/run/milter.sock", network: "unix", address: "/run/milter.sock", mode: 0o666},
		{text: "local:/run/milter.sock", network: "unix", address: "/run/milter.sock", mode: 0o666},
		{text: "/run/milter.sock", network: "unix", address: "/run/milter.sock", mode: 0o666},
		{text: "/run/odd:name", network: "unix", address: "/run/odd:name", mode: 0o666},
		{text: "unix:/run/s?mode=0660", network: "unix", address: "/run/s", mode: 0o660},
		{text: "unix:/run/s?mode=600&group=postfix", network: "unix", address: "/run/s", mode: 0o600, group: "postfix"},
		{text: "/run/s?owner=luamilter&mode=660", network: "unix", address: "/run/s", mode: 0o660, owner: "luamilter"},
		{text: "/run/s?group=postfix", network: "unix", address: "/run/s", mode: 0o666, group: "postfix"},
	} {
		t.Run(c.text, func(t *testing.T) {
			s, err := ParseSpec(c.text)
			if err != nil {
				t.Fatal(err)
			}
			want := Spec{Network: c.network, Address: c.address, Mode: c.mode, Owner: c.owner, Group: c.group, text: c.text}
			if s != want {
				t.Errorf("%+v\nwant %+v", s, want)
			}
			if s.String() != c.text {
				t.Errorf("String returns %q", s)
			}
		})
	}
}

// Errors say which spelling was meant.
func TestParseSpecErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "it needs a kind and an address"},
		{"8891", "it needs a kind and an address"},
		{"inet:", "it needs a kind and an address"},
		{"unix:", "it needs a kind and an address"},
		{"tcp:127.0.0.1:8891", "write inet instead of tcp"},
		{"tcp4:127.0.0.1:8891", "write inet instead of tcp4"},
		{"localhost:8891", `"localhost" is no kind of socket`},
		{"http://localhost", `"http" is no kind of socket`},
		{"inet:127.0.0.1@8891", "the wrong way round, write inet:8891@127.0.0.1"},
		{"inet6:::1@8891", "the wrong way round, write inet6:8891@::1"},
		{"inet:localhost@8891", "the wrong way round, write inet:8891@localhost"},
		{"inet:8891:127.0.0.1", "the wrong way round, write inet:127.0.0.1:8891"},
		{"inet:127.0.0.1", `"127.0.0.1" is no port`},
		{"inet:localhost", `"localhost" is no port`},
		{"inet:@127.0.0.1", "there is no port"},
		{"inet:127.0.0.1:", "there is no port"},
		{"inet:nosuchservice@127.0.0.1", `"nosuchservice" is no port`},
		{"inet:nosuchservice@", `"nosuchservice" is no port`},
		{"inet:70000@127.0.0.1", `"70000" is no port`},
		{"unix:milter.sock", "the path must begin with /"},
		{"unix:./milter.sock", "the path must begin with /"},
		{"local:run/milter.sock", "the path must begin with /"},
		{"unix:/" + strings.Repeat("x", 107), "the path has 108 bytes, at most 107 work"},
		{"unix:/run/s?mode=0999", `mode "0999" is not octal up to 0777`},
		{"unix:/run/s?mode=1777", `mode "1777" is not octal up to 0777`},
		{"unix:/run/s?mode=rw", `mode "rw" is not octal up to 0777`},
		{"unix:/run/s?user=postfix", `"user" is not known after ?, only mode, owner and group`},
		{"unix:/run/s?mode=%zz", "what follows ? cannot be read"},
	} {
		t.Run(c.text, func(t *testing.T) {
			s, err := ParseSpec(c.text)
			if err == nil {
				t.Fatalf("no error: %+v", s)
			}
			if !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), fmt.Sprintf("%q", c.text)) {
				t.Errorf("%v\nwant %q", err, c.want)
			}
		})
	}
}

// open opens a socket for a test.
func open(t *testing.T, text string) net.Listener {
	t.Helper()
	s, err := ParseSpec(text)
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestSocketMode(t *testing.T) {
	for _, c := range []struct {
		options string
		want    fs.FileMode
	}{{"", 0o666}, {"?mode=0600", 0o600}, {"?mode=0660", 0o660}} {
		path := filepath.Join(t.TempDir(), "s")
		open(t, "unix:"+path+c.options)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != c.want {
			t.Errorf("%q: mode %o, want %o", c.options, got, c.want)
		}
	}
}

func TestSocketGroup(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	gids, err := me.GroupIds()
	if err != nil || len(gids) == 0 {
		t.Skipf("no groups: %v", err)
	}
	last := gids[len(gids)-1]
	group, err := user.LookupGroupId(last)
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	open(t, "unix:"+path+"?mode=0660&group="+group.Name)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(info.Sys().(*syscall.Stat_t).Gid); got != last {
		t.Errorf("group %s, want %s", got, last)
	}
}

func TestSocketOwner(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	wanted := me // whom every user may give it to
	if nobody, err := user.Lookup("nobody"); me.Uid == "0" && err == nil {
		wanted = nobody
	}
	path := filepath.Join(t.TempDir(), "s")
	open(t, "unix:"+path+"?mode=0600&owner="+wanted.Username)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(info.Sys().(*syscall.Stat_t).Uid); got != wanted.Uid {
		t.Errorf("owner %s, want %s", got, wanted.Uid)
	}
}

func TestOwnersThatDoNotExist(t *testing.T) {
	for option, want := range map[string]string{
		"group=no-such-group": `group "no-such-group" does not exist on this machine`,
		"owner=no-such-user":  `user "no-such-user" does not exist on this machine`,
	} {
		path := filepath.Join(t.TempDir(), "s")
		s, err := ParseSpec("unix:" + path + "?" + option)
		if err != nil {
			t.Fatal(err)
		}
		if l, err := s.Listen(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v %v", l, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("the socket was left behind")
		}
	}
}

// The socket of a process that is gone is replaced.
func TestStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, "unix:"+path)
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

// What somebody may still need is left alone.
func TestSocketPathInUse(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want string
	}{
		{"a process listens", func(t *testing.T, path string) { open(t, path) }, "another process listens there; stop it or choose another path"},
		{"a process listens and is busy", busyListener, "another process seems to listen there: "},
		{"a file", func(t *testing.T, path string) { replace(t, path, "precious") }, "the file exists and is no socket; remove it or choose another path"},
		{"a folder", func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o755); err != nil {
				t.Fatal(err)
			}
		}, "the file exists and is no socket"},
		{"a link to nowhere", func(t *testing.T, path string) {
			if err := os.Symlink("/nowhere", path); err != nil {
				t.Fatal(err)
			}
		}, "the file exists and is no socket"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			c.make(t, path)
			s, err := ParseSpec("unix:" + path)
			if err != nil {
				t.Fatal(err)
			}
			l, err := s.Listen()
			if err == nil {
				_ = l.Close()
				t.Fatal("it was taken")
			}
			if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "listen on unix:"+path) {
				t.Errorf("%v\nwant %q", err, c.want)
			}
			if _, err := os.Lstat(path); err != nil {
				t.Error(err)
			}
		})
	}
}

// busyListener listens, and has as many connections waiting as it can.
func busyListener(t *testing.T, path string) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	for range 16 {
		c, err := net.Dial("unix", path)
		if err != nil {
			return
		}
		t.Cleanup(func() { _ = c.Close() })
	}
	t.Skip("the listener takes any number of connections")
}

func TestPortInUse(t *testing.T) {
	l := open(t, "inet:0@127.0.0.1")
	_, port, _ := net.SplitHostPort(l.Addr().String())
	s, err := ParseSpec("inet:" + port + "@127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	if l, err := s.Listen(); err == nil || !strings.Contains(err.Error(), "listen on inet:"+port+"@127.0.0.1: ") || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("%v %v", l, err)
	}
}

// One engine serves several sockets.
func TestSeveralSockets(t *testing.T) {
	s := defaults()
	r := &rig{t: t, program: s.load(t, `function mail() return reject("served") end`)}
	r.engine = New(map[string]*Program{"": r.program}, testLog(&r.log))
	specs := []string{"unix:" + filepath.Join(t.TempDir(), "s"), "inet:0@127.0.0.1", "inet:127.0.0.1:0"}
	if haveIPv6() {
		specs = append(specs, "inet6:0@::1", "inet:0@[::1]")
	} else {
		t.Log("this machine has no IPv6; those sockets are not tried")
	}
	for _, text := range specs {
		l := open(t, text)
		done := make(chan error, 1)
		go func() { done <- r.engine.Serve(l, "") }()
		t.Cleanup(func() { stopEngine(t, r.engine, done) })
		nc, err := net.Dial(l.Addr().Network(), l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		m := r.over(nc)
		m.dialog("mail <a@example.org> -> reject 550 5.7.1 served\nquit")
	}
	r.ended()
}

func haveIPv6() bool {
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	_ = l.Close()
	return true
}
