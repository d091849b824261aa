//go:build linux

package system

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"

	llsyscall "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"

	"luamilter/luaapi/lint"
)

// identity is whom a process becomes.
type identity struct {
	uid, gid int
	groups   []int // supplementary
}

// Drop gives up root for good: the process becomes userName, in groupName or else the user's own group, and with supplementary in all
// groups of that user, else in no other. Then it calls Harden. Whatever is left that would lead back to root is an error.
//
// A process that is not root but that user already, as a successor is, is only hardened.
func Drop(userName, groupName string, supplementary bool) error {
	who, err := lookUp(userName, groupName, supplementary)
	if err == nil {
		err = who.become()
	}
	if err != nil {
		return fmt.Errorf("become user %q: %w", userName, err)
	}
	return Harden()
}

// become changes all threads; see the package's decisions.
func (who identity) become() error {
	if who.uid == 0 || who.gid == 0 {
		return errors.New("that is root or its group, and nothing would be given up; name another one")
	}
	if os.Geteuid() != 0 {
		if os.Geteuid() == who.uid && os.Getuid() == who.uid && os.Getegid() == who.gid {
			return nil
		}
		return fmt.Errorf("only root can; start luamilter as root, or as that user (now it is uid %d, gid %d), or name no user", os.Geteuid(), os.Getegid())
	}
	// In this order: each step takes away the right to what comes before.
	if err := syscall.Setgroups(who.groups); err != nil {
		return fmt.Errorf("set supplementary groups %v: %w", who.groups, err)
	}
	if err := syscall.Setresgid(who.gid, who.gid, who.gid); err != nil {
		return fmt.Errorf("set gid %d: %w", who.gid, err)
	}
	if err := syscall.Setresuid(who.uid, who.uid, who.uid); err != nil {
		return fmt.Errorf("set uid %d: %w", who.uid, err)
	}
	return who.verify()
}

// verify tries the ways back.
func (who identity) verify() error {
	if syscall.Setuid(0) == nil || syscall.Setgid(0) == nil {
		return errors.New("the way back to root is still open; this is a fault of luamilter or of the kernel, do not run it so")
	}
	if os.Getuid() != who.uid || os.Geteuid() != who.uid || os.Getgid() != who.gid || os.Getegid() != who.gid {
		return fmt.Errorf("uid %d and gid %d did not come into force", who.uid, who.gid)
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData // 64 bits in two halves
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return fmt.Errorf("look at the capabilities: %w", err)
	}
	for _, half := range sets {
		if half.Permitted|half.Effective != 0 {
			return errors.New("capabilities are left; start luamilter without the secure bits that keep them (capsh --print shows them)")
		}
	}
	return nil
}

// Harden gives up, for all threads and for programs started later, the rights that come with a file (no_new_privs), and for this process
// core dumps and being traced by others of the same user: mail is in its memory.
func Harden() error {
	if err := llsyscall.AllThreadsPrctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	// A change of the uid sets it anew, so it comes afterwards. It belongs to the memory, which all threads share.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("set the core limit to 0: %w", err)
	}
	return nil
}

// lookUp finds a user and a group by name or number.
func lookUp(userName, groupName string, supplementary bool) (identity, error) {
	u, err := user.Lookup(userName)
	if err != nil && isNumber(userName) {
		u, err = user.LookupId(userName)
	}
	if err != nil {
		return identity{}, unknown(err, "user", userName, "/etc/passwd", "useradd --system --user-group --no-create-home --shell /usr/sbin/nologin ")
	}
	gid := u.Gid
	if groupName != "" {
		g, err := user.LookupGroup(groupName)
		if err != nil && isNumber(groupName) {
			g, err = user.LookupGroupId(groupName)
		}
		if err != nil {
			return identity{}, unknown(err, "group", groupName, "/etc/group", "groupadd --system ")
		}
		gid = g.Gid
	}
	ids := []string{u.Uid, gid}
	if supplementary {
		groups, err := u.GroupIds()
		if err != nil {
			return identity{}, fmt.Errorf("find its groups: %w", err)
		}
		ids = append(ids, groups...)
	}
	var numbers []int
	for _, id := range ids {
		n, err := strconv.ParseUint(id, 10, 31)
		if err != nil {
			return identity{}, fmt.Errorf("id %q: %w", id, err)
		}
		numbers = append(numbers, int(n))
	}
	return identity{uid: numbers[0], gid: numbers[1], groups: numbers[2:]}, nil
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}

// unknown says of a user or group that could not be looked up what to do.
func unknown(err error, kind, name, file, command string) error {
	var noUser user.UnknownUserError
	var noUserID user.UnknownUserIdError
	var noGroup user.UnknownGroupError
	var noGroupID user.UnknownGroupIdError
	if !errors.As(err, &noUser) && !errors.As(err, &noUserID) && !errors.As(err, &noGroup) && !errors.As(err, &noGroupID) {
		return fmt.Errorf("look up %s %q: %w", kind, name, err)
	}
	meant := ""
	if near := lint.Nearest(name, namesIn(file)); near != "" {
		meant = fmt.Sprintf(" (did you mean %s?)", near)
	}
	return fmt.Errorf("there is no %s %q%s; make it: %s%s", kind, name, meant, command, quote(name))
}

// namesIn returns the first words of the lines of /etc/passwd or /etc/group; none if it cannot be read.
func namesIn(file string) []string {
	text, _ := os.ReadFile(file)
	var names []string
	for line := range strings.Lines(string(text)) {
		if name, _, found := strings.Cut(line, ":"); found && name != "" {
			names = append(names, name)
		}
	}
	return slices.Compact(names)
}
