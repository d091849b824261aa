package luaapi

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// edited returns the body after a script, with LF line ends, and what the script gives.
func edited(t *testing.T, message, script string) (result, body string, v *vm) {
	t.Helper()
	v = newVM(t, protocol.StageEOM)
	m := textMessage(message)
	v.begin(m)
	got, err := v.run(script)
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return got.String(), strings.ReplaceAll(textOf(m), "\r\n", "\n"), v
}

// A footer is in both alternatives, in the charset and encoding of each, and nothing else changes.
func TestAddFooter(t *testing.T) {
	_, before, _ := strings.Cut(mixed, "\n\n")
	got, after, v := edited(t, mixed, `return msg:add_footer{ text = "Grüße aus Köln", html = "<p>Grüße aus Köln</p>", once = true }`)
	if got != "true" {
		t.Fatal(got)
	}
	v.want(`return msg:text():match("Grüße\n.*Grüße aus Köln") and "both" or msg:text()`, "both")
	v.want(`return msg:html():match("<b>Grüße</b>.*<p>Grüße aus Köln</p>") and "both" or msg:html()`, "both")
	v.want(`return select(2, msg:add_footer{ text = "Grüße aus Köln", html = "<p>Grüße aus Köln</p>", once = true })`, "already there")
	kept := 0
	for line := range strings.Lines(before) {
		if strings.Contains(after, line) {
			kept++
		}
	}
	if lines := strings.Count(before, "\n"); kept < lines-2 { // the last line of each text is another, with a soft break and more base64
		t.Errorf("%d of %d lines are left:\n%s", kept, lines, after)
	}
}

// What is signed stays as it is, and the script hears why.
func TestSignedStays(t *testing.T) {
	const signed = "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256; boundary=b\n\n--b\nContent-Type: text/plain\n\nhello\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n"
	for _, script := range []string{
		`local ok, why = msg:add_footer{ text = "x" } return tostring(ok) .. " " .. why`,
		`local ok, why = msg:add_banner{ text = "x" } return tostring(ok) .. " " .. why`,
		`local ok, why = msg:remove_part(msg.parts[2]) return tostring(ok) .. " " .. why`,
		`local ok, why = msg:replace_part(msg.parts[2], "x") return tostring(ok) .. " " .. why`,
	} {
		got, _, v := edited(t, signed, script)
		if got != "false signed" || len(v.call.Message.Changes(protocol.Postfix)) != 0 {
			t.Errorf("%s: %s", script, got)
		}
	}
	if got, body, _ := edited(t, signed, `return msg:add_footer{ text = "x", force = true }`); got != "true" || !strings.Contains(body, "hello\n\nx\n") {
		t.Errorf("by force: %s\n%s", got, body)
	}
}

const three = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhello\n--b\nContent-Type: application/x-one; name=one.exe\n\n1\n" +
	"--b\nContent-Type: application/x-two; name=two.exe\n\n2\n--b\nContent-Type: application/x-three; name=three.txt\n\n3\n--b--\n"

// Parts that were looked up before an edit are found again after it, so that a loop over attachments may remove them.
func TestRemoveSeveralParts(t *testing.T) {
	got, body, v := edited(t, three, `
	local n = 0
	for _, p in ipairs(msg.attachments) do
	  if p.extension == "exe" then
	    assert(msg:remove_part(p, "removed: " .. p.filename))
	    n = n + 1
	  end
	end
	return n`)
	if got != "2" || strings.Contains(body, "x-one") || strings.Contains(body, "x-two") || !strings.Contains(body, "removed: one.exe") || !strings.Contains(body, "removed: two.exe") || !strings.Contains(body, "three.txt\n\n3\n") {
		t.Errorf("%s\n%s", got, body)
	}
	v.want(`return #msg.parts`, "5")

	got, body, _ = edited(t, three, `
	local parts = msg.attachments
	local first, again = msg:remove_part(parts[1]), select(2, msg:remove_part(parts[1]))
	assert(msg:add_footer{ text = "footer" })
	assert(msg:replace_part(parts[3], "new", { type = "text/plain" }))
	return tostring(first) .. ", " .. again .. ", " .. #msg.parts`)
	if want := "--b\nContent-Type: text/plain\n\nhello\n\nfooter\n--b\nContent-Type: application/x-two; name=two.exe\n\n2\n"; got != "true, no part of the message, 4" || !strings.HasPrefix(body, want) || !strings.Contains(body, "\n\nnew\n--b--") {
		t.Errorf("%s\n%s", got, body)
	}
}

// A later script sees what an earlier one did; an edit that is taken back is gone.
func TestEditsAreTakenBack(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	m := textMessage(three)
	v.begin(m)
	undo := m.Snapshot()
	v.want(`kept = msg.attachments[2] return msg:remove_part(msg.attachments[1])`, "true")
	undo()
	v.want(`return #msg.attachments`, "3")
	v.want(`return select(2, msg:remove_part(kept)) or "removed"`, "removed")
	if strings.Contains(textOf(m), "two.exe") || !strings.Contains(textOf(m), "one.exe") {
		t.Error(textOf(m))
	}
}

// With the body, fields of the header change where they have to.
func TestEditsOfTheOnlyPart(t *testing.T) {
	_, body, v := edited(t, "Content-Type: application/x-evil; name=x.exe\nContent-Transfer-Encoding: base64\n\nTVo=\n", `return msg:remove_part(msg.parts[1], "removed")`)
	if body != "removed\n" {
		t.Errorf("%q", body)
	}
	v.want(`return msg:header("Content-Type"):match("^[^;]+")`, "text/plain")
	v.want(`return msg:text()`, "removed\n")
}

func TestEditErrors(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.begin(textMessage(three))
	for _, tt := range []struct{ script, want string }{
		{`msg:add_footer("x")`, `add_footer: it takes a table such as { text = "..." }, not a string`},
		{`msg:add_footer{ txt = "x" }`, "add_footer: txt is not known; there are text, html, marker, once, force"},
		{`msg:add_footer{ text = 1 }`, "add_footer: text is a number; a string was expected"},
		{`msg:add_footer{ text = "x", once = "yes" }`, "add_footer: once is a string; true or false was expected"},
		{`msg:remove_part(1)`, "remove_part: part is a number; one of msg.parts was expected"},
		{`msg:remove_part(msg)`, "remove_part: part is a msg; one of msg.parts was expected"},
		{`msg:remove_part(msg.parts[2], 1)`, "remove_part: note is a number; a string or a table was expected"},
		{`msg:replace_part(msg.parts[2])`, "replace_part: content is nil; a string was expected"},
		{`msg:replace_part(msg.parts[2], "x", "text/plain")`, "replace_part: options is a string; a table was expected"},
		{`msg.parts[2]:entries{ dept = 1 }`, "entries: dept is not known; there are depth, max, bytes, ratio, time"},
		{`msg.parts[2]:entries{ depth = "1" }`, "entries: depth is 1; a number that is not negative was expected"},
	} {
		v.fails(tt.script, tt.want)
	}
	v.want(`local ok, why = msg:add_footer{ text = "" } return why`, "nothing to add")
	v.want(`local ok, why = msg:replace_part(msg.parts[2], "x", { type = "nonsense" }) return why`, "invalid content type")
}

func TestArchiveEntries(t *testing.T) {
	var inner, outer bytes.Buffer
	w := zip.NewWriter(&inner)
	f, err := w.Create("evil.exe")
	if err == nil {
		_, err = f.Write([]byte("MZ"))
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	w = zip.NewWriter(&outer)
	if f, err = w.Create("inner.zip"); err == nil {
		_, err = f.Write(inner.Bytes())
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	v := newVM(t, protocol.StageEOM)
	v.begin(textMessage("Content-Type: application/octet-stream; name=notes.txt\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString(outer.Bytes()) + "\n"))
	for _, tt := range []struct{ script, want string }{
		{`return msg.parts[1].is_archive`, "true"},
		{`return msg.parts[1]:entries().kind`, "zip"},
		{`local s = {} for i, e in ipairs(msg.parts[1]:entries()) do s[i] = e.path .. " " .. e.size .. " " .. e.depth end return table.concat(s, ", ")`, "inner.zip 150 0, inner.zip!evil.exe 2 1"},
		{`return #msg.parts[1]:entries{ depth = 0 }`, "1"},
		{`local l = msg.parts[1]:entries{ max = 1 } return #l .. " " .. tostring(l.truncated)`, "1 true"},
	} {
		if strings.Contains(tt.want, "150") {
			got, err := v.run(tt.script)
			if err != nil || !strings.HasPrefix(got.String(), "inner.zip ") || !strings.HasSuffix(got.String(), ", inner.zip!evil.exe 2 1") {
				t.Errorf("%v, %v", got, err)
			}
			continue
		}
		v.want(tt.script, tt.want)
	}
	v.begin(textMessage("Content-Type: text/plain\n\nhello\n"))
	v.want(`local l = msg.parts[1]:entries() return #l .. l.kind .. tostring(msg.parts[1].is_archive)`, "0false")
}

// textOf is the body of a message.
func textOf(m *Message) string { return mime.Range{End: m.Body().Len()}.Of(m.Body()) }
