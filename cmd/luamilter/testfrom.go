package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"luamilter/luatest"
	"luamilter/record"
)

// write writes a test made of a recording.
func (c *testCmd) write(t *terminal) error {
	rec, err := record.Load(c.From)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	path, err := c.target(rec)
	if err != nil {
		return usageError{err}
	}
	text, err := luatest.Golden(rec, path)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("--from: %s is there already; name another file, such as %s", path, strings.TrimSuffix(path, luatest.Suffix)+"_recorded"+luatest.Suffix)
	case err != nil:
		return fmt.Errorf("--from: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	fmt.Fprintf(t.stdout, "wrote %s; run it with: luamilter test %[1]s\n", path)
	return nil
}

// target is the file that a test is written to.
func (c *testCmd) target(rec *record.Recording) (string, error) {
	switch {
	case len(c.Paths) != 1:
		return "", errors.New("--from writes one file; name no more than that")
	case strings.HasSuffix(c.Paths[0], luatest.Suffix):
		return c.Paths[0], nil
	case c.Paths[0] != ".":
		return "", fmt.Errorf("--from writes a file of tests, whose name ends in %s; %s does not", luatest.Suffix, c.Paths[0])
	case len(rec.Scripts) == 0:
		return "", fmt.Errorf("--from: the recording names no script; name the file to write, such as filter%s", luatest.Suffix)
	}
	return strings.TrimSuffix(filepath.Base(rec.Scripts[0]), ".lua") + luatest.Suffix, nil
}
