package simulate

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/protocol"
)

// TestDeliveredMessage compares what the next hop gets after edits by scripts.
func TestDeliveredMessage(t *testing.T) {
	const whole = "* Received=from elsewhere From=a@example.com To=b@example.net X-Dup=1 X-Dup=2 Subject=a\n  folded one"
	for _, test := range []struct{ name, edit, header, rest string }{
		{"nothing", "", whole, ""},
		{"add", `msg:add_header("X-New", 1)`, whole + " X-New=1", ""},
		{"insert above Received", `msg:insert_header(0, "X-New", 1)`, "X-New=1 " + whole, ""},
		{"insert below Received", `msg:insert_header(1, "X-New", 1)`, strings.Replace(whole, "*", "* X-New=1", 1), ""},
		{"insert behind the second", `msg:insert_header(3, "X-New", 1)`, strings.Replace(whole, "To=", "X-New=1 To=", 1), ""},
		{"change the second of a name", `msg:change_header("x-dup", "9", 2)`, strings.Replace(whole, "X-Dup=2", "X-Dup=9", 1), ""},
		{"delete the first of a name", `msg:delete_header("X-Dup", 1)`, strings.Replace(whole, " X-Dup=1", "", 1), ""},
		{"delete all of a name", `msg:delete_header("X-Dup")`, strings.Replace(whole, " X-Dup=1 X-Dup=2", "", 1), ""},
		{"change the message's own Received", `msg:change_header("Received", "x")`, strings.Replace(whole, "from elsewhere", "x", 1), ""},
		{"sender", `msg:change_sender("", "RET=HDRS")`, whole, "from  RET=HDRS"},
		{"recipients", `msg:delete_recipient("b@example.net") msg:add_recipient("d@example.net")`, whole, "to c@example.net, d@example.net"},
		{"body", `msg:replace_body("x\ny")`, whole, "body x\r\ny\r\n"},
		{"empty body", `msg:replace_body("")`, whole, "body "},
		{"quarantine", `msg:quarantine("odd")`, whole, "held odd"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := play(t, "function eom(conn, msg) "+test.edit+" end")
			d := r.Delivered
			if d == nil {
				t.Fatalf("%s: %v", verdict(r), r.Hooks)
			}
			if got := header(d); got != test.header {
				t.Errorf("header\n got %s\nwant %s", got, test.header)
			}
			if got := rest(d); got != test.rest {
				t.Errorf("got %q, want %q", got, test.rest)
			}
		})
	}
}

// rest shows what is otherwise than with the sample message, header apart.
func rest(d *Delivered) string {
	var words []string
	if d.Sender != "a@example.com" || d.SenderParams != "" {
		words = append(words, fmt.Sprintf("from %s %s", d.Sender, d.SenderParams))
	}
	var to []string
	for _, r := range d.Recipients {
		to = append(to, r.Address)
	}
	if text := strings.Join(to, ", "); text != "b@example.net, c@example.net" {
		words = append(words, "to "+text)
	}
	if string(d.Body) != "Hello\r\n.\r\nend\r\n" {
		words = append(words, "body "+string(d.Body))
	}
	if d.Quarantine != "" {
		words = append(words, "held "+d.Quarantine)
	}
	return strings.Join(words, "; ")
}

// TestApply does single changes as Postfix was seen to do them.
func TestApply(t *testing.T) {
	ins := func(i uint32, name, value string) protocol.Change {
		return protocol.Change{Response: protocol.RespInsHeader, Index: i, Name: name, Value: value}
	}
	chg := func(i uint32, name, value string) protocol.Change {
		return protocol.Change{Response: protocol.RespChgHeader, Index: i, Name: name, Value: value}
	}
	for _, test := range []struct {
		name    string
		changes []protocol.Change
		want    string
	}{
		{"insert beyond the end", []protocol.Change{ins(99, "A", "1")}, "* F=a D=1 D=2 A=1"},
		{"delete the first twice", []protocol.Change{chg(1, "d", ""), chg(1, "d", "")}, "* F=a"},
		{"index 0 is 1", []protocol.Change{chg(0, "D", "9")}, "* F=a D=9 D=2"},
		{"change what is not there", []protocol.Change{chg(3, "D", "9")}, "* F=a D=1 D=2 D=9"},
		{"delete what is not there", []protocol.Change{chg(3, "D", "")}, "* F=a D=1 D=2"},
		{"own Received cannot be changed", []protocol.Change{chg(1, "Received", "9")}, "* F=a D=1 D=2 Received=9"},
		{"the first field is not found below an insertion", []protocol.Change{ins(0, "A", "1"), chg(1, "A", "2")}, "A=1 * F=a D=1 D=2 A=2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := Delivered{Header: ReadMessage([]byte("F: a\nD: 1\nD: 2\n\n")).Header}
			d.apply(test.changes, false)
			if got := header(&d); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestToTheByte plays a message to a script that reads raw fields, and looks at the blanks.
func TestToTheByte(t *testing.T) {
	f := filterOf(t, `function eom(conn, msg)
		local raw = {}
		for i = 1, #msg.headers do raw[i] = msg.headers[i].raw end
		msg:add_header("X-Raw", table.concat(raw, "|"))
	end`)
	r, err := f.Play(DefaultClient, sampleEnvelope, ReadMessage([]byte("A:b\nC:  d\nE: \n\n")))
	if err != nil {
		t.Fatal(err)
	}
	if r.Delivered == nil {
		t.Fatalf("%s %v", verdict(r), r.Hooks)
	}
	want := "A:b\r\nC:  d\r\nE: \r\nX-Raw: A:b|C:  d|E: \r\n\r\n"
	if got := string(r.Delivered.Text()); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
