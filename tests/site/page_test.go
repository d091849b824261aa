package site

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// block is a file on the page: its first line is a comment with its name.
var block = regexp.MustCompile("(?ms)^```[a-z0-9]+\n((?:#|--|dnl) ([a-z_.]+)\n.*?)^```$")

// files returns the files that docs/scaling.md shows, by their names.
func files(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/scaling.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		if found[m[2]] != "" {
			t.Errorf("docs/scaling.md has %s twice", m[2])
		}
		found[m[2]] = m[1]
	}
	return found
}

// TestFiles finds what TestSite uses on the page, where that test is skipped as well.
func TestFiles(t *testing.T) {
	found := files(t)
	for name, want := range map[string]string{
		"haproxy.cfg": "server filter1 192.0.2.11:8891", "luamilter.toml": `name = "filter1"`, "site.lua": "function mail(",
		"redis.conf": "bind 192.0.2.21", "sentinel.conf": "bind 192.0.2.31", "main.cf": "smtpd_milters =", "sendmail.mc": "INPUT_MAIL_FILTER(",
	} {
		if !strings.Contains(found[name], want) {
			t.Errorf("%s is not on the page, or has no %q", name, want)
		}
	}
}
