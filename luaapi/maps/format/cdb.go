package format

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// cdbHeader is how long the table of hash tables at the beginning is: 256 pairs of position and length.
const cdbHeader = 2048

var errCDB = errors.New("it is no constant database, or was not written to its end")

// readCDB reads the records of a constant database in their order (cr.yp.to/cdb/cdb.txt). They lie between the header and the first hash
// table: each the lengths of key and data, 32 bits little-endian, and both. Postfix may end keys and values with a NUL.
func readCDB(text string, add func(Entry) error) error {
	if len(text) < cdbHeader {
		return errCDB
	}
	end := uint64(len(text))
	for i := 0; i < cdbHeader; i += 8 {
		at, slots := word(text, i), word(text, i+4)
		if at < cdbHeader || at+slots*8 > uint64(len(text)) {
			return errCDB
		}
		end = min(end, at)
	}
	for at := uint64(cdbHeader); at < end; {
		if at+8 > end {
			return errCDB
		}
		key, data := word(text, int(at)), word(text, int(at)+4)
		at += 8
		if at+key+data > end {
			return errCDB
		}
		e := Entry{Key: unterminated(text[at : at+key]), Value: unterminated(text[at+key : at+key+data])}
		if err := add(e); err != nil {
			return fmt.Errorf("key %q: %w", e.Key, err)
		}
		at += key + data
	}
	return nil
}

func word(text string, at int) uint64 {
	return uint64(binary.LittleEndian.Uint32([]byte(text[at : at+4])))
}

func unterminated(s string) string { return strings.TrimSuffix(s, "\x00") }
