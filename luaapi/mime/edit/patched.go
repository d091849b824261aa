package edit

import (
	"io"
	"sort"

	"luamilter/luaapi/mime"
)

// Result returns the new body: of a Text, one; of another source, one that reads what stays from there as it is asked for it, and has in memory
// only what is new.
func (e Edit) Result(body mime.Source) mime.Source {
	if _, ok := body.(mime.Text); ok {
		return mime.Text(e.Apply(body))
	}
	out := &patched{}
	at := int64(0)
	for _, s := range e.Splices {
		out.keep(body, mime.Range{Start: at, End: s.Old.Start})
		out.add(mime.Text(s.New), mime.Range{End: int64(len(s.New))})
		at = s.Old.End
	}
	out.keep(body, mime.Range{Start: at, End: body.Len()})
	if scratch, ok := body.(mime.Scratch); ok {
		return &patchedScratch{*out, scratch}
	}
	return out
}

// patched is a body of pieces of others.
type patched struct {
	pieces []piece // in their order, none of them empty
	size   int64
}

// piece is a range of a source, and where it is in what is made of it.
type piece struct {
	at   int64
	src  mime.Source
	from mime.Range
}

// patchedScratch is one of which the sources can keep more.
type patchedScratch struct {
	patched
	scratch mime.Scratch
}

func (p *patchedScratch) Keep(r io.Reader) (mime.Source, error) { return p.scratch.Keep(r) }

func (p *patched) add(src mime.Source, from mime.Range) {
	if from.Len() > 0 {
		p.pieces = append(p.pieces, piece{p.size, src, from})
		p.size += from.Len()
	}
}

// keep adds a range of a body. If that has pieces itself, it is these, so that many edits are read as fast as one.
func (p *patched) keep(body mime.Source, from mime.Range) {
	before := piecesOf(body)
	if before == nil {
		p.add(body, from)
		return
	}
	for _, old := range before.pieces[before.find(from.Start):] {
		if old.at >= from.End {
			break
		}
		start, end := max(from.Start, old.at), min(from.End, old.at+old.from.Len())
		p.add(old.src, mime.Range{Start: old.from.Start + start - old.at, End: old.from.Start + end - old.at})
	}
}

func piecesOf(body mime.Source) *patched {
	switch p := body.(type) {
	case *patched:
		return p
	case *patchedScratch:
		return &p.patched
	}
	return nil
}

// find returns which piece a place is in.
func (p *patched) find(at int64) int {
	return sort.Search(len(p.pieces), func(i int) bool { return p.pieces[i].at+p.pieces[i].from.Len() > at })
}

// Len returns the size in bytes.
func (p *patched) Len() int64 { return p.size }

// ReadAt is that of io.ReaderAt.
func (p *patched) ReadAt(buf []byte, at int64) (int, error) {
	if at < 0 || at >= p.size {
		return 0, io.EOF
	}
	n := 0
	for i := p.find(at); i < len(p.pieces) && n < len(buf); i++ {
		one := &p.pieces[i]
		skip := at + int64(n) - one.at
		want := min(one.from.Len()-skip, int64(len(buf)-n))
		k, err := one.src.ReadAt(buf[n:n+int(want)], one.from.Start+skip)
		n += k
		if int64(k) < want {
			return n, err
		}
	}
	if n < len(buf) {
		return n, io.EOF
	}
	return n, nil
}
