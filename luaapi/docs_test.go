package luaapi

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestModulesDocs checks that docs/modules.md has a line for each module that scripts can require, in alphabetical order, with a link to its place in the
// reference, and none for what there is not.
func TestModulesDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/modules.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range Modules() {
		if (m.Kind == Library || m.Kind == Require) && m.Name != "base" {
			want = append(want, m.Name)
		}
	}
	slices.Sort(want)
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^\| \[(\w+)\]\((\S+)\) \| .+ \|$`).FindAllStringSubmatch(string(text), -1) {
		got = append(got, m[1])
		if link := "reference.md#" + m[1]; m[2] != link {
			t.Errorf("%s leads to %s, want %s", m[1], m[2], link)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("docs/modules.md has\n%s, want\n%s", fmt.Sprint(got), fmt.Sprint(want))
	}
}
