package mime

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"luamilter/luaapi/fieldvalue"
)

// maxName is the most that file systems take, in bytes.
const maxName = 255

// describeName finds the file names, of which there may be six: readers prefer Content-Disposition to Content-Type, and the forms of
// RFC 2231 to the plain one.
func (p *Part) describeName(disposition []Param) {
	p.addName(disposition, "filename")
	p.addName(p.Params, "name")
	if len(p.Filenames) == 0 {
		if p.Disposition == "attachment" && !p.IsMultipart() && !p.IsMessage() {
			p.flag(NoName)
		}
		return
	}
	p.Filename = p.Filenames[0]
	p.Extension = extension(p.Filename)
	if len(p.Filenames) > 1 {
		p.flag(DifferentNames)
	}
	for _, name := range p.Filenames {
		p.flagName(name)
	}
}

// addName adds the names that a parameter gives in its forms, of two in one form the first.
func (p *Part) addName(params []Param, key string) {
	readings := fieldvalue.Readings(params, key)
	for i, r := range readings {
		if i > 0 && r.Form == readings[i-1].Form {
			continue
		}
		if r.Flaws&(fieldvalue.Gap|fieldvalue.BadBytes) != 0 {
			p.flag(BrokenName)
		}
		p.addOne(r.Text)
	}
}

func (p *Part) addOne(name string) {
	if name != "" && !slices.Contains(p.Filenames, name) {
		p.Filenames = append(p.Filenames, name)
	}
}

// flagName flags what is a trick in a file name, or may become one.
func (p *Part) flagName(name string) {
	base := name
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		p.flag(PathName)
		base = name[i+1:]
	}
	if len(name) > maxName {
		p.flag(LongName)
	}
	if strings.TrimRight(base, ". ") != base {
		p.flag(TrailingName)
	}
	if isDouble(name) {
		p.flag(DoubleExtension)
	}
	for _, r := range name {
		switch {
		case unicode.IsControl(r):
			p.flag(ControlName)
		case isBidi(r):
			p.flag(BidiName)
		case isInvisible(r):
			p.flag(InvisibleName)
		}
	}
}

// isBidi reports whether a character changes the direction of writing without being seen.
func isBidi(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// isInvisible reports whether a character takes no room, or looks like a blank and is none.
func isInvisible(r rune) bool {
	if r < 0x80 {
		return false
	}
	switch r {
	case 0x115f, 0x1160, 0x3164, 0xffa0: // Hangul fillers
		return true
	}
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) ||
		r >= 0xfe00 && r <= 0xfe0f || r >= 0xe0100 && r <= 0xe01ef
}

// onWindows returns the name that a file gets on Windows: the last element of the path, where a NUL ends the name, a colon begins a
// stream's name, and dots and blanks at the end are taken away. What is not seen is left out.
func onWindows(name string) string {
	name, _, _ = strings.Cut(name, "\x00")
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if i := strings.IndexByte(name, ':'); i > 1 {
		name = name[:i]
	}
	return strings.TrimRight(strings.Map(visible, name), ". ")
}

// extension returns what is behind the last dot of the name on Windows.
func extension(name string) string {
	name = onWindows(name)
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return ""
	}
	return strings.ToLower(strings.TrimLeft(name[dot+1:], " "))
}

func visible(r rune) rune {
	if unicode.IsControl(r) || isBidi(r) || isInvisible(r) {
		return -1
	}
	return r
}

// shownFirst are extensions that people trust, and that are often put before the real one.
var shownFirst = strings.Fields("avi bmp csv doc docx eml gif htm html jpeg jpg mov mp3 mp4 odt pdf png ppt pptx rtf tif tiff txt wav xls xlsx xml")

// isDouble reports whether an extension that people trust stands before another.
func isDouble(name string) bool {
	last := extension(name)
	if last == "" {
		return false
	}
	before := strings.TrimRight(strings.TrimSuffix(strings.ToLower(onWindows(name)), last), ". ")
	dot := strings.LastIndexByte(before, '.')
	return dot >= 0 && dot+1 < len(before) && slices.Contains(shownFirst, before[dot+1:])
}

// VisibleName returns the file name with everything in it that is not seen written as <U+202E>: for people to read.
func (p *Part) VisibleName() string {
	var out strings.Builder
	for _, r := range p.Filename {
		if r == utf8.RuneError || visible(r) < 0 {
			fmt.Fprintf(&out, "<U+%04X>", r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}
