package live

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestBounded(t *testing.T) {
	const good = "Z\x00\x00\x00\x05I" + "1\x00\x00\x00\x04" + "E\x00\x00\x01\x04" + "x"
	long := good[:len(good)-1] + strings.Repeat("x", 256) + "Z\x00\x00\x00\x05I"
	for _, c := range []struct {
		name, text string
		refused    bool
	}{
		{"messages", long, false},
		{"the beginning of one", good, false},
		{"half a head", "Z\x00\x00", false},
		{"a length beyond all bounds", long + "D\xff\xff\xff\xff", true},
		{"a length just beyond", "D\x01\x00\x00\x01", true},
		{"the longest", "D\x01\x00\x00\x00", false},
		{"a length that cannot be", "D\x00\x00\x00\x03", true},
		{"another protocol", "HTTP/1.1 400 Bad Request\r\n", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
				got, err := io.ReadAll(&bounded{Reader: r})
				if refused := err != nil; refused != c.refused {
					t.Errorf("%v", err)
				}
				if !c.refused && !bytes.Equal(got, []byte(c.text)) {
					t.Errorf("it reads %q", got)
				}
			}
		})
	}
}

// An answer that is none costs an error, and no memory.
func FuzzBounded(f *testing.F) {
	f.Add([]byte("Z\x00\x00\x00\x05ID\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := io.ReadAll(&bounded{Reader: bytes.NewReader(text)})
		if err == nil && !bytes.Equal(got, text) {
			t.Errorf("it reads %q of %q", got, text)
		}
	})
}
