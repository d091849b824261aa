package lua_test

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"luamilter/tests/mta"
)

//go:embed driver.lua
var driver string

// errSlow is what a question ends with that lua5.1 did not answer in time.
var errSlow = errors.New("lua5.1: no answer in time")

// oracle is a running lua5.1. It answers one question after the other; one that it failed to answer was its last.
type oracle struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// newOracle starts a lua5.1, which ends with the test. Where there is none, the test is skipped.
func newOracle(t testing.TB) *oracle {
	t.Helper()
	process := exec.Command(mta.NeedProgram(t, "lua5.1"), "-e", driver)
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	o := &oracle{process: process, in: in, out: bufio.NewReaderSize(out, 1<<16)}
	t.Cleanup(o.stop)
	return o
}

func (o *oracle) stop() {
	_ = o.in.Close()
	_ = o.process.Process.Kill()
	_ = o.process.Wait() // of a process that was killed: its state is no news
}

// ask runs a chunk, which gets the argument as "...", and returns the text that it returns. An error that it raises is an error.
func (o *oracle) ask(chunk, argument string, within time.Duration) (string, error) {
	late := time.AfterFunc(within, func() { _ = o.process.Process.Kill() })
	text, err := o.exchange(chunk, argument)
	if !late.Stop() {
		return "", errSlow
	}
	return text, err
}

func (o *oracle) exchange(chunk, argument string) (string, error) {
	if _, err := fmt.Fprintf(o.in, "%d %d\n%s%s", len(chunk), len(argument), chunk, argument); err != nil {
		return "", fmt.Errorf("ask lua5.1: %w", err)
	}
	var status string
	var n int
	if _, err := fmt.Fscanf(o.out, "%s %d\n", &status, &n); err != nil {
		return "", fmt.Errorf("answer of lua5.1: %w", err)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(o.out, text); err != nil {
		return "", fmt.Errorf("answer of lua5.1: %w", err)
	}
	if status != "ok" {
		return "", fmt.Errorf("lua5.1: %s", text)
	}
	return string(text), nil
}

// ask starts lua5.1 once, in a time zone, with a script that answers each line of its input with a line.
func ask(t *testing.T, zone, script string, questions []string) []string {
	t.Helper()
	path := mta.NeedProgram(t, "lua5.1")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
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
