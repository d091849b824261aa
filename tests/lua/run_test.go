package lua_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// ask starts lua5.1 once, in a time zone, with a script that answers each line of its input with a line.
func ask(t *testing.T, zone, script string, questions []string) []string {
	t.Helper()
	path, err := exec.LookPath("lua5.1")
	if err != nil {
		if os.Getenv("LUAMILTER_TESTS_COMPLETE") == "1" {
			t.Fatal("lua5.1 is not installed: run tests/install.sh as root")
		}
		t.Skip("lua5.1 is not installed: run tests/install.sh as root")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-e", unhex+script)
	cmd.Env = []string{"TZ=" + zone, "LC_ALL=C"}
	cmd.Stdin = strings.NewReader(strings.Join(questions, "\n") + "\n")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("lua5.1: %v: %s", err, complaint.String())
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(questions) {
		t.Fatalf("lua5.1 answered %d of %d questions: %s", len(answers), len(questions), complaint.String())
	}
	return answers
}

// unhex is the Lua that the scripts have in common: strings travel as hexadecimal digits after an x.
const unhex = `
local function unhex(s) return (s:sub(2):gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end)) end
local function hex(s) return "x" .. s:gsub(".", function(c) return ("%02x"):format(c:byte()) end) end
`

func hexOf(s string) string { return "x" + hex.EncodeToString([]byte(s)) }
