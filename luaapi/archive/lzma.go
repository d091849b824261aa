package archive

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// lzma unpacks LZMA as zip and 7z have it: its five bytes of properties are apart, and the size is known, or -1 if the data ends with a mark.
// The decoder gets a header as an .lzma file has it, with a dictionary that is allowed.
func (w *walk) lzma(in io.Reader, properties []byte, size int64) (io.Reader, error) {
	if len(properties) < 5 {
		return nil, flaw("is damaged: lzma: no properties")
	}
	claimed := int64(binary.LittleEndian.Uint32(properties[1:]))
	if size >= 0 {
		claimed = min(claimed, size)
	}
	window, err := w.window(claimed)
	if err != nil {
		return nil, err
	}
	header := binary.LittleEndian.AppendUint32([]byte{properties[0]}, uint32(window))
	header = binary.LittleEndian.AppendUint64(header, uint64(size))
	packed := bufio.NewReader(in)
	return lzma.ReaderConfig{DictCap: window}.NewReader(join{bytes.NewReader(header), packed})
}

// join is an io.MultiReader that also reads bytes, so that the decoder does not read them one by one through the counter.
type join struct {
	first  *bytes.Reader
	second *bufio.Reader
}

// Read reads from the first reader to its end, then from the second.
func (j join) Read(p []byte) (int, error) {
	if j.first.Len() > 0 {
		return j.first.Read(p)
	}
	return j.second.Read(p)
}

// ReadByte reads one byte as Read does.
func (j join) ReadByte() (byte, error) {
	if j.first.Len() > 0 {
		return j.first.ReadByte()
	}
	return j.second.ReadByte()
}

// lzma2 unpacks LZMA2. in is read no further than its end if it reads bytes.
func (w *walk) lzma2(in io.Reader, dictionary byte, size int64) (io.Reader, error) {
	if dictionary > 40 { // xz file format 1.2.1, section 5.3.1
		return nil, flaw("is damaged: lzma2: no such dictionary size")
	}
	claimed := int64(2|dictionary&1) << (dictionary/2 + 11)
	if size >= 0 {
		claimed = min(claimed, size)
	}
	window, err := w.window(claimed)
	if err != nil {
		return nil, err
	}
	return lzma.Reader2Config{DictCap: window}.NewReader2(in)
}
