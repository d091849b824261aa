package archive

import "io"

// source is data that can be read at any place.
type source struct {
	io.ReaderAt
	size int64
}

func (s source) reader() *io.SectionReader { return io.NewSectionReader(s.ReaderAt, 0, s.size) }

// section returns n bytes from an offset on, or what of them there is.
func (s source) section(offset, n int64) *io.SectionReader {
	offset = max(0, min(offset, s.size))
	return io.NewSectionReader(s.ReaderAt, offset, max(0, min(n, s.size-offset)))
}

// bytes reads n bytes at an offset.
func (s source) bytes(offset int64, n int) ([]byte, error) {
	if offset < 0 || offset > s.size-int64(n) {
		return nil, io.ErrUnexpectedEOF
	}
	b := make([]byte, n)
	_, err := io.ReadFull(s.section(offset, int64(n)), b)
	return b, err
}

// watched is data that can be read until the time is over.
type watched struct {
	walk *walk
	io.ReaderAt
}

// ReadAt reads as an io.ReaderAt does, or returns errLimit.
func (d watched) ReadAt(p []byte, offset int64) (int, error) {
	if err := d.walk.check(); err != nil {
		return 0, err
	}
	return d.ReaderAt.ReadAt(p, offset)
}

// counter counts what is read through it.
type counter struct {
	io.Reader
	n int64
}

// Read reads as the reader below does.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

// meter is content that is being unpacked. What it gives out is taken from the allowance.
type meter struct {
	walk *walk
	r    io.Reader
	in   *counter // what is unpacked; nil if nothing is
	out  int64    // bytes unpacked
	head []byte   // bytes unpacked and not yet read
	free bool     // counted elsewhere, as a part of other content
}

// unpack returns a meter for what a decoder makes of in, which is nil if the content is not packed.
func (w *walk) unpack(decoder io.Reader, in *counter) *meter {
	return &meter{walk: w, r: decoder, in: in}
}

// peek returns the next n bytes, or less if there are not as many. They are read again by Read.
func (m *meter) peek(n int) ([]byte, error) {
	head := make([]byte, max(n, len(m.head)))
	got := copy(head, m.head)
	for got < n {
		k, err := m.pull(head[got:])
		got += k
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	m.head = head[:got]
	return m.head, nil
}

// Read unpacks at most 32 KiB. The error is errLimit at the limit of bytes or of time, and another at that of the ratio.
func (m *meter) Read(p []byte) (int, error) {
	if len(m.head) > 0 {
		n := copy(p, m.head)
		m.head = m.head[n:]
		return n, nil
	}
	return m.pull(p)
}

func (m *meter) pull(p []byte) (int, error) {
	const most = 32 << 10
	w := m.walk
	if err := w.check(); err != nil {
		return 0, err
	}
	if m.free {
		return m.r.Read(p)
	}
	if w.bytes == 0 {
		return 0, w.spend(1)
	}
	n, err := m.r.Read(p[:min(int64(len(p)), most, w.bytes)])
	m.out += int64(n)
	w.bytes -= int64(n)
	if m.in != nil && m.out > ratioFrom && m.out/int64(w.limits.Ratio) > m.in.n {
		w.listing.Truncated = true
		return n, flawf("unpacks to more than %d times its size", w.limits.Ratio)
	}
	return n, err
}

// drain unpacks the rest.
func (m *meter) drain() error {
	_, err := io.Copy(io.Discard, m)
	return err
}

// pieces is content in memory. Pieces are never copied in order to grow.
type pieces struct {
	list [][]byte // all but the last have pieceSize bytes
}

const pieceSize = 64 << 10

// spool unpacks content into memory.
func spool(m *meter) (source, error) {
	p := &pieces{}
	size := int64(0)
	for {
		piece := make([]byte, pieceSize)
		n, err := io.ReadFull(m, piece)
		size += int64(n)
		p.list = append(p.list, piece[:n])
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return source{watched{m.walk, p}, size}, nil
		}
		if err != nil {
			return source{}, err
		}
	}
}

// ReadAt reads as an io.ReaderAt does.
func (p *pieces) ReadAt(b []byte, offset int64) (int, error) {
	done := 0
	for done < len(b) {
		i := int((offset + int64(done)) / pieceSize)
		from := int((offset + int64(done)) % pieceSize)
		if i >= len(p.list) || from >= len(p.list[i]) {
			return done, io.EOF
		}
		done += copy(b[done:], p.list[i][from:])
	}
	return done, nil
}
