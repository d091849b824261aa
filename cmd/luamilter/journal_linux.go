package main

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// toJournal reports whether a file is what systemd's journal reads: JOURNAL_STREAM names its device and inode (systemd.exec(5)).
func toJournal(w io.Writer, stream string) bool {
	f, ok := w.(*os.File)
	if !ok || stream == "" {
		return false
	}
	info, err := f.Stat()
	if err != nil {
		return false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && stream == fmt.Sprintf("%d:%d", st.Dev, st.Ino)
}
