package config

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const docs = "../docs/configuration.md"

func readDocs(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The table in the documentation is that of Keys, row by row.
func TestDocsHaveEveryKey(t *testing.T) {
	var want []string
	for _, k := range Keys() {
		standard := "-"
		if k.Default != "" {
			standard = "`" + k.Default + "`"
		}
		want = append(want, fmt.Sprintf("| `%s` | %s | %s | %s |", k.Name, k.Type, standard, k.Doc))
	}
	_, section, found := strings.Cut(readDocs(t), "\n## Keys\n")
	if !found {
		t.Fatal("there is no section of keys")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	got := regexp.MustCompile("(?m)^\\| `.*$").FindAllString(section, -1)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("row %d of the table differs; the whole must be:\n%s", i+1, strings.Join(want, "\n"))
		}
	}
}

// Each key is explained by whole sentences.
func TestKeysAreExplained(t *testing.T) {
	for _, k := range Keys() {
		if k.Type == "" || !strings.HasSuffix(k.Doc, ".") || strings.Contains(k.Doc, "|") {
			t.Errorf("%+v", k)
		}
	}
}

// The example of the documentation can be used as it is, and shows every key.
func TestDocsExample(t *testing.T) {
	_, example, found := strings.Cut(readDocs(t), "```toml\n")
	if !found {
		t.Fatal("there is no example")
	}
	example, _, _ = strings.Cut(example, "```")
	folder := t.TempDir()
	for _, name := range []string{"greylist.lua", "headers.lua", "outbound.lua"} {
		write(t, filepath.Join(folder, "scripts"), name, "")
	}
	c, err := Load(write(t, folder, "luamilter.toml", example))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Listeners(); err != nil {
		t.Error(err)
	}
	if w := c.Warnings(); len(w) > 0 {
		t.Error(w)
	}
	section := map[string]string{}
	for i, part := range regexp.MustCompile(`(?m)^\[(\w+)`).Split(example, -1) {
		name := ""
		if i > 0 {
			name = regexp.MustCompile(`(?m)^\[(\w+)`).FindAllStringSubmatch(example, -1)[i-1][1]
		}
		section[name] += part
	}
	for i := range table {
		e := &table[i]
		if !regexp.MustCompile(`(?m)^(# )?` + e.key + ` *= `).MatchString(section[e.table]) {
			t.Errorf("it does not show %s", e.name())
		}
	}
}
