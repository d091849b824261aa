package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"luamilter/protocol"
)

// folder opens a folder for recordings; warnings are lines.
func folder(t *testing.T, o Options) (*Dir, *lines) {
	t.Helper()
	if o.Path == "" {
		o.Path = t.TempDir()
	}
	if o.Sample == 0 {
		o.Sample = 1
	}
	warned := new(lines)
	o.Warn = warned.add
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return d, warned
}

// lines are warnings.
type lines struct{ text chan string }

func (l *lines) add(conn string, err error) {
	if l.text == nil {
		l.text = make(chan string, 100)
	}
	l.text <- conn + ": " + err.Error()
}

// taken returns the warnings; the folder was closed before.
func (l *lines) taken() string {
	if l.text == nil {
		return ""
	}
	close(l.text)
	var all []string
	for line := range l.text {
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}

// frame is a packet as it goes over the wire.
func frame(code byte, payload string) []byte {
	return append([]byte{0, 0, byte((1 + len(payload)) >> 8), byte(1 + len(payload)), code}, payload...)
}

// talk has packets of both sides go over a connection that is recorded: those of the filter begin with <.
func talk(t *testing.T, d *Dir, id string, packets ...string) {
	t.Helper()
	mta, filter := net.Pipe()
	taped := d.Tap(filter, "default", id, []string{"a.lua"})
	go func() { _, _ = io.Copy(io.Discard, mta) }() // what the filter says
	for _, p := range packets {
		if text, ok := strings.CutPrefix(p, "<"); ok {
			if _, err := taped.Write(frame(text[0], text[1:])); err != nil {
				t.Fatal(err)
			}
			continue
		}
		sent := frame(p[0], p[1:])
		go func() { // in two parts: a packet need not come at once
			_, _ = mta.Write(sent[:3])
			_, _ = mta.Write(sent[3:])
		}()
		if _, err := io.ReadFull(taped, make([]byte, len(sent))); err != nil {
			t.Fatal(err)
		}
	}
	if err := taped.Close(); err != nil {
		t.Fatal(err)
	}
}

// show is what a recording has.
func show(r *Recording) string {
	var out strings.Builder
	for _, p := range r.Packets {
		fmt.Fprintf(&out, "%c%c%s ", p.Side, p.Code, p.Payload)
	}
	return out.String() + "(" + r.Ended + ")"
}

// only loads the one recording that a folder has.
func only(t *testing.T, path string) *Recording {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(path, "*"))
	if len(found) != 1 {
		t.Fatalf("the folder has %v, one was expected", found)
	}
	r, err := Load(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A recording has every packet of both sides in their order, and bodies as it was asked for.
func TestRecord(t *testing.T) {
	for _, test := range []struct {
		name   string
		bodies Bodies
		want   string
	}{
		{"bodies kept", KeepBodies, "MMa@b FcMLname MBone\r\ntwo ME FbThree\r\n Fc (closed)"},
		{"bodies masked", MaskBodies, "MMa@b FcMLname MBxxx\r\nxxx MExx Fbxxxxx\r\n Fc (closed)"},
		{"no bodies", NoBodies, "MMa@b FcMLname MB ME Fb Fc (closed)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, warned := folder(t, Options{Bodies: test.bodies, Version: "1.0"})
			last := "E"
			if test.bodies == MaskBodies {
				last = "Eno" // the last part of the body comes with the end
			}
			talk(t, d, "t1-1", "Ma@b", "<c", "Lname", "Bone\r\ntwo", last, "<bThree\r\n", "<c")
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			r := only(t, d.Path())
			if got, want := show(r), strings.Replace(test.want, "FcML", "Fc ML", 1); got != want {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			if r.Conn != "t1-1" || r.Listener != "default" || r.Version != "1.0" || r.Bodies != test.bodies || len(r.Scripts) != 1 || r.Began.IsZero() {
				t.Errorf("head: %+v", r.Head)
			}
			info, err := os.Stat(r.Path)
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			if c := d.Counts(); c.Complete != 1 || c.Stopped != 0 || warned.taken() != "" {
				t.Errorf("counted %+v", c)
			}
		})
	}
}

// Connections that are not of the sample stay what they are, and so do those that say nothing.
func TestSample(t *testing.T) {
	d, _ := folder(t, Options{Sample: 0.25})
	for i := range 8 {
		a, b := net.Pipe()
		if taped := d.Tap(a, "default", "x", nil); (taped != a) != (i%4 == 3) {
			t.Errorf("connection %d: recorded %v", i, taped != a)
		} else if err := taped.Close(); err != nil {
			t.Error(err)
		}
		_ = b.Close()
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if names, _ := os.ReadDir(d.Path()); len(names) > 0 {
		t.Errorf("the folder has %v", names)
	}
}

// The socket below shows through, so that it can be waited on and acknowledged.
func TestSocketShows(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	d, _ := folder(t, Options{})
	taped := d.Tap(nc, "default", "x", nil)
	raw, err := taped.(syscall.Conn).SyscallConn()
	if err != nil || raw.Control(func(uintptr) {}) != nil {
		t.Errorf("no socket: %v", err)
	}
	if err := errors.Join(taped.Close(), d.Close()); err != nil {
		t.Error(err)
	}
}

// The oldest recordings make room; other files stay.
func TestSize(t *testing.T) {
	d, warned := folder(t, Options{Size: 10_000})
	other := filepath.Join(d.Path(), "notes.rec")
	if err := os.WriteFile(other, make([]byte, 9_000), 0o600); err != nil {
		t.Fatal(err)
	}
	body := "B" + strings.Repeat("x", 1_500)
	for i := range 12 {
		talk(t, d, fmt.Sprintf("n-%d", i), body)
		d.writers.Wait()
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	left, total := "", int64(0)
	entries, err := os.ReadDir(d.Path())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.Name() != "notes.rec" {
			total += info.Size()
			left += e.Name()[len("20060102T150405.000000Z-"):] + " "
		}
	}
	if total > 10_000 || !strings.HasSuffix(left, "n-10.rec n-11.rec ") || strings.Contains(left, "n-0.rec") {
		t.Errorf("%d bytes are left: %s", total, left)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
	if text := warned.taken(); text != "" {
		t.Error(text)
	}
}

// What cannot be recorded to its end says so, once, and what there is can be read.
func TestStops(t *testing.T) {
	for _, test := range []struct {
		name    string
		size    int64
		packets []string
		want    string
		warning string
	}{
		{"one recording is too large", 4_000, []string{"Ma", "B" + strings.Repeat("x", 2_000), "E"}, errTooLarge.Error(), "x: " + errTooLarge.Error()},
		{"it is no milter protocol", 0, []string{"Ma", "GET / HTTP/1.0"}, "this is not the milter protocol: a packet of 1195725856 bytes", "x: this is not the milter protocol: a packet of 1195725856 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, warned := folder(t, Options{Size: test.size})
			a, b := net.Pipe()
			taped := d.Tap(a, "default", "x", nil)
			for _, p := range test.packets {
				sent := frame(p[0], p[1:])
				if strings.HasPrefix(p, "GET") {
					sent = []byte(p)
				}
				go func() { _, _ = b.Write(sent) }()
				if _, err := io.ReadFull(taped, make([]byte, len(sent))); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(taped.Close(), d.Close()); err != nil {
				t.Fatal(err)
			}
			if r := only(t, d.Path()); r.Ended != test.want || len(r.Packets) > 1 {
				t.Errorf("%d packets, ended with %q, want %q", len(r.Packets), r.Ended, test.want)
			}
			if got := warned.taken(); got != test.warning {
				t.Errorf("warned %q, want %q", got, test.warning)
			}
			if c := d.Counts(); c.Stopped != 1 {
				t.Errorf("counted %+v", c)
			}
		})
	}
}

// A disk that takes nothing stops the recording and not the mail, and no other begins for a while.
func TestSlowDisk(t *testing.T) {
	d, warned := folder(t, Options{})
	a, b := net.Pipe()
	taped := d.Tap(a, "default", "x", nil)
	d.mu.Lock() // so long the file cannot be made
	chunk := frame('B', strings.Repeat("x", 60_000))
	go func() {
		for range 100 {
			_, _ = b.Write(chunk)
		}
	}()
	if _, err := io.CopyN(io.Discard, taped, int64(100*len(chunk))); err != nil {
		t.Fatal(err)
	}
	if n := d.waiting.Load(); n > maxQueue+128<<10 || n < maxQueue-128<<10 {
		t.Errorf("%d bytes wait for the disk", n)
	}
	d.mu.Unlock()
	if err := taped.Close(); err != nil {
		t.Fatal(err)
	}
	d.writers.Wait()
	if r := only(t, d.Path()); r.Ended != errSlow.Error() || len(r.Packets) == 0 || d.waiting.Load() != 0 {
		t.Errorf("%d packets, ended with %q; %d bytes wait", len(r.Packets), r.Ended, d.waiting.Load())
	}
	if other := d.Tap(b, "default", "y", nil); other != b {
		t.Error("the next connection is recorded")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if got := warned.taken(); got != "x: "+errSlow.Error() {
		t.Errorf("warned %q", got)
	}
}

// Folders that others could have laid out are refused.
func TestFolders(t *testing.T) {
	base := t.TempDir()
	real := filepath.Join(base, "real")
	for _, dir := range []string{"real/below", "open"} {
		if err := os.MkdirAll(filepath.Join(base, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	link, open, file := filepath.Join(base, "link"), filepath.Join(base, "open"), filepath.Join(base, "file")
	if err := errors.Join(os.Symlink(real, link), os.Chmod(open, 0o777), os.WriteFile(file, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, path, want string }{
		{"one that is there", real, ""},
		{"one that is to be made", filepath.Join(real, "new"), ""},
		{"a link", link, "is a symbolic link to " + real},
		{"below a link", filepath.Join(link, "below"), link + " is a symbolic link"},
		{"everybody may write", open, "chmod o-w"},
		{"a file", file, "is no folder"},
		{"nothing above it", filepath.Join(base, "a", "b"), "make it, and give it to the user"},
		{"a relative path", "recordings", "must begin with /"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := Open(Options{Path: test.path, Sample: 1})
			if err == nil {
				err = d.Close()
			}
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// Files and folders with recordings are found, and what is none is told of.
func TestFind(t *testing.T) {
	d, _ := folder(t, Options{})
	talk(t, d, "t1-1", "Ma")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	r := only(t, d.Path())
	mail := filepath.Join(t.TempDir(), "mail.eml")
	if err := os.WriteFile(mail, []byte("Subject: x\n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		paths  []string
		found  int
		others bool
	}{
		{"a file", []string{r.Path}, 1, false},
		{"a folder", []string{d.Path()}, 1, false},
		{"mail", []string{mail}, 0, true},
		{"a folder with mail", []string{filepath.Dir(mail), d.Path()}, 1, true},
	} {
		if found, others := Find(test.paths); len(found) != test.found || others != test.others {
			t.Errorf("%s: %v %v", test.name, found, others)
		}
	}
}

// text is a recording, as it is in a file.
func text(lines ...string) string {
	return Magic + "\n{\"conn\":\"x\",\"bodies\":\"keep\"}\n" + strings.Join(lines, "")
}

// What no daemon has written is refused, or ends where it makes sense no more.
func TestReader(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"whole", text("M 1 2\nMa\n", "F 2 1\nc\n", "E 3 closed\n"), "MMa Fc closed"},
		{"a line end in a packet", text("M 1 4\nB\nM \n", "E 3 closed\n"), "MB\nM  closed"},
		{"no end", text("M 1 2\nMa\n"), "MMa unexpected EOF"},
		{"cut off in a packet", text("M 1 2\nMa\nM 1 9\nMabc"), "MMa unexpected EOF"},
		{"cut off in a line", text("M 1 2\nMa\nM 1"), "MMa unexpected EOF"},
		{"not the first line", "From: a@b\n", "no recording"},
		{"nothing", "", "no recording"},
		{"a later version", strings.Replace(text(), "recording 1", "recording 2", 1), "another version"},
		{"no JSON", Magic + "\nhello\n", "head of a recording: invalid"},
		{"other bodies", Magic + "\n{\"bodies\":\"all\"}\n", "there are keep, mask and none"},
		{"a long head", Magic + "\n" + strings.Repeat("x", 2*maxHead), "more than 65536 bytes"},
		{"a long line", text("M 1 " + strings.Repeat("1", 1000) + "\n"), "packet 1: a line has more than 512 bytes"},
		{"no size", text("M 1\n\n"), "is no number of bytes"},
		{"no bytes", text("M 1 0\n\n"), "is no number of bytes"},
		{"too many bytes", text("M 1 4194305\n"), "is no number of bytes"},
		{"no time", text("M x 1\n"), "has no time"},
		{"time goes back", text("M 5 1\nM\nM 4 1\nM\n"), "packet 2: it came before"},
		{"another side", text("X 1 1\nM\n"), "begins with none of"},
		{"no line end", text("M 1 1\nMM"), "no line end after"},
		{"more after the end", text("E 1 closed\n", "M 1 1\nM\n"), "there is more after the end"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := read(test.file); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// read shows what a reader makes of a file.
func read(text string) string {
	r, err := NewReader(strings.NewReader(text))
	if err != nil {
		return err.Error()
	}
	out := ""
	for {
		p, err := r.Next()
		switch {
		case err == io.EOF:
			return out + r.Why()
		case err != nil:
			return out + err.Error()
		}
		out += fmt.Sprintf("%c%c%s ", p.Side, p.Code, p.Payload)
	}
}

// FuzzReader gives the reader anything; what it takes for packets comes out the same when written again.
func FuzzReader(f *testing.F) {
	f.Add([]byte(text("M 1 2\nMa\n", "F 2 1\nc\n", "E 3 closed\n")))
	f.Add([]byte(text("M 1 4\nB\nM \n")))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(bytes.NewReader(file))
		if err != nil {
			return
		}
		again, err := appendHead(nil, &r.Head)
		if err != nil || len(again) > maxHead {
			t.Skip("a time that JSON cannot have, or texts that are longer in it")
		}
		var packets []Packet
		for range len(file) {
			p, err := r.Next()
			if err != nil {
				break
			}
			if len(p.Payload) >= protocol.MaxFrame || len(p.Payload) > len(file) {
				t.Fatalf("a packet of %d bytes in a file of %d", len(p.Payload), len(file))
			}
			packets = append(packets, p)
			again = p.appendTo(again)
		}
		if r, err = NewReader(bytes.NewReader(appendEnd(again, r.last, "closed"))); err != nil {
			t.Fatal(err)
		}
		for i, want := range packets {
			got, err := r.Next()
			if err != nil || got.Side != want.Side || got.At != want.At || got.Code != want.Code || !bytes.Equal(got.Payload, want.Payload) {
				t.Fatalf("packet %d: got %+v (%v), want %+v", i, got, err, want)
			}
		}
	})
}
