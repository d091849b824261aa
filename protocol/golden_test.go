package protocol

import (
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the golden conversations come out as")

// TestGolden plays the conversations in testdata/golden, which testdata/golden/README explains.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			g := parseGolden(t, string(text))
			got := g.play(t)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(text) {
				t.Errorf("the conversation goes differently (-update accepts it):\n%s", firstDifference(string(text), got))
			}
		})
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range w {
		if i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("line %d is\n  %s\nwant\n  %s", i+1, strings.Join(g[i:min(i+3, len(g))], "\n  "), strings.Join(w[i:min(i+3, len(w))], "\n  "))
		}
	}
	return fmt.Sprintf("%d lines more", len(g)-len(w))
}

// golden is a conversation with what the MTA sends; what comes back is found by playing it.
type golden struct {
	wire           // of which the reading side is used
	head  []string // lines before the conversation
	want  Want
	rules []goldenRule
	texts []string // of each segment, as the file has them
	log   []string
}

// goldenRule is what the filter does at an event.
type goldenRule struct{ event, action string }

func parseGolden(t *testing.T, text string) *golden {
	t.Helper()
	g := &golden{want: everything}
	var comments []string
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		kind, rest, _ := strings.Cut(line, " ")
		switch kind {
		case "<", "=":
		case ">", ">+":
			p := goldenPacket(t, rest)
			line = strings.Join(append(comments, line), "\n")
			comments = nil
			if kind == ">" {
				g.segments = append(g.segments, nil)
				g.texts = append(g.texts, line)
			} else {
				g.texts[len(g.texts)-1] += "\n" + line
			}
			last := &g.segments[len(g.segments)-1]
			*last = append(*last, p...)
		case "at":
			event, action, _ := strings.Cut(rest, " => ")
			g.rules = append(g.rules, goldenRule{event, action})
			g.head = append(g.head, line)
		case "filter":
			g.want = goldenWant(t, rest)
			g.head = append(g.head, line)
		default:
			if len(g.texts) == 0 {
				g.head = append(g.head, line)
			} else {
				comments = append(comments, line)
			}
		}
	}
	return g
}

// goldenWant reads "events=mail,rcpt replies=none actions=0x1 extras=0x400 macros=rcpt:i,{x}".
func goldenWant(t *testing.T, spec string) (w Want) {
	t.Helper()
	set := func(list string) (s Stages) {
		for name := range strings.SplitSeq(list, ",") {
			stage, ok := StageNamed(name)
			switch {
			case name == "all":
				return everything.Events
			case ok:
				s = s.With(stage)
			case name != "none":
				t.Fatalf("no stage %q", name)
			}
		}
		return s
	}
	for word := range strings.FieldsSeq(spec) {
		key, value, _ := strings.Cut(word, "=")
		n, _ := strconv.ParseUint(value, 0, 32)
		switch key {
		case "events":
			w.Events = set(value)
		case "replies":
			w.Replies = set(value)
		case "actions":
			w.Actions = Actions(n)
		case "extras":
			w.Extras = Steps(n)
		case "macros":
			name, list, _ := strings.Cut(value, ":")
			stage, _ := StageNamed(name)
			if err := w.Macros.Request(stage, strings.Split(list, ",")); err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatalf("no filter has %q", key)
		}
	}
	return w
}

// goldenPacket reads `CONNECT "host" 4 25 "192.0.2.1"`: strings end in NUL but for BODY, a single character is itself, numbers are
// as wide as the command has them.
func goldenPacket(t *testing.T, text string) []byte {
	t.Helper()
	name, rest, _ := strings.Cut(text, " ")
	code := byte(0)
	for cmd, n := range commandNames {
		if n == name {
			code = byte(cmd)
		}
	}
	if code == 0 {
		t.Fatalf("no command %q", name)
	}
	var p []byte
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		if quoted, err := strconv.QuotedPrefix(rest); err == nil {
			s, _ := strconv.Unquote(quoted)
			p = append(p, s...)
			if code != byte(CmdBody) {
				p = append(p, 0)
			}
			rest = rest[len(quoted):]
			continue
		}
		var word string
		word, rest, _ = strings.Cut(rest, " ")
		n, err := strconv.ParseUint(word, 0, 32)
		switch {
		case code == byte(CmdOptNeg) && err == nil:
			p = binary.BigEndian.AppendUint32(p, uint32(n))
		case len(word) == 1 && !(code == byte(CmdConnect) && len(p) > 0 && isDigit(p[len(p)-1])):
			p = append(p, word...)
		case err == nil:
			p = binary.BigEndian.AppendUint16(p, uint16(n))
		default:
			t.Fatalf("what is %q in %q?", word, text)
		}
	}
	return frame(code, string(p))
}

// play lets a server have the conversation and returns it as a file.
func (g *golden) play(t *testing.T) string {
	t.Helper()
	c := NewServerConn(g)
	err := negotiate(c, g.want)
	for err == nil {
		var ev Event
		if ev, err = c.Next(); err == nil {
			err = g.answer(t, c, ev)
		}
	}
	g.hear()
	if err != io.EOF {
		g.log = append(g.log, "= error: "+err.Error())
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	g.hear()
	return strings.Join(append(g.head, g.log...), "\n") + "\n"
}

// answer follows the rules at one event.
func (g *golden) answer(t *testing.T, c *ServerConn, ev Event) error {
	text := describe(ev)
	line := "= " + text
	if v, ok := c.Macros().Get("i"); ok && ev.Stage().InMessage() {
		line += " i=" + string(v)
	}
	if ev.Stage() == StageEOM {
		line += " mta=" + IdentifyMTA(c.Macros()).String()
	}
	g.log = append(g.log, line)
	var r Reply
	var changes []Change
	for _, rule := range g.rules {
		if rule.event != text {
			continue
		}
		word, rest, _ := strings.Cut(rule.action, " ")
		a, b, _ := strings.Cut(rest, " ")
		switch word {
		case "reject", "tempfail", "accept", "discard", "skip":
			r = goldenReply(t, word, rest)
		case "progress":
			if err := c.Progress(); err != nil {
				return err
			}
		case "add":
			changes = append(changes, Change{Response: RespAddHeader, Name: a, Value: b})
		case "quarantine":
			changes = append(changes, Quarantine(rest))
		case "body":
			changes = append(changes, replaceBody([]byte(rest)))
		default:
			t.Fatalf("nothing does %q", rule.action)
		}
	}
	if ev.Stage() == StageEOM {
		return c.Finish(changes, r)
	}
	return c.Reply(r)
}

func goldenReply(t *testing.T, verdict, rest string) Reply {
	t.Helper()
	var r Reply
	for v, name := range verdictNames {
		if name == verdict {
			r.Verdict = Verdict(v)
		}
	}
	if rest == "" {
		return r
	}
	code, rest, _ := strings.Cut(rest, " ")
	enhanced, text, _ := strings.Cut(rest, " ")
	n, _ := strconv.Atoi(code)
	r, err := NewReply(r.Verdict, n, enhanced, strings.ReplaceAll(text, "|", "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Read gives the server the next segment, after noting what it has said.
func (g *golden) Read(p []byte) (int, error) {
	g.hear()
	if len(g.segments) == 0 {
		return 0, io.EOF
	}
	n := copy(p, g.segments[0])
	if g.segments[0] = g.segments[0][n:]; len(g.segments[0]) == 0 {
		g.log = append(g.log, g.texts[0])
		g.segments, g.texts = g.segments[1:], g.texts[1:]
	}
	return n, nil
}

// hear notes what was written.
func (g *golden) hear() {
	b := g.out.Bytes()
	for len(b) >= 5 {
		n := 4 + int(binary.BigEndian.Uint32(b))
		g.log = append(g.log, "< "+goldenAnswer(b[4], b[5:n]))
		b = b[n:]
	}
	if len(b) > 0 {
		g.log = append(g.log, fmt.Sprintf("< stray bytes %q", b))
	}
	g.out.Reset()
}

// goldenAnswer spells a packet to the MTA.
func goldenAnswer(code byte, p []byte) string {
	if code == byte(CmdOptNeg) {
		s := fmt.Sprintf("OPTNEG %d %#x %#x", binary.BigEndian.Uint32(p), binary.BigEndian.Uint32(p[4:]), binary.BigEndian.Uint32(p[8:]))
		for p = p[12:]; len(p) > 0; {
			list, rest, _ := strings.Cut(string(p[4:]), "\x00")
			s += fmt.Sprintf(" %d %q", binary.BigEndian.Uint32(p), list)
			p = []byte(rest)
		}
		return s
	}
	s := Response(code).String()
	if code == byte(RespReplBody) {
		return fmt.Sprintf("%s %q", s, p)
	}
	for len(p) > 0 {
		one, rest, _ := strings.Cut(string(p), "\x00")
		s += fmt.Sprintf(" %q", one)
		p = []byte(rest)
	}
	return s
}
