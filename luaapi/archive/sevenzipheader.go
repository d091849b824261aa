package archive

import (
	"io/fs"
	"time"
	"unicode/utf16"
)

// sevenZipArchive is what a header says.
type sevenZipArchive struct {
	files   []sevenZipFile
	streams sevenZipStreams
}

// sevenZipFile is an entry, and whether it has content.
type sevenZipFile struct {
	entry  Entry
	stream bool
}

// sevenZipStreams says where contents are.
type sevenZipStreams struct {
	folders []sevenZipFolder
	sizes   []int64 // of contents, in the order of files
}

// sevenZipFolder is what is packed together.
type sevenZipFolder struct {
	coders  []sevenZipCoder
	inputs  int   // packed streams
	outputs int   // of all coders
	main    int   // the output that is the content
	offset  int64 // of the packed data, behind the signature header
	packed  int64
	size    int64 // unpacked
	streams int   // contents
	summed  bool  // has a checksum
}

type sevenZipCoder struct {
	method     string
	properties []byte
}

// What follows in a header, as 7-zip's 7zFormat.txt numbers it.
const (
	sevenZipEnd = iota
	_
	sevenZipProperties
	sevenZipAdditional
	sevenZipMain
	sevenZipFiles
	sevenZipPack
	sevenZipUnpack
	sevenZipSub
	sevenZipSizes
	sevenZipSums
	sevenZipFolders
	sevenZipUnpackSizes
	sevenZipUnpackStreams
	sevenZipEmptyStream
	sevenZipEmptyFile
	sevenZipAnti
	sevenZipNames
	_
	_
	sevenZipModified
	sevenZipAttributes
	_
	_
	_
	sevenZipDummy
)

// errSevenZip is what a header ends with that contradicts itself.
const errSevenZip = flaw("is damaged: 7z: bad header")

// sevenZipCursor reads a header. No count is believed that the bytes which are left could not hold, so memory is bounded by the header.
// Of files no more are taken than may be listed.
type sevenZipCursor struct {
	cursor
	most int // files, or folders
}

// number reads a number of one to nine bytes; the first has as many leading ones as bytes follow.
func (c *sevenZipCursor) number() uint64 {
	first := c.byte()
	following := uint64(0)
	for mask := byte(0x80); mask != 0 && first&mask != 0; mask >>= 1 {
		following++
	}
	n := c.word(following)
	if following < 7 {
		n |= uint64(first&(0x7f>>following)) << (8 * following)
	}
	return n
}

// count reads how many things of at least one byte follow.
func (c *sevenZipCursor) count() int {
	n := c.number()
	if n > uint64(len(c.b)) {
		c.b, c.short = nil, true
		return 0
	}
	return int(n)
}

// bits reads a bit for each of n things.
func (c *sevenZipCursor) bits(n int) []bool {
	b := c.take(uint64(n+7) / 8)
	bits := make([]bool, n)
	for i := range bits {
		bits[i] = b != nil && b[i/8]&(0x80>>(i%8)) != 0
	}
	return bits
}

// optionalBits reads the same, where there may be a mark that all are set.
func (c *sevenZipCursor) optionalBits(n int) []bool {
	if c.byte() == 0 {
		return c.bits(n)
	}
	bits := make([]bool, n)
	for i := range bits {
		bits[i] = true
	}
	return bits
}

// sums skips checksums.
func (c *sevenZipCursor) sums(n int) []bool {
	defined := c.optionalBits(n)
	for _, d := range defined {
		if d {
			c.uint32()
		}
	}
	return defined
}

// archive reads a header behind its first byte.
func (c *sevenZipCursor) archive() (*sevenZipArchive, error) {
	a := &sevenZipArchive{}
	id := c.byte()
	if id == sevenZipProperties {
		for c.number() != sevenZipEnd && !c.short {
			c.take(c.number())
		}
		id = c.byte()
	}
	if id == sevenZipAdditional {
		if _, err := c.streams(); err != nil {
			return nil, err
		}
		id = c.byte()
	}
	if id == sevenZipMain {
		streams, err := c.streams()
		if err != nil {
			return nil, err
		}
		a.streams = streams
		id = c.byte()
	}
	if id != sevenZipFiles {
		return a, nil
	}
	var err error
	a.files, err = c.files()
	return a, err
}

// files reads the list of entries.
func (c *sevenZipCursor) files() ([]sevenZipFile, error) {
	total := c.count()
	files := make([]sevenZipFile, min(total, c.most+1)) // one more, so that it is noticed
	for i := range files {
		files[i].stream = true
	}
	var empty []int
	seen := uint64(0)
	for !c.short {
		id := c.number()
		if id == sevenZipEnd {
			break
		}
		property := sevenZipCursor{cursor: cursor{b: c.take(c.number())}}
		if id < 64 && id != sevenZipDummy {
			c.short = c.short || seen&(1<<id) != 0 // twice, for which there is no reason but to cost time
			seen |= 1 << id
		}
		switch id {
		case sevenZipEmptyStream:
			empty = property.empty(files)
		case sevenZipEmptyFile:
			for i, file := range property.bits(len(empty)) {
				files[empty[i]].entry.Dir = !file
			}
		case sevenZipNames:
			property.names(files)
		case sevenZipModified:
			property.times(files, total)
		case sevenZipAttributes:
			property.attributes(files, total)
		}
		c.short = c.short || property.short
	}
	if c.short {
		return nil, errSevenZip
	}
	return files, nil
}

// empty reads which entries have no content, and returns them: folders, unless it is said that they are files.
func (c *sevenZipCursor) empty(files []sevenZipFile) []int {
	var empty []int
	for i, without := range c.bits(len(files)) {
		files[i].stream = !without
		files[i].entry.Dir = without
		if without {
			empty = append(empty, i)
		}
	}
	return empty
}

// names reads the names, in UTF-16 and each with a NUL behind it.
func (c *sevenZipCursor) names(files []sevenZipFile) {
	if c.byte() != 0 { // they are elsewhere, which no program does
		c.short = true
		return
	}
	var name []uint16
	for i := range files {
		name = name[:0]
		for u := c.uint16(); u != 0; u = c.uint16() {
			name = append(name, u)
		}
		files[i].entry.Name = string(utf16.Decode(name))
	}
}

// times reads when entries were modified, in 100 ns since 1601.
func (c *sevenZipCursor) times(files []sevenZipFile, total int) {
	defined := c.optionalBits(total)
	if c.byte() != 0 {
		return
	}
	for i := range files {
		if defined[i] {
			files[i].entry.Modified = windowsTime(c.uint64())
		}
	}
}

// windowsTime returns the time that is so many 100 ns after 1601.
func windowsTime(ticks uint64) time.Time {
	const perSecond, until1970 = 10_000_000, 11_644_473_600
	return time.Unix(int64(ticks/perSecond)-until1970, int64(ticks%perSecond)*100).UTC()
}

// attributes reads those of Windows, which have those of Unix in their upper half if a bit says so.
func (c *sevenZipCursor) attributes(files []sevenZipFile, total int) {
	const readOnly, folder, unix = 0x01, 0x10, 0x8000
	defined := c.optionalBits(total)
	if c.byte() != 0 {
		return
	}
	for i := range files {
		if !defined[i] {
			continue
		}
		a, e := c.uint32(), &files[i].entry
		switch {
		case a&unix != 0:
			e.Mode = unixMode(a >> 16)
		case a&readOnly != 0:
			e.Mode = 0o444
		default:
			e.Mode = 0o666
		}
		if a&folder != 0 {
			e.Mode |= fs.ModeDir
		}
		e.Dir = e.Dir || e.Mode.IsDir()
	}
}
