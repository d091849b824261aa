package simulate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/protocol"
	"luamilter/simulate"
	"luamilter/tests/mta"
)

func TestMain(m *testing.M) { os.Exit(mta.Main(m)) }

// edits are what scripts do at eom, or in a hook of their own.
var edits = []struct{ name, eom string }{
	{"nothing", ""},
	{"add twice", `msg:add_header("X-New", 1) msg:add_header("X-New", 2)`},
	{"insert at the top", `msg:insert_header(0, "X-New", 1) msg:insert_header(0, "X-Newer", 2)`},
	{"insert below Received", `msg:insert_header(1, "X-New", 1)`},
	{"insert in the middle", `msg:insert_header(3, "X-New", 1) msg:insert_header(99, "X-Last", 1)`},
	{"change", `msg:change_header("X-Dup", "9", 2) msg:change_header("X-None", "new")`},
	{"change at the top and below", `msg:insert_header(0, "X-New", 1) msg:change_header("From", "x@test.example")`},
	{"delete", `msg:delete_header("X-Dup") msg:delete_header("Received", 1)`},
	{"fold", `msg:add_header("X-Fold", "a\n b\n\tc")`},
	{"sender", `msg:change_sender("other@test.example")`},
	{"recipients", `msg:delete_recipient("b@dest.example") msg:add_recipient("d@dest.example")`},
	{"body", `msg:replace_body("x\ny\r\n.\r\nz")`},
	{"body with stray CRs", `msg:replace_body("x\ry\r\r\nz\r")`},
	{"body of long lines", `msg:replace_body(("0123456789"):rep(500))`},
	{"empty body", `msg:replace_body("")`},
	{"large body", `msg:replace_body(("0123456789abcdef\r\n"):rep(20000))`},
	{"raw fields", `msg:add_header("X-Raw", #msg.headers[1].raw)`},
	{"parts of a name", `msg:prefix_subject("[x]")`},
}

// head is what every message has, so that Postfix adds no field.
const head = "Received: from elsewhere by mx.example.org; Mon, 05 Jan 2026 10:00:00 +0000\r\nFrom: a@test.example\r\nTo: b@dest.example\r\n" +
	"Date: Mon, 05 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@test.example>\r\nX-Dup: 1\r\nX-Dup: 2\r\nSubject: hello\r\n"

// messages are well formed and not.
var messages = []struct{ name, text string }{
	{"plain", head + "\r\nhello\r\n.dot\r\n"},
	{"no body", head + "\r\n"},
	{"blanks", head + "X-Tight:1\r\nX-Wide:   2\r\nX-Tab:\t3\r\nX-Fold: a\r\n\tb\r\n  c\r\n\r\n\r\n\r\nhello\r\n\r\n"},
	{"no field ends the header", head + "this is no field\r\nX-Late: 1\r\n\r\nhello\r\n"},
	{"stray CR", head + "X-CR: a\rb\r\n\r\nhello\rthere\r\r\n"},
	{"a line of a mailbox", "From a@test.example Mon Jan  5 10:00:00 2026\r\n" + head + "\r\nhello\r\n"},
	{"blanks before the colon", head + "X-Gap : 1\r\n\r\nhello\r\n"},
	{"8 bit", head + "X-8bit: gr\xc3\xbc\xc3\x9fe\r\n\r\ngr\xfc\xdfe\r\n"},
	{"a long field", head + "X-Long: " + strings.Repeat(strings.Repeat("x", 500)+"\r\n ", 200) + "end\r\n\r\nhello\r\n"},
	{"long lines", head + "\r\n" + strings.Repeat("y", 5000) + "\r\n" + strings.Repeat("z", 3000) + "\r\n"},
}

// script does what is said for a sender: edit1@test.example has the edit with that number done.
func script() string {
	var out strings.Builder
	out.WriteString("local edits = {\n")
	for _, e := range edits {
		fmt.Fprintf(&out, "  function(msg) %s end,\n", e.eom)
	}
	out.WriteString("}\nfunction eom(conn, msg) edits[tonumber(conn.sender:match('%d+'))](msg) end\n")
	return out.String()
}

// TestSameAsPostfix plays each message with each edit to both.
func TestSameAsPostfix(t *testing.T) {
	sink, spec := mta.NewSink(t), mta.UnixSpec(t)
	server := mta.Postfix(t, mta.Options{Filters: []mta.Filter{{Milter: spec}}, Relay: sink.Addr})
	mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{script()}})
	filter := inProcess(t)
	client := mta.Dial(t, server.Addr)
	client.Expect("EHLO client.example", "250")
	for _, m := range messages {
		for i, e := range edits {
			t.Run(m.name+"/"+e.name, func(t *testing.T) {
				from, to := fmt.Sprintf("edit%d@test.example", i+1), []string{"b@dest.example", "c@dest.example"}
				client.Deliver(from, to, m.text)
				result, err := filter.Play(simulate.DefaultClient, simulate.NewEnvelope(from, to...), simulate.ReadMessage([]byte(m.text)))
				if err != nil {
					t.Fatal(err)
				}
				if result.Delivered == nil {
					t.Fatalf("%v at %v: %v", result.Verdict, result.Stage, result.Hooks)
				}
				compare(t, real(t, sink.Next(t)), simulated(result.Delivered))
			})
		}
	}
	client.Quit()
}

// inProcess runs the script in this process.
func inProcess(t *testing.T) *simulate.Filter {
	t.Helper()
	path := filepath.Join(t.TempDir(), "script.lua")
	if err := os.WriteFile(path, []byte(script()), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := engine.Load([]string{path}, engine.Options{Limits: engine.DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		t.Fatal(err)
	}
	f := simulate.NewFilter(p, zerolog.Nop())
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// envelope writes an envelope on one line.
func envelope(from string, to []string) string {
	slices.Sort(to)
	return fmt.Sprintf("from <%s> to %s\r\n", from, strings.Join(to, " "))
}

// own is in place of Postfix's own Received field.
const own = "(own Received)\r\n"

// real is what the next hop got.
func real(t *testing.T, d *mta.Delivered) string {
	t.Helper()
	var to []string
	for _, r := range d.To {
		to = append(to, strings.Trim(r.Address, "<>"))
	}
	start := bytes.Index(d.Data, []byte("Received: from client.example "))
	if start < 0 {
		t.Fatalf("Postfix's own Received is missing:\n%.500s", d.Data)
	}
	end := start
	for end < len(d.Data) && (end == start || d.Data[end] == '\t' || d.Data[end] == ' ') {
		end += bytes.IndexByte(d.Data[end:], '\n') + 1
	}
	return envelope(strings.Trim(d.From, "<>"), to) + string(d.Data[:start]) + own + string(d.Data[end:])
}

// simulated is what it would have got.
func simulated(d *simulate.Delivered) string {
	var to []string
	for _, r := range d.Recipients {
		to = append(to, r.Address)
	}
	above := simulate.Delivered{Header: d.Header[:d.Received]}
	below := simulate.Delivered{Header: d.Header[d.Received:], Body: d.Body}
	return envelope(d.Sender, to) + strings.TrimSuffix(string(above.Text()), "\r\n") + own + string(below.Text())
}

// compare shows where two texts part.
func compare(t *testing.T, postfix, simulated string) {
	t.Helper()
	if postfix == simulated {
		return
	}
	at := 0
	for at < len(postfix) && at < len(simulated) && postfix[at] == simulated[at] {
		at++
	}
	from := max(0, at-100)
	t.Errorf("from byte %d on\nPostfix   %q\nsimulated %q", from, cut(postfix[from:]), cut(simulated[from:]))
}

func cut(text string) string { return text[:min(len(text), 300)] }
