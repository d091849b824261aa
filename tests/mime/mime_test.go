package mime_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"luamilter/luaapi/mime"
	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// node is a part as oracle.py writes it.
type node struct {
	Type   string  `json:"type"`
	Name   string  `json:"name"`
	SHA256 string  `json:"sha256"`
	Text   *string `json:"text"`
	Parts  []node  `json:"parts"`
}

// inPython reads messages with Python.
func inPython(t testing.TB, messages []string) []node {
	t.Helper()
	var in bytes.Buffer
	for _, m := range messages {
		in.WriteString(base64.StdEncoding.EncodeToString([]byte(m)) + "\n")
	}
	var out []node
	d := json.NewDecoder(bytes.NewReader(python(t, &in)))
	for d.More() {
		var n node
		if err := d.Decode(&n); err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	if len(out) != len(messages) {
		t.Fatalf("%d answers to %d messages", len(out), len(messages))
	}
	return out
}

func python(t testing.TB, in *bytes.Buffer, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(mta.NeedProgram(t, "python3"), append([]string{"oracle.py"}, args...)...)
	cmd.Stdin, cmd.Stderr = in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// differences says where a part is not what Python read.
func differences(p *mime.Part, want node) string {
	if p.Type == want.Type && p.Has(mime.EncodedMessage) || p.Has(mime.BadHeader) || p.Has(mime.NoHeader) {
		return "" // see doc.go
	}
	if p.Type != want.Type || len(p.Parts) != len(want.Parts) {
		return fmt.Sprintf("%s with %d parts, want %s with %d", p.Type, len(p.Parts), want.Type, len(want.Parts))
	}
	if p.Filename != want.Name {
		return fmt.Sprintf("%s named %q, want %q", p.Type, p.Filename, want.Name)
	}
	if want.SHA256 != "" && p.SHA256() != want.SHA256 {
		return fmt.Sprintf("%s with %q, which is not the content that Python has, %v", p.Type, p.Decoded(), want.Text)
	}
	if want.Text != nil {
		if got, _ := p.DecodedText(); got != *want.Text {
			return fmt.Sprintf("%s with text %q, want %q", p.Type, got, *want.Text)
		}
	}
	for i, child := range p.Parts {
		if d := differences(child, want.Parts[i]); d != "" {
			return fmt.Sprintf("%d: %s", i, d)
		}
	}
	return ""
}

// TestPython compares generated messages.
func TestPython(t *testing.T) {
	g := &generator{Rand: rand.New(rand.NewPCG(1, 2))}
	messages := make([]string, 10_000)
	for i := range messages {
		messages[i] = g.message()
	}
	parts, wrong := 0, 0
	for i, want := range inPython(t, messages) {
		m := mime.ParseRaw(mime.Text(messages[i]))
		for range m.Walk() {
			parts++
		}
		if d := differences(m.Root, want); d != "" {
			t.Errorf("message %d: %s\n%q", i, d, messages[i])
			if wrong++; wrong == 5 {
				t.FailNow()
			}
		}
	}
	t.Logf("%d messages with %d parts", len(messages), parts)
}

// megabyte is a message of 1 MiB with ten parts: two texts, and eight files in base64.
func megabyte() string {
	var out strings.Builder
	out.WriteString("Content-Type: multipart/mixed; boundary=\"=_b\"\r\n\r\n")
	const size = 1 << 20 / 10
	line := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1, 2, 3}, 19)) + "\r\n"
	for i := range 10 {
		out.WriteString("--=_b\r\n")
		if i < 2 {
			out.WriteString("Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.Repeat("A line of text, as long as lines are.\r\n", size/39))
			continue
		}
		fmt.Fprintf(&out, "Content-Type: application/pdf; name=\"%d.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n", i)
		out.WriteString(strings.Repeat(line, size/len(line)))
	}
	return out.String() + "--=_b--\r\n"
}

// BenchmarkMegabyte measures reading a message, alone and with all contents hashed; Python does the latter.
func BenchmarkMegabyte(b *testing.B) {
	text := megabyte()
	b.Run("parse", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			mime.ParseRaw(mime.Text(text))
		}
	})
	b.Run("parse and hash", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			for p := range mime.ParseRaw(mime.Text(text)).Walk() {
				p.SHA256()
			}
		}
	})
	b.Run("Python", func(b *testing.B) {
		in := bytes.NewBufferString(base64.StdEncoding.EncodeToString([]byte(text)) + "\n")
		var seconds float64
		if _, err := fmt.Sscan(string(python(b, in, "20")), &seconds); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(text))/1e6/seconds, "python-MB/s")
		b.ReportMetric(0, "ns/op")
	})
}
