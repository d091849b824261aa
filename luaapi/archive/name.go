package archive

import (
	"strings"
	"unicode/utf8"
)

// nameProblems returns what is wrong with the name of an entry: what would surprise who unpacks it, or hides what it is.
func nameProblems(name string) []string {
	var problems []string
	check := func(wrong bool, text string) {
		if wrong {
			problems = append(problems, text)
		}
	}
	check(name == "", "has no name")
	slashes := strings.ReplaceAll(name, `\`, "/")
	check(slashes == ".." || strings.HasPrefix(slashes, "../") || strings.HasSuffix(slashes, "/..") || strings.Contains(slashes, "/../"), "has .. in its name")
	check(strings.HasPrefix(slashes, "/") || drive(name), "has an absolute name")
	check(strings.Contains(name, `\`), "has a backslash in its name")
	check(strings.Contains(name, "\x00"), "has a NUL in its name")
	check(strings.ContainsFunc(name, control), "has a control character in its name")
	check(strings.ContainsFunc(name, bidirectional), "has a character in its name that changes the direction of text")
	check(strings.ContainsFunc(name, invisible), "has an invisible character in its name")
	check(!utf8.ValidString(name), "has a name that is not UTF-8")
	check(strings.HasSuffix(name, " ") || strings.HasSuffix(name, "."), "has a name that ends in a blank or a dot")
	return problems
}

// drive reports whether a name begins with a drive, as in "c:x".
func drive(name string) bool {
	return len(name) >= 2 && name[1] == ':' && (name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z')
}

func control(r rune) bool { return r > 0 && r < ' ' || r >= 0x7f && r < 0xa0 }

func bidirectional(r rune) bool {
	return r == 0x61c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

func invisible(r rune) bool {
	return r == 0xad || r >= 0x200b && r <= 0x200d || r >= 0x2060 && r <= 0x2064 || r == 0xfeff
}

// without returns the last part of an archive's name without the extension of its compression: what gzip -d makes of it.
func without(name string, kind Kind) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if base, ok := strings.CutSuffix(name, "."+string(kind)); ok {
		return base
	}
	for _, suffix := range []string{".tgz", ".tbz2", ".tbz", ".txz", ".tzst"} {
		if base, ok := strings.CutSuffix(name, suffix); ok {
			return base + ".tar"
		}
	}
	return name
}
