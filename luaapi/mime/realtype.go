package mime

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// maxMagic is how much of the content tells its type, in bytes; maxZip is how much of it that does in zip files, in which the types that are
// built on zip (those of Office, jar, apk) differ by the names of what is in them.
const (
	maxMagic = 4 << 10
	maxZip   = 1 << 20
)

// RealType returns the type that the beginning of the content has, whatever the header says, such as application/pdf:
// text/plain for text that is nothing else, application/octet-stream for what is not known. It looks at 4 KiB, at 1 MiB of zip files.
func (p *Part) RealType() string {
	r := p.Reader()
	content := readUpTo(r, nil, maxMagic)
	if bytes.HasPrefix(content, []byte(zipEntry)) {
		content = zipNames(readUpTo(r, content, min(maxZip, p.Content.Len())))
	}
	main, _, _ := strings.Cut(mimetype.Detect(content).String(), ";")
	return main
}

// readUpTo appends what is read, until there are so many bytes or the end is reached.
func readUpTo(r io.Reader, to []byte, most int64) []byte {
	out := bytes.NewBuffer(to)
	more := max(0, most-int64(len(to)))
	out.Grow(int(more))
	_, _ = io.CopyN(out, r, more) // a source that ends early has less in it
	return out.Bytes()
}

// Parts of the header of an entry in a zip file (APPNOTE.TXT section 4.3.7), as offsets in bytes.
const (
	zipEntry    = "PK\x03\x04" // begins it
	zipPacked   = 18           // size of what follows it, 0 or a lie in some files
	zipNameLen  = 26
	zipExtraLen = 28
	zipName     = 30
)

// zipNames makes of a zip file a short one for mimetype, which takes the beginning of the first entry and the names of others for what tells
// the type: each folder is in it once, and what is in the entries is left out.
func zipNames(content []byte) []byte {
	const first, longest = 512, 64 // bytes of the first entry, whose content tells some types; bytes of a name
	at := nextZipEntry(content, 0)
	out := append(make([]byte, 0, maxMagic), content[:min(at, first)]...)
	seen := map[string]bool{}
	for ; at < len(content) && len(out) < maxMagic; at = nextZipEntry(content, at) {
		_, name := zipEntryAt(content, at)
		name = name[:min(len(name), longest)]
		folder := name[:bytes.LastIndexByte(name, '/')+1]
		if len(name) == 0 || len(folder) > 0 && seen[string(folder)] {
			continue
		}
		seen[string(folder)] = true
		header := make([]byte, zipName)
		copy(header, zipEntry)
		binary.LittleEndian.PutUint16(header[zipNameLen:], uint16(len(name)))
		out = append(append(out, header...), name...)
	}
	return out
}

// zipEntryAt returns how long an entry says that it is, and its name; 0 if it is cut off.
func zipEntryAt(content []byte, at int) (size int, name []byte) {
	entry := content[at:]
	if len(entry) < zipName {
		return 0, nil
	}
	end := zipName + int(binary.LittleEndian.Uint16(entry[zipNameLen:]))
	if len(entry) < end {
		return 0, nil
	}
	return end + int(binary.LittleEndian.Uint16(entry[zipExtraLen:])) + int(binary.LittleEndian.Uint32(entry[zipPacked:])), entry[zipName:end]
}

// nextZipEntry returns where the entry after that one begins, the end of content if there is none. Where its size is a lie, that is where
// the next one seems to begin.
func nextZipEntry(content []byte, at int) int {
	const directory = "PK\x01\x02" // follows the last entry
	size, _ := zipEntryAt(content, at)
	if next := at + size; size > 0 && next < len(content) {
		switch rest := content[next:]; {
		case bytes.HasPrefix(rest, []byte(zipEntry)):
			return next
		case bytes.HasPrefix(rest, []byte(directory)):
			return len(content)
		}
	}
	from := at + len(zipEntry)
	if i := bytes.Index(content[from:], []byte(zipEntry)); i >= 0 {
		return from + i
	}
	return len(content)
}
