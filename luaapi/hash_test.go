package luaapi

import (
	"testing"

	"luamilter/protocol"
)

const useHash = `local hash, base64, hex, uuid = require "hash", require "base64", require "hex", require "uuid" `

func TestHash(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`hash.md5("abc")`:           "900150983cd24fb0d6963f7d28e17f72",
		`hash.crc32("abc")`:         "352441c2",
		`#hash.sha256("abc", true)`: "32",
		`hash.sha256("abc", false)`: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		`hash.sha256(msg.body) == hash.sha256(tostring(msg.body))`:    "true",
		`hash.hmac("sha256", "Jefe", "what do ya want for nothing?")`: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		`#hash.hmac("sha512", "k", "x", true)`:                        "64",
		`hash.equal("a", "a")`:                                        "true",
		`hash.equal("a", "b")`:                                        "false",
		`base64.encode("foo\255")`:                                    "Zm9v/w==",
		`base64.encode("foo\255", {url = true})`:                      "Zm9v_w",
		`base64.decode("Zm9v")`:                                       "foo",
		`select(2, base64.decode("Zm 9v"))`:                           "no base64: ' ' at byte 3",
		`base64.decode("Zm 9v", {lenient = true})`:                    "foo",
		`select(2, base64.decode(nil))`:                               "there is no base64: the text is nil",
		`hex.encode("a\255")`:                                         "61ff",
		`hex.decode("61FF")`:                                          "a\xff",
		`select(2, hex.decode("6"))`:                                  "1 digits are an odd number; a byte has two",
		`select(2, hex.decode("6g"))`:                                 "'g' is no hexadecimal digit",
		`select(2, hex.decode(nil))`:                                  "there are no digits: the text is nil",
		`#uuid.v4()`:                                                  "36",
		`select(2, uuid.parse(uuid.v7()))`:                            "7",
		`uuid.parse("{017F22E279B07CC398C4DC0C0C07398F}")`:            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		`select(2, uuid.parse("x"))`:                                  `"x" is no UUID such as f81d4fae-7dec-41d0-a765-00a0c91e6bf6`,
		`select(2, uuid.parse(nil))`:                                  "there is no UUID: the text is nil",
	} {
		v.want(useHash+`return `+script, want)
	}
	for script, want := range map[string]string{
		`hash:md5("a")`:                     "hash.md5 is a function: write hash.md5(...), with a dot",
		`hash.md5({})`:                      "hash.md5: the text is a table; a string was expected",
		`hash.md5("a", 1)`:                  "hash.md5: raw is a number; true or false was expected",
		`hash.hmac("crc32", "k", "x")`:      "hash.hmac: crc32 is a checksum, which nothing can be signed with; there are md5, sha1, sha256, sha512",
		`hash.hmac("sha3", "k", "x")`:       `hash.hmac: there is no hash "sha3"; there are md5, sha1, sha256, sha512`,
		`base64.encode("a", {urls = true})`: "base64.encode: there is no option urls, did you mean url?",
		`base64.decode({})`:                 "base64.decode: the text is a table; a string was expected",
	} {
		v.fails(useHash+script, want)
	}
	v.Budget.MaxString = 100
	v.fails(useHash+`hex.encode(("a"):rep(60))`, "a string of 120 bytes is longer than the 100 that a string may have")
}
