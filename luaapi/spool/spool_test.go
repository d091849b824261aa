package spool_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"luamilter/luaapi/mime"
	"luamilter/luaapi/spool"
)

var _ mime.Scratch = (*spool.File)(nil)

// A file has what was written to it, has no name, and gives its room back.
func TestFile(t *testing.T) {
	path := t.TempDir()
	dir := spool.NewDir(path, 100)
	f, err := dir.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, chunk := range []string{"one ", "two ", "three"} {
		if _, err := io.WriteString(f, chunk); err != nil {
			t.Fatal(err)
		}
	}
	if got := (mime.Range{Start: 4, End: 7}).Of(f); got != "two" || f.Len() != 13 || dir.Used() != 13 {
		t.Errorf("read %q of %d bytes, the folder has %d", got, f.Len(), dir.Used())
	}
	if names, err := os.ReadDir(path); err != nil || len(names) > 0 {
		t.Errorf("the folder has %v (%v)", names, err)
	}
	if err := f.Close(); err != nil || dir.Used() != 0 {
		t.Errorf("closed with %v, the folder has %d", err, dir.Used())
	}
	if n, err := f.ReadAt(make([]byte, 1), 0); err == nil || n != 0 {
		t.Errorf("it could be read when closed")
	}
}

// All files together have a limit.
func TestLimit(t *testing.T) {
	dir := spool.NewDir(t.TempDir(), 10)
	a, _ := dir.New()
	b, _ := dir.New()
	if _, err := io.WriteString(a, "123456"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(b, "12345"); !errors.Is(err, spool.ErrFull) {
		t.Errorf("got %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(b, "12345"); err != nil {
		t.Error(err)
	}
	_ = b.Close()
}

// What is made of a file is closed with it.
func TestKeep(t *testing.T) {
	dir := spool.NewDir(t.TempDir(), 1000)
	f, _ := dir.New()
	src, err := f.Keep(strings.NewReader("decoded"))
	if err != nil {
		t.Fatal(err)
	}
	if got := (mime.Range{Start: 0, End: src.Len()}).Of(src); got != "decoded" {
		t.Errorf("got %q", got)
	}
	_ = f.Close()
	if dir.Used() != 0 {
		t.Errorf("the folder has %d bytes", dir.Used())
	}
}

// A folder where nothing can be written says so at once, and what to do.
func TestTry(t *testing.T) {
	if err := spool.NewDir(t.TempDir(), 0).Try(); err != nil {
		t.Error(err)
	}
	err := spool.NewDir(t.TempDir()+"/absent", 0).Try()
	if err == nil || !strings.Contains(err.Error(), "spool.dir") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
