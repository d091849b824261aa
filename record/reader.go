package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"luamilter/protocol"
)

// ErrNoRecording means that a file does not begin as a recording does.
var ErrNoRecording = errors.New("no recording: the first line is not " + Magic)

// Reader reads a recording packet by packet. It believes nothing that the file says of itself.
type Reader struct {
	Head Head

	src   *bufio.Reader
	count int           // of packets
	last  time.Duration // of the last packet
	why   string        // it ended
	err   error         // of Next, once there is one
}

// NewReader reads the head.
func NewReader(src io.Reader) (*Reader, error) {
	r := &Reader{src: bufio.NewReaderSize(src, maxHead)}
	if line, err := r.line(maxLine); err != nil || line != Magic {
		if strings.HasPrefix(line, strings.TrimRight(Magic, "0123456789")) {
			return nil, fmt.Errorf("%.60q is a recording of another version of luamilter; this one reads %q", line, Magic)
		}
		return nil, ErrNoRecording
	}
	line, err := r.line(maxHead)
	if err != nil {
		return nil, fmt.Errorf("head of a recording: %w", err)
	}
	if err := json.Unmarshal([]byte(line), &r.Head); err != nil {
		return nil, fmt.Errorf("head of a recording: %w", err)
	}
	if r.Head.Bodies == "" {
		return nil, errors.New("head of a recording: it does not say what became of bodies")
	}
	return r, nil
}

// line reads a line of at most so many bytes, without its end.
func (r *Reader) line(most int) (string, error) {
	line, err := r.src.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull), err == nil && len(line) > most:
		return "", fmt.Errorf("a line has more than %d bytes", most)
	case err == io.EOF:
		return "", io.ErrUnexpectedEOF
	case err != nil:
		return "", err
	}
	return string(line[:len(line)-1]), nil
}

// Next returns the next packet. The end of the recording is io.EOF, and Why says more; where a crash cut it off, io.ErrUnexpectedEOF.
func (r *Reader) Next() (Packet, error) {
	if r.err != nil {
		return Packet{}, r.err
	}
	p, err := r.next()
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		r.err = err
	case err != nil:
		r.err = fmt.Errorf("packet %d: %w", r.count+1, err)
	default:
		r.count++
		r.last = p.At
	}
	return p, r.err
}

// Why says why the recording ended: closed, or what stopped it before the connection ended; "" before Next has returned io.EOF.
func (r *Reader) Why() string { return r.why }

func (r *Reader) next() (Packet, error) {
	line, err := r.line(maxLine)
	if err != nil {
		return Packet{}, err
	}
	kind, rest, _ := strings.Cut(line, " ")
	micros, what, _ := strings.Cut(rest, " ")
	at, err := strconv.ParseInt(micros, 10, 64)
	if err != nil || at < 0 || at > int64(maxTime/time.Microsecond) {
		return Packet{}, fmt.Errorf("the line %.40q has no time", line)
	}
	when := time.Duration(at) * time.Microsecond
	switch {
	case kind == "E":
		r.why = what
		return Packet{}, r.nothingMore()
	case len(kind) != 1 || Side(kind[0]) != FromMTA && Side(kind[0]) != FromFilter:
		return Packet{}, fmt.Errorf("the line %.40q begins with none of M, F and E", line)
	case when < r.last:
		return Packet{}, fmt.Errorf("it came before the one before it")
	}
	return r.packet(Packet{Side: Side(kind[0]), At: when}, what)
}

// maxTime is the longest time that a connection can take.
const maxTime = 366 * 24 * time.Hour

// packet reads the bytes of a packet; size is their number.
func (r *Reader) packet(p Packet, size string) (Packet, error) {
	n, err := strconv.ParseUint(size, 10, 32)
	if err != nil || n == 0 || n > protocol.MaxFrame {
		return p, fmt.Errorf("%.20q is no number of bytes from 1 to %d", size, protocol.MaxFrame)
	}
	var b bytes.Buffer // grows with what is there, not with what was promised
	if _, err := io.CopyN(&b, r.src, int64(n)+1); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return p, err
	}
	text := b.Bytes()
	if text[n] != '\n' {
		return p, fmt.Errorf("no line end after its %d bytes", n)
	}
	p.Code, p.Payload = text[0], text[1:n:n]
	return p, nil
}

// nothingMore returns io.EOF if the file ends here.
func (r *Reader) nothingMore() error {
	switch _, err := r.src.ReadByte(); err {
	case io.EOF:
		return io.EOF
	case nil:
		return errors.New("there is more after the end")
	default:
		return err
	}
}

// Recording is a whole recording.
type Recording struct {
	Path string
	Head
	Packets []Packet
	Ended   string // why it ended; "" where a crash cut it off
}

// maxRecording is how large a file is read into memory, in bytes.
const maxRecording = 1 << 30

// Load reads a recording.
func Load(path string) (*Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a recording: %w", err)
	}
	defer f.Close()
	r, err := NewReader(io.LimitReader(f, maxRecording))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	rec := &Recording{Path: path, Head: r.Head}
	for {
		p, err := r.Next()
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF:
			rec.Ended = r.Why()
			return rec, nil
		case err != nil:
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		rec.Packets = append(rec.Packets, p)
	}
}

// Is reports whether a file begins as a recording does, of whatever version.
func Is(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	begin := []byte(strings.TrimRight(Magic, "0123456789"))
	got := make([]byte, len(begin))
	_, err = io.ReadFull(f, got)
	return err == nil && bytes.Equal(got, begin)
}
