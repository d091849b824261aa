package luatest

import (
	"strings"

	"luamilter/replay/diff"
)

// maxDiff is how many lines of a text are compared; the rest is left out.
const maxDiff = 20_000

// differences returns a unified diff of two texts, "" if they are equal.
func differences(expected, got string) string {
	return diff.Unified("expected", "got", lines(expected), lines(got))
}

// lines takes a text apart; which line ends it has does not matter.
func lines(text string) []string {
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	list := strings.Split(text, "\n")
	return list[:min(len(list), maxDiff)]
}
