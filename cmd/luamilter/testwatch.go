package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// lookEvery is how often files are looked at.
const lookEvery = 300 * time.Millisecond

// maxSeen bounds how many files are looked at.
const maxSeen = 20_000

// seen is what changes when a file does.
type seen struct {
	size    int64
	written time.Time
}

// watch runs the tests whenever a file has changed, until ctx is done.
func (c *testCmd) watch(ctx context.Context, t *terminal, only *regexp.Regexp) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var tested map[string]seen
	for {
		if now := c.look(); !maps.Equal(now, tested) {
			tested = now
			if err := c.once(t, only); err != nil && !errors.Is(err, errFound) {
				fmt.Fprintf(t.stderr, "luamilter: %v\n", err)
			}
			fmt.Fprintln(t.stdout, "waiting for changes; Ctrl-C ends it")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look returns what there is in the folders of the tests and below: scripts, tests and messages.
func (c *testCmd) look() map[string]seen {
	files := map[string]seen{}
	for _, path := range c.Paths {
		if strings.HasSuffix(path, ".lua") {
			path = filepath.Dir(path)
		}
		_ = filepath.WalkDir(path, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil: // one that is gone will be seen when it is back
				return nil
			case len(files) >= maxSeen:
				return fs.SkipAll
			case entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && len(entry.Name()) > 1:
				return fs.SkipDir
			case entry.IsDir() || path == c.JUnit || path == c.LCOV:
				return nil
			}
			if info, err := entry.Info(); err == nil {
				files[path] = seen{info.Size(), info.ModTime()}
			}
			return nil
		})
	}
	return files
}
