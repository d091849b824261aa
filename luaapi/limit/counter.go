package limit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"luamilter/luaapi/store"
)

// Counter counts within a window that ends now.
type Counter struct {
	per   string
	slot  int64 // microseconds
	slots int64
	most  int64 // different values
}

// What a counter may have.
const (
	MaxSlots  = 100
	MaxValues = 4096
)

// NewCounter returns a counter of a window, which it forgets one slot at a time, and of most different values (0: 1000). per keeps its counts
// apart from those of other counters of the same space.
func NewCounter(window time.Duration, slots, most int, per string) (*Counter, error) {
	if most == 0 {
		most = 1000
	}
	switch {
	case window < time.Second || window > longest:
		return nil, fmt.Errorf("window is %s; a second to 366d was expected", window)
	case slots < 1 || slots > MaxSlots:
		return nil, fmt.Errorf("slots is %d; 1 to %d were expected", slots, MaxSlots)
	case most < 1 || most > MaxValues:
		return nil, fmt.Errorf("max is %d; 1 to %d were expected", most, MaxValues)
	case len(per) > maxPer:
		return nil, fmt.Errorf("per has %d bytes; a short name such as user was expected", len(per))
	}
	return &Counter{per: per, slot: max(1, window.Microseconds()/int64(slots)), slots: int64(slots), most: int64(most)}, nil
}

// Max returns how many different values are told apart.
func (c *Counter) Max() int { return int(c.most) }

// Add adds n to what a key has, and returns the sum within the window. With n = 0 it only looks. Numbers are kept up to 2^53, above and below zero.
func (c *Counter) Add(ctx context.Context, s store.Space, key string, n int64) (sum int64, err error) {
	if n > maxWhole || n < -maxWhole {
		return 0, fmt.Errorf("n is %d; at most %d was expected", n, int64(maxWhole))
	}
	return c.ask(ctx, s, &count, key, whole(n))
}

// Distinct takes note that a key has a value, and returns how many different ones it has within the window, at most Max.
func (c *Counter) Distinct(ctx context.Context, s store.Space, key, value string) (different int64, err error) {
	sum := sha256.Sum256([]byte(value))
	return c.ask(ctx, s, &distinct, key, fmt.Sprintf("%x", sum[:8]))
}

// Different returns how many different values a key has within the window, at most Max.
func (c *Counter) Different(ctx context.Context, s store.Space, key string) (different int64, err error) {
	return c.ask(ctx, s, &distinct, key, "")
}

func (c *Counter) ask(ctx context.Context, s store.Space, d *store.Decision, key, what string) (int64, error) {
	how := whole(c.slots) + "/" + whole(c.slot)
	reply, err := s.Decide(ctx, d, keyed(c.per, how, key), what, whole(c.slot), whole(c.slots), whole(c.most))
	if err != nil {
		return 0, err
	}
	if len(reply) != 1 {
		return 0, errReply
	}
	return wholeOf(reply[0]), nil
}

// The decisions of counters. Their args are what to count, the microseconds of a slot, the slots, and the most values. Slots are numbered since
// 1970. A machine whose clock is behind counts in slots that others have not forgotten yet.
var (
	// count keeps slots and their sums, the newest first: "2=5 1=3".
	count = store.Decision{Kind: "count", Step: stepCount, Redis: redisCount}
	// distinct keeps hashes, each with the slot in which it was last seen, sorted by both: in Go as text, in Redis as a sorted set.
	distinct = store.Decision{Kind: "distinct", Step: stepDistinct, Redis: redisDistinct}
)

// slotArgs reads the args of a decision: the slot that is now, the last one that is forgotten, and how long all of it lasts.
func slotArgs(now time.Time, args []string) (current, gone int64, lasts time.Duration) {
	slot, slots := wholeOf(args[1]), wholeOf(args[2])
	current = now.UnixMicro() / slot
	return current, current - slots, (time.Duration(slot*slots/1000) + skew) * time.Millisecond
}

func stepCount(e *store.Entry, now time.Time, args []string) []string {
	current, gone, lasts := slotArgs(now, args)
	n := wholeOf(args[0])
	var kept []string
	var sum int64
	counted := n == 0
	for item := range strings.FieldsSeq(e.Value) {
		first, second, _ := strings.Cut(item, "=")
		at, has := wholeOf(first), wholeOf(second)
		if !counted && at <= current {
			counted = true
			if at == current {
				has = bounded(has + n)
			} else {
				kept, sum = append(kept, whole(current)+"="+whole(n)), bounded(sum+n)
			}
		}
		if at > gone && at-current <= current-gone {
			kept, sum = append(kept, whole(at)+"="+whole(has)), bounded(sum+has)
		}
	}
	if !counted {
		kept, sum = append(kept, whole(current)+"="+whole(n)), bounded(sum+n)
	}
	if n != 0 {
		e.Lasting(strings.Join(kept, " "), now, lasts)
	}
	return []string{whole(sum)}
}

// bounded keeps a number within what is exact.
func bounded(n int64) int64 { return max(-maxWhole, min(n, maxWhole)) }

const redisCount = `
local now, n, slot, slots = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local function over(x, y) return (x - x % y) / y end
local function whole(x) return string.format("%.0f", x) end
local most = 9007199254740992
local function bounded(x) return math.max(-most, math.min(x, most)) end
local current = over(now, slot)
local gone = current - slots
local kept, sum, counted = {}, 0, n == 0
local function keep(at, has)
  kept[#kept + 1] = whole(at) .. "=" .. whole(has)
  sum = bounded(sum + has)
end
for at, has in string.gmatch(redis.call("GET", KEYS[1]) or "", "(%d+)=(%-?%d+)") do
  at, has = tonumber(at), tonumber(has)
  if not counted and at <= current then
    counted = true
    if at == current then has = bounded(has + n) else keep(current, n) end
  end
  if at > gone and at - current <= current - gone then keep(at, has) end
end
if not counted then keep(current, n) end
if n ~= 0 then
  redis.call("SET", KEYS[1], table.concat(kept, " "), "PX", whole(over(slot * slots, 1000) + 1000))
end
return {whole(sum)}
`

// seen is a hash with the slot in which it was last seen.
type seen struct {
	slot int64
	hash string
}

// seenSize is how long one is as text: 16 digits of the slot and 16 of the hash, so that their order is that of the text.
const seenSize = 32

func (s seen) text() string { return fmt.Sprintf("%016x", s.slot) + s.hash }

func stepDistinct(e *store.Entry, now time.Time, args []string) []string {
	current, gone, lasts := slotArgs(now, args)
	hash, most := args[0], int(wholeOf(args[3]))
	was := e.Value
	for len(was) >= seenSize && seenAt(was, 0).slot <= gone { // the oldest are in front
		was = was[seenSize:]
	}
	for len(was) >= seenSize && seenAt(was, len(was)-seenSize).slot-current > current-gone { // of a clock that was wrong
		was = was[:len(was)-seenSize]
	}
	if hash == "" {
		return []string{strconv.Itoa(min(len(was)/seenSize, most))}
	}
	var before string // what is kept, without the hash
	latest := current
	if at := findHash(was, hash); at >= 0 {
		latest = max(current, seenAt(was, at).slot)
		before = was[:at] + was[at+seenSize:]
	} else {
		before = was
	}
	value := insertSeen(before, seen{latest, hash})
	if over := len(value)/seenSize - most; over > 0 {
		value = value[over*seenSize:]
	}
	if value != e.Value {
		e.Lasting(value, now, lasts)
	}
	return []string{strconv.Itoa(len(value) / seenSize)}
}

func seenAt(set string, at int) seen {
	slot, _ := strconv.ParseInt(set[at:at+16], 16, 64)
	return seen{slot, set[at+16 : at+seenSize]}
}

// findHash returns where a hash is in a set, -1 if it is not.
func findHash(set, hash string) int {
	for at := len(set) - seenSize; at >= 0; at -= seenSize {
		if set[at+16:at+seenSize] == hash {
			return at
		}
	}
	return -1
}

// insertSeen puts one where it belongs in the order. It is near the end, as it is seen now.
func insertSeen(set string, s seen) string {
	text := s.text()
	at := len(set)
	for at >= seenSize && set[at-seenSize:at] > text {
		at -= seenSize
	}
	return set[:at] + text + set[at:]
}

const redisDistinct = `
local now, hash, slot, slots, most = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local function over(x, y) return (x - x % y) / y end
local function whole(x) return string.format("%.0f", x) end
local current = over(now, slot)
local gone = current - slots
if hash == "" then
  return {whole(math.min(most, redis.call("ZCOUNT", KEYS[1], "(" .. whole(gone), whole(current + slots))))}
end
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", whole(gone))
redis.call("ZREMRANGEBYSCORE", KEYS[1], "(" .. whole(current + slots), "+inf")
local latest = tonumber(redis.call("ZSCORE", KEYS[1], hash) or 0)
redis.call("ZADD", KEYS[1], whole(math.max(current, latest)), hash)
local excess = redis.call("ZCARD", KEYS[1]) - most
if excess > 0 then redis.call("ZREMRANGEBYRANK", KEYS[1], 0, excess - 1) end
redis.call("PEXPIRE", KEYS[1], whole(over(slot * slots, 1000) + 1000))
return {whole(redis.call("ZCARD", KEYS[1]))}
`
