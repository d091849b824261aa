package diff

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestUnified(t *testing.T) {
	for _, test := range []struct{ name, a, b, want string }{
		{"same", "a b c", "a b c", ""},
		{"both empty", "", "", ""},
		{"added to nothing", "", "a", "@@ -0,0 +1 @@|+a"},
		{"all removed", "a b", "", "@@ -1,2 +0,0 @@|-a|-b"},
		{"changed", "a b c", "a x c", "@@ -1,3 +1,3 @@| a|-b|+x| c"},
		{"added at the end", "a b c d e", "a b c d e f", "@@ -3,3 +3,4 @@| c| d| e|+f"},
		{"added at the beginning", "a b c d e", "z a b c d e", "@@ -1,3 +1,4 @@|+z| a| b| c"},
		{"two hunks", "a 1 2 3 4 5 6 7 b", "x 1 2 3 4 5 6 7 y", "@@ -1,4 +1,4 @@|-a|+x| 1| 2| 3|@@ -6,4 +6,4 @@| 5| 6| 7|-b|+y"},
		{"near ones are one hunk", "a 1 2 3 4 5 6 b", "x 1 2 3 4 5 6 y", "@@ -1,8 +1,8 @@|-a|+x| 1| 2| 3| 4| 5| 6|-b|+y"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := Unified("old", "new", strings.Fields(test.a), strings.Fields(test.b))
			want := ""
			if test.want != "" {
				want = "--- old\n+++ new\n" + strings.ReplaceAll(test.want, "|", "\n") + "\n"
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// TestWaysLeadThere goes the way that was found, between random texts, and holds its length to that of a table of common subsequences.
func TestWaysLeadThere(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	lines := func() []string {
		var all []string
		for range random.IntN(30) {
			all = append(all, fmt.Sprint(random.IntN(5)))
		}
		return all
	}
	for range 2000 {
		a, b := lines(), lines()
		var left, right []string
		n := 0
		for _, e := range compare(a, b) {
			if e.kind != insert {
				left = append(left, a[e.a])
			}
			if e.kind != remove {
				right = append(right, b[e.b])
			}
			if e.kind != same {
				n++
			}
		}
		if !slices.Equal(left, a) || !slices.Equal(right, b) {
			t.Fatalf("from %v to %v: got %v and %v", a, b, left, right)
		}
		if least := len(a) + len(b) - 2*common(a, b); n != least {
			t.Fatalf("from %v to %v: %d edits, %d do", a, b, n, least)
		}
	}
}

// common returns the length of the longest common subsequence.
func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			above := row[j+1]
			row[j+1] = max(above, row[j])
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

// TestMuchDiffers takes what has more differences than are looked for.
func TestMuchDiffers(t *testing.T) {
	var a, b []string
	for i := range maxEdits {
		a, b = append(a, fmt.Sprint("a", i)), append(b, fmt.Sprint("b", i))
	}
	got := Unified("old", "new", append([]string{"same"}, a...), append([]string{"same"}, b...))
	if n := strings.Count(got, "\n"); n != 2*maxEdits+4 {
		t.Errorf("%d lines:\n%.300s", n, got)
	}
}
