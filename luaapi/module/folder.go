package module

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MaxSize is the size in bytes of the largest file of Lua that is read: no sane script reaches it.
const MaxSize = 4 << 20

// ErrMissing is the error of Read for a file that is not there.
var ErrMissing = errors.New("is not there")

// Folder is the folder of a script. Nothing outside it can be read through it, by links neither.
type Folder struct {
	path string
	root *os.Root
}

// OpenFolder opens a folder.
func OpenFolder(path string) (*Folder, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, err
	}
	return &Folder{path, root}, nil
}

// Close lets the folder go.
func (f *Folder) Close() { _ = f.root.Close() }

// Path returns the path of a module's file.
func (f *Folder) Path(name string) string {
	return filepath.Join(f.path, filepath.FromSlash(File(name)))
}

// Read returns the text of a module's file; the name must be right. An error is a sentence about the file's path, and is ErrMissing for
// one that is not there.
func (f *Folder) Read(name string) ([]byte, error) {
	path := f.Path(name)
	file := filepath.FromSlash(File(name))
	info, err := f.root.Stat(file)
	if err != nil {
		return nil, f.refused(path, err)
	}
	if err := Readable(path, info); err != nil {
		return nil, err
	}
	in, err := f.root.Open(file)
	if err != nil {
		return nil, f.refused(path, err)
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, MaxSize+1))
	if err != nil {
		return nil, f.refused(path, err)
	}
	return text, nil
}

// refused words an error of the operating system.
func (f *Folder) refused(path string, err error) error {
	var where *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s %w", path, ErrMissing)
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s must not be read by the user that luamilter runs as", path)
	case !errors.As(err, &where):
		return fmt.Errorf("%s: %w", path, err)
	case strings.Contains(where.Err.Error(), "escapes"): // os.Root has no name for this error
		return fmt.Errorf("%s is a link that leads out of the script's folder, %s", path, f.path)
	}
	return fmt.Errorf("%s: %w", path, where.Err)
}

// Readable reports why a file cannot be Lua: it is a folder, a device, or too large.
func Readable(path string, info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return fmt.Errorf("%s is a folder", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no plain file", path)
	case info.Size() > MaxSize:
		return fmt.Errorf("%s has %d bytes; a script has at most %d", path, info.Size(), MaxSize)
	}
	return nil
}

// maxListed bounds how much of a folder is listed, which may be anybody's.
const maxListed = 2000

// Names returns the modules in the folder, some of very many.
func (f *Folder) Names() []string {
	var names []string
	seen := 0
	_ = fs.WalkDir(f.root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if seen++; seen > maxListed {
			return fs.SkipAll
		}
		if err != nil {
			return nil // not ours to read: not a module
		}
		name, isLua := strings.CutSuffix(path, ".lua")
		name = strings.ReplaceAll(name, "/", ".")
		if isLua && !d.IsDir() && CheckName(name) == nil && File(name) == path {
			names = append(names, name)
		}
		return nil
	})
	slices.Sort(names)
	return names
}
