package system

import (
	"os"
	"path/filepath"
	"slices"
)

// Paths are the files and folders, with all that is in them, that Restrict leaves to the process. Symbolic links lead to what they
// name now.
//
// What is granted is the file or folder that is there now, not its name. Editors and package managers replace a file by another of
// the same name: so name the folder, not the file, wherever something is read again at a reload.
type Paths struct {
	Read  []string // may be read
	Write []string // may be read, written, created and removed; sockets too
	Run   []string // may be read and run as a program, for StartSuccessor: the program's folder, and for one that is not static that of ld.so
}

// With returns the paths of both.
func (p Paths) With(more Paths) Paths {
	return Paths{
		Read:  slices.Concat(p.Read, more.Read),
		Write: slices.Concat(p.Write, more.Write),
		Run:   slices.Concat(p.Run, more.Run),
	}
}

// MailFilterPaths returns what every mail filter needs, as far as it exists on this machine.
func MailFilterPaths() Paths {
	read := []string{
		// resolv.conf, hosts, nsswitch.conf, services, localtime, passwd, certificates in ssl and pki. The folder, as the first
		// of them is replaced whenever the network changes; what only root may read stays so.
		"/etc",
		// Where /etc/resolv.conf leads to.
		"/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
		// Where the links in /etc/ssl/certs lead to.
		"/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/var/lib/ca-certificates",
		// Names of time zones.
		"/usr/share/zoneinfo",
		// self, and the length of the queue of a socket that is opened at a reload. Not these two alone: procfs makes a new file of
		// the same name when memory is short, and a grant for the old one is lost (measured on Linux 6.18).
		"/proc",
		"/dev/urandom",
	}
	if target, err := filepath.EvalSymlinks("/etc/resolv.conf"); err == nil && !slices.Contains(read, filepath.Dir(target)) {
		read = append(read, filepath.Dir(target))
	}
	return Paths{Read: existing(read), Write: existing([]string{"/dev/null"})}
}

func existing(paths []string) []string {
	return slices.DeleteFunc(paths, func(path string) bool {
		_, err := os.Stat(path)
		return err != nil
	})
}
