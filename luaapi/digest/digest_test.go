package digest

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"
)

func TestSum(t *testing.T) {
	for name, want := range map[string]string{
		"md5":    "900150983cd24fb0d6963f7d28e17f72",                                                                                                 // RFC 1321
		"sha1":   "a9993e364706816aba3e25717850c26c9cd0d89d",                                                                                         // FIPS 180
		"sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",                                                                 // FIPS 180
		"sha512": "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f", // FIPS 180
		"crc32":  "352441c2",
		"xxh3":   "78af5f94892f3950",
	} {
		got, err := Sum(name, "abc")
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s: %x, %v, want %s", name, got, err, want)
		}
		if !slices.Contains(Names(), name) {
			t.Errorf("%s is not among the names", name)
		}
	}
	if _, err := Sum("md4", "abc"); err == nil {
		t.Error("there is md4")
	}
	long := strings.Repeat("a", 1_000_000)
	if got, _ := Sum("sha1", long); hex.EncodeToString(got) != "34aa973cd4c4daa4f61eeb2bdbad27316534016f" { // FIPS 180
		t.Errorf("a million letters: %x", got)
	}
}

func TestMAC(t *testing.T) {
	got, err := MAC("sha256", "Jefe", "what do ya want for nothing?") // RFC 4231 section 4.3
	if err != nil || hex.EncodeToString(got) != "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" {
		t.Errorf("%x, %v", got, err)
	}
	for _, name := range ForMAC() {
		if _, err := MAC(name, "k", "x"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := MAC("crc32", "k", "x"); err == nil {
		t.Error("crc32 signs")
	}
	if _, err := MAC("none", "k", "x"); err == nil {
		t.Error("there is a hash none")
	}
}

func TestEqual(t *testing.T) {
	if !Equal("ab", "ab") || Equal("ab", "ac") || Equal("a", "ab") {
		t.Error("wrong")
	}
}
