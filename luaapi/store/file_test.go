package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"luamilter/luaapi/store"
	"luamilter/luaapi/store/storetest"
)

// openFile opens a store in a file, and closes it at the end of the test.
func openFile(t testing.TB, path string, size int64) *store.File {
	t.Helper()
	f, err := store.OpenFile(path, size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestFile(t *testing.T) {
	t.Parallel()
	var c clock
	f := openFile(t, filepath.Join(t.TempDir(), "state.db"), 1<<30)
	f.Now = c.now
	storetest.Run(t, storetest.Subject{Store: f, Pass: c.pass})
}

func TestSharedFile(t *testing.T) {
	t.Parallel()
	var c clock
	f := store.OpenSharedFile(filepath.Join(t.TempDir(), "state.db"), 1<<30, c.now().Add(time.Hour))
	f.Now = c.now
	storetest.Run(t, storetest.Subject{Store: f, Pass: c.pass})
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestFileIsThereAfterwards(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	f, err := store.OpenFile(path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := (store.Space{Store: f, Name: "s"}).Set(t.Context(), "a", store.Text("x"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s := store.Space{Store: openFile(t, path, 1<<20), Name: "s"}
	if v, found, err := s.Get(t.Context(), "a"); v != store.Text("x") || !found || err != nil {
		t.Errorf("%v %v %v", v, found, err)
	}
}

func TestFileErrors(t *testing.T) {
	dir := t.TempDir()
	taken := filepath.Join(dir, "taken.db")
	openFile(t, taken, 1<<20)
	odd := filepath.Join(dir, "odd.db")
	if err := os.WriteFile(odd, []byte(strings.Repeat("not a store\n", 4096)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, path, want string }{
		{"another has it", taken, "another process has the file; stop it"},
		{"no folder", filepath.Join(dir, "none", "state.db"), "make the folder, with the daemon's user as its owner"},
		{"something else", odd, "move it away, and a new one is made"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := store.OpenFile(test.path, 1<<20)
			if err == nil {
				f.Close()
				t.Fatal("it opens")
			}
			if !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.path) {
				t.Errorf("the error is: %v", err)
			}
		})
	}
}

// TestFileMakesRoom fills a file: what ends first makes room, and what has no end stays.
func TestFileMakesRoom(t *testing.T) {
	t.Parallel()
	const size = 256 << 10
	s := store.Space{Store: openFile(t, filepath.Join(t.TempDir(), "state.db"), size), Name: "s"}
	value := store.Text(strings.Repeat("x", 1<<10))
	if err := s.Set(t.Context(), "for ever", value, 0); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			if err := s.Set(t.Context(), fmt.Sprint(i), value, time.Duration(i+1)*time.Hour); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := s.Set(t.Context(), "last", value, 2000*time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"for ever", "last"} {
		if _, found, err := s.Get(t.Context(), key); !found || err != nil {
			t.Errorf("%s: found is %v, %v", key, found, err)
		}
	}
	full := false
	for i := 0; i < 1000 && !full; i++ {
		err := s.Set(t.Context(), fmt.Sprint("lasting ", i), value, 0)
		if full = errors.Is(err, store.ErrFull); err != nil && !full {
			t.Fatal(err)
		}
	}
	if !full {
		t.Error("it takes more than it may, all of it for ever")
	}
	if _, err := s.Delete(t.Context(), "for ever"); err != nil {
		t.Fatal(err)
	}
	if err := s.Set(t.Context(), "instead", value, 0); err != nil {
		t.Error("there is room again, but:", err)
	}
}

// TestFilesShare has two stores on one file, as a daemon and its successor have while one hands over to the other.
func TestFilesShare(t *testing.T) {
	t.Parallel()
	const each = 20
	path := filepath.Join(t.TempDir(), "state.db")
	old := openFile(t, path, 1<<30)
	until := time.Now().Add(time.Hour)
	successor := store.OpenSharedFile(path, 1<<30, until)
	t.Cleanup(func() {
		if err := successor.Close(); err != nil {
			t.Error(err)
		}
	})
	var wg sync.WaitGroup
	for _, f := range []*store.File{old, successor} {
		s := store.Space{Store: f, Name: "s"}
		for range each {
			wg.Go(func() {
				if _, err := s.Incr(t.Context(), "n", 1, 0); err != nil {
					t.Error(err)
				}
			})
		}
	}
	if err := old.Share(until); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	for _, f := range []*store.File{old, successor} {
		if v, _, err := (store.Space{Store: f, Name: "s"}).Get(t.Context(), "n"); err != nil || v != store.Number(2*each) {
			t.Errorf("%v %v", v, err)
		}
	}
}

// TestFileAsMemory takes random steps of all kinds in a file and in memory.
func TestFileAsMemory(t *testing.T) {
	t.Parallel()
	f := openFile(t, filepath.Join(t.TempDir(), "state.db"), 1<<30)
	storetest.Same(t, store.NewMemory(1<<30, 1000), f, 500, storetest.Any)
}

// TestFileDamaged changes bytes of a file behind its first two pages. What comes of it is an error or another value, and no crash. The file and
// the changes are the same each time.
func TestFileDamaged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	f, err := store.OpenFile(path, damagedSize)
	if err != nil {
		t.Fatal(err)
	}
	f.Now = new(clock).now
	for i := range damagedKeys {
		if err := (store.Space{Store: f, Name: "s"}).Set(t.Context(), fmt.Sprint(i), store.Text(strings.Repeat("x", 4*i)), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	errs := 0
	for range 5 {
		bad := bytes.Clone(good)
		for range 300 {
			bad[8192+r.IntN(len(bad)-8192)] = byte(r.IntN(256))
		}
		path := filepath.Join(t.TempDir(), "state.db")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		errs += useDamaged(t, path)
	}
	if errs == 0 {
		t.Error("no damage was noticed")
	}
}

const damagedKeys, damagedSize = 120, 1 << 20

// useDamaged uses a damaged file, and returns how many errors came.
func useDamaged(t *testing.T, path string) (errs int) {
	f, err := store.OpenFile(path, damagedSize)
	if err != nil {
		return 1
	}
	f.Now = new(clock).now
	s := store.Space{Store: f, Name: "s"}
	for i := range damagedKeys {
		if _, _, err := s.Get(t.Context(), fmt.Sprint(i)); err != nil {
			errs++
		}
		if i%12 == 0 {
			if err := s.Set(t.Context(), fmt.Sprint(i), store.Text("y"), time.Minute); err != nil {
				errs++
			}
		}
	}
	if err := f.Close(); err != nil {
		errs++
	}
	return errs
}
