package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"
)

// kindValue is the kind of plain values.
const kindValue = "v"

// Value is text or a number; the zero Value is empty text.
type Value struct {
	Text     string
	Number   float64 // if IsNumber
	IsNumber bool
}

// Text returns a value that is text.
func Text(s string) Value { return Value{Text: s} }

// Number returns a value that is a number.
func Number(f float64) Value { return Value{Number: f, IsNumber: true} }

// encode writes a value as it is kept: a letter for its type, and itself.
func (v Value) encode() string {
	if v.IsNumber {
		return "n" + numberText(v.Number)
	}
	return "t" + v.Text
}

// numberText writes a number as Lua's "%.17g" does in Redis.
func numberText(f float64) string {
	if n := int64(f); float64(n) == f && n != 0 && -1e15 < f && f < 1e15 {
		return strconv.FormatInt(n, 10) // the same, and faster
	}
	return strconv.FormatFloat(f, 'g', 17, 64)
}

// decode reads what encode wrote.
func decode(kept string) (Value, error) {
	if kept != "" && kept[0] == 't' {
		return Text(kept[1:]), nil
	}
	if kept != "" && kept[0] == 'n' {
		if f, err := strconv.ParseFloat(kept[1:], 64); err == nil {
			return Number(f), nil
		}
	}
	return Value{}, fmt.Errorf("what is kept there, %.40q, was not written by luamilter; delete it", kept)
}

func (v Value) check() error {
	switch {
	case len(v.Text) > MaxValue:
		return fmt.Errorf("the value has %d bytes, %w: %d are allowed", len(v.Text), ErrTooLarge, MaxValue)
	case v.IsNumber && (math.IsNaN(v.Number) || math.IsInf(v.Number, 0)):
		return fmt.Errorf("the value %v %w that can be kept", v.Number, ErrNumber)
	}
	return nil
}

// Get returns the value of a key, and whether there is one.
func (s Space) Get(ctx context.Context, key string) (v Value, found bool, err error) {
	kept, found, err := s.Read(ctx, kindValue, key)
	if err != nil || !found {
		return Value{}, false, err
	}
	v, err = decode(kept)
	return v, err == nil, err
}

// Set keeps a value, for a time or, with 0, for ever.
func (s Space) Set(ctx context.Context, key string, v Value, ttl time.Duration) error {
	if err := v.check(); err != nil {
		return err
	}
	_, err := s.Decide(ctx, &set, key, v.encode(), millis(ttl))
	return err
}

// Add keeps a value if there is none yet, and reports whether that was so.
func (s Space) Add(ctx context.Context, key string, v Value, ttl time.Duration) (added bool, err error) {
	if err := v.check(); err != nil {
		return false, err
	}
	reply, err := s.Decide(ctx, &add, key, v.encode(), millis(ttl))
	return isYes(reply), err
}

// Incr adds to a number and returns the sum. One that is not there counts as 0 and then lasts for ttl, which later calls do not prolong. Text
// there is ErrNumber.
func (s Space) Incr(ctx context.Context, key string, by float64, ttl time.Duration) (sum float64, err error) {
	if err := Number(by).check(); err != nil {
		return 0, err
	}
	reply, err := s.Decide(ctx, &incr, key, numberText(by), millis(ttl))
	if err != nil {
		return 0, err
	}
	if len(reply) != 1 || reply[0] == "" {
		return 0, fmt.Errorf("the value of %.80q %w, and so cannot be added to", key, ErrNumber)
	}
	return strconv.ParseFloat(reply[0], 64)
}

// CAS puts a value in the place of another if that is what is there, and reports whether it was.
func (s Space) CAS(ctx context.Context, key string, old, v Value, ttl time.Duration) (swapped bool, err error) {
	if err := v.check(); err != nil {
		return false, err
	}
	reply, err := s.Decide(ctx, &cas, key, old.encode(), v.encode(), millis(ttl))
	return isYes(reply), err
}

// Delete removes a value and reports whether there was one.
func (s Space) Delete(ctx context.Context, key string) (deleted bool, err error) {
	reply, err := s.Decide(ctx, &remove, key)
	return isYes(reply), err
}

// The decisions. Nothing changes them. Args are documented in their Redis scripts.
var (
	set = Decision{kindValue, func(e *Entry, now time.Time, args []string) []string {
		e.Lasting(args[0], now, duration(args[1]))
		return yes
	}, redisKeep + `keep(ARGV[2], ARGV[3]) return {"1"}`} // value, ttl

	add = Decision{kindValue, func(e *Entry, now time.Time, args []string) []string {
		if e.Exists {
			return no
		}
		e.Lasting(args[0], now, duration(args[1]))
		return yes
	}, redisKeep + `if redis.call("EXISTS", KEYS[1]) == 1 then return {"0"} end keep(ARGV[2], ARGV[3]) return {"1"}`} // value, ttl

	incr = Decision{kindValue, stepIncr, redisIncr}

	cas = Decision{kindValue, func(e *Entry, now time.Time, args []string) []string {
		if !e.Exists || e.Value != args[0] {
			return no
		}
		e.Lasting(args[1], now, duration(args[2]))
		return yes
	}, redisKeep + `if redis.call("GET", KEYS[1]) ~= ARGV[2] then return {"0"} end keep(ARGV[3], ARGV[4]) return {"1"}`} // old, value, ttl

	remove = Decision{kindValue, stepRemove, redisRemove}
)

func stepIncr(e *Entry, now time.Time, args []string) []string {
	sum, _ := strconv.ParseFloat(args[0], 64)
	if e.Exists {
		v, err := decode(e.Value)
		if err != nil || !v.IsNumber {
			return []string{""}
		}
		sum += v.Number
	}
	v := Number(sum)
	if v.check() != nil {
		return []string{""}
	}
	kept := v.encode()
	if e.Exists {
		e.Value = kept
	} else {
		e.Lasting(kept, now, duration(args[1]))
	}
	return []string{kept[1:]}
}

func stepRemove(e *Entry, _ time.Time, _ []string) []string {
	was := e.Exists
	*e = Entry{}
	return answer(was)
}

// The scripts of Redis.
const (
	// redisKeep keeps a value for a number of milliseconds, 0 for ever.
	redisKeep = `
local function keep(value, ttl)
  if ttl == "0" then redis.call("SET", KEYS[1], value) else redis.call("SET", KEYS[1], value, "PX", ttl) end
end
`
	redisIncr = redisKeep + `
local old = redis.call("GET", KEYS[1])
local sum = tonumber(ARGV[2])
if old then
  local n = string.sub(old, 1, 1) == "n" and tonumber(string.sub(old, 2))
  if not n then return {""} end
  sum = sum + n
end
if sum ~= sum or sum == 1/0 or sum == -1/0 then return {""} end
local text = string.format("%.17g", sum)
if old then
  redis.call("SET", KEYS[1], "n" .. text, "KEEPTTL")
else
  keep("n" .. text, ARGV[3])
end
return {text}
`
	redisRemove = `return {tostring(redis.call("DEL", KEYS[1]))}`
)

// Replies of decisions that are asked yes or no.
var yes, no = []string{"1"}, []string{"0"} // read only

func answer(is bool) []string {
	if is {
		return yes
	}
	return no
}

func isYes(reply []string) bool { return len(reply) == 1 && reply[0] == "1" }

// millis writes a length of time as an argument of a decision. What is above zero is a millisecond at least.
func millis(d time.Duration) string {
	if d <= 0 {
		return "0"
	}
	return strconv.FormatInt(max(1, d.Milliseconds()), 10)
}

// duration reads what millis wrote.
func duration(millis string) time.Duration {
	n, _ := strconv.ParseInt(millis, 10, 64)
	return time.Duration(n) * time.Millisecond
}
