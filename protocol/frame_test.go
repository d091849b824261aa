package protocol

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// readFrames reads packets until an error and returns copies.
func readFrames(f *frameReader) (out []packet, err error) {
	for {
		cmd, p, ok, err := f.frame()
		if err != nil {
			return out, err
		}
		if ok {
			out = append(out, packet{Command(cmd), bytes.Clone(p)})
			continue
		}
		if err := f.fill(); err != nil {
			return out, err
		}
	}
}

func samePackets(a, b []packet) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].cmd != b[i].cmd || !bytes.Equal(a[i].payload, b[i].payload) {
			return false
		}
	}
	return true
}

// TestFrameSizes reads packets whose size is at the edge of something.
func TestFrameSizes(t *testing.T) {
	sizes := []int{0, 1, 2, tinyBuffer - 6, tinyBuffer - 5, tinyBuffer - 4, tinyBuffer, smallBuffer - 6, smallBuffer - 5, smallBuffer - 4, smallBuffer, MaxChunk - 1, MaxChunk, MaxChunk + 1,
		70_000, 102_400, largeBuffer - 5, largeBuffer - 4, largeBuffer, 256<<10 - 1, 1<<20 - 1, MaxFrame - 1}
	for _, n := range sizes {
		payload := strings.Repeat("x", n)
		stream := append(frame('B', payload), frame('E', "")...)
		got, err := readFrames(newFrameReader(bytes.NewReader(stream)))
		want := []packet{{'B', []byte(payload)}, {'E', nil}}
		if err != io.EOF || !samePackets(got, want) {
			t.Errorf("payload of %d bytes: got %d packets, %v", n, len(got), err)
		}
	}
}

// TestFrameSplitAnywhere reads a stream that comes in two pieces, cut at every byte, and in single bytes.
func TestFrameSplitAnywhere(t *testing.T) {
	var stream []byte
	var want []packet
	for _, letter := range []byte("ODCDHMRTLNBE") {
		stream = append(stream, command(letter)...)
		want = append(want, packet{Command(letter), []byte(payloads[letter])})
	}
	for cut := range len(stream) + 1 {
		src := io.MultiReader(bytes.NewReader(stream[:cut]), bytes.NewReader(stream[cut:]))
		if got, err := readFrames(newFrameReader(src)); err != io.EOF || !samePackets(got, want) {
			t.Fatalf("cut at %d: %v %v", cut, codes(got), err)
		}
	}
	if got, err := readFrames(newFrameReader(iotest.OneByteReader(bytes.NewReader(stream)))); err != io.EOF || !samePackets(got, want) {
		t.Errorf("byte by byte: %v %v", codes(got), err)
	}
}

func TestFrameErrors(t *testing.T) {
	tooLarge := func(err error) bool { var e *TooLargeError; return errors.As(err, &e) && e.Limit == MaxFrame }
	for _, test := range []struct {
		name   string
		stream string
		want   func(error) bool
	}{
		{"nothing", "", func(err error) bool { return err == io.EOF }},
		{"length 0", "\x00\x00\x00\x00A", func(err error) bool { return err == errEmptyFrame }},
		{"length 0 and no more", "\x00\x00\x00\x00", func(err error) bool { return err == errEmptyFrame }},
		{"one byte over the limit", "\x00\x40\x00\x01B", tooLarge},
		{"length 4294967295", "\xff\xff\xff\xff", tooLarge},
		{"another protocol", "GET / HTTP/1.1\r\n", tooLarge},
		{"half a length", "\x00\x00", func(err error) bool { return err == io.ErrUnexpectedEOF }},
		{"length without a packet", "\x00\x00\x00\x05", func(err error) bool { return err == io.ErrUnexpectedEOF }},
		{"half a packet", "\x00\x00\x00\x05Babc", func(err error) bool { return err == io.ErrUnexpectedEOF }},
	} {
		got, err := readFrames(newFrameReader(strings.NewReader(test.stream)))
		if len(got) != 0 || !test.want(err) {
			t.Errorf("%s: got %d packets and %v", test.name, len(got), err)
		}
	}
}

// TestFrameReaderWithoutProgress must not spin on a reader that returns neither data nor an error.
func TestFrameReaderWithoutProgress(t *testing.T) {
	if err := newFrameReader(iotest.ErrReader(nil)).fill(); err != io.ErrNoProgress {
		t.Errorf("got %v", err)
	}
}

// TestFramePromise sends a length field alone: no memory may be spent on a promise.
func TestFramePromise(t *testing.T) {
	f := newFrameReader(strings.NewReader("\x00\x3f\xff\xffB12345"))
	_, err := readFrames(f)
	if err != io.ErrUnexpectedEOF || len(f.buf) > smallBuffer {
		t.Errorf("buffer of %d bytes, %v", len(f.buf), err)
	}
}

// TestFrameBuffers cuts random packets from random reads, with buffers growing, shrinking, being kept and changing hands between two
// readers, and looks whether a byte gets lost, or one of a kept packet is written over.
func TestFrameBuffers(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	makeStream := func() (stream []byte, want []packet) {
		for range 60 {
			n := rnd.IntN(300)
			switch rnd.IntN(12) {
			case 0:
				n = rnd.IntN(3 * smallBuffer)
			case 1:
				n = rnd.IntN(3 * largeBuffer)
			}
			p := make([]byte, n)
			for i := range p {
				p[i] = byte(rnd.Uint32())
			}
			stream = append(stream, frame('B', string(p))...)
			want = append(want, packet{'B', p})
		}
		return stream, want
	}
	type side struct {
		f    *frameReader
		want []packet
	}
	sides := make([]side, 2)
	for i := range sides {
		stream, want := makeStream()
		sides[i] = side{newFrameReader(&choppyReader{bytes.NewReader(stream), rnd}), want}
	}
	var kept []packet // with what each must stay
	for len(sides) > 0 {
		i := rnd.IntN(len(sides))
		s := &sides[i]
		cmd, p, ok, err := s.f.frame()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			switch rnd.IntN(4) {
			case 0:
				s.f.shrink()
			case 1:
				s.f.rest()
			}
			if err := s.f.fill(); err == io.EOF {
				if len(s.want) > 0 {
					t.Fatalf("%d packets got lost", len(s.want))
				}
				s.f.release()
				sides = append(sides[:i], sides[i+1:]...)
			} else if err != nil {
				t.Fatal(err)
			}
			continue
		}
		if !samePackets([]packet{{Command(cmd), p}}, s.want[:1]) {
			t.Fatalf("a packet of %d bytes came out wrong", len(p))
		}
		if rnd.IntN(2) == 0 && s.f.keep(p) {
			kept = append(kept, packet{Command(cmd), p}, s.want[0])
		}
		s.want = s.want[1:]
	}
	if len(kept) < 10 {
		t.Errorf("%d packets were kept", len(kept)/2)
	}
	for i := 0; i < len(kept); i += 2 {
		if !samePackets(kept[i:i+1], kept[i+1:i+2]) {
			t.Errorf("a kept packet of %d bytes was written over", len(kept[i].payload))
		}
	}
}

// TestFrameKeep: what is small is not kept, and two full chunks share a buffer.
func TestFrameKeep(t *testing.T) {
	chunk := frame('B', strings.Repeat("x", MaxChunk))
	w := newWire(frame('B', "small"), slices.Concat(chunk, chunk, chunk, frame('E', "")))
	f := newFrameReader(w)
	var buffers []*byte
	for _, want := range []bool{false, true, true, true, false} {
		var p []byte
		for ok := false; !ok; {
			var err error
			if _, p, ok, err = f.frame(); err != nil {
				t.Fatal(err)
			}
			if !ok && f.fill() != nil {
				t.Fatal("no more")
			}
		}
		if got := f.keep(p); got != want {
			t.Errorf("%d bytes: kept %v", len(p), got)
		}
		if want {
			buffers = append(buffers, &f.buf[0])
		}
	}
	if buffers[0] != buffers[1] || buffers[1] == buffers[2] {
		t.Error("chunks do not share buffers two by two")
	}
	if f.shrink(); f.large != nil || f.kept || len(f.buf) > smallBuffer {
		t.Error("the kept buffer is still in use")
	}
}

// choppyReader reads pieces of random sizes.
type choppyReader struct {
	r   io.Reader
	rnd *rand.Rand
}

func (c *choppyReader) Read(p []byte) (int, error) {
	n := 1 + c.rnd.IntN(2*smallBuffer)
	if c.rnd.IntN(3) == 0 {
		n = largeBuffer
	}
	return c.r.Read(p[:min(n, len(p))])
}

// TestFrameBufferSize shows what a connection holds: a small buffer, a large one for a body, and the small one again.
func TestFrameBufferSize(t *testing.T) {
	w := newWire(frame('B', strings.Repeat("x", MaxChunk)), frame('E', ""))
	f := newFrameReader(w)
	sizes := []int{len(f.buf)}
	for range 2 {
		for {
			if _, _, ok, err := f.frame(); ok || err != nil {
				break
			}
			if err := f.fill(); err != nil {
				t.Fatal(err)
			}
		}
		sizes = append(sizes, len(f.buf))
	}
	f.shrink()
	sizes = append(sizes, len(f.buf))
	f.rest()
	sizes = append(sizes, len(f.buf))
	want := []int{smallBuffer, largeBuffer, largeBuffer, smallBuffer, tinyBuffer}
	for i := range want {
		if sizes[i] != want[i] {
			t.Errorf("buffer sizes %v, want %v", sizes, want)
			break
		}
	}
	if f.large != nil || f.small != nil {
		t.Error("a buffer was not given back")
	}
}
