//go:build linux

package system

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// playInherit shows what it was given, and serves one connection on each socket.
func playInherit() error {
	inherited, err := Inherited()
	if err != nil {
		return err
	}
	fmt.Println("successor", inherited.Successor)
	for _, s := range inherited.Sockets {
		fmt.Println("socket", s.Name, s.Listener.Addr().Network(), s.Listener.Addr())
	}
	for _, line := range os.Environ() {
		if strings.HasPrefix(line, "LISTEN_") || strings.HasPrefix(line, envReadyFD) {
			fmt.Println("left", line)
		}
	}
	// The sockets that a program started now would get.
	for fd := firstFD; fd < 64; fd++ {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if _, sockErr := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); sockErr == nil && err == nil && flags&unix.FD_CLOEXEC == 0 {
			fmt.Println("open", fd)
		}
	}
	fmt.Println("serving")
	for _, s := range inherited.Sockets {
		c, err := s.Listener.Accept()
		if err != nil {
			return err
		}
		fmt.Fprint(c, s.Name)
		c.Close()
	}
	return inherited.Close()
}

// activated returns a command that runs the test binary as systemd runs a service: with sockets, and its own pid in LISTEN_PID.
func activated(role string, files []*os.File, env ...string) *exec.Cmd {
	cmd := again(role, env...)
	cmd.ExtraFiles = files
	cmd.Args = []string{"sh", "-c", `LISTEN_PID=$$ exec "$0"`, cmd.Path}
	cmd.Path = "/bin/sh"
	return cmd
}

// sockets opens a TCP and a unix socket and returns their files.
func sockets(t *testing.T) (tcp *net.TCPListener, local *net.UnixListener, files []*os.File) {
	t.Helper()
	tcp, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tcp.Close() })
	local, err = net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "s"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { local.Close() })
	for _, l := range []interface{ File() (*os.File, error) }{tcp, local} {
		f, err := l.File()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		files = append(files, f)
	}
	return tcp, local, files
}

func TestInheritedSockets(t *testing.T) {
	tcp, local, files := sockets(t)
	said := lines(t, activated("inherit", files, "LISTEN_FDS=2", "LISTEN_FDNAMES=milter:luamilter.socket"))
	for _, want := range []string{
		"successor false",
		"socket milter tcp " + tcp.Addr().String(),
		"socket luamilter.socket unix " + local.Addr().String(),
		"serving",
	} {
		if got := next(t, said); got != want {
			t.Fatalf("it says %q, want %q", got, want)
		}
	}
	for _, c := range []struct {
		addr net.Addr
		want string
	}{{tcp.Addr(), "milter"}, {local.Addr(), "luamilter.socket"}} {
		conn, err := net.Dial(c.addr.Network(), c.addr.String())
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(conn)
		if string(got) != c.want || err != nil {
			t.Errorf("%s answers %q, %v; want %q", c.addr, got, err, c.want)
		}
		conn.Close()
	}
	if got := next(t, said); got != "" {
		t.Errorf("it says %q", got)
	}
	if _, err := os.Stat(local.Addr().String()); err != nil {
		t.Errorf("systemd's socket was removed: %v", err)
	}
}

// TestInheritedFromNobody sees that what is meant for another process is left alone.
func TestInheritedFromNobody(t *testing.T) {
	for _, c := range []struct{ name, pid, count string }{
		{"nothing at all", "", ""},
		{"for the parent", strconv.Itoa(os.Getppid()), "2"},
		{"for nobody", "", "2"},
		{"none for this one", strconv.Itoa(os.Getpid()), "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("LISTEN_PID", c.pid)
			t.Setenv("LISTEN_FDS", c.count)
			inherited, err := Inherited()
			if err != nil || len(inherited.Sockets) != 0 || inherited.Successor {
				t.Fatalf("got %v, %v", inherited, err)
			}
			if err := inherited.Ready(); err != nil {
				t.Error(err)
			}
			if _, found := os.LookupEnv("LISTEN_FDS"); found {
				t.Error("LISTEN_FDS is still set")
			}
		})
	}
}

func TestInheritedErrors(t *testing.T) {
	_, _, files := sockets(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	connected := os.NewFile(uintptr(pair[0]), "connected")
	defer connected.Close()
	defer unix.Close(pair[1])
	cases := []struct {
		name  string
		files []*os.File
		env   []string
		want  []string
	}{
		{"no number", nil, []string{"LISTEN_FDS=two"}, []string{`LISTEN_FDS="two"`, "unset it"}},
		{"fewer than none", nil, []string{"LISTEN_FDS=-1"}, []string{`LISTEN_FDS="-1"`}},
		{"too few names", files, []string{"LISTEN_FDS=2", "LISTEN_FDNAMES=a"}, []string{"1 names for 2 sockets", "FileDescriptorName"}},
		{"not open", nil, []string{"LISTEN_FDS=1", "LISTEN_FDNAMES=a"}, []string{`socket 1 of LISTEN_FDS ("a")`, "non-socket"}},
		{"a pipe", []*os.File{read}, []string{"LISTEN_FDS=1"}, []string{"non-socket", "ListenStream"}},
		{"a connection", []*os.File{files[0], connected}, []string{"LISTEN_FDS=2"}, []string{"socket 2", "nothing can be accepted", "Accept=no"}},
		{"a line that is elsewhere", files, []string{"LISTEN_FDS=2", "LUAMILTER_READY_FD=9"}, []string{`LUAMILTER_READY_FD="9"`, "unset it"}},
		{"a line that is a pipe", append(files, write), []string{"LISTEN_FDS=2", "LUAMILTER_READY_FD=5"}, []string{"descriptor 5", "no socket"}},
		{"a line that is not there", files, []string{"LISTEN_FDS=2", "LUAMILTER_READY_FD=5"}, []string{"descriptor 5", "unset"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			said := next(t, lines(t, activated("inherit", c.files, c.env...)))
			mustSay(t, fmt.Errorf("%s", said), append(c.want, "error:")...)
		})
	}
}
