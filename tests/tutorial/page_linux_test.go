package tutorial

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const page = "../../docs/tutorial.md"

// block is a fenced part of the page.
type block struct {
	kind string // the first word behind the fence: console, lua, ...
	what string // the rest: the path of a file
	text string
}

var fence = regexp.MustCompile("(?ms)^```([a-z.]+) ?([^\n]*)\n(.*?)^```$")

// blocks reads the page.
func blocks(t *testing.T) []block {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var all []block
	for _, m := range fence.FindAllStringSubmatch(string(text), -1) {
		all = append(all, block{m[1], m[2], m[3]})
	}
	if len(all) < 10 {
		t.Fatalf("%s has %d blocks", page, len(all))
	}
	return all
}

// isFile reports whether a block is to be written into a file.
func (b *block) isFile() bool { return b.kind != "console" && b.what != "" }

// write writes the file of a block.
func (b *block) write(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, b.what)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(b.text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// step is a command and what the page says that it shows.
type step struct{ command, shows string }

// steps are the commands of a console block.
func (b *block) steps() []step {
	var all []step
	for _, part := range strings.Split("\n"+b.text, "\n$ ")[1:] {
		command, shows, _ := strings.Cut(part, "\n")
		all = append(all, step{command, strings.Trim(shows, "\n")})
	}
	return all
}

// alike are replaced in what is compared.
var alike = []struct {
	is *regexp.Regexp
	by string
}{
	{regexp.MustCompile(`\d+\.\d+ s\)`), "0.04 s)"},
	{regexp.MustCompile(`\b[\d.]+ (us|ms|s)\b`), "TIME"},
	{regexp.MustCompile(`\d+ a second`), "N a second"},
	{regexp.MustCompile(`\d\d:\d\d:\d\d (INF|WRN|ERR)`), "10:00:00 $1"},
	{regexp.MustCompile(` +`), " "},
	{regexp.MustCompile(`\n{3,}`), "\n\n"},
}

// same reports whether a text is what is wanted; "..." on a line stands for any number of lines.
func same(shown, want string) bool {
	for _, a := range alike {
		shown, want = a.is.ReplaceAllString(shown, a.by), a.is.ReplaceAllString(want, a.by)
	}
	return matches(lines(shown), lines(want))
}

func lines(text string) []string {
	all := strings.Split(strings.Trim(text, "\n"), "\n")
	for i := range all {
		all[i] = strings.TrimRight(all[i], " ")
	}
	return all
}

func matches(shown, want []string) bool {
	for i, line := range want {
		if line != "..." {
			continue
		}
		if len(shown) < i || !slices.Equal(shown[:i], want[:i]) {
			return false
		}
		for rest := i; rest <= len(shown); rest++ {
			if matches(shown[rest:], want[i+1:]) {
				return true
			}
		}
		return false
	}
	return slices.Equal(shown, want)
}

// TestMatches makes sure that the comparison can fail.
func TestMatches(t *testing.T) {
	for _, c := range []struct {
		name, shown, want string
		same              bool
	}{
		{"equal", "a\nb", "a\nb", true},
		{"another line", "a\nb", "a\nc", false},
		{"a line more", "a\nb\nc", "a\nb", false},
		{"a line less", "a", "a\nb", false},
		{"times", "x 1.23 ms in 4 s", "x 17 us in 5.0 s", true},
		{"left out", "a\nb\nc\nd", "a\n...\nd", true},
		{"nothing left out", "a\nd", "a\n...\nd", true},
		{"another end", "a\nb\nc", "a\n...\nd", false},
		{"twice", "a\nb\nc\nd\ne", "...\nc\n...\ne", true},
	} {
		if same(c.shown, c.want) != c.same {
			t.Errorf("%s: %t", c.name, !c.same)
		}
	}
}
