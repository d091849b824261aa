//go:build linux

package system

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestDropErrors(t *testing.T) {
	cases := []struct {
		name, user, group string
		want              []string
	}{
		{"unknown user", "lm-no-such-user", "", []string{`become user "lm-no-such-user": there is no user`, "make it: useradd --system", "/nologin lm-no-such-user"}},
		{"mistyped user", "rooot", "", []string{"did you mean root?"}},
		{"unknown number", "1999999999", "", []string{`there is no user "1999999999"`}},
		{"unknown group", "nobody", "lm-no-such-group", []string{`become user "nobody"`, `no group "lm-no-such-group"`, "make it: groupadd --system lm-no-such-group"}},
		{"nobody at all", "", "", []string{`there is no user ""`}},
		{"a name for the shell", "a; b", "", []string{"/nologin 'a; b'"}},
		{"root", "root", "", []string{"that is root", "name another"}},
		{"root by number", "0", "", []string{"that is root"}},
		{"the group of root", "nobody", "root", []string{"that is root or its group"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			mustSay(t, Drop(c.user, c.group, true), c.want...)
		})
	}
}

func TestRestrictNeedsWhatIsNamed(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "absent")
	for name, paths := range map[string]Paths{"read": {Read: []string{absent}}, "write": {Write: []string{absent}}, "run": {Run: []string{absent}}} {
		t.Run(name, func(t *testing.T) {
			_, err := Restrict(paths)
			mustSay(t, err, "restrict files:", absent, "no such file", "create it")
		})
	}
}

// TestMailFilterPaths sees that all of them exist, so that Restrict takes them, and that resolving names stays possible.
func TestMailFilterPaths(t *testing.T) {
	paths := MailFilterPaths().With(Paths{Read: []string{"/"}, Run: []string{"/"}})
	for _, path := range slices.Concat(paths.Read, paths.Write, paths.Run) {
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if !slices.Contains(paths.Read, "/etc") || !slices.Contains(paths.Write, "/dev/null") || !slices.Contains(paths.Read, "/") {
		t.Errorf("got %v", paths)
	}
}
