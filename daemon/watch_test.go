package daemon

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// tree makes files, and links where the text begins with an arrow.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		target, link := strings.CutPrefix(files[name], "-> ")
		var err error
		if link {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(files[name]), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// What may be part of a script is looked at, and nothing else.
func TestTree(t *testing.T) {
	root := tree(t, map[string]string{
		"filter.lua": "", "filter.lua~": "", ".filter.lua.swp": "", "list.txt": "", "lib/a.lua": "", "lib/deep/b.lua": "",
		".git/c.lua": "", "..v1/d.lua": "", "..data": "-> ..v1", "d.lua": "-> ..data/d.lua", "more": "-> lib",
	})
	seen := state{}
	seen.tree(root, maxDepth)
	var got []string
	for path := range seen {
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, name)
	}
	slices.Sort(got)
	want := []string{".", "..data", "d.lua", "filter.lua", "lib", "lib/a.lua", "lib/deep", "lib/deep/b.lua", "more"}
	if !slices.Equal(got, want) {
		t.Errorf("%q; want %q", got, want)
	}
}

// A change shows whatever way it was made.
func TestSigns(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, path string) error{
		"text of the same size": func(_ *testing.T, path string) error { return os.WriteFile(path, []byte("two"), 0o644) },
		"another file of the same size and time": func(t *testing.T, path string) error {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			other := path + ".new"
			if err := os.WriteFile(other, []byte("two"), 0o644); err != nil {
				return err
			}
			if err := os.Chtimes(other, info.ModTime(), info.ModTime()); err != nil {
				return err
			}
			return os.Rename(other, path)
		},
		"a file that goes": func(_ *testing.T, path string) error { return os.Remove(path) },
		"a link that leads elsewhere": func(t *testing.T, path string) error {
			if err := os.Remove(path); err != nil {
				return err
			}
			return os.Symlink("other.lua", path)
		},
		"a file that comes": func(_ *testing.T, path string) error { return os.WriteFile(path+"x.lua", nil, 0o644) },
	} {
		t.Run(name, func(t *testing.T) {
			root := tree(t, map[string]string{"filter.lua": "one", "other.lua": "one"})
			before, after := state{}, state{}
			before.tree(root, maxDepth)
			again := state{}
			again.tree(root, maxDepth)
			if !maps.Equal(before, again) {
				t.Fatal("something changed by itself")
			}
			time.Sleep(20 * time.Millisecond) // file systems tell the time in steps
			if err := change(t, filepath.Join(root, "filter.lua")); err != nil {
				t.Fatal(err)
			}
			after.tree(root, maxDepth)
			if maps.Equal(before, after) {
				t.Error("it does not show")
			}
		})
	}
}

// However large a folder is, looking at it has an end.
func TestTreeIsBounded(t *testing.T) {
	root := t.TempDir()
	deep := root
	for range maxDepth + 3 {
		deep = filepath.Join(deep, "d")
	}
	if err := os.MkdirAll(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(deep, "far.lua"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, filepath.Join(root, "loop")); err != nil {
		t.Fatal(err)
	}
	seen := state{}
	seen.tree(root, maxDepth)
	if len(seen) > maxDepth+1 {
		t.Errorf("%d files and folders", len(seen))
	}
}
