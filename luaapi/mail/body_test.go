package mail

import (
	"errors"
	"os"
	"strings"
	"testing"

	"luamilter/luaapi/mime"
	"luamilter/luaapi/spool"
)

// read returns all of a body.
func read(b *Body) string { return mime.Range{End: b.Source().Len()}.Of(b.Source()) }

// A body is what its chunks were, whether they were kept or copied, in memory or in a file; a copied one may change afterwards.
func TestBodyChunks(t *testing.T) {
	dir := spool.NewDir(t.TempDir(), 0)
	for _, in := range []struct {
		name string
		make func() *Body
	}{
		{"memory", func() *Body { return &Body{} }},
		{"small", func() *Body { return &Body{InMemory: 100, Spool: dir} }},
		{"memory first", func() *Body { return &Body{InMemory: 3, Spool: dir} }},
		{"file", func() *Body { return &Body{Spool: dir} }},
	} {
		for _, order := range []string{"", "k", "c", "kk", "cc", "kc", "ck", "ckc", "kck", "cckkcc", "kkkkcccckkk"} {
			b, want := in.make(), ""
			for i, how := range order {
				chunk := strings.Repeat(string(rune('a'+i)), i%3)
				want += chunk
				if how == 'k' {
					if err := b.Keep(chunk); err != nil {
						t.Fatal(err)
					}
					continue
				}
				bytes := []byte(chunk)
				if err := b.Copy(bytes); err != nil {
					t.Fatal(err)
				}
				copy(bytes, "?????")
			}
			if got := read(b); got != want || read(b) != want || b.Source().Len() != int64(len(want)) {
				t.Errorf("%s: %s: %q, want %q", in.name, order, got, want)
			}
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if dir.Used() != 0 {
		t.Errorf("%d bytes are left", dir.Used())
	}
	if got := (*Body)(nil).Source(); got != mime.Text("") {
		t.Errorf("no body is %q", got)
	}
}

// A body in memory that was read may go on to grow.
func TestBodyGrows(t *testing.T) {
	b := collected("abc")
	first := b.Source()
	if err := b.Copy([]byte("def")); err != nil {
		t.Fatal(err)
	}
	if first != mime.Text("abc") || b.Source() != mime.Text("abcdef") {
		t.Errorf("it grew from %q to %q", first, b.Source())
	}
}

// Where there is no room for a body, that is an error, and nothing stays behind.
func TestBodyWithoutRoom(t *testing.T) {
	dir := spool.NewDir(t.TempDir(), 10)
	b := &Body{InMemory: 4, Spool: dir}
	for _, chunk := range []string{"1234", "56"} {
		if err := b.Copy([]byte(chunk)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Copy([]byte("78901")); !errors.Is(err, spool.ErrFull) {
		t.Errorf("got %v", err)
	}
	if err := b.Close(); err != nil || dir.Used() != 0 {
		t.Errorf("%v, %d bytes are left", err, dir.Used())
	}
	b = &Body{Spool: spool.NewDir("/does/not/exist", 0)}
	if err := b.Keep("x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
