//go:build linux

package system

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// maxLinks is how many symbolic links may lead to a script, as in the kernel (path_resolution(7)).
const maxLinks = 40

// CheckScripts refuses scripts that anybody but root and owner could change, when the process is root; otherwise it looks at nothing.
// owner is the user that luamilter becomes, or "" for root alone. A path may be a folder: then all that is in it is looked at, as should
// be done where scripts have modules.
//
// Each folder on the way counts too, from / on and along symbolic links: who can write to it can put another file in its place, but
// for one with the sticky bit, such as /tmp, where only the owner of a file can.
func CheckScripts(paths []string, owner string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	trusted := []uint32{0}
	if owner != "" {
		who, err := lookUp(owner, "", false)
		if err != nil {
			return fmt.Errorf("check who can change the scripts: %w", err)
		}
		trusted = append(trusted, uint32(who.uid))
	}
	return checkAll(paths, trusted)
}

// checkAll returns an error for the first path that somebody else than trusted could change.
func checkAll(paths []string, trusted []uint32) error {
	w := walk{trusted: trusted, seen: map[string]bool{}}
	for _, path := range paths {
		if err := w.all(path); err != nil {
			return fmt.Errorf("trust %s: %w", path, err)
		}
	}
	return nil
}

// walk is the way to the scripts.
type walk struct {
	trusted []uint32
	seen    map[string]bool // files and folders that are right
}

// all looks at a path, and at what is in it.
func (w *walk) all(path string) error {
	if !filepath.IsAbs(path) {
		wd, err := os.Getwd()
		if err != nil {
			return err
		}
		path = wd + "/" + path
	}
	found, err := w.to(path)
	if err != nil {
		return err
	}
	return filepath.WalkDir(found, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			_, err = w.to(path)
		}
		if path != found && errors.Is(err, fs.ErrNotExist) { // a link to nowhere, as editors make
			return nil
		}
		return err
	})
}

// to looks at everything on the way along an absolute path, as the kernel goes it, and returns where it leads to.
func (w *walk) to(path string) (string, error) {
	at, rest := "/", strings.Split(path, "/")
	if err := w.check(at); err != nil {
		return "", err
	}
	for links := 0; len(rest) > 0; {
		name := rest[0]
		rest = rest[1:]
		if name == "" || name == "." {
			continue
		}
		next := filepath.Join(at, name) // to the folder above for .., as at has no links
		if err := w.check(next); err != nil {
			return "", err
		}
		target, err := os.Readlink(next)
		switch {
		case errors.Is(err, syscall.EINVAL): // no link
			at = next
			continue
		case err != nil:
			return "", err
		case links == maxLinks:
			return "", fmt.Errorf("%s: %w", next, syscall.ELOOP)
		case filepath.IsAbs(target):
			at = "/"
		}
		links++
		rest = append(strings.Split(target, "/"), rest...)
	}
	return at, nil
}

// check looks at one file or folder. The mode tells of access lists as well: their mask is shown as the mode of the group.
func (w *walk) check(path string) error {
	if w.seen[path] {
		return nil
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("%s: the file system does not tell who owns it", path)
	}
	mode := info.Mode()
	safe := mode&fs.ModeSymlink != 0 || mode.IsDir() && mode&fs.ModeSticky != 0 || mode.Perm()&0o022 == 0
	remedy := ""
	switch {
	case !slices.Contains(w.trusted, stat.Uid):
		remedy = "chown -h root " + quote(path)
	case !safe:
		remedy = "chmod go-w " + quote(path)
	default:
		w.seen[path] = true
		return nil
	}
	return fmt.Errorf("%s has mode %s and owner %s, so others than root could change what runs; run: %s (or keep scripts in /etc/luamilter)",
		path, octal(mode), ownerName(stat.Uid), remedy)
}

// octal returns the mode as chmod takes it.
func octal(mode fs.FileMode) string {
	bits := uint32(mode.Perm())
	for i, special := range []fs.FileMode{fs.ModeSticky, fs.ModeSetgid, fs.ModeSetuid} {
		if mode&special != 0 {
			bits |= 0o1000 << i
		}
	}
	return fmt.Sprintf("%04o", bits)
}

func ownerName(uid uint32) string {
	id := strconv.FormatUint(uint64(uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}

// quote writes a word as a shell takes it.
func quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+@%=:,", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
