// Package diff compares two texts line by line and writes the differences as diff -u does.
//
// It finds a shortest way from one text to the other (Myers, "An O(ND) Difference Algorithm and Its Variations", 1986), after what
// both have in common at the beginning and the end is set aside. Where more than maxEdits lines differ, the rest in the middle is
// written as removed and added as a whole: nobody reads more, and time and memory stay small.
package diff

import (
	"fmt"
	"strings"
)

// maxEdits is how many lines may differ until no shortest way is looked for.
const maxEdits = 500

// context is how many lines that are the same are shown around those that are not.
const context = 3

// Unified returns the differences between two lists of lines, "" if they are the same. The names stand in the first two lines.
func Unified(oldName, newName string, a, b []string) string {
	edits := compare(a, b)
	var out strings.Builder
	for i := 0; i < len(edits); {
		if edits[i].kind == same {
			i++
			continue
		}
		from, to := max(0, i-context), hunkEnd(edits, i)
		if out.Len() == 0 {
			fmt.Fprintf(&out, "--- %s\n+++ %s\n", oldName, newName)
		}
		writeHunk(&out, edits[from:to], a, b)
		i = to
	}
	return out.String()
}

// hunkEnd returns where the hunk ends that has the edit i: the next edit is too far from its last one.
func hunkEnd(edits []edit, i int) int {
	last := i
	for i < len(edits) && i-last <= 2*context+1 {
		if edits[i].kind != same {
			last = i
		}
		i++
	}
	return min(last+1+context, len(edits))
}

func writeHunk(out *strings.Builder, edits []edit, a, b []string) {
	removed, added := 0, 0
	for _, e := range edits {
		if e.kind != insert {
			removed++
		}
		if e.kind != remove {
			added++
		}
	}
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(edits[0].a, removed), span(edits[0].b, added))
	for _, e := range edits {
		switch e.kind {
		case same:
			out.WriteString(" " + a[e.a] + "\n")
		case remove:
			out.WriteString("-" + a[e.a] + "\n")
		case insert:
			out.WriteString("+" + b[e.b] + "\n")
		}
	}
}

// span is how diff names lines: the first one from 1, and how many there are; of none, the one before.
func span(first, n int) string {
	switch n {
	case 0:
		return fmt.Sprintf("%d,0", first)
	case 1:
		return fmt.Sprint(first + 1)
	}
	return fmt.Sprintf("%d,%d", first+1, n)
}

// kind is what is done with a line.
type kind uint8

const (
	same kind = iota
	remove
	insert
)

// edit is one line on the way from a to b, and where both texts are then.
type edit struct {
	kind kind
	a, b int
}

// compare returns the way from a to b.
func compare(a, b []string) []edit {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	edits := make([]edit, 0, len(a)+len(b)-head-tail)
	for i := range head {
		edits = append(edits, edit{same, i, i})
	}
	for _, e := range shortest(a[head:len(a)-tail], b[head:len(b)-tail]) {
		edits = append(edits, edit{e.kind, e.a + head, e.b + head})
	}
	for i := range tail {
		edits = append(edits, edit{same, len(a) - tail + i, len(b) - tail + i})
	}
	return edits
}

// shortest returns a shortest way from a to b, or that by which everything is replaced if it would be too long.
func shortest(a, b []string) []edit {
	trace, found := search(a, b)
	if !found {
		var edits []edit
		for i := range a {
			edits = append(edits, edit{remove, i, 0})
		}
		for i := range b {
			edits = append(edits, edit{insert, len(a), i})
		}
		return edits
	}
	return walkBack(trace, len(a), len(b))
}

// search returns, for each number of edits, how far each diagonal gets; diagonal k of d edits is at index k+d.
func search(a, b []string) (trace [][]int, found bool) {
	for d := 0; d <= min(len(a)+len(b), maxEdits); d++ {
		reach := make([]int, 2*d+1)
		for k := -d; k <= d; k += 2 {
			x := 0
			if d > 0 {
				x, _ = step(trace[d-1], d, k)
			}
			y := x - k
			for x < len(a) && y >= 0 && y < len(b) && a[x] == b[y] {
				x, y = x+1, y+1
			}
			reach[k+d] = x
			if x >= len(a) && y >= len(b) {
				return append(trace, reach), true
			}
		}
		trace = append(trace, reach)
	}
	return nil, false
}

// step returns where the d-th edit begins on diagonal k, and whether it is an insertion.
func step(before []int, d, k int) (x int, down bool) {
	at := func(k int) int { return before[k+d-1] }
	if k == -d || k != d && at(k-1) < at(k+1) {
		return at(k + 1), true
	}
	return at(k-1) + 1, false
}

// walkBack reads the way out of a trace, from its end.
func walkBack(trace [][]int, x, y int) []edit {
	var back []edit
	for d := len(trace) - 1; d >= 0; d-- {
		k, start, down := x-y, 0, false
		if d > 0 {
			start, down = step(trace[d-1], d, k)
		}
		for x > start && y > 0 {
			x, y = x-1, y-1
			back = append(back, edit{same, x, y})
		}
		switch {
		case d == 0:
		case down:
			y--
			back = append(back, edit{insert, x, y})
		default:
			x--
			back = append(back, edit{remove, x, y})
		}
	}
	edits := make([]edit, len(back))
	for i, e := range back {
		edits[len(back)-1-i] = e
	}
	return edits
}
