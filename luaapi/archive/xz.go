package archive

import (
	"bufio"
	"encoding/binary"
	"io"
)

const xzMagic = "\xfd7zXZ\x00"

// xz is the frame of an xz file: streams of blocks, each packed with LZMA2. Checksums are skipped: whoever made the data made them too.
type xz struct {
	walk  *walk
	in    *byteCounter
	size  int64     // unpacked, -1 if that is not known
	block io.Reader // the open one
	check int64     // bytes of the checksum behind each block
	begun bool
	err   error
}

// byteCounter counts what is read through it, also byte by byte: so the decoder of LZMA2 reads not a byte too much.
type byteCounter struct {
	r *bufio.Reader
	n int64
}

// Read reads as the reader below does.
func (c *byteCounter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// ReadByte reads as the reader below does.
func (c *byteCounter) ReadByte() (byte, error) {
	b, err := c.r.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

// xz returns a reader for what is in an xz file, which should unpack to size bytes, -1 if that is not known.
func (w *walk) xz(in io.Reader, size int64) io.Reader {
	return &xz{walk: w, size: size, in: &byteCounter{r: bufio.NewReader(in)}}
}

// Read unpacks.
func (x *xz) Read(p []byte) (int, error) {
	for x.err == nil && len(p) > 0 {
		if x.block == nil {
			x.err = x.next()
			continue
		}
		n, err := x.block.Read(p)
		if err == io.EOF {
			x.block, err = nil, x.endBlock()
		}
		x.err = err
		if n > 0 {
			return n, nil
		}
	}
	return 0, x.err
}

// next opens the next block, or ends the stream and begins another.
func (x *xz) next() error {
	if err := x.walk.check(); err != nil {
		return err
	}
	if !x.begun {
		return x.beginStream()
	}
	length, err := x.in.ReadByte()
	if err != nil {
		return short(err)
	}
	if length == 0 {
		x.begun = false
		return x.skipIndex()
	}
	return x.beginBlock(int(length)*4 + 3)
}

// beginStream reads the header of a stream, which other streams and padding may precede.
func (x *xz) beginStream() error {
	header := make([]byte, 12)
	for {
		if _, err := io.ReadFull(x.in, header[:4]); err != nil {
			return err // io.EOF after the last stream
		}
		if binary.LittleEndian.Uint32(header) != 0 {
			break
		}
	}
	if _, err := io.ReadFull(x.in, header[4:]); err != nil {
		return short(err)
	}
	if string(header[:6]) != xzMagic || header[6] != 0 {
		return flaw("is damaged: xz: no stream header")
	}
	// Format 1.2.1, section 2.1.1.2: sizes of checks by threes.
	x.check = []int64{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}[header[7]&15]
	x.begun = true
	return nil
}

// beginBlock reads the rest of the header of a block; only LZMA2 alone is unpacked.
func (x *xz) beginBlock(rest int) error {
	header := make([]byte, rest)
	if _, err := io.ReadFull(x.in, header); err != nil {
		return short(err)
	}
	c := cursor{b: header[:rest-4]}
	flags := c.byte()
	if flags&0x40 != 0 {
		c.varint() // packed size
	}
	size := x.size
	if flags&0x80 != 0 {
		size = sizeOf(c.varint())
	}
	id, length := c.varint(), c.varint()
	dictionary := c.byte()
	if c.short {
		return flaw("is damaged: xz: short block header")
	}
	if flags&3 != 0 || id != 0x21 || length != 1 {
		return flaw("is packed with filters, which are not looked through")
	}
	x.in.n = 0
	block, err := x.walk.lzma2(x.in, dictionary, size)
	if err != nil {
		return err
	}
	x.block = block
	return nil
}

// endBlock skips the padding and the checksum.
func (x *xz) endBlock() error {
	return x.skip((4-x.in.n%4)%4 + x.check)
}

// skipIndex skips the index, whose indicator has been read, and the footer.
func (x *xz) skipIndex() error {
	x.in.n = 1
	records, err := binary.ReadUvarint(x.in)
	if err != nil {
		return short(err)
	}
	for n := uint64(0); n>>1 < records; n++ { // two sizes each
		if _, err := binary.ReadUvarint(x.in); err != nil {
			return short(err)
		}
		if err := x.walk.check(); err != nil {
			return err
		}
	}
	const checksum, footer = 4, 12
	return x.skip((4-x.in.n%4)%4 + checksum + footer)
}

func (x *xz) skip(n int64) error {
	_, err := io.CopyN(io.Discard, x.in, n)
	return short(err)
}

// short is the error of data that ends where there should be more.
func short(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
