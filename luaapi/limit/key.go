package limit

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// longKey is how long a key may be that is kept as it is, in bytes. Senders choose some keys, and must not escape by a long one.
const longKey = 256

// keyed returns the key under which a rate or counter keeps what belongs to a key: what it is per, how it counts, and the key, each
// apart from the others. One that counts in another way begins anew.
func keyed(per, how, key string) string {
	if len(key) > longKey {
		key = "#" + digest(key)
	}
	return strconv.Itoa(len(per)) + per + "/" + how + ":" + key
}

// maxPer is how long the name of what a limit is per may be, in bytes.
const maxPer = 100

// digest returns a hash of texts, as 32 digits; where one ends and the next begins counts.
func digest(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		h.Write(strconv.AppendInt(nil, int64(len(t)), 10))
		h.Write([]byte{':'})
		h.Write([]byte(t))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// whole writes a number as an argument of a decision.
func whole(n int64) string { return strconv.FormatInt(n, 10) }

// wholeOf reads a number; what is none is 0.
func wholeOf(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

// micros reads a number of microseconds.
func micros(text string) time.Duration { return time.Duration(wholeOf(text)) * time.Microsecond }

// maxWhole is the largest number that is exact in Go and in the Lua of Redis.
const maxWhole = 1 << 53

// skew is how much longer everything is kept than it says, in milliseconds: a machine whose clock is that much behind finds it. The steps know
// themselves what is over.
const skew = 1000

// believed is how far ahead a time may be that another machine has written, in microseconds. One further ahead is that of a clock that was wrong,
// which must not stop everything until then.
const believed = 60_000_000
