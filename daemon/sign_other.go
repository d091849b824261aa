//go:build !linux

package daemon

import "io/fs"

// signOf returns what tells a file from itself after a change.
func signOf(info fs.FileInfo) sign {
	return sign{folder: info.IsDir(), size: info.Size(), written: info.ModTime().UnixNano()}
}
