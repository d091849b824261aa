package archive_test

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"luamilter/luaapi/archive"
	"luamilter/tests/mta"
)

// made is an archive, and how it is made in the folder of the files. OUT is its path, without an extension that the program adds.
type made struct {
	name string
	kind archive.Kind
	run  []string
	also string // what is different: "encrypted", "names" if these are encrypted too, "closed" if inner.zip cannot be looked into
}

var archives = []made{
	{"zip", archive.Zip, words("zip -qry OUT ."), ""},
	{"zip, stored", archive.Zip, words("zip -qry0 OUT ."), ""},
	{"zip, with zip64", archive.Zip, words("zip -qry -fz OUT ."), ""},
	{"zip, bzip2", archive.Zip, words("zip -qry -Z bzip2 OUT ."), ""},
	{"zip, encrypted", archive.Zip, words("zip -qry -P secret OUT ."), "encrypted"},
	{"zip of 7z, LZMA", archive.Zip, words("7z a -snl -tzip -mm=LZMA OUT .", "-x!link"), ""},
	{"zip of 7z, Deflate64", archive.Zip, words("7z a -snl -tzip -mm=Deflate64 OUT ."), "closed"},
	{"zip of 7z, AES", archive.Zip, words("7z a -snl -tzip -mem=AES256 -psecret OUT ."), "encrypted"},
	{"zip of bsdtar", archive.Zip, words("bsdtar -cf OUT --format zip ."), ""},
	{"7z", archive.SevenZip, words("7z a -snl -t7z OUT ."), ""},
	{"7z, LZMA", archive.SevenZip, words("7z a -snl -t7z -m0=LZMA OUT ."), ""},
	{"7z, stored", archive.SevenZip, words("7z a -snl -t7z -mx=0 OUT ."), ""},
	{"7z, bzip2", archive.SevenZip, words("7z a -snl -t7z -m0=BZip2 OUT ."), ""},
	{"7z, deflate", archive.SevenZip, words("7z a -snl -t7z -m0=Deflate OUT ."), ""},
	{"7z, not solid", archive.SevenZip, words("7z a -snl -t7z -ms=off OUT ."), ""},
	{"7z, plain header", archive.SevenZip, words("7z a -snl -t7z -mhc=off OUT ."), ""},
	{"7z, PPMd", archive.SevenZip, words("7z a -snl -t7z -m0=PPMd OUT ."), "closed"},
	{"7z, with a filter", archive.SevenZip, words("7z a -snl -t7z -mf=BCJ OUT ."), "closed"},
	{"7z, encrypted", archive.SevenZip, words("7z a -snl -t7z -psecret OUT ."), "encrypted"},
	{"7z, encrypted with names", archive.SevenZip, words("7z a -snl -t7z -psecret -mhe=on OUT ."), "names"},
	{"7z of bsdtar", archive.SevenZip, words("bsdtar -cf OUT --format 7zip ."), ""},
	{"tar", archive.Tar, words("tar -cf OUT ."), ""},
	{"tar, pax", archive.Tar, words("tar -cf OUT --format=pax ."), ""},
	{"tar, ustar", archive.Tar, words("tar -cf OUT --format=ustar ."), ""},
	{"tar, v7", archive.Tar, words("tar -cf OUT --format=v7 ."), ""},
	{"tar of bsdtar", archive.Tar, words("bsdtar -cf OUT --format pax ."), ""},
	{"tar, gzip", "tar.gz", words("tar -czf OUT ."), ""},
	{"tar, bzip2", "tar.bz2", words("tar -cjf OUT ."), ""},
	{"tar, xz", "tar.xz", words("tar -cJf OUT ."), ""},
	{"tar, zstd", "tar.zst", words("tar --zstd -cf OUT ."), ""},
}

func words(line string, more ...string) []string { return append(strings.Fields(line), more...) }

// make makes the archive and returns its path.
func (m made) make(t *testing.T, files string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "made.archive")
	args := slices.Clone(m.run)
	for i, a := range args {
		if a == "OUT" {
			args[i] = out
		}
	}
	run(t, files, args[0], args[1:]...)
	return out
}

// bare is a name without the "./" that some programs write, and the slash that some write behind folders.
func bare(name string) string { return strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/") }

// plain makes lists of names comparable.
func plain(names []string) []string {
	var out []string
	for _, n := range names {
		if n = bare(n); n != "" && n != "." {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

// outer returns the names in the archive itself, and the entry of each.
func outer(l archive.Listing) (names []string, entries map[string]archive.Entry) {
	entries = map[string]archive.Entry{}
	for _, e := range l.Entries {
		if e.Depth == 0 {
			names = append(names, e.Name)
			entries[bare(e.Name)] = e
		}
	}
	return plain(names), entries
}

// TestAgainstTheirMakers compares names with those that bsdtar lists, and sizes with those that 7z lists.
func TestAgainstTheirMakers(t *testing.T) {
	for _, program := range []string{"zip", "unzip", "7z", "tar", "bsdtar", "gzip", "bzip2", "xz", "zstd"} {
		mta.NeedProgram(t, program)
	}
	files := tree(t)
	for _, m := range archives {
		t.Run(m.name, func(t *testing.T) {
			path := m.make(t, files)
			l := list(t, path)
			if l.Kind != m.kind || l.Truncated || l.Encrypted != (m.also == "encrypted" || m.also == "names") {
				t.Errorf("kind %q, truncated %v, encrypted %v", l.Kind, l.Truncated, l.Encrypted)
			}
			if m.also == "names" {
				if len(l.Entries) != 0 || strings.Join(l.Problems, "; ") != "is encrypted with the names of its entries" {
					t.Errorf("%d entries, problems %q", len(l.Entries), l.Problems)
				}
				return
			}
			names, entries := outer(l)
			if m.also != "encrypted" { // of which bsdtar gives up some
				if want := plain(strings.Split(run(t, files, "bsdtar", "-tf", path), "\n")); !slices.Equal(names, want) {
					t.Errorf("names %q, bsdtar lists %q", names, want)
				}
			}
			if len(l.Problems) > 0 {
				t.Errorf("problems %q", l.Problems)
			}
			m.checkEntries(t, l, entries)
			if m.kind == archive.Zip || m.kind == archive.SevenZip || m.kind == archive.Tar {
				compareSizes(t, path, entries)
			}
			if m.kind == archive.Zip {
				if want := plain(strings.Split(run(t, files, "unzip", "-Z1", path), "\n")); !slices.Equal(names, want) {
					t.Errorf("names %q, unzip lists %q", names, want)
				}
			}
		})
	}
}

// checkEntries looks for what is known to be in the archive.
func (m made) checkEntries(t *testing.T, l archive.Listing, entries map[string]archive.Entry) {
	t.Helper()
	if e := entries["folder/numbers.txt"]; e.Size != int64(len(numbers())) || e.Encrypted != l.Encrypted || e.Modified.IsZero() {
		t.Errorf("numbers.txt: %+v", e)
	}
	if e := entries["folder"]; !e.Dir {
		t.Errorf("folder: %+v", e)
	}
	if e, ok := entries["link"]; ok && m.also == "" && e.Link != "a.txt" {
		t.Errorf("link: %+v", e)
	}
	last := l.Entries[len(l.Entries)-1]
	for _, e := range l.Entries {
		if e.Depth == 1 {
			last = e
		}
	}
	if inside := last.Depth == 1 && strings.HasSuffix(last.Path, "inner.zip!x.txt") && last.Size == 7; inside != (m.also == "") {
		t.Errorf("inside of inner.zip: %+v", last)
	}
}

// compareSizes compares with what 7z lists.
func compareSizes(t *testing.T, path string, entries map[string]archive.Entry) {
	t.Helper()
	name, compared := "", 0
	for line := range strings.Lines(run(t, ".", "7z", "l", "-slt", "-psecret", path)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		switch key {
		case "Path":
			name = strings.TrimPrefix(value, "./")
		case "Size":
			e, ok := entries[name]
			if size, err := strconv.ParseInt(value, 10, 64); ok && err == nil && !e.Dir && e.Link == "" {
				compared++
				if e.Size != size {
					t.Errorf("%s has %d bytes, 7z says %d", name, e.Size, size)
				}
			}
		}
	}
	if compared < 4 {
		t.Errorf("compared %d sizes", compared)
	}
}

// TestSingleFiles has what compresses a file alone.
func TestSingleFiles(t *testing.T) {
	for _, m := range []struct {
		program, suffix string
		kind            archive.Kind
		name            string
	}{{"gzip", ".gz", archive.Gzip, "numbers.txt"}, {"bzip2", ".bz2", archive.Bzip2, ""}, {"xz", ".xz", archive.Xz, ""}, {"zstd", ".zst", archive.Zstd, ""}} {
		dir := t.TempDir()
		path := filepath.Join(dir, "numbers.txt")
		if err := os.WriteFile(path, []byte(numbers()), 0o644); err != nil {
			t.Fatal(err)
		}
		run(t, dir, m.program, "-k", path)
		l := list(t, path+m.suffix)
		if l.Kind != m.kind || len(l.Entries) != 1 || l.Entries[0].Name != m.name || l.Entries[0].Size != int64(len(numbers())) {
			t.Errorf("%s: %+v", m.program, l)
		}
	}
}

// TestSparse has a file of a tebibyte of nothing that begins like a zip: it is listed, and looked into only as far as the limits go.
func TestSparse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sparse")
	if err := os.WriteFile(path, []byte("PK\x03\x04 is how it begins"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 1<<40); err != nil {
		mta.Skip(t, "the file system has no file of a tebibyte: "+err.Error())
	}
	for _, format := range []string{"gnu", "pax"} {
		made := filepath.Join(dir, format)
		run(t, dir, "tar", "-cSf", made, "--format="+format, "sparse")
		l := list(t, made)
		if len(l.Entries) != 1 || l.Entries[0].Size != 1<<40 || !l.Truncated || l.Unpacked != archive.Defaults().Bytes {
			t.Errorf("%s: %+v", format, l)
		}
	}
}

// TestIso has an image that bsdtar makes.
func TestIso(t *testing.T) {
	files := tree(t)
	path := filepath.Join(t.TempDir(), "made.iso")
	run(t, files, "bsdtar", "-cf", path, "--format", "iso9660", ".")
	if l := list(t, path); l.Kind != archive.Iso || strings.Join(l.Problems, "; ") != "iso archives cannot be listed" {
		t.Errorf("%+v", l)
	}
}

// TestRar has bsdtar read the archives that the tests of luaapi/archive make: what they hold to be a rar is one.
func TestRar(t *testing.T) {
	paths, err := filepath.Glob("../../luaapi/archive/testdata/*.rar")
	if err != nil || len(paths) < 4 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		dir, err := filepath.Abs(filepath.Dir(path))
		if err != nil {
			t.Fatal(err)
		}
		names, entries := outer(list(t, path))
		out := t.TempDir()
		run(t, out, "bsdtar", "-xf", filepath.Join(dir, filepath.Base(path)))
		unpacked, err := filepath.Glob(out + "/*")
		if err != nil || len(unpacked) < 2 || len(names) < 2 {
			t.Errorf("%s: listed are %q, bsdtar unpacks %q", path, names, unpacked)
		}
		for _, name := range names {
			info, err := os.Stat(filepath.Join(out, name))
			if err != nil || !info.IsDir() && info.Size() != entries[name].Size {
				t.Errorf("%s: %s: %v, listed with %d bytes", path, name, err, entries[name].Size)
			}
		}
	}
}
