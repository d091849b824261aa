package main

import (
	"os"
	"testing"
)

// TestDocs compares docs/reference.md with what the entries of the functions make.
func TestDocs(t *testing.T) {
	const path = "../../docs/reference.md"
	code, stdout, stderr := run("docs")
	if code != 0 || stderr != "" {
		t.Fatalf("exit code %d, %s", code, stderr)
	}
	if *update {
		if err := os.WriteFile(path, []byte(stdout), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != stdout {
		t.Errorf("%s is not what luamilter docs prints; run go test ./cmd/luamilter -run TestDocs -update and look at the difference", path)
	}
}
