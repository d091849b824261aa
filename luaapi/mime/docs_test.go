package mime

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocs checks that docs/mime.md has every problem.
func TestDocs(t *testing.T) {
	source, err := os.ReadFile("problem.go")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile("../../docs/mime.md")
	if err != nil {
		t.Fatal(err)
	}
	problems := regexp.MustCompile(`Problem = "(.*?)"`).FindAllSubmatch(source, -1)
	if len(problems) == 0 {
		t.Fatal("no problems in problem.go")
	}
	for _, p := range problems {
		if !strings.Contains(string(docs), "\n| `"+string(p[1])+"` |") {
			t.Errorf("docs/mime.md does not have %q", p[1])
		}
	}
}
