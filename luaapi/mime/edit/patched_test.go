package edit

import (
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"luamilter/luaapi/mime"
)

// file is a source that is no Text.
type file struct{ *strings.Reader }

func (f file) Len() int64 { return f.Size() }

func randomEdit(rnd *rand.Rand, size int64) Edit {
	var e Edit
	for at := rnd.Int64N(size + 1); at <= size && len(e.Splices) < 5; at += rnd.Int64N(size + 2) {
		old := mime.Range{Start: at, End: at + rnd.Int64N(size-at+1)/2}
		e.Splices = append(e.Splices, Splice{old, strings.Repeat("new", rnd.IntN(4))})
		at = old.End
	}
	return e
}

// Many edits of a file, one after the other, give what they give of a text, wherever it is read.
func TestResultOfFile(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		text := strings.Repeat("0123456789", rnd.IntN(4))
		var src mime.Source = file{strings.NewReader(text)}
		for range 6 {
			e := randomEdit(rnd, src.Len())
			if got, err := io.ReadAll(e.Reader(src)); err != nil || string(got) != e.Apply(mime.Text(text)) {
				t.Fatalf("read %q (%v), want %q", got, err, e.Apply(mime.Text(text)))
			}
			src, text = e.Result(src), e.Apply(mime.Text(text))
			if got := (mime.Range{End: src.Len()}).Of(src); got != text {
				t.Fatalf("%q, want %q", got, text)
			}
			if err := iotest.TestReader(io.NewSectionReader(src, 0, src.Len()), []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(piecesOf(src).pieces); n > 100 {
			t.Fatalf("%d pieces", n)
		}
	}
}
