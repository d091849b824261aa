package lint

import "strings"

// Nearest returns the known name that was probably meant by a mistyped one, ""
// if nothing is near. Letter case, underscores and dashes do not count, nor do
// the decorations of callbacks as in on_mail and mail_hook; swapping two
// neighbouring letters is one mistake. Of names equally near the first wins.
func Nearest(name string, known []string) string {
	best, bestCost := "", 0
	for _, k := range known {
		if cost, near := distance(name, k); near && (best == "" || cost < bestCost) {
			best, bestCost = k, cost
		}
	}
	if best == "" {
		return abbreviated(name, known)
	}
	return best
}

// distance measures how far a name is from a known one. A different first
// letter breaks ties: people mistype it least.
func distance(name, known string) (cost int, near bool) {
	if name == known {
		return 0, true
	}
	n, k := plain(name), plain(known)
	if n == k || undecorated(name) == k {
		return 1, true
	}
	most := tolerance(min(len(n), len(k)))
	if most == 0 || len(n)-len(k) > most || len(k)-len(n) > most {
		return 0, false
	}
	edits := edits(n, k)
	cost = 1 + 2*edits
	if n[0] != k[0] {
		cost++
	}
	return cost, edits <= most
}

// tolerance is how many mistakes are believable in a name of that length.
func tolerance(length int) int {
	const longest = 64
	switch {
	case length < 3 || length > longest:
		return 0
	case length < 6:
		return 1
	case length < 10:
		return 2
	}
	return 3
}

// abbreviated finds the only known name that begins as this one does.
func abbreviated(name string, known []string) string {
	const shortest = 4
	n, found := plain(name), ""
	if len(n) < shortest {
		return ""
	}
	for _, k := range known {
		if !strings.HasPrefix(plain(k), n) {
			continue
		}
		if found != "" {
			return ""
		}
		found = k
	}
	return found
}

var unmark = strings.NewReplacer("_", "", "-", "")

func plain(name string) string {
	return unmark.Replace(strings.ToLower(name))
}

// decorations are what other milter libraries put around the name of a stage.
var (
	prefixes = []string{"xxfi_", "mlfi_", "smfi_", "milter_", "filter_", "handle_", "hook_", "on_", "do_", "cb_", "on"}
	suffixes = []string{"_handler", "_callback", "_hook", "_event", "_cb", "hook", "handler", "callback"}
)

// undecorated strips one prefix and one suffix, and makes the name plain.
func undecorated(name string) string {
	name = strings.ToLower(name)
	for _, p := range prefixes {
		if rest, ok := strings.CutPrefix(name, p); ok && len(rest) > 2 {
			name = rest
			break
		}
	}
	for _, s := range suffixes {
		if rest, ok := strings.CutSuffix(name, s); ok && len(rest) > 2 {
			name = rest
			break
		}
	}
	return plain(name)
}

// edits counts the insertions, deletions, replacements and swaps of neighbours
// that turn a into b.
func edits(a, b string) int {
	before := make([]int, len(b)+1) // the row above the last
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			differ := 1
			if a[i-1] == b[j-1] {
				differ = 0
			}
			row[j] = min(row[j-1]+1, last[j]+1, last[j-1]+differ)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
