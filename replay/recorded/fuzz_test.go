package recorded_test

import (
	"bytes"
	"context"
	"io"
	"testing"

	"github.com/rs/zerolog"

	"luamilter/protocol"
	"luamilter/record"
	"luamilter/replay/recorded"
)

// FuzzPlay plays whatever the reader takes for packets: it ends, with a result or with an error.
func FuzzPlay(f *testing.F) {
	offer := string(protocol.AppendOffer(nil, protocol.FullOffer)[5:])
	head := record.Magic + "\n{\"bodies\":\"mask\"}\nM 1 13\nO" + offer + "\nF 2 13\nO" + offer + "\n"
	for _, rest := range []string{
		"M 3 5\nMa@b\x00\nF 4 1\nc\nM 5 5\nRc@d\x00\nM 6 5\nLa\x00b\x00\nM 7 3\nBxx\nM 8 2\nEx\nF 9 1\nc\nM 10 1\nQ\nE 11 closed\n",
		"M 3 6\nDMi\x001\x00\nM 3 1\nK\nM 4 1\nA\nM 5 3\nUx\x00\nM 6 1\nE\nF 7 4\nhA\x00\n",
	} {
		f.Add([]byte(head + rest))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := record.NewReader(io.LimitReader(bytes.NewReader(file), 64<<10))
		if err != nil {
			return
		}
		rec := &record.Recording{Path: "fuzz.rec", Head: r.Head}
		for range len(file) {
			p, err := r.Next()
			if err != nil {
				break
			}
			rec.Packets = append(rec.Packets, p)
		}
		p := recorded.NewPlayer(program(t, then), zerolog.Nop())
		if result, err := p.Play(context.Background(), rec); (result == nil) == (err == nil) {
			t.Errorf("%v %v", result, err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
}
