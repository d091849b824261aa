package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// File is a file with mail.
type File struct {
	Path string
	Size int64 // bytes
	Mbox bool  // it has any number of messages
}

// Message is a stored message.
type Message struct {
	Path   string
	Number int    // in an mbox, from 1; 0 in a file of its own
	Text   []byte // as it is stored, without what an mbox adds
	Sender string // that an mbox tells, without brackets
	Stored bool   // an mbox tells the sender
}

// Name returns the file and, for a message of an mbox, its number there.
func (m *Message) Name() string {
	if m.Number == 0 {
		return m.Path
	}
	return fmt.Sprintf("%s#%d", m.Path, m.Number)
}

// Find returns the files at the paths: each file, and all files with mail in each folder, in the order of their names. Skipped counts the
// files of folders that are no mail.
func Find(paths []string) (files []File, skipped int, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, 0, fmt.Errorf("messages: %w", err)
		}
		if !info.IsDir() {
			f := File{Path: path, Size: info.Size()}
			if f.Mbox, _, err = kind(path); err != nil {
				return nil, 0, err
			}
			files = append(files, f)
			continue
		}
		below, others, err := walk(path)
		if err != nil {
			return nil, 0, err
		}
		files, skipped = append(files, below...), skipped+others
	}
	return files, skipped, nil
}

// walk looks through a folder. What cannot be read is taken for mail, so that it is missed when it is to be played.
func walk(root string) (files []File, skipped int, err error) {
	root += string(filepath.Separator) // follows a link
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			files = append(files, File{Path: path})
			return nil
		case d.IsDir() && d.Name() == "tmp" && isMaildir(filepath.Dir(path)):
			return fs.SkipDir
		case !d.Type().IsRegular() || strings.HasPrefix(d.Name(), "."):
			return nil
		}
		f := File{Path: path}
		mail := false
		if f.Mbox, mail, err = kind(path); err == nil && !mail {
			skipped++
			return nil
		}
		if info, err := d.Info(); err == nil {
			f.Size = info.Size()
		}
		files = append(files, f)
		return nil
	})
	return files, skipped, err
}

// isMaildir reports whether a folder is one that mail is delivered to.
func isMaildir(path string) bool {
	for _, name := range []string{"cur", "new"} {
		if info, err := os.Stat(filepath.Join(path, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// headSize is how much of a file is looked at to see what it is, in bytes.
const headSize = 1024

// kind looks at the beginning of a file.
func kind(path string) (mbox, mail bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return false, false, fmt.Errorf("look at a message: %w", err)
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, false, fmt.Errorf("look at a message: %w", err)
	}
	line, _, _ := bytes.Cut(head[:n], []byte("\n"))
	if isFromLine(line) {
		return true, true, nil
	}
	return false, beginsWithField(line), nil
}

// beginsWithField reports whether a line is the first of a header.
func beginsWithField(line []byte) bool {
	name, _, found := bytes.Cut(line, []byte(":"))
	if !found || len(name) == 0 {
		return false
	}
	for _, b := range name {
		if b <= ' ' || b >= 0x7f {
			return false
		}
	}
	return true
}

// Read calls each for every message of a file, in order, until that returns false.
func (f *File) Read(each func(Message) bool) error {
	if !f.Mbox {
		text, err := os.ReadFile(f.Path)
		if err != nil {
			return fmt.Errorf("read a message: %w", err)
		}
		each(Message{Path: f.Path, Text: text})
		return nil
	}
	in, err := os.Open(f.Path)
	if err != nil {
		return fmt.Errorf("read a mailbox: %w", err)
	}
	defer in.Close()
	err = readMbox(bufio.NewReaderSize(in, 1<<16), func(m Message) bool {
		m.Path = f.Path
		return each(m)
	})
	if err != nil {
		return fmt.Errorf("read a mailbox: %w", err)
	}
	return nil
}
