package mime

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"unsafe"

	"luamilter/luaapi/charset"
)

// decoder takes a transfer encoding away, piece by piece. It is as lenient as mail readers: what means nothing is left out or stands for itself.
type decoder interface {
	// decode appends what s means, and returns how many bytes of s that was: the rest comes again, with more behind it. With final set,
	// all is taken.
	decode(dst []byte, s string, final bool) (out []byte, used int)
}

// newDecoder returns the decoder of an encoding, nil for one that changes nothing or is not known.
func newDecoder(encoding string) decoder {
	switch encoding {
	case "base64":
		return new(base64Decoder)
	case "quoted-printable":
		return quotedDecoder{}
	case "x-uuencode", "uuencode", "x-uue", "uue":
		return newUUDecoder()
	case "x-yencode", "x-yenc", "yenc":
		return newYencDecoder()
	}
	return nil
}

// isEncoded reports whether the content is in an encoding that can be taken away.
func (p *Part) isEncoded() bool { return newDecoder(p.Encoding) != nil }

// Decoded returns the content without its transfer encoding; that of a multipart, and one in an unknown encoding, as it stands. Without an
// encoding, nothing is copied from a Text.
func (p *Part) Decoded() string {
	d := newDecoder(p.Encoding)
	if d == nil || p.IsMultipart() {
		return p.Content.Of(p.Source)
	}
	if _, ok := p.Source.(Text); !ok {
		var out bytes.Buffer
		out.Grow(int(p.Content.Len()))
		_, _ = out.ReadFrom(p.Reader()) // a source that ends early has less in it
		return asString(out.Bytes())
	}
	raw := p.Content.Of(p.Source)
	out, _ := d.decode(make([]byte, 0, len(raw)), raw, true)
	return asString(out)
}

// DecodedSource returns what Decoded returns as a Source. If it is large it is not in memory, provided that the part is in a Scratch, which may
// have no room: then there is an error.
func (p *Part) DecodedSource() (Source, error) {
	if !p.isEncoded() || p.IsMultipart() {
		return p.Content.within(p.Source), nil
	}
	if scratch, ok := p.Source.(Scratch); ok && p.Content.Len() > maxInMemory {
		return scratch.Keep(p.Reader())
	}
	return Text(p.Decoded()), nil
}

// maxInMemory is what may be in memory of a body that is in a file, in bytes.
const maxInMemory = 1 << 20

// Reader returns a reader of what Decoded returns, for which no more than a window of the source is in memory.
func (p *Part) Reader() io.Reader {
	var d decoder
	if !p.IsMultipart() {
		d = newDecoder(p.Encoding)
	}
	if d == nil {
		return io.NewSectionReader(p.Source, p.Content.Start, p.Content.Len())
	}
	size := min(chunk, p.Content.Len())
	r := &reader{src: p.Source, rest: p.Content, decoder: d, buf: make([]byte, 0, size)}
	if _, ok := p.Source.(Text); !ok {
		r.window = make([]byte, 0, size)
	}
	return r
}

// reader decodes a range of a source.
type reader struct {
	src     Source
	rest    Range // not yet decoded
	decoder decoder
	window  []byte // for what is read of a file
	buf     []byte
	out     []byte // decoded and not yet read, in buf
	final   bool
}

const chunk = 32 << 10

// Read is that of io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	for size := int64(chunk); len(r.out) == 0; size *= 2 {
		if r.final {
			return 0, io.EOF
		}
		piece := Range{r.rest.Start, min(r.rest.Start+size, r.rest.End)}
		s := r.piece(piece)
		r.final = piece.End == r.rest.End || len(s) == 0
		var used int
		r.out, used = r.decoder.decode(r.buf[:0], s, r.final || size >= maxInMemory) // a longer line is none of an encoding
		r.buf = r.out
		r.rest.Start += int64(used)
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

// piece returns bytes of the source, valid until the next call.
func (r *reader) piece(at Range) string {
	if r.window == nil {
		return at.Of(r.src)
	}
	if at.Len() > int64(cap(r.window)) {
		r.window = make([]byte, 0, at.Len())
	}
	return asString(at.read(r.src, r.window))
}

// Size returns the size of what Decoded returns, in bytes.
func (p *Part) Size() int64 {
	if !p.isEncoded() || p.IsMultipart() {
		return p.Content.Len()
	}
	n, _ := io.Copy(io.Discard, p.Reader())
	return n
}

// SHA256 returns the hash of what Decoded returns, in 64 lower case hexadecimal digits.
func (p *Part) SHA256() string {
	h := sha256.New()
	_, _ = io.Copy(h, p.Reader()) // a source that ends early has less in it
	return hex.EncodeToString(h.Sum(nil))
}

// DecodedText returns the content as UTF-8, with line ends as they are. It is not ok if the charset is not known, or bytes mean nothing in it;
// what is returned is then the best that can be made of them.
func (p *Part) DecodedText() (text string, ok bool) {
	s := p.Decoded()
	return charset.Decode(p.Charset, unsafe.Slice(unsafe.StringData(s), len(s)))
}
