package luaapi

import (
	"encoding/hex"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/digest"
)

var hashModule = Module{
	"hash", Require,
	"Hashes and checksums. They give hexadecimal digits in small letters, or the bytes themselves if the last argument, `raw`, is true. A body does for a text: `hash.sha256(msg.body)`.",
	nil,
	[]Func{
		{"sha256", "text: string, raw: boolean?", "string", "", "The SHA-256 of `text`: 64 digits, or 32 bytes if `raw` is true.", "", "FIPS 180-4", bindHash("sha256")},
		{"sha512", "text: string, raw: boolean?", "string", "", "The SHA-512 of `text`: 128 digits, or 64 bytes if `raw` is true.", "", "FIPS 180-4", bindHash("sha512")},
		{"sha1", "text: string, raw: boolean?", "string", "", "The SHA-1 of `text`: 40 digits, or 20 bytes if `raw` is true. It can be forged; it is here for protocols and lists that ask for it.", "", "FIPS 180-4", bindHash("sha1")},
		{"md5", "text: string, raw: boolean?", "string", "", "The MD5 of `text`: 32 digits, or 16 bytes if `raw` is true. It can be forged; it is here for protocols and lists that ask for it.", "", "RFC 1321", bindHash("md5")},
		{"xxh3", "text: string, raw: boolean?", "string", "", "The XXH3 of `text`, which is quick, for keys of caches and for spreading work: 16 digits, or 8 bytes if `raw` is true. Whoever knows it can forge it.", "", "xxhash.com", bindHash("xxh3")},
		{"crc32", "text: string, raw: boolean?", "string", "", "The CRC-32 of `text` as in zip and gzip: 8 digits, or 4 bytes if `raw` is true. `tonumber(hash.crc32(text), 16)` is a number.", "", "RFC 1952 section 8", bindHash("crc32")},
		{"hmac", "name: string, key: string, text: string, raw: boolean?", "string", "", "The HMAC of `text` with the secret `key`, by the hash of that `name`: `" + strings.Join(digest.ForMAC(), "`, `") + "`; its bytes if `raw` is true.", "There is no hash `name`, or it is a checksum.", "RFC 2104", (*Env).bindHMAC},
		{"equal", "a: string, b: string", "boolean", "", "Whether the texts `a` and `b` are the same, in a time that does not tell where they differ: for what was made with a secret.", "", "", (*Env).bindHashEqual},
	},
}

// hashBytesPerStep is how much of a text counts as one instruction.
const hashBytesPerStep = 16

// bindHash makes the function of one hash.
func bindHash(name string) func(*Env) lua.LGFunction {
	return func(e *Env) lua.LGFunction {
		function := "hash." + name
		return func(L *lua.LState) int {
			e.dotted(L, function)
			s := content(L, function, 1)
			e.spend(L, len(s)/hashBytesPerStep)
			sum, err := digest.Sum(name, s)
			orRaise(L, function, err)
			return pushSum(L, function, sum, 2)
		}
	}
}

// pushSum pushes a hash in digits, or raw if that argument says so.
func pushSum(L *lua.LState, function string, sum []byte, arg int) int {
	if L.Get(arg) != lua.LNil && boolean(L, function, arg, "raw") {
		L.Push(lua.LString(sum))
		return 1
	}
	L.Push(lua.LString(hex.EncodeToString(sum)))
	return 1
}

func (e *Env) bindHMAC() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "hash.hmac"
		e.dotted(L, function)
		name := text(L, function, 1, "the name")
		key := text(L, function, 2, "the key")
		s := content(L, function, 3)
		e.spend(L, (len(key)+len(s))/hashBytesPerStep)
		mac, err := digest.MAC(name, key, s)
		if err != nil {
			L.RaiseError("%s: %v; there are %s", function, err, strings.Join(digest.ForMAC(), ", "))
		}
		return pushSum(L, function, mac, 4)
	}
}

func (e *Env) bindHashEqual() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "hash.equal"
		e.dotted(L, function)
		L.Push(lua.LBool(digest.Equal(text(L, function, 1, "a"), text(L, function, 2, "b"))))
		return 1
	}
}
