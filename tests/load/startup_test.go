package main

import (
	"os"
	"strings"
	"testing"
)

func TestStartUp(t *testing.T) {
	b, out, notes := ownBench(t)
	b.scripts = 3
	if err := b.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !b.bad {
		t.Error("nothing is found wrong")
	}
	says(t, out, "start with 3 scripts", "start ms", "self")
	says(t, notes, "start 5 of 5: self", "added X-Header-Count", "none: it ended: exit status 1")
	if strings.Contains(out.String(), "none") {
		t.Errorf("a filter that did not start is in the table:\n%s", out)
	}
}

func TestWriteScripts(t *testing.T) {
	for number, last := range map[int]string{1: "X-Rcpt-Count", 20: "sender20@noisy.example"} {
		dir := t.TempDir()
		if err := unpack(dir); err != nil {
			t.Fatal(err)
		}
		paths, err := writeScripts(dir, number)
		if err != nil || len(paths) != number {
			t.Fatalf("%d scripts: %d, %v", number, len(paths), err)
		}
		text, err := os.ReadFile(paths[number-1])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), last) {
			t.Errorf("the last of %d scripts is\n%s", number, text)
		}
	}
}
