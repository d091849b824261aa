package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// findScripts finds the scripts that a list names, in its order; those of a pattern in the order of their bytes.
func findScripts(key string, list []item) ([]string, Errors) {
	var paths []string
	var errs Errors
	first := map[string]origin{}
	for _, i := range list {
		found, err := expand(i.text)
		if err != nil {
			errs = append(errs, fault(i.from, key, "%v", err))
		}
		for _, file := range found {
			if before, twice := first[file]; twice {
				errs = append(errs, fault(i.from, key, "%s is already listed in %s; a script can run once in a list", file, before))
				continue
			}
			first[file] = i.from
			paths = append(paths, file)
		}
	}
	return paths, errs
}

// expand returns the files that a path or a pattern stands for. What is there under the very name is no pattern.
func expand(text string) ([]string, error) {
	info, err := os.Stat(text)
	switch {
	case err == nil && info.IsDir():
		return nil, fmt.Errorf("%s is a folder; write %s for the scripts in it", text, filepath.Join(text, "*.lua"))
	case err == nil:
		return []string{text}, nil
	case !isPattern(text) || !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	matches, err := filepath.Glob(text)
	if err != nil {
		return nil, fmt.Errorf("the pattern %s cannot be read: a [ has no ], or there is nothing between them", text)
	}
	matches = slices.DeleteFunc(matches, func(file string) bool { return !isScript(file, text) })
	if len(matches) > 0 {
		slices.Sort(matches)
		return matches, nil
	}
	folder := filepath.Dir(text)
	if _, err := os.ReadDir(folder); err != nil && !isPattern(folder) {
		return nil, fmt.Errorf("no script matches %s: %w", text, err)
	}
	return nil, fmt.Errorf("no script matches %s", text)
}

// isScript reports whether a file that a pattern matches is meant: no folder, no hidden file (such as an editor's, unless the pattern asks
// for them), and no test of a script.
func isScript(file, pattern string) bool {
	name := filepath.Base(file)
	if strings.HasPrefix(name, ".") && !strings.HasPrefix(filepath.Base(pattern), ".") || strings.HasSuffix(name, "_test.lua") {
		return false
	}
	info, err := os.Stat(file)
	return err != nil || !info.IsDir() // a link that leads nowhere is an error when it is opened
}
