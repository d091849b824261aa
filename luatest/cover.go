package luatest

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"luamilter/engine"
)

// WriteCover writes a table of the files whose lines were counted: how many lines can run, how many of them did, and which did not.
func WriteCover(w io.Writer, c *engine.Coverage) {
	width := len("file")
	for _, path := range c.Files() {
		width = max(width, len(path))
	}
	fmt.Fprintf(w, "%-*s  lines   run      %%  not run\n", width, "file")
	all, ran := 0, 0
	for _, path := range c.Files() {
		lines := c.Lines(path)
		run, missed := split(lines)
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-*s  %5d %5d %5.1f%%  %s", width, path, len(lines), run, percent(run, len(lines)), missed), " "))
		all, ran = all+len(lines), ran+run
	}
	fmt.Fprintf(w, "%-*s  %5d %5d %5.1f%%\n", width, "all", all, ran, percent(ran, all))
}

// split counts the lines that ran, and lists the others: those that follow one another, with nothing that can run between them, as a range.
func split(lines []engine.LineCount) (run int, missed string) {
	var ranges []string
	for i := 0; i < len(lines); i++ {
		if lines[i].Times > 0 {
			run++
			continue
		}
		from := lines[i].Line
		for i+1 < len(lines) && lines[i+1].Times == 0 {
			i++
		}
		if to := lines[i].Line; to > from {
			ranges = append(ranges, fmt.Sprintf("%d-%d", from, to))
		} else {
			ranges = append(ranges, fmt.Sprint(from))
		}
	}
	return run, strings.Join(ranges, ", ")
}

func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * float64(part) / float64(whole)
}

// WriteLCOV writes what was counted in the format of lcov (geninfo(1)).
func WriteLCOV(to io.Writer, c *engine.Coverage) error {
	w := bufio.NewWriter(to)
	for _, path := range c.Files() {
		lines := c.Lines(path)
		fmt.Fprintf(w, "TN:\nSF:%s\n", path)
		for _, l := range lines {
			fmt.Fprintf(w, "DA:%d,%d\n", l.Line, l.Times)
		}
		run, _ := split(lines)
		fmt.Fprintf(w, "LF:%d\nLH:%d\nend_of_record\n", len(lines), run)
	}
	return w.Flush()
}
