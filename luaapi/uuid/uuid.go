package uuid

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// V4 returns a random UUID (RFC 9562 section 5.4).
func V4() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return text(b, 4)
}

// V7 returns a UUID that begins with a time in milliseconds; the rest is random (RFC 9562 section 5.7).
func V7(at time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[6:])
	ms := at.UnixMilli()
	for i := range 6 {
		b[i] = byte(ms >> (40 - 8*i))
	}
	return text(b, 7)
}

// text writes a UUID, with its version and variant.
func text(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Parse reads a UUID in any of its spellings: in braces, with urn:uuid: before it, without hyphens, in capitals. It returns the usual
// spelling, and the version: 0 for a variant that has none.
func Parse(s string) (canonical string, version int, err error) {
	in := strings.ToLower(s)
	in = strings.TrimPrefix(in, "urn:uuid:")
	if strings.HasPrefix(in, "{") && strings.HasSuffix(in, "}") {
		in = in[1 : len(in)-1]
	}
	if len(in) == 36 && in[8] == '-' && in[13] == '-' && in[18] == '-' && in[23] == '-' {
		in = in[:8] + in[9:13] + in[14:18] + in[19:23] + in[24:]
	}
	b, err := hex.DecodeString(in)
	if err != nil || len(b) != 16 {
		return "", 0, fmt.Errorf("%.40q is no UUID such as f81d4fae-7dec-41d0-a765-00a0c91e6bf6", s)
	}
	if b[8]&0xc0 == 0x80 {
		version = int(b[6] >> 4)
	}
	h := in
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], version, nil
}

// Time returns when a UUID of version 7 was made; not ok for any other.
func Time(s string) (at time.Time, ok bool) {
	canonical, version, err := Parse(s)
	if err != nil || version != 7 {
		return time.Time{}, false
	}
	var ms int64
	if _, err := fmt.Sscanf(canonical[:8]+canonical[9:13], "%012x", &ms); err != nil {
		return time.Time{}, false
	}
	return time.UnixMilli(ms).UTC(), true
}
