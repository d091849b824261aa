package daemon

import (
	"io/fs"
	"syscall"
)

// signOf returns what tells a file from itself after a change. The time of the last change of the inode shows also where a tool sets the
// other time back.
func signOf(info fs.FileInfo) sign {
	s := sign{folder: info.IsDir(), size: info.Size(), written: info.ModTime().UnixNano()}
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		s.inode, s.changed = st.Ino, st.Ctim.Nano()
	}
	return s
}
