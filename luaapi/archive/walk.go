package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// walk is the state of one listing: what was found, and what may still be spent.
type walk struct {
	ctx     context.Context // of the caller, with the limit of time
	limits  Limits
	listing *Listing
	bytes   int64 // that may still be unpacked
	windows int64 // that dictionaries may still have
	stopped bool  // no further entry may be added

	inflaters []*inflater // not in use
}

// place is where in the listing the entries of an archive go.
type place struct {
	owner  int    // the entry that is the archive, or outermost
	prefix string // of their paths
	depth  int
}

// outermost stands for the archive itself where others are entries.
const outermost = -1

// errLimit is what reading ends with when a limit of the whole listing is reached. The problem is noted already.
var errLimit = errors.New("a limit of the listing is reached")

// flaw is an error that is a problem as it is. Another is one of a decoder.
type flaw string

// Error returns the problem.
func (f flaw) Error() string { return string(f) }

func flawf(format string, args ...any) error { return flaw(fmt.Sprintf(format, args...)) }

// add puts an entry into the listing, at a place. It reports where it is, and false if there may be no more.
func (w *walk) add(at place, e Entry) (int, bool) {
	if w.check() != nil {
		return 0, false
	}
	if len(w.listing.Entries) >= w.limits.Entries {
		w.stop(fmt.Sprintf("has more than %d entries", w.limits.Entries))
		return 0, false
	}
	problems := nameProblems(e.Name)
	if len(e.Name) > maxName {
		e.Name = e.Name[:maxName]
		problems = append(problems, fmt.Sprintf("has a name that is longer than %d bytes", maxName))
	}
	if len(e.Link) > maxName {
		e.Link = e.Link[:maxName]
		problems = append(problems, fmt.Sprintf("has a link that is longer than %d bytes", maxName))
	}
	if w.spend(int64(len(at.prefix)+len(e.Name)+len(e.Link))) != nil {
		w.stopped = true
		return 0, false
	}
	e.Path = at.prefix + e.Name
	e.Depth = at.depth
	e.Problems = append(problems, e.Problems...)
	e.Name = e.Path[len(at.prefix):]
	w.listing.Encrypted = w.listing.Encrypted || e.Encrypted
	w.listing.Entries = append(w.listing.Entries, e)
	return len(w.listing.Entries) - 1, true
}

// problem notes what is wrong with an entry, or with the archive.
func (w *walk) problem(owner int, text string) {
	problems := &w.listing.Problems
	if owner != outermost {
		problems = &w.listing.Entries[owner].Problems
	}
	switch {
	case slices.Contains(*problems, text) || len(*problems) > maxProblems:
	case len(*problems) == maxProblems:
		*problems = append(*problems, "has more problems")
	default:
		*problems = append(*problems, text)
	}
}

// is notes which kind of archive an entry, or the outermost, turned out to be.
func (w *walk) is(owner int, kind Kind) {
	if owner == outermost {
		w.listing.Kind = kind
		return
	}
	w.listing.Entries[owner].Kind = kind
}

// attempt reads something that belongs to an entry; an error, even one that a decoder panics with, becomes a problem of it.
func (w *walk) attempt(owner int, read func() error) {
	defer func() {
		if p := recover(); p != nil {
			w.problem(owner, fmt.Sprintf("is damaged: decoder: %v", p))
		}
	}()
	err := read()
	if err == nil || errors.Is(err, errLimit) {
		return
	}
	if f := flaw(""); errors.As(err, &f) {
		w.problem(owner, string(f))
		return
	}
	w.problem(owner, "is damaged: "+err.Error())
}

// check returns errLimit when the time is over.
func (w *walk) check() error {
	if w.stopped {
		return errLimit
	}
	if w.ctx.Err() != nil {
		return w.stop("has not been listed to its end: the time was over")
	}
	return nil
}

// spend takes n bytes from the allowance.
func (w *walk) spend(n int64) error {
	if n <= w.bytes {
		w.bytes -= n
		return nil
	}
	w.bytes = 0
	w.listing.Truncated = true
	w.problem(outermost, fmt.Sprintf("unpacks to more than %d bytes", w.limits.Bytes))
	return errLimit
}

// stop ends the listing.
func (w *walk) stop(text string) error {
	w.stopped = true
	w.listing.Truncated = true
	w.problem(outermost, text)
	return errLimit
}

// window returns the size of a dictionary, at most what data may refer to: what is still allowed to be unpacked.
func (w *walk) window(claimed int64) (int, error) {
	const smallest = 4096
	if claimed < 0 {
		return 0, flaw("has a dictionary of no size")
	}
	n := max(min(claimed, w.bytes), smallest)
	return int(n), w.dictionary(n)
}

// dictionary takes the n bytes of a dictionary from the allowance.
func (w *walk) dictionary(n int64) error {
	if n > maxWindow {
		w.listing.Truncated = true
		return flawf("needs a dictionary of %d bytes", n)
	}
	if n > w.windows {
		w.listing.Truncated = true
		w.problem(outermost, "needs too much memory for dictionaries")
		return errLimit
	}
	w.windows -= n
	return nil
}

// begins is the problem of an archive before which there is something else.
func begins(offset int64) string {
	return fmt.Sprintf("begins after %d bytes of something else", offset)
}
