package mime

import (
	"bytes"
	"io"
)

// find calls a function with each place where a word is in what a reader returns, until it returns false: with the byte before it, 0 at the
// beginning. No more than a window is in memory.
func find(r io.Reader, word string, found func(at int64, before byte) bool) {
	buf := make([]byte, 1, 1+len(word)+chunk) // the byte before the rest comes first
	base := int64(-1)                         // where that is
	for {
		n, err := io.ReadFull(r, buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		at := 1
		for {
			i := bytes.Index(buf[at:], []byte(word))
			if i < 0 {
				break
			}
			if !found(base+int64(at+i), buf[at+i-1]) {
				return
			}
			at += i + len(word)
		}
		if err != nil {
			return
		}
		keep := max(at, len(buf)-len(word)+1) - 1 // the word may begin in what is kept
		base += int64(keep)
		buf = buf[:copy(buf, buf[keep:])]
	}
}

// Index returns where a word that is not empty is first in a source, from a place on: -1 if nowhere. No more than a window is in memory.
func Index(src Source, word string, from int64) int64 {
	found := int64(-1)
	find(io.NewSectionReader(src, from, src.Len()-from), word, func(at int64, _ byte) bool {
		found = from + at
		return false
	})
	return found
}

// search is find in the decoded content.
func (p *Part) search(word string, found func(at int64, before byte) bool) {
	find(p.Reader(), word, found)
}

// contains reports whether a word is in the decoded content.
func (p *Part) contains(word string) bool {
	is := false
	p.search(word, func(int64, byte) bool {
		is = true
		return false
	})
	return is
}
