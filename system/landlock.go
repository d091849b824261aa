//go:build linux

package system

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/landlock-lsm/go-landlock/landlock"
	llsyscall "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// What the three lists of Paths allow; on a file, only what makes sense for one. Moving a file to another folder (REFER) is not
// among it: asking for that on Linux before 5.19 would switch Landlock off.
const (
	allowRead  = landlock.AccessFSSet(llsyscall.AccessFSReadFile | llsyscall.AccessFSReadDir)
	allowWrite = allowRead | landlock.AccessFSSet(llsyscall.AccessFSWriteFile|llsyscall.AccessFSTruncate|
		llsyscall.AccessFSRemoveFile|llsyscall.AccessFSRemoveDir|llsyscall.AccessFSMakeReg|llsyscall.AccessFSMakeDir|
		llsyscall.AccessFSMakeSock|llsyscall.AccessFSMakeFifo|llsyscall.AccessFSMakeSym)
	allowRun = landlock.AccessFSSet(llsyscall.AccessFSReadFile | llsyscall.AccessFSExecute)
	ofFile   = landlock.AccessFSSet(llsyscall.AccessFSReadFile | llsyscall.AccessFSWriteFile | llsyscall.AccessFSTruncate | llsyscall.AccessFSExecute)
)

// Restrict lets the process, and programs it starts, use no other files than those in paths, for good. It returns a sentence for the log
// that says what came into force. A kernel without Landlock restricts nothing, which is no error; a path that does not exist is one.
//
// Files and sockets that are open stay open. Connecting to unix sockets is not restricted.
func Restrict(paths Paths) (enforced string, err error) {
	rules, err := rulesFor(paths)
	if err != nil {
		return "", fmt.Errorf("restrict files: %w", err)
	}
	abi, err := llsyscall.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		return "files are not restricted: this kernel has no Landlock, or it is switched off (Linux 5.13 or later has it; see lsm= on the kernel's command line)", nil
	}
	// V8 is all about files up to Linux 6.19; V9 would restrict connecting to unix sockets.
	err = landlock.V8.BestEffort().RestrictPaths(rules...)
	if errors.Is(err, syscall.E2BIG) {
		return "files stay restricted as they were: this is the last of sixteen successors that Landlock allows; restart luamilter for changed paths to take effect", nil
	}
	if err != nil {
		return "", fmt.Errorf("restrict files by Landlock ABI %d: %w", abi, err)
	}
	return fmt.Sprintf("files are restricted by Landlock ABI %d: %d paths can be read, %d also written, programs can be run from %d, and nothing else",
		abi, len(paths.Read), len(paths.Write), len(paths.Run)), nil
}

// rulesFor looks at each path, as a folder has rights that a file has not.
func rulesFor(paths Paths) ([]landlock.Rule, error) {
	var rules []landlock.Rule
	for _, list := range []struct {
		paths []string
		allow landlock.AccessFSSet
	}{{paths.Read, allowRead}, {paths.Write, allowWrite}, {paths.Run, allowRun}} {
		for _, path := range list.paths {
			info, err := os.Stat(path)
			if err != nil {
				return nil, fmt.Errorf("%w; create it, or name the folder that it will be in", err)
			}
			allow := list.allow
			if !info.IsDir() {
				allow &= ofFile
			}
			rules = append(rules, landlock.PathAccess(allow, path))
		}
	}
	return rules, nil
}
