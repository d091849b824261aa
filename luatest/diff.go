package luatest

import (
	"fmt"
	"strings"
)

// context is how many equal lines are shown around those that differ.
const context = 3

// maxDiff is how many lines of a text are compared; the rest is left out.
const maxDiff = 2000

// diff returns a unified diff of two texts, "" if they are equal.
func diff(expected, got string) string {
	if expected == got {
		return ""
	}
	edits := compare(lines(expected), lines(got))
	var out strings.Builder
	out.WriteString("--- expected\n+++ got\n")
	for from := 0; from < len(edits); {
		if edits[from].sign == ' ' {
			from++
			continue
		}
		to := hunkEnd(edits, from)
		writeHunk(&out, edits, max(0, from-context), min(len(edits), to+context))
		from = to
	}
	return out.String()
}

// edit is a line that is in both texts (' '), only in the first ('-') or only in the second ('+').
type edit struct {
	sign byte
	text string
}

func lines(text string) []string {
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	list := strings.Split(text, "\n")
	return list[:min(len(list), maxDiff)]
}

// compare finds the longest common lines of two lists and returns all lines in order.
func compare(a, b []string) []edit {
	common := make([][]int, len(a)+1) // of a[i:] and b[j:]
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []edit
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, edit{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, edit{'-', a[i]})
			i++
		default:
			out = append(out, edit{'+', b[j]})
			j++
		}
	}
	return out
}

// hunkEnd returns the end of the changes that are shown together with the one at from.
func hunkEnd(edits []edit, from int) int {
	end, equal := from, 0
	for i := from; i < len(edits) && equal <= 2*context; i++ {
		if edits[i].sign == ' ' {
			equal++
			continue
		}
		end, equal = i+1, 0
	}
	return end
}

// writeHunk writes some of the lines with their head.
func writeHunk(out *strings.Builder, edits []edit, from, to int) {
	before := [2]int{1, 1}
	count := [2]int{}
	for i, e := range edits[:to] {
		for side, sign := range [2]byte{'+', '-'} { // the other side's sign
			switch {
			case e.sign == sign:
			case i < from:
				before[side]++
			default:
				count[side]++
			}
		}
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", before[0], count[0], before[1], count[1])
	for _, e := range edits[from:to] {
		fmt.Fprintf(out, "%c%s\n", e.sign, e.text)
	}
}
