package mta

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// Python gives a Python program a question in JSON on each line of its standard input, and returns its answers, which are as many lines.
func Python[T any](t testing.TB, program string, questions []T) [][]byte {
	t.Helper()
	var in strings.Builder
	for _, q := range questions {
		line, err := json.Marshal(q)
		if err != nil {
			t.Fatal(err)
		}
		in.WriteString(string(line) + "\n")
	}
	process := exec.Command(NeedProgram(t, "python3"), "-c", program)
	process.Stdin = strings.NewReader(in.String())
	var complaints strings.Builder
	process.Stderr = &complaints
	out, err := process.Output()
	if err != nil {
		t.Fatalf("python3: %v\n%s", err, complaints.String())
	}
	var answers [][]byte
	for line := range strings.Lines(string(out)) {
		answers = append(answers, []byte(strings.TrimSuffix(line, "\n")))
	}
	if len(answers) != len(questions) {
		t.Fatalf("python3 answered %d of %d questions", len(answers), len(questions))
	}
	return answers
}
