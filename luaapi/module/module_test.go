package module

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

func TestCheckName(t *testing.T) {
	for name, want := range map[string]string{
		"util": "", "a.b.c": "", "x-1": "", "_": "", "A9": "", "lua": "", "a.lua5": "",
		"":                           "the name of the module is empty",
		".":                          `"." is no name of a module: a part between the dots is empty`,
		"a..b":                       `"a..b" is no name of a module: a part between the dots is empty; write require "a.b"`,
		".a":                         `".a" is no name of a module: a part between the dots is empty; write require "a"`,
		"a.":                         `"a." is no name of a module: a part between the dots is empty; write require "a"`,
		"..":                         `".." is no name of a module: modules are found below the script's folder, never above it`,
		"../a":                       `"../a" is no name of a module: modules are found below the script's folder, never above it`,
		"a/../../b":                  `"a/../../b" is no name of a module: modules are found below the script's folder, never above it`,
		"/etc/a":                     `"/etc/a" is no name of a module: modules are found below the script's folder, never by an absolute path`,
		"./a":                        `"./a" is no name of a module: folders are joined by dots; write require "a"`,
		"a/b":                        `"a/b" is no name of a module: folders are joined by dots; write require "a.b"`,
		`a\b`:                        `"a\\b" is no name of a module: folders are joined by dots; write require "a.b"`,
		"a/b.lua":                    `"a/b.lua" is no name of a module: folders are joined by dots; write require "a.b"`,
		"a.lua":                      `"a.lua" is no name of a module: it goes without .lua; write require "a"`,
		"a b":                        `"a b" is no name of a module: it may have letters, digits, _ and - only`,
		"ä":                          `"ä" is no name of a module: it may have letters, digits, _ and - only`,
		"a\x00":                      `"a\x00" is no name of a module: it may have letters, digits, _ and - only`,
		"a\nb":                       `"a\nb" is no name of a module: it may have letters, digits, _ and - only`,
		strings.Repeat("a", 1<<20):   "the name of the module has 1048576 bytes",
		`..\a`:                       `"..\\a" is no name of a module: folders are joined by dots`,
		"a.b/":                       `"a.b/" is no name of a module: folders are joined by dots; write require "a.b"`,
		"http://example.org/evil":    `"http://example.org/evil" is no name of a module: folders are joined by dots`,
		strings.Repeat("a/", 500):    "",
		strings.Repeat("\xff", 1000): "",
	} {
		err := CheckName(name)
		switch {
		case len(name) >= 1000 && want == "": // whatever it says
			if err == nil {
				t.Errorf("%.20q is fine", name)
			}
		case want == "" && err != nil, want != "" && (err == nil || err.Error() != want):
			t.Errorf("%.40q\n got %v\nwant %s", name, err, want)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, s := range []string{"a.b", "../a", "/a", "a.lua", "a..b", "a\x00.b", "~/a", "a//b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if CheckName(name) != nil {
			return
		}
		if file := File(name); !filepath.IsLocal(file) || filepath.Clean(file) != file || !strings.HasSuffix(file, ".lua") {
			t.Errorf("%q means the file %q", name, file)
		}
	})
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("good.lua", "return 1", 0o644)
	write("lib/deep/er.lua", "return 2", 0o644)
	write("large.lua", strings.Repeat(" ", MaxSize+1), 0o644)
	write("folder.lua/x.lua", "", 0o644)
	write("odd name.lua", "", 0o644)
	write("notes.txt", "", 0o644)
	write("hidden.lua", "", 0)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.lua"), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for name, want := range map[string]string{
		"good": "return 1", "lib.deep.er": "return 2",
		"none": "DIR/none.lua is not there", "lib": "DIR/lib.lua is not there", "good.x": "DIR/good/x.lua is not there",
		"folder": "DIR/folder.lua is a folder", "pipe": "DIR/pipe.lua is no plain file",
		"large": "DIR/large.lua has 4194305 bytes; a script has at most 4194304",
	} {
		text, err := f.Read(name)
		got := string(text)
		if err != nil {
			got = err.Error()
		}
		if want := strings.ReplaceAll(want, "DIR", dir); got != want {
			t.Errorf("%s: %.200s\nwant %s", name, got, want)
		}
		if missing := errors.Is(err, ErrMissing); missing != strings.HasSuffix(want, "not there") {
			t.Errorf("%s is missing: %v", name, missing)
		}
	}
	if _, err := f.Read("hidden"); os.Getuid() != 0 && (err == nil || !strings.Contains(err.Error(), "must not be read by the user")) {
		t.Errorf("hidden: %v", err)
	}
	if got, want := f.Names(), []string{"good", "hidden", "large", "lib.deep.er", "pipe"}; !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
	if _, err := OpenFolder(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there was opened")
	}
}
