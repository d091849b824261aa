package simulate

import (
	"testing"

	"luamilter/protocol"
)

// TestApplyAsSendmail does changes as Sendmail 8.17 was seen to do them (protocol's TestSimulators), with what it makes up left out.
func TestApplyAsSendmail(t *testing.T) {
	ins := func(i uint32, name, value string) protocol.Change {
		return protocol.Change{Response: protocol.RespInsHeader, Index: i, Name: name, Value: value}
	}
	chg := func(i uint32, name, value string) protocol.Change {
		return protocol.Change{Response: protocol.RespChgHeader, Index: i, Name: name, Value: value}
	}
	add := func(name, value string) protocol.Change {
		return protocol.Change{Response: protocol.RespAddHeader, Name: name, Value: value}
	}
	for _, test := range []struct {
		name    string
		changes []protocol.Change
		want    string
	}{
		{"insert at 0 and 1", []protocol.Change{ins(1, "B", "1"), ins(0, "A", "1")}, "A=1 * B=1 From=a D=1 D=2 Z=z"},
		{"insert at 2", []protocol.Change{ins(2, "A", "1")}, "* A=1 From=a D=1 D=2 Z=z"},
		{"insert at 9", []protocol.Change{ins(9, "A", "1")}, "* From=a A=1 D=1 D=2 Z=z"},
		{"insert beyond the end", []protocol.Change{ins(1<<31-1, "A", "1")}, "* From=a D=1 D=2 Z=z A=1"},
		{"delete the first twice", []protocol.Change{chg(1, "d", ""), chg(1, "d", "")}, "* From=a D=2 Z=z"},
		{"index 0 is 1", []protocol.Change{chg(0, "D", "9")}, "* From=a D=9 D=2 Z=z"},
		{"change what is not there", []protocol.Change{chg(3, "D", "9"), chg(1, "N", "9")}, "* From=a D=9 D=1 D=2 Z=z N=9"},
		{"delete what is not there", []protocol.Change{chg(3, "D", "")}, "* From=a D=1 D=2 Z=z"},
		{"add twice", []protocol.Change{add("A", "1"), add("A", "2")}, "* From=a D=1 D=2 Z=z A=2 A=1"},
		{"add what sendmail.cf has", []protocol.Change{add("Date", "9"), add("From", "9")}, "* Date=9 From=9 From=a D=1 D=2 Z=z"},
		{"own Received cannot be changed", []protocol.Change{chg(1, "Received", "9")}, "Received=9 * From=a D=1 D=2 Z=z"},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := Delivered{Header: ReadMessage([]byte("From: a\nD: 1\nD: 2\nZ: z\n\n")).Header, sendmail: true}
			d.apply(test.changes, false)
			if got := header(&d); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
