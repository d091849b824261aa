package lint

import (
	"regexp"
	"slices"
	"testing"
)

// FuzzSource looks for source that makes Parse or Check panic, or report lines
// that do not exist.
func FuzzSource(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.lua", "testdata/bad/*.lua"} {
		for _, text := range readFiles(f, pattern) {
			f.Add([]byte(text))
		}
	}
	for _, text := range []string{"\\", "--[==", "[=[", "x = 0x", "\"\\", "f\n(g)", "::a:: goto a", "a.b:c{}.d = ...", "#"} {
		f.Add([]byte(text))
	}
	for _, part := range regexp.MustCompile("(?s)```lua\n(.*?)```").FindAllStringSubmatch(readFiles(f, "../../docs/check.md")["../../docs/check.md"], -1) {
		f.Add([]byte(part[1]))
	}
	api := testAPI()
	f.Fuzz(func(t *testing.T, src []byte) {
		s, err := Parse("fuzz.lua", src)
		if err != nil {
			if _, ok := err.(*SyntaxError); !ok {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		findings := s.Check(api)
		if !slices.IsSortedFunc(findings, func(a, b Finding) int { return a.Line - b.Line }) {
			t.Fatal("findings are not sorted")
		}
		for _, fd := range findings {
			if fd.Line < 1 || fd.Text == "" || fd.Rule == "" {
				t.Fatalf("odd finding %+v", fd)
			}
		}
		s.Macros()
		s.Computed()
		s.Passed()
		s.Requires()
		s.Calls("add_header")
		s.Lines("macros")
		s.GlobalLines("skip")
	})
}
