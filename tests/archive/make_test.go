package archive_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"luamilter/luaapi/archive"
	"luamilter/tests/mta"
)

// numbers is the content of a file that is larger than what decoders take at once.
func numbers() string {
	var out strings.Builder
	for i := range 40_000 {
		fmt.Fprintln(&out, i)
	}
	return out.String()
}

// tree makes a folder with files, and inner.zip in it, an archive.
func tree(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"a.txt": "hello\n", "folder/größe.txt": "hello again\n", "folder/numbers.txt": numbers(), "empty.txt": "", "in/x.txt": "inside\n"} {
		path := filepath.Join(dir, "files", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("a.txt", filepath.Join(dir, "files", "link")); err != nil {
		t.Fatal(err)
	}
	run(t, filepath.Join(dir, "files", "in"), "zip", "-q", "../inner.zip", "x.txt")
	if err := os.RemoveAll(filepath.Join(dir, "files", "in")); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "files")
}

// run runs a program in a folder and returns its output.
func run(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, mta.NeedProgram(t, program), args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", program, strings.Join(args, " "), err, out, &stderr)
	}
	return string(out)
}

// list lists a file.
func list(t *testing.T, path string) archive.Listing {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	limits := archive.Defaults()
	limits.Time = time.Minute
	return archive.List(context.Background(), f, info.Size(), limits)
}
