package simulate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"luamilter/engine"
	"luamilter/protocol"
)

// TestMain fails when goroutines outlive the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// filterOf runs scripts, given as text, until the test ends.
func filterOf(t testing.TB, scripts ...string) *Filter {
	t.Helper()
	var paths []string
	for i, text := range scripts {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("script%d.lua", i+1))
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	p, err := engine.Load(paths, engine.Options{Limits: engine.DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		t.Fatal(err)
	}
	f := NewFilter(p, zerolog.Nop())
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// sample is a small message.
const sample = "Received: from elsewhere\nFrom: a@example.com\nTo: b@example.net\nX-Dup: 1\nX-Dup: 2\nSubject: a\n  folded one\n\nHello\n.\nend"

var sampleEnvelope = NewEnvelope("a@example.com", "b@example.net", "c@example.net")

// play plays the sample message to scripts.
func play(t *testing.T, scripts ...string) *Result {
	t.Helper()
	r, err := filterOf(t, scripts...).Play(DefaultClient, sampleEnvelope, ReadMessage([]byte(sample)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// verdict tells in words what became of a message.
func verdict(r *Result) string {
	text := fmt.Sprintf("%v at %v", r.Verdict, r.Stage)
	if r.Reply.Code != 0 {
		text += fmt.Sprintf(": %d %s %s", r.Reply.Code, r.Reply.Enhanced, r.Reply.Text)
	}
	return text
}

// header shows where fields are, with "*" for the MTA's own Received.
func header(d *Delivered) string {
	var words []string
	for i, f := range d.Header {
		if i == d.Received {
			words = append(words, "*")
		}
		words = append(words, f.Name+"="+f.Value)
	}
	return strings.Join(words, " ")
}
