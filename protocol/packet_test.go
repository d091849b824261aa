package protocol

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestPacketsComeAsTheyWereWritten(t *testing.T) {
	want := []string{"", "name\x00value\x00", strings.Repeat("x", 5000), strings.Repeat("y", 200_000), ""}
	var stream []byte
	for _, payload := range want {
		stream = AppendPacket(stream, 'h', payload[:len(payload)/2], payload[len(payload)/2:])
	}
	for _, c := range []struct {
		name string
		src  io.Reader
	}{
		{"at once", bytes.NewReader(stream)}, {"byte by byte", iotest.OneByteReader(bytes.NewReader(stream))}, {"in halves", iotest.HalfReader(bytes.NewReader(stream))},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := NewPacketReader(c.src)
			defer p.Close()
			for i, payload := range want {
				code, got, err := p.Next()
				if err != nil || code != 'h' || string(got) != payload {
					t.Fatalf("packet %d: %q, %d bytes, %v; expected %d bytes", i, code, len(got), err, len(payload))
				}
			}
			if _, _, err := p.Next(); !errors.Is(err, io.EOF) || p.Partial() {
				t.Errorf("after the last one: %v, %v", err, p.Partial())
			}
		})
	}
}

func TestPacketReaderErrors(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		want         error
	}{
		{"cut", "\x00\x00\x00\x05h", io.ErrUnexpectedEOF},
		{"empty", "\x00\x00\x00\x00", errEmptyFrame},
		{"nothing", "", io.EOF},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := NewPacketReader(strings.NewReader(c.stream))
			defer p.Close()
			if _, _, err := p.Next(); !errors.Is(err, c.want) {
				t.Errorf("%v, expected %v", err, c.want)
			}
		})
	}
}

func TestOffersComeAsTheyWereWritten(t *testing.T) {
	offer := Offer{Version: 9, Actions: 1 << 20, Steps: 1 << 25}
	if err := offer.Macros.Request(StageRcpt, []string{"i", "rcpt_addr"}); err != nil {
		t.Fatal(err)
	}
	p := NewPacketReader(bytes.NewReader(AppendOffer(nil, offer)))
	defer p.Close()
	code, payload, err := p.Next()
	if err != nil || Command(code) != CmdOptNeg {
		t.Fatalf("%q: %v", code, err)
	}
	if got, err := DecodeOffer(payload); err != nil || got != offer {
		t.Errorf("%+v, %v; expected %+v", got, err, offer)
	}
}
