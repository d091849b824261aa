package url

import (
	"slices"
	"strings"
	"unicode"

	"luamilter/luaapi/address"
)

// Note is something odd about a URL.
type Note string

// All there are.
const (
	NoteUser      Note = "user"          // something before an @, which readers may take for the host
	NotePort      Note = "port"          // not the usual port
	NoteIP        Note = "ip"            // an IP address instead of a name
	NoteOddIP     Note = "odd ip"        // which is not written as usual
	NotePunycode  Note = "punycode"      // a name that is not ASCII
	NoteMixed     Note = "mixed scripts" // letters of several scripts in one label
	NoteLookalike Note = "lookalike"     // letters of another script that look like ASCII
	NoteShown     Note = "shown"         // the text of the link shows another domain
)

// Notes returns all notes.
func Notes() []string {
	all := []Note{NoteUser, NotePort, NoteIP, NoteOddIP, NotePunycode, NoteMixed, NoteLookalike, NoteShown}
	out := make([]string, len(all))
	for i, n := range all {
		out[i] = string(n)
	}
	return out
}

func (u *URL) note(n Note) { u.Notes = append(u.Notes, n) }

// noteName notes what is odd about a name.
func (u *URL) noteName() {
	if !strings.Contains(u.Host, "xn--") {
		return
	}
	u.note(NotePunycode)
	name, err := address.ToUnicode(u.Host)
	if err != nil {
		return
	}
	if slices.ContainsFunc(strings.Split(name, "."), mixed) {
		u.note(NoteMixed)
	}
	if Lookalike(name) != "" {
		u.note(NoteLookalike)
	}
}

// mixed reports whether a label has letters of scripts that no language writes together. Japanese, Chinese and Korean have Latin
// letters between their own (UTS 39 section 5.2).
func mixed(label string) bool {
	var latin, asian, other int
	seen := ""
	for _, r := range label {
		switch {
		case unicode.Is(unicode.Latin, r):
			latin = 1
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo):
			asian = 1
		case unicode.IsLetter(r):
			if s := scriptOf(r); s != seen {
				seen = s
				other++
			}
		}
	}
	return other > 1 || other+latin > 1 || other+asian > 1
}

// scriptOf returns the name of the script of a letter.
func scriptOf(r rune) string {
	for _, s := range [...]string{"Cyrillic", "Greek", "Armenian", "Hebrew", "Arabic", "Cherokee", "Georgian", "Thai", "Devanagari"} {
		if unicode.Is(unicode.Scripts[s], r) {
			return s
		}
	}
	return "other"
}

// Letters that look like one of ASCII in most fonts, and that one (Unicode's confusables.txt, for small letters of Cyrillic, Greek,
// Armenian and Latin).
const (
	lookalikes = "аԁеһіјӏорԛѕԝхуԍсвкмтнѵοαρνικυωցհոսօզɡıɑ"
	lookedLike = "adehijlopqswxygcbkmthvoapvikuwghnuoqgia"
)

// Lookalike returns what a name in Unicode looks like, if that is another name in ASCII, and "" if it looks like itself.
func Lookalike(name string) string {
	from, changed := []rune(lookalikes), false
	var out strings.Builder
	for _, r := range name {
		switch i := slices.Index(from, r); {
		case i >= 0:
			out.WriteByte(lookedLike[i])
			changed = true
		case r < unicode.MaxASCII:
			out.WriteRune(r)
		default:
			return ""
		}
	}
	if !changed {
		return ""
	}
	return out.String()
}
