//go:build linux

package system

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree makes folders (names that end in /), files, and links (name -> target) with modes in a folder that is otherwise right.
func tree(t *testing.T, entries []entry) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		path := filepath.Join(root, e.name)
		link, target, isLink := strings.Cut(e.name, " -> ")
		switch {
		case isLink:
			err = os.Symlink(strings.ReplaceAll(target, "ROOT", root), filepath.Join(root, link))
		case strings.HasSuffix(e.name, "/"):
			err = os.Mkdir(path, 0o755)
		default:
			err = os.WriteFile(path, nil, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if e.mode != 0 {
			if err := os.Chmod(path, e.mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

type entry struct {
	name string
	mode fs.FileMode // 0 for what is usual
}

func TestWhoCanChangeScripts(t *testing.T) {
	cases := []struct {
		name    string
		entries []entry
		path    string   // of the script
		want    []string // parts of the error, with ROOT for the folder; none: it is right
	}{
		{"plain", []entry{{"a.lua", 0o600}}, "a.lua", nil},
		{"others write", []entry{{"a.lua", 0o666}}, "a.lua", []string{"trust ROOT/a.lua", "mode 0666", "run: chmod go-w ROOT/a.lua"}},
		{"group writes", []entry{{"a.lua", 0o664}}, "a.lua", []string{"mode 0664", "chmod go-w ROOT/a.lua"}},
		{"anybody may run it", []entry{{"a.lua", 0o755}}, "a.lua", nil},
		{"a sticky file is not a sticky folder", []entry{{"a.lua", 0o666 | fs.ModeSticky}}, "a.lua", []string{"mode 1666"}},
		{"folder", []entry{{"d/", 0o777}, {"d/a.lua", 0}}, "d/a.lua", []string{"ROOT/d has mode 0777", "chmod go-w ROOT/d "}},
		{"folder above", []entry{{"d/", 0o775}, {"d/e/", 0}, {"d/e/a.lua", 0}}, "d/e/a.lua", []string{"ROOT/d has mode 0775"}},
		{"set-gid folder", []entry{{"d/", 0o775 | fs.ModeSetgid}, {"d/a.lua", 0}}, "d/a.lua", []string{"mode 2775"}},
		{"sticky folder", []entry{{"d/", 0o777 | fs.ModeSticky}, {"d/a.lua", 0}}, "d/a.lua", nil},
		{"file in a sticky folder", []entry{{"d/", 0o777 | fs.ModeSticky}, {"d/a.lua", 0o646}}, "d/a.lua", []string{"ROOT/d/a.lua has mode 0646"}},
		{"name for the shell", []entry{{"it's mine.lua", 0o666}}, "it's mine.lua", []string{`chmod go-w 'ROOT/it'\''s mine.lua'`}},

		{"link", []entry{{"real.lua", 0}, {"a.lua -> real.lua", 0}}, "a.lua", nil},
		{"link to a bad file", []entry{{"real.lua", 0o666}, {"a.lua -> real.lua", 0}}, "a.lua", []string{"trust ROOT/a.lua: ROOT/real.lua"}},
		{"link into a bad folder", []entry{{"d/", 0o777}, {"d/real.lua", 0}, {"a.lua -> d/real.lua", 0}}, "a.lua", []string{"ROOT/d has mode"}},
		{"absolute link", []entry{{"d/", 0o777}, {"d/real.lua", 0}, {"a.lua -> ROOT/d/real.lua", 0}}, "a.lua", []string{"ROOT/d has mode"}},
		{"link in a bad folder", []entry{{"d/", 0o777}, {"real.lua", 0}, {"d/a.lua -> ../real.lua", 0}}, "d/a.lua", []string{"ROOT/d has mode"}},
		{"folder that is a link", []entry{{"d/", 0}, {"d/a.lua", 0o622}, {"e -> d", 0}}, "e/a.lua", []string{"ROOT/d/a.lua has mode 0622"}},
		{"above a link means above its target",
			[]entry{{"x/", 0o777}, {"x/d/", 0}, {"x/a.lua", 0}, {"a.lua", 0}, {"l -> x/d", 0}, {"s.lua -> l/../a.lua", 0}}, "s.lua", []string{"ROOT/x has mode 0777"}},
		{"the same, as it is written", []entry{{"x/", 0o777}, {"x/d/", 0}, {"x/a.lua", 0}, {"a.lua", 0}, {"l -> x/d", 0}}, "l/../a.lua", []string{"ROOT/x has mode 0777"}},
		{"link to itself", []entry{{"a.lua -> a.lua", 0}}, "a.lua", []string{"ROOT/a.lua", "too many levels of symbolic links"}},
		{"link to nowhere", []entry{{"a.lua -> b.lua", 0}}, "a.lua", []string{"ROOT/b.lua", "no such file"}},
		{"nothing", nil, "a.lua", []string{"trust ROOT/a.lua", "no such file"}},

		{"all that is in a folder", []entry{{"d/", 0}, {"d/lib/", 0}, {"d/lib/m.lua", 0o666}}, "d", []string{"trust ROOT/d: ROOT/d/lib/m.lua has mode 0666"}},
		{"folders in a folder", []entry{{"d/", 0}, {"d/lib/", 0o777}}, "d", []string{"ROOT/d/lib has mode 0777"}},
		{"a folder by a link", []entry{{"d/", 0}, {"d/m.lua", 0o666}, {"l -> d", 0}}, "l", []string{"ROOT/d/m.lua has mode 0666"}},
		{"an editor's lock in a folder", []entry{{"d/", 0}, {"d/a.lua", 0}, {"d/.#a.lua -> me@host.example.com", 0}}, "d", nil},
		{"a right folder", []entry{{"d/", 0}, {"d/lib/", 0}, {"d/lib/m.lua", 0}, {"d/a.lua", 0}}, "d", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := tree(t, c.entries)
			err := checkAll([]string{root + "/" + c.path}, []uint32{0, uint32(os.Getuid())})
			if len(c.want) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err != nil {
				err = errors.New(strings.ReplaceAll(err.Error(), root, "ROOT"))
			}
			mustSay(t, err, c.want...)
		})
	}
}

// TestWhoOwnsScripts trusts nobody: then the first folder on the way is wrong already.
func TestWhoOwnsScripts(t *testing.T) {
	root := tree(t, []entry{{"a.lua", 0}})
	mustSay(t, checkAll([]string{filepath.Join(root, "a.lua")}, nil), "/ has mode", "owner root", "run: chown -h root /")
}

// TestCheckOfRelativePaths begins in the working directory, and may leave it.
func TestCheckOfRelativePaths(t *testing.T) {
	root := tree(t, []entry{{"d/", 0}, {"good.lua", 0}, {"bad.lua", 0o666}})
	t.Chdir(filepath.Join(root, "d"))
	trusted := []uint32{0, uint32(os.Getuid())}
	if err := checkAll([]string{"../good.lua", "."}, trusted); err != nil {
		t.Error(err)
	}
	mustSay(t, checkAll([]string{"../good.lua", "../bad.lua"}, trusted), "trust ../bad.lua: "+root+"/bad.lua has mode 0666")
}
