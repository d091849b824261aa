package limit

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"luamilter/luaapi/store"
)

// Rate is how much may be taken: a burst at once, and in the long run so much in a period.
type Rate struct {
	per    string
	burst  int64
	period int64 // microseconds in which count are given back, in lowest terms
	count  int64
}

// units are the periods that have a letter. Nothing changes it.
var units = map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}

// longest is the longest period, window or delay.
const longest = 366 * 24 * time.Hour

// ParseRate reads a rate such as 200/h or 10/5m; the units are s, m, h and d. burst is how much can be taken at once, 0 for as much as the rate
// has in its period. per keeps what is taken apart from what other rates of the same space count.
func ParseRate(text string, burst int64, per string) (*Rate, error) {
	count, period, err := parseRate(text)
	if err != nil {
		return nil, err
	}
	if burst == 0 {
		burst = count
	}
	if burst < 0 {
		return nil, fmt.Errorf("burst is %d; 1 or more was expected", burst)
	}
	if len(per) > maxPer {
		return nil, fmt.Errorf("per has %d bytes; a short name such as user was expected", len(per))
	}
	divisor := gcd(count, period)
	r := &Rate{per: per, burst: burst, period: period / divisor, count: count / divisor}
	if r.period > maxWhole/2/burst {
		return nil, fmt.Errorf("a burst of %d is too large to be counted exactly at the rate %q; write a rounder rate, or a smaller burst", burst, text)
	}
	return r, nil
}

func parseRate(text string) (count, period int64, err error) {
	const form = "write a number, / and a time, as 200/h or 10/5m; the units are s, m, h and d"
	first, rest, _ := strings.Cut(text, "/")
	if rest == "" {
		return 0, 0, fmt.Errorf("rate %q has no period; %s", text, form)
	}
	count, err = strconv.ParseInt(strings.TrimSpace(first), 10, 32)
	if err != nil || count < 1 {
		return 0, 0, fmt.Errorf("rate %q does not begin with a number above 0; %s", text, form)
	}
	rest = strings.TrimSpace(rest)
	unit, ok := units[rest[max(0, len(rest)-1)]]
	if !ok {
		return 0, 0, fmt.Errorf("rate %q has no unit at its end; %s", text, form)
	}
	n := int64(1)
	if digits := rest[:len(rest)-1]; digits != "" {
		n, err = strconv.ParseInt(digits, 10, 32)
	}
	if err != nil || n < 1 || n > int64(longest/unit) {
		return 0, 0, fmt.Errorf("rate %q has a period that cannot be read, or is over 366d; %s", text, form)
	}
	return count, n * unit.Microseconds(), nil
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Burst returns how much can be taken at once.
func (r *Rate) Burst() int64 { return r.burst }

// Taken is what came of taking.
type Taken struct {
	OK   bool
	Left int64         // how much more could be taken now
	Wait time.Duration // until so much could be taken; 0 if it was, Never if it is more than the burst
}

// Never is how long to wait for more than a burst.
const Never = time.Duration(math.MaxInt64)

// Take takes n from what a key may take, all or nothing. With n = 0 it only looks.
func (r *Rate) Take(ctx context.Context, s store.Space, key string, n int64) (Taken, error) {
	if n < 0 {
		return Taken{}, fmt.Errorf("n is %d; 0 or more was expected", n)
	}
	asked := n
	if n > r.burst {
		asked = 0
	}
	how := whole(r.count) + "/" + whole(r.period)
	reply, err := s.Decide(ctx, &take, keyed(r.per, how, key), whole(asked), whole(r.count), whole(r.period), whole(r.burst*r.period))
	if err != nil {
		return Taken{}, err
	}
	if len(reply) != 3 {
		return Taken{}, errReply
	}
	t := Taken{OK: reply[0] == "1", Left: wholeOf(reply[1]), Wait: micros(reply[2])}
	if asked != n {
		t.OK, t.Wait = false, Never
	}
	return t, nil
}

// errReply is about a Redis that does not do what it is told.
var errReply = errors.New("the store gave an answer that cannot be read")

// take is the decision of rates. What is kept is when something was last taken, in microseconds since 1970, and how much the bucket held then, in
// counts of a microsecond. Its args are n, count, period, and how much the bucket holds at most.
var take = store.Decision{Kind: "rate", Step: stepTake, Redis: redisTake}

func stepTake(e *store.Entry, now time.Time, args []string) []string {
	n, count, period, most := wholeOf(args[0]), wholeOf(args[1]), wholeOf(args[2]), wholeOf(args[3])
	at, held := bucket(e.Value)
	moment := now.UnixMicro()
	if at-moment > believed {
		at, held = moment, 0
	}
	leaks := max(0, moment-at)
	at = max(at, moment)
	if leaks > held/count {
		held = 0
	} else {
		held = min(held-leaks*count, most)
	}
	if over := held + n*period - most; over > 0 {
		return []string{"0", whole((most - held) / period), whole((over + count - 1) / count)}
	}
	if n > 0 {
		held += n * period
		e.Lasting(whole(at)+" "+whole(held), now, time.Duration(held/count/1000+skew+(at-moment)/1000)*time.Millisecond)
	}
	return []string{"1", whole((most - held) / period), "0"}
}

// bucket reads what is kept.
func bucket(kept string) (at, held int64) {
	first, second, _ := strings.Cut(kept, " ")
	return wholeOf(first), wholeOf(second)
}

const redisTake = `
local now, n, count, period, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local function over(x, y) return (x - x % y) / y end
local function whole(x) return string.format("%.0f", x) end
local at, held = string.match(redis.call("GET", KEYS[1]) or "", "^(%d+) (%d+)$")
at, held = tonumber(at or 0), tonumber(held or 0)
if at - now > 60000000 then at, held = now, 0 end
local leaks = math.max(0, now - at)
at = math.max(at, now)
if leaks > over(held, count) then
  held = 0
else
  held = math.min(held - leaks * count, most)
end
local excess = held + n * period - most
if excess > 0 then
  return {"0", whole(over(most - held, period)), whole(over(excess + count - 1, count))}
end
if n > 0 then
  held = held + n * period
  redis.call("SET", KEYS[1], whole(at) .. " " .. whole(held), "PX", whole(over(over(held, count), 1000) + 1000 + over(at - now, 1000)))
end
return {"1", whole(over(most - held, period)), "0"}
`
