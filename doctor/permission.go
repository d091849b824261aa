package doctor

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"luamilter/engine"
)

// accounts are the users and groups of the examined system.
type accounts struct {
	users  map[string]account
	groups map[string]int // group ids by name
}

// account is a user with all its groups.
type account struct {
	uid    int
	gid    int // of the primary group
	groups []int
}

// readAccounts reads etc/passwd and etc/group below root; what is missing there is unknown.
func readAccounts(root string) accounts {
	a := accounts{users: map[string]account{}, groups: map[string]int{}}
	passwd, _ := readFile(root, "/etc/passwd")
	for l := range strings.Lines(passwd) {
		f := strings.Split(strings.TrimSpace(l), ":")
		if len(f) < 4 {
			continue
		}
		uid, errUID := strconv.Atoi(f[2])
		gid, errGID := strconv.Atoi(f[3])
		if errUID == nil && errGID == nil {
			a.users[f[0]] = account{uid, gid, []int{gid}}
		}
	}
	group, _ := readFile(root, "/etc/group")
	for l := range strings.Lines(group) {
		f := strings.Split(strings.TrimSpace(l), ":")
		if len(f) < 4 {
			continue
		}
		gid, err := strconv.Atoi(f[2])
		if err != nil {
			continue
		}
		a.groups[f[0]] = gid
		for member := range strings.SplitSeq(f[3], ",") {
			if u, ok := a.users[member]; ok {
				u.groups = append(u.groups, gid)
				a.users[member] = u
			}
		}
	}
	return a
}

// may reports whether a user has one of the rights r (4), w (2), x (1) on a file. The first of owner, group and others that fits decides.
func (u account) may(right, owner, group int, mode fs.FileMode) bool {
	switch {
	case u.uid == 0:
		return true
	case u.uid == owner:
		return int(mode)>>6&right != 0
	case slices.Contains(u.groups, group):
		return int(mode)>>3&right != 0
	}
	return int(mode)&right != 0
}

// ownedBy returns whose a file is.
func ownedBy(info fs.FileInfo) (owner, group int, ok bool) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(s.Uid), int(s.Gid), true
}

// closedFolder returns the first folder on the way from base to a path that a user may not pass, "" if there is none that exists. Base and path
// are below root.
func closedFolder(root, base, path string, u account) string {
	folder := base
	inside := strings.Trim(strings.TrimPrefix(path, base), "/")
	for part := range strings.SplitSeq(inside, "/") {
		info, err := os.Stat(below(root, folder))
		if err != nil {
			return ""
		}
		if owner, group, ok := ownedBy(info); ok && !u.may(1, owner, group, info.Mode().Perm()) {
			return folder
		}
		folder = filepath.Join(folder, part)
	}
	return ""
}

// maxLinks bounds the symbolic links on the way to a file, as the kernel does.
const maxLinks = 40

// resolve follows the symbolic links of a path that a process sees whose root is base, a folder below root. What does not exist stays as
// it is. The result begins with base.
func resolve(root, base, path string) string {
	rest := strings.Split(filepath.Clean("/"+path), "/")
	done, links := "/", 0
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		if part == ".." {
			done = filepath.Dir(done)
			continue
		}
		next := filepath.Join(done, part)
		target, err := os.Readlink(below(root, filepath.Join(base, next)))
		if err != nil {
			done = next
			continue
		}
		if links++; links > maxLinks {
			break
		}
		if filepath.IsAbs(target) {
			done = "/"
		}
		rest = append(strings.Split(filepath.Clean(target), "/"), rest...)
	}
	return filepath.Join(base, done)
}

// writable reports whether a user may write to a socket of luamilter's, and if not, what its mode and group are. Before the file is there,
// what luamilter will make is looked at.
func (a accounts) writable(root string, s engine.Spec, file, filterUser string, u account) (what string, ok bool) {
	if info, err := os.Stat(below(root, file)); err == nil {
		owner, group, known := ownedBy(info)
		if !known {
			return "", true
		}
		return fmt.Sprintf("its mode is %04o", info.Mode().Perm()), u.may(2, owner, group, info.Mode().Perm())
	}
	const nobody = -1
	owner, group := nobody, nobody
	if f, known := a.users[filterUser]; known {
		owner, group = f.uid, f.gid
	}
	if s.Owner != "" {
		f, known := a.users[s.Owner]
		if !known {
			return fmt.Sprintf("its owner %s does not exist", s.Owner), false
		}
		owner = f.uid
	}
	if s.Group != "" {
		gid, known := a.groups[s.Group]
		if !known {
			return fmt.Sprintf("its group %s does not exist", s.Group), false
		}
		group = gid
	}
	what = fmt.Sprintf("luamilter makes it with mode %04o", s.Mode)
	if s.Group != "" {
		what += " and group " + s.Group
	}
	return what, u.may(2, owner, group, s.Mode)
}
