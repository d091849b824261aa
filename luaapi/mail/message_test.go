package mail

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"luamilter/luaapi/address"
	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// sent returns recipients as an MTA tells them.
func sent(addresses ...string) []Recipient {
	var out []Recipient
	for _, a := range addresses {
		out = append(out, Recipient{Address: a, AsSent: "<" + a + ">"})
	}
	return out
}

// edit is one call on a message, for tables.
type edit func(m *Message) (bool, error)

func add(address string) edit {
	return func(m *Message) (bool, error) { return m.AddRecipient(address, "") }
}

func addWith(address, params string) edit {
	return func(m *Message) (bool, error) { return m.AddRecipient(address, params) }
}

func del(address string) edit {
	return func(m *Message) (bool, error) { return m.DeleteRecipient(address) }
}

func from(address, params string) edit {
	return func(m *Message) (bool, error) { return true, m.ChangeSender(address, params) }
}

func body(content string) edit {
	return func(m *Message) (bool, error) { m.ReplaceBody(content); return true, nil }
}

func hold(reason string) edit {
	return func(m *Message) (bool, error) { return true, m.Quarantine(reason) }
}

func header(name, value string) edit {
	return func(m *Message) (bool, error) {
		m.Header.Add(protocol.Field{Name: name, Value: value})
		return true, nil
	}
}

// show writes changes in a form to compare.
func show(changes []protocol.Change) string {
	var out []string
	for _, c := range changes {
		line := c.Response.String() + " " + c.Name + c.Value + bodyOf(c)
		if c.Params != "" {
			line += " " + c.Params
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// bodyOf returns the body that a change brings.
func bodyOf(c protocol.Change) string {
	if c.From == nil {
		return ""
	}
	all, err := io.ReadAll(c.From)
	if err != nil {
		return err.Error()
	}
	return string(all)
}

func TestChanges(t *testing.T) {
	for _, tt := range []struct {
		name       string
		recipients []Recipient
		edits      []edit
		results    []bool
		left       string // recipients as the script sees them
		want       string
	}{
		{"nothing", sent("a@x"), nil, nil, "a@x", ""},
		{"add", sent("a@x"), []edit{add("b@x")}, []bool{true}, "a@x b@x", "ADDRCPT <b@x>"},
		{"add with brackets", nil, []edit{add("<b@x>")}, []bool{true}, "b@x", "ADDRCPT <b@x>"},
		{"add with parameters", nil, []edit{addWith("b@x", "NOTIFY=NEVER")}, []bool{true}, "b@x", "ADDRCPT_PAR <b@x> NOTIFY=NEVER"},
		{"add one that is there", sent("a@x"), []edit{add("a@X"), addWith("a@x", "NOTIFY=NEVER")}, []bool{false, false}, "a@x", ""},
		{"add another case", sent("a@x"), []edit{add("A@x")}, []bool{true}, "a@x A@x", "ADDRCPT <A@x>"},
		{"add one in quotes", sent("a@x"), []edit{add(`"a"@x`)}, []bool{false}, "a@x", ""},
		{"add twice", nil, []edit{add("b@x"), add("b@x")}, []bool{true, false}, "b@x", "ADDRCPT <b@x>"},
		{"delete", sent("a@x", "b@x"), []edit{del("a@X")}, []bool{true}, "b@x", "DELRCPT <a@x>"},
		{"delete with brackets", sent("a@x"), []edit{del("<a@x>")}, []bool{true}, "", "DELRCPT <a@x>"},
		{"delete as the MTA sent it", []Recipient{{Address: "a@x", AsSent: "a@x"}}, []edit{del("a@X")}, []bool{true}, "", "DELRCPT a@x"},
		{"delete one that is not there", sent("a@x"), []edit{del("A@x")}, []bool{false}, "a@x", ""},
		{"delete twice", sent("a@x"), []edit{del("a@x"), del("a@x")}, []bool{true, false}, "", "DELRCPT <a@x>"},
		{"add then delete", sent("a@x"), []edit{add("b@x"), del("b@x")}, []bool{true, true}, "a@x", ""},
		{"delete then add", sent("a@x", "b@x"), []edit{del("a@x"), add("a@x")}, []bool{true, true}, "b@x a@x", ""},
		{"delete, add, delete", sent("a@x"), []edit{del("a@x"), add("a@x"), del("a@x")}, []bool{true, true, true}, "", "DELRCPT <a@x>"},
		{"delete then add with parameters", sent("a@x"), []edit{del("a@x"), addWith("a@x", "NOTIFY=NEVER")}, []bool{true, true}, "a@x", "DELRCPT <a@x>\nADDRCPT_PAR <a@x> NOTIFY=NEVER"},
		{"and delete it again", sent("a@x"), []edit{del("a@x"), addWith("a@x", "NOTIFY=NEVER"), del("a@x")}, []bool{true, true, true}, "", "DELRCPT <a@x>"},
		{"and add it without", sent("a@x"), []edit{del("a@x"), addWith("a@x", "NOTIFY=NEVER"), del("a@x"), add("a@x")}, []bool{true, true, true, true}, "a@x", ""},
		{"delete one that is there twice", sent("a@x", "b@x", "a@x"), []edit{del("a@x")}, []bool{true}, "b@x", "DELRCPT <a@x>"},
		{"in two spellings", sent("a@x", "a@X"), []edit{del("a@x")}, []bool{true}, "", "DELRCPT <a@x>\nDELRCPT <a@X>"},
		{"and add it again", sent("a@x", "b@x", "a@X"), []edit{del("a@x"), add("a@x")}, []bool{true, true}, "b@x a@x a@X", ""},
		{"an address that no RFC allows", sent("a b@x", "@@"), []edit{del("a b@x"), add("a b@x"), del("@@")}, []bool{true, true, true}, "a b@x", "DELRCPT <@@>"},
		{"sender", nil, []edit{from("<new@x>", "")}, []bool{true}, "", "CHGFROM <new@x>"},
		{"null sender", nil, []edit{from("", "")}, []bool{true}, "", "CHGFROM <>"},
		{"null sender in brackets", nil, []edit{from("<>", "RET=HDRS")}, []bool{true}, "", "CHGFROM <> RET=HDRS"},
		{"the same sender", nil, []edit{from("a b@sender", "")}, []bool{true}, "", ""},
		{"the same sender with parameters", nil, []edit{from("a b@sender", "RET=HDRS")}, []bool{true}, "", "CHGFROM <a b@sender> RET=HDRS"},
		{"the last sender counts", nil, []edit{from("one@x", "RET=HDRS"), from("two@x", "")}, []bool{true, true}, "", "CHGFROM <two@x>"},
		{"body", nil, []edit{body("a\nb")}, []bool{true}, "", "REPLBODY a\r\nb\r\n"},
		{"the last body counts", nil, []edit{body("a"), body("b\r\n")}, []bool{true, true}, "", "REPLBODY b\r\n"},
		{"an empty body", nil, []edit{body("")}, []bool{true}, "", "REPLBODY "},
		{"quarantine", nil, []edit{hold("one"), hold("two")}, []bool{true, true}, "", "QUARANTINE two"},
		{"order", sent("a@x"), []edit{body("b"), hold("q"), add("b@x"), del("a@x"), from("s@x", ""), header("X-A", "v")}, []bool{true, true, true, true, true, true}, "b@x",
			"ADDHEADER X-Av\nCHGFROM <s@x>\nDELRCPT <a@x>\nADDRCPT <b@x>\nQUARANTINE q\nREPLBODY b\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			given := slices.Clone(tt.recipients)
			m := NewMessage(protocol.NewHeaderEdit(nil), "a b@sender", tt.recipients, collected("old\r\n"))
			for i, e := range tt.edits {
				if got, err := e(m); got != tt.results[i] || err != nil {
					t.Errorf("edit %d: %v, %v", i, got, err)
				}
			}
			var left []string
			for _, r := range m.Recipients() {
				left = append(left, r.Address)
			}
			if got := strings.Join(left, " "); got != tt.left {
				t.Errorf("recipients %q, want %q", got, tt.left)
			}
			if got := show(m.Changes(protocol.Postfix)); got != tt.want {
				t.Errorf("changes\n%s\nwant\n%s", got, tt.want)
			}
			if !slices.Equal(given, tt.recipients) {
				t.Error("the recipients that were given changed")
			}
		})
	}
}

func TestChangeErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit edit
		want string
	}{
		{"address", add("a b"), `"a b" is not an address; user@example.com is the form, one address at a time`},
		{"no address", add(""), `"" is not an address; user@example.com is the form, one address at a time`},
		{"null recipient", add("<>"), `"" is not an address; user@example.com is the form, one address at a time`},
		{"UTF-8", add("ö@x"), `address "ö@x" is not ASCII, and the message did not come with SMTPUTF8`},
		{"parameters", addWith("a@x", "NOTIFY="), `"NOTIFY=" is not an ESMTP parameter; the form is KEYWORD or KEYWORD=value, printable ASCII without blanks`},
		{"sender", from("a@", ""), `"a@" is not an address; user@example.com is the form, one address at a time`},
		{"sender's parameters", from("", "RET=\x01"), `"RET=\x01" is not an ESMTP parameter; the form is KEYWORD or KEYWORD=value, printable ASCII without blanks`},
		{"delete", del("a@x, b@x"), `"a@x, b@x" is not an address; user@example.com is the form, one address at a time`},
		{"no reason", hold(" "), "the reason is empty"},
		{"two lines", hold("a\nb"), "the reason contains the control character 0x0A; printable(text) makes it fit"},
		{"a long reason", hold(strings.Repeat("x", 901)), "the reason has 901 bytes, at most 900 work; printable(text) makes it fit"},
	} {
		m := NewMessage(&protocol.HeaderEdit{}, "s@x", nil, nil)
		if _, err := tt.edit(m); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v; want %s", tt.name, err, tt.want)
		}
		if got := m.Changes(protocol.Postfix); len(got) != 0 || m.Quarantined() {
			t.Errorf("%s: changes %v", tt.name, got)
		}
	}
	m := NewMessage(&protocol.HeaderEdit{}, "s@x", nil, nil)
	m.UTF8 = true
	if ok, err := m.AddRecipient("ö@x", ""); !ok || err != nil {
		t.Errorf("with SMTPUTF8: %v, %v", ok, err)
	}
	if err := m.Quarantine("virus found"); err != nil || !m.Quarantined() {
		t.Error(err)
	}
}

func TestBody(t *testing.T) {
	m := NewMessage(&protocol.HeaderEdit{}, "s@x", nil, collected("old\r\n"))
	if m.Body() != mime.Text("old\r\n") || m.Sender() != "s@x" {
		t.Errorf("body %q, sender %q", m.Body(), m.Sender())
	}
	m.ReplaceBody("new")
	if m.Body() != mime.Text("new\r\n") {
		t.Errorf("body %q", m.Body())
	}
	if m := NewMessage(&protocol.HeaderEdit{}, "", nil, nil); m.Body() != mime.Text("") {
		t.Errorf("body %q", m.Body())
	}
}

func TestToCRLF(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""}, {"a", "a\r\n"}, {"a\n", "a\r\n"}, {"a\r\n", "a\r\n"}, {"a\r", "a\r\n"}, {"\r", "\r\n"}, {"\n", "\r\n"}, {"\r\n", "\r\n"},
		{"a\nb\r\nc", "a\r\nb\r\nc\r\n"}, {"\n\n", "\r\n\r\n"}, {"a\rb\n", "a\rb\r\n"}, {"a\r\rb\r\n", "a\r\rb\r\n"}, {"a\r\r\n", "a\r\r\n"}, {"\n\r", "\r\n\r\n"},
		{"a\n\r\nb", "a\r\n\r\nb\r\n"}, {"\x00\xff", "\x00\xff\r\n"},
	} {
		if got := toCRLF(tt.text); got != tt.want {
			t.Errorf("toCRLF(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestSnapshot(t *testing.T) {
	given := sent("a@x", "b@x", "c@x")
	m := NewMessage(protocol.NewHeaderEdit([]protocol.Field{{Name: "X-A", Value: "1"}}), "s@x", given, collected("old\r\n"))
	steps := []edit{header("X-B", "2"), del("b@x"), add("d@x"), body("first")}
	later := []edit{header("X-C", "3"), del("d@x"), add("b@x"), add("e@x"), del("a@x"), from("", "RET=HDRS"), body("second"), hold("q")}
	for _, e := range steps {
		if _, err := e(m); err != nil {
			t.Fatal(err)
		}
	}
	want := show(m.Changes(protocol.Postfix))
	for range 3 {
		undo, kept := m.Snapshot(), m.Header
		for _, e := range later {
			if _, err := e(m); err != nil {
				t.Fatal(err)
			}
		}
		if show(m.Changes(protocol.Postfix)) == want {
			t.Fatal("nothing changed")
		}
		undo()
		if got := show(m.Changes(protocol.Postfix)); got != want || m.Body() != mime.Text("first\r\n") || m.Sender() != "s@x" || m.Header != kept {
			t.Fatalf("changes\n%s\nwant\n%s", got, want)
		}
	}
	if m.Header.Len() != 2 || len(m.Recipients()) != 3 || given[1].Address != "b@x" {
		t.Errorf("%d fields, recipients %v of %v", m.Header.Len(), m.Recipients(), given)
	}
}

func FuzzToCRLF(f *testing.F) {
	for _, s := range []string{"", "a", "a\n", "\r\r\n\n", "a\rb", "\n\r"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := toCRLF(text)
		if again := toCRLF(got); again != got {
			t.Errorf("toCRLF(%q) = %q, and again %q", text, got, again)
		}
		if strings.Count(got, "\n") != strings.Count(got, "\r\n") || got != "" && !strings.HasSuffix(got, "\r\n") {
			t.Errorf("toCRLF(%q) = %q", text, got)
		}
		content := func(s string) string { return strings.NewReplacer("\r", "", "\n", "").Replace(s) }
		if content(got) != content(text) || strings.Count(got, "\n") < strings.Count(text, "\n") {
			t.Errorf("toCRLF(%q) = %q", text, got)
		}
	})
}

// FuzzEdits checks that the packets make the envelope of an MTA what the script saw.
func FuzzEdits(f *testing.F) {
	f.Add([]byte{0, 1, 0}, []byte("AdaDbDAc"))
	f.Add([]byte{0, 3, 0, 1}, []byte("DaAaDdAdPaPdDa"))
	f.Fuzz(func(t *testing.T, envelope, edits []byte) {
		names := []string{"a@x", "b@x", "a@X", "A@x", `"a"@x`, "c@y"}
		var have []string
		for _, b := range envelope {
			have = append(have, names[int(b)%len(names)])
		}
		m := NewMessage(&protocol.HeaderEdit{}, "s@x", sent(have...), nil)
		for i := 0; i+1 < len(edits); i += 2 {
			mailbox := names[int(edits[i+1])%len(names)]
			before := len(m.Recipients())
			switch edits[i] % 3 {
			case 0:
				ok, err := m.AddRecipient(mailbox, "")
				if err != nil || ok != (len(m.Recipients()) > before) {
					t.Fatalf("add %s: %v, %v", mailbox, ok, err)
				}
			case 1:
				ok, err := m.DeleteRecipient(mailbox)
				if err != nil || ok != (len(m.Recipients()) < before) {
					t.Fatalf("delete %s: %v, %v", mailbox, ok, err)
				}
			default:
				_, _ = m.AddRecipient(mailbox, "NOTIFY=NEVER")
			}
		}
		for _, c := range m.Changes(protocol.Postfix) {
			switch c.Response {
			case protocol.RespDelRcpt:
				have = slices.DeleteFunc(have, func(a string) bool { return "<"+a+">" == c.Value })
			case protocol.RespAddRcpt, protocol.RespAddRcptPar:
				have = append(have, address.Trim(c.Value))
			}
		}
		var want []string
		for _, r := range m.Recipients() {
			want = append(want, r.Address)
		}
		slices.Sort(have)
		slices.Sort(want)
		if !slices.Equal(have, want) {
			t.Errorf("the MTA has %v, the script saw %v", have, want)
		}
	})
}

func BenchmarkAddRecipients(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		m := NewMessage(&protocol.HeaderEdit{}, "s@x", nil, nil)
		for i := range 1000 {
			if _, err := m.AddRecipient(fmt.Sprintf("user%d@example.com", i), ""); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkHeaderValue(b *testing.B) {
	for name, text := range map[string]string{
		"ascii":   "yes, score=5.3 required=5.0 tests=BAYES_50,HTML_MESSAGE",
		"encoded": "Grüße aus Übersee, wo die Öffnungszeiten größer sind als bei uns",
		"folded":  strings.Repeat("word ", 400),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := HeaderValue("X-Spam-Status", text, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// collected is a body that came in one piece.
func collected(text string) *Body {
	b := &Body{}
	_ = b.Keep(text) // without a spool it does not fail
	return b
}

// What is taken back is as it was, also where the header's fields are not known and edits are changed again.
func TestSnapshotOfUnknownHeader(t *testing.T) {
	for _, before := range []int{0, 1, 2, 5} {
		m := NewMessage(nil, "s@x", nil, nil)
		for range before {
			m.Header.Add(protocol.Field{Name: "X", Value: "before"})
		}
		want := fmt.Sprint(m.Changes(protocol.Postfix))
		undo := m.Snapshot()
		for i := range before {
			m.Header.Change(i, "after")
		}
		m.Header.Add(protocol.Field{Name: "Y", Value: "after"})
		undo()
		if got := fmt.Sprint(m.Changes(protocol.Postfix)); got != want || m.Header.Len() != before {
			t.Errorf("%d fields: %v, want %v", before, got, want)
		}
	}
}
