package digest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
	"hash/crc32"

	"github.com/zeebo/xxh3"
)

// algorithm is a hash with its name.
type algorithm struct {
	name string
	open func() hash.Hash // nil for a checksum
	sum  func(text string) []byte
}

// algorithms returns all there are, in the order of the reference.
func algorithms() []algorithm {
	return []algorithm{
		{"md5", md5.New, nil},
		{"sha1", sha1.New, nil},
		{"sha256", sha256.New, nil},
		{"sha512", sha512.New, nil},
		{"xxh3", nil, func(text string) []byte { return binary.BigEndian.AppendUint64(nil, xxh3.HashString(text)) }},
		{"crc32", nil, func(text string) []byte { return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text))) }},
	}
}

// Names returns the names of all hashes.
func Names() []string {
	var names []string
	for _, a := range algorithms() {
		names = append(names, a.name)
	}
	return names
}

// ForMAC returns the names of those that MAC takes.
func ForMAC() []string {
	var names []string
	for _, a := range algorithms() {
		if a.open != nil {
			names = append(names, a.name)
		}
	}
	return names
}

func find(name string) (algorithm, error) {
	for _, a := range algorithms() {
		if a.name == name {
			return a, nil
		}
	}
	return algorithm{}, fmt.Errorf("there is no hash %q", name)
}

// Sum returns the hash of a text, the most significant byte first.
func Sum(name, text string) ([]byte, error) {
	a, err := find(name)
	if err != nil {
		return nil, err
	}
	if a.sum != nil {
		return a.sum(text), nil
	}
	h := a.open()
	write(h, text)
	return h.Sum(nil), nil
}

// MAC returns the HMAC of a text (RFC 2104). A checksum has none: that is an error.
func MAC(name, key, text string) ([]byte, error) {
	a, err := find(name)
	if err != nil {
		return nil, err
	}
	if a.open == nil {
		return nil, fmt.Errorf("%s is a checksum, which nothing can be signed with", name)
	}
	h := hmac.New(a.open, []byte(key))
	write(h, text)
	return h.Sum(nil), nil
}

// Equal compares two texts in a time that does not tell where they differ.
func Equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// write hands a text to a hash without a copy of all of it.
func write(h hash.Hash, text string) {
	const piece = 32 << 10
	for len(text) > piece {
		h.Write([]byte(text[:piece])) // a hash never fails
		text = text[piece:]
	}
	h.Write([]byte(text))
}
