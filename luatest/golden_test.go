package luatest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
	"luamilter/record"
)

// recordingOf is a recording of packets: M and F say whose they are, then comes the letter.
func recordingOf(packets ...string) *record.Recording {
	offer := string(protocol.AppendOffer(nil, protocol.FullOffer)[5:])
	answer := string(protocol.AppendOffer(nil, protocol.Offer{Version: 6, Actions: protocol.ActAddHeader})[5:])
	rec := &record.Recording{Path: "x.rec", Ended: "closed"}
	rec.Head = record.Head{Conn: "x", Bodies: record.KeepBodies, Began: time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC), Scripts: []string{"golden.lua"}}
	for _, p := range append([]string{"MO" + offer, "FO" + answer}, packets...) {
		rec.Packets = append(rec.Packets, record.Packet{Side: record.Side(p[0]), Code: p[1], Payload: []byte(p[2:])})
	}
	return rec
}

// script says what it sees of the client, and of two messages.
const goldenScript = `
function helo(conn, name) return nil or continue end
function mail(conn, sender, params)
  if conn.auth == nil or conn.tls == nil or conn.ip ~= "2001:db8::1" or conn.macros.site ~= "north \"1\"" then return reject("who?") end
  return nil or continue
end
function rcpt(conn, recipient) if recipient == "no@example.net" then return reject(554, "5.7.1", "no\nsecond \\ line") end end
function eom(conn, msg)
  if msg.body:find("spam") then return tempfail end
  msg:add_header("X-Queue", conn.queue_id)
  msg:add_header("X-Body", #msg.body)
end
`

// talked is what an MTA says to the script.
var talked = []string{
	"MDCj\x00mail.example.com\x00v\x00Postfix 3.7.11\x00{site}\x00north \"1\"\x00", "MCmx.example.com\x006\xc3\x50IPv6:2001:db8::1\x00", "Fc",
	"MDH{tls_version}\x00TLSv1.2\x00{cipher}\x00AES\x00{cipher_bits}\x00256\x00", "MHmx.example.com\x00", "Fc",
	"MDM{auth_type}\x00LOGIN\x00{auth_authen}\x00joe\x00", "MM<a@example.com>\x00SIZE=9\x00BODY=8BITMIME\x00", "Fc",
	"MR<no@example.net>\x00", "Fy554-5.7.1 no\r\n554 5.7.1 second \\ line\x00",
	"MDRi\x00ABC1\x00", "MR<b@example.net>\x00", "Fc", "MT", "Fc", "MLSubject\x00gr\xfc\xdfe\t\"x\"\x00", "Fc", "MN", "Fc",
	"MDEi\x00ABC1\x00", "MBone\r\ntwo\r\nthree\r\n", "Fc", "ME", "FhX-Queue\x00ABC1\x00", "FhX-Body\x0017\x00", "Fc",
	"MM<a@example.com>\x00", "Fc", "MR<b@example.net>\x00", "Fc", "MA", "MM<>\x00", "Fc", "MR<b@example.net>\x00", "Fc", "MBspam\r\n", "Fc", "ME", "Ft", "MQ",
}

// TestGolden writes tests made of recordings and runs them.
func TestGolden(t *testing.T) {
	for _, test := range []struct {
		name, file, script string
		rec                *record.Recording
		want               string // part of the test
		fails              string // part of how it fails; "" if it passes
	}{
		{"whole", "golden_test.lua", goldenScript, recordingOf(talked...), `"add X-Queue: 4SIM100001",`, ""},
		{"another script", "golden_test.lua", strings.Replace(goldenScript, "X-Body", "X-Size", 1), recordingOf(talked...), "", "X-Size"},
		{"a name of its own", "own_test.lua", goldenScript, recordingOf(talked...), `script = "golden.lua",`, ""},
		{"cut off", "golden_test.lua", goldenScript, recordingOf(talked[:24]...), "t:eom() -- the recording ends before the answer", ""},
		{"two connections", "golden_test.lua", goldenScript, recordingOf(append(append(append([]string{}, talked[:12]...), "MK"), talked...)...), "connection 2", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, test.file)
			text, err := Golden(test.rec, path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), test.want) {
				t.Errorf("%s is missing", test.want)
			}
			for name, content := range map[string]string{test.file: string(text), "golden.lua": test.script} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, f := range Run([]string{path}, Options{Jobs: 1}) {
				if f.Err != nil {
					t.Errorf("%v", f.Err)
				}
				for i := range f.Tests {
					one := &f.Tests[i]
					if failed := one.State == Failed; failed != (test.fails != "") || failed && !strings.Contains(one.Explanation(), test.fails) {
						t.Errorf("%s", one.Explanation())
					}
				}
			}
			if t.Failed() {
				t.Logf("%s", text)
			}
		})
	}
}

// FuzzLuaText reads what luaText writes.
func FuzzLuaText(f *testing.F) {
	for _, s := range []string{"", "a\"b\\c\n\r\t", "gr\xfc\xdfe grüße", "\x001\x7f9", "[[x]]\u2028\u202e", "a\nb\nc\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		L := lua.NewState()
		defer L.Close()
		if err := L.DoString(fmt.Sprintf("a = %s b = %s", luaText(s), luaLines(s))); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a", "b"} {
			if got := L.GetGlobal(name).String(); got != s {
				t.Errorf("%s: got %q, want %q", name, got, s)
			}
		}
	})
}
