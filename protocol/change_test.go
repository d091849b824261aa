package protocol

import (
	"reflect"
	"strings"
	"testing"
)

// TestChangeWire: the changes, their packets, and the actions they need.
func TestChangeWire(t *testing.T) {
	for _, test := range []struct {
		name   string
		change Change
		want   string
		needs  Actions
	}{
		{"add a header", Change{Response: RespAddHeader, Name: "X-A", Value: "b"}, "hX-A\x00b\x00", ActAddHeader},
		{"add an empty header", Change{Response: RespAddHeader, Name: "X-A"}, "hX-A\x00\x00", ActAddHeader},
		{"insert a header", Change{Response: RespInsHeader, Index: 1, Name: "X-A", Value: "a\n\tb"}, "i\x00\x00\x00\x01X-A\x00a\n\tb\x00", ActAddHeader},
		{"change a header", Change{Response: RespChgHeader, Index: 258, Name: "X-A", Value: "b"}, "m\x00\x00\x01\x02X-A\x00b\x00", ActChgHeader},
		{"delete a header", Change{Response: RespChgHeader, Index: 1, Name: "X-A"}, "m\x00\x00\x00\x01X-A\x00\x00", ActChgHeader},
		{"replace the body", Change{Response: RespReplBody, Body: []byte("a\x00b\r\n")}, "ba\x00b\r\n", ActChgBody},
		{"add a recipient", AddRecipient("a@b.example", ""), "+<a@b.example>\x00", ActAddRcpt},
		{"add a recipient with parameters", AddRecipient("a@b.example", "NOTIFY=NEVER ORCPT=rfc822;x"),
			"2<a@b.example>\x00NOTIFY=NEVER ORCPT=rfc822;x\x00", ActAddRcptPar},
		{"delete a recipient", DeleteRecipient("<a@b.example>"), "-<a@b.example>\x00", ActDelRcpt},
		{"delete a recipient that came without brackets", DeleteRecipient("a@b.example"), "-a@b.example\x00", ActDelRcpt},
		{"change the sender", ChangeSender("a@b.example", ""), "e<a@b.example>\x00", ActChgFrom},
		{"null sender", ChangeSender("", ""), "e<>\x00", ActChgFrom},
		{"sender with parameters", ChangeSender("a@b.example", "RET=HDRS"), "e<a@b.example>\x00RET=HDRS\x00", ActChgFrom},
		{"quarantine", Quarantine("looks odd"), "qlooks odd\x00", ActQuarantine},
	} {
		want := string(frame(test.want[0], test.want[1:]))
		if got := string(test.change.appendPacket([]byte("before"))); got != "before"+want {
			t.Errorf("%s: sent as %q, want %q", test.name, got, want)
		}
		if back, err := decodeChange(Response(test.want[0]), []byte(test.want[1:])); err != nil || !reflect.DeepEqual(back, test.change) {
			t.Errorf("%s: read as %+v (%v), want %+v", test.name, back, err, test.change)
		}
		if test.change.Needs() != test.needs {
			t.Errorf("%s: needs %v, want %v", test.name, test.change.Needs(), test.needs)
		}
		if size := test.change.size(); size < len(want) {
			t.Errorf("%s: size %d, the packet has %d bytes", test.name, size, len(want))
		}
	}
}

// TestChangeErrors: what the filter may not send, and what its MTA's end refuses when it comes.
func TestChangeErrors(t *testing.T) {
	long := strings.Repeat("x", MaxHeaderName+1)
	for _, test := range []struct {
		name   string
		change Change
		want   string
	}{
		{"no name", Change{Response: RespAddHeader, Value: "x"}, "name is empty"},
		{"name with a colon", Change{Response: RespInsHeader, Name: "X:", Value: "x"}, "contains ':'"},
		{"name with a blank", Change{Response: RespChgHeader, Name: "X Y"}, "contains ' '"},
		{"name with a NUL", Change{Response: RespAddHeader, Name: "X\x00"}, `contains '\x00'`},
		{"name with a line break", Change{Response: RespAddHeader, Name: "X\n"}, `contains '\n'`},
		{"name not ASCII", Change{Response: RespAddHeader, Name: "\xfc"}, "contains"},
		{"name too long", Change{Response: RespAddHeader, Name: long}, "101 bytes, at most 100"},
		{"value with a NUL", Change{Response: RespAddHeader, Name: "X", Value: "a\x00b"}, "a NUL"},
		{"value with CR", Change{Response: RespAddHeader, Name: "X", Value: "a\r\n b"}, "bare carriage return"},
		{"value that ends the header", Change{Response: RespAddHeader, Name: "X", Value: "a\nEvil: b"}, "no blank follows"},
		{"value that ends the header at once", Change{Response: RespAddHeader, Name: "X", Value: "a\n\n b"}, "no blank follows"},
		{"value with a line break at its end", Change{Response: RespAddHeader, Name: "X", Value: "a\n"}, "no blank follows"},
		{"body chunk too large", Change{Response: RespReplBody, Body: make([]byte, MaxChunk+1)}, "65536 bytes"},
		{"no address", Change{Response: RespAddRcpt}, "empty value"},
		{"no reason", Quarantine(""), "empty value"},
		{"address with a NUL", AddRecipient("a\x00b", ""), "line break or NUL"},
		{"reason with a line break", Quarantine("a\nb"), "line break or NUL"},
		{"parameters with a NUL", ChangeSender("a", "X\x00Y"), "line break or NUL"},
		{"parameters where there are none", Change{Response: RespAddRcpt, Value: "<a>", Params: "X"}, "takes no parameters"},
		{"a verdict", Change{Response: RespAccept, Value: "x"}, "ACCEPT is no change"},
	} {
		if err := test.change.check(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an error with %q", test.name, err, test.want)
		}
	}
	for _, ok := range []Change{
		{Response: RespChgHeader, Index: 1, Name: long},
		{Response: RespAddHeader, Name: long[1:]},
		{Response: RespAddHeader, Name: "!#$%&'*+-/=?^_`{|}~", Value: "\x80\xff\t"},
		{Response: RespAddHeader, Name: "X", Value: "a\n b\n\tc"},
	} {
		if err := ok.check(); err != nil {
			t.Errorf("%+v: %v", ok, err)
		}
	}
}

// TestChangeRefused: packets that are none.
func TestChangeRefused(t *testing.T) {
	for _, test := range []struct{ name, packet, want string }{
		{"header without anything", "h", "each ended by NUL"},
		{"header without a value", "hX\x00", "each ended by NUL"},
		{"header without the last NUL", "hX\x00y", "each ended by NUL"},
		{"header with three strings", "hX\x00y\x00z\x00", "each ended by NUL"},
		{"insertion without an index", "i\x00\x00\x00", "without an index"},
		{"insertion without a name", "i\x00\x00\x00\x01\x00x\x00", "name is empty"},
		{"change without an index", "m", "without an index"},
		{"recipient without NUL", "+a@b", "does not end in NUL"},
		{"recipient with parameters in the wrong packet", "+a@b\x00NOTIFY=NEVER\x00", "data after its end"},
		{"deletion with data", "-a@b\x00x\x00", "data after its end"},
		{"three strings", "2a@b\x00X\x00Y\x00", "data after its end"},
		{"second string without NUL", "ea@b\x00X", "data after its end"},
		{"empty sender", "e\x00", "empty value"},
		{"empty reason", "q\x00", "empty value"},
		{"a verdict", "c\x00", "CONTINUE"},
	} {
		if c, err := decodeChange(Response(test.packet[0]), []byte(test.packet[1:])); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %+v, %v, want an error with %q", test.name, c, err, test.want)
		}
	}
	if c, err := decodeChange('2', []byte("<a@b>\x00\x00")); err != nil || c.Params != "" {
		t.Errorf("empty parameters: %+v, %v", c, err)
	}
}
