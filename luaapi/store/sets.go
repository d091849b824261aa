package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

// kindSet is the kind of sets.
const kindSet = "s"

// SAdd adds a member to a set and reports whether it was not in it. A set that is not there is made, and then lasts for ttl (0: for ever),
// which later calls do not prolong. Beyond MaxMembers it is ErrManyIn.
func (s Space) SAdd(ctx context.Context, key, member string, ttl time.Duration) (added bool, err error) {
	if len(member) > MaxKey {
		return false, fmt.Errorf("the member has %d bytes, %w: %d are allowed", len(member), ErrTooLarge, MaxKey)
	}
	reply, err := s.Decide(ctx, &sAdd, key, member, millis(ttl), strconv.Itoa(MaxMembers))
	if err == nil && len(reply) == 1 && reply[0] == "full" {
		return false, fmt.Errorf("%.80q has %d members: %w", key, MaxMembers, ErrManyIn)
	}
	return isYes(reply), err
}

// SRem removes a member of a set and reports whether it was in it. A set without members is not there.
func (s Space) SRem(ctx context.Context, key, member string) (removed bool, err error) {
	reply, err := s.Decide(ctx, &sRem, key, member)
	return isYes(reply), err
}

// SHas reports whether a member is in a set.
func (s Space) SHas(ctx context.Context, key, member string) (has bool, err error) {
	reply, err := s.Decide(ctx, &sHas, key, member)
	return isYes(reply), err
}

// SCard returns the number of members of a set, 0 if it is not there.
func (s Space) SCard(ctx context.Context, key string) (members int, err error) {
	reply, err := s.Decide(ctx, &sCard, key)
	if err != nil || len(reply) != 1 {
		return 0, err
	}
	return strconv.Atoi(reply[0])
}

// SDelete removes a set and reports whether there was one.
func (s Space) SDelete(ctx context.Context, key string) (deleted bool, err error) {
	reply, err := s.Decide(ctx, &sDelete, key)
	return isYes(reply), err
}

// The decisions. Nothing changes them.
var (
	sAdd = Decision{kindSet, stepSAdd, redisSAdd} // member, ttl, most members

	sRem = Decision{kindSet, stepSRem, `return {tostring(redis.call("SREM", KEYS[1], ARGV[2]))}`} // member

	sHas = Decision{kindSet, func(e *Entry, _ time.Time, args []string) []string {
		at, _ := find(e.Value, args[0])
		return answer(at >= 0)
	}, `return {tostring(redis.call("SISMEMBER", KEYS[1], ARGV[2]))}`} // member

	sCard = Decision{kindSet, func(e *Entry, _ time.Time, _ []string) []string {
		return []string{strconv.Itoa(count(e.Value))}
	}, `return {tostring(redis.call("SCARD", KEYS[1]))}`}

	sDelete = Decision{kindSet, stepRemove, redisRemove}
)

const redisSAdd = `
if redis.call("SISMEMBER", KEYS[1], ARGV[2]) == 1 then return {"0"} end
local members = redis.call("SCARD", KEYS[1])
if members >= tonumber(ARGV[4]) then return {"full"} end
redis.call("SADD", KEYS[1], ARGV[2])
if members == 0 and ARGV[3] ~= "0" then redis.call("PEXPIRE", KEYS[1], ARGV[3]) end
return {"1"}
`

func stepSAdd(e *Entry, now time.Time, args []string) []string {
	if at, _ := find(e.Value, args[0]); at >= 0 {
		return no
	}
	if most, _ := strconv.Atoi(args[2]); count(e.Value) >= most {
		return []string{"full"}
	}
	value := appendMember([]byte(e.Value), args[0])
	if e.Exists {
		e.Value = string(value)
	} else {
		e.Lasting(string(value), now, duration(args[1]))
	}
	return yes
}

func stepSRem(e *Entry, _ time.Time, args []string) []string {
	at, end := find(e.Value, args[0])
	if at < 0 {
		return no
	}
	if e.Value = e.Value[:at] + e.Value[end:]; e.Value == "" {
		*e = Entry{}
	}
	return yes
}

// A set is kept as its members one behind the other, each behind its length.

func appendMember(set []byte, member string) []byte {
	return append(binary.AppendUvarint(set, uint64(len(member))), member...)
}

// find returns where a member is, -1 if it is not in the set, and where the next one begins.
func find(set, member string) (at, end int) {
	for at < len(set) {
		body, end := memberAt(set, at)
		if set[body:end] == member {
			return at, end
		}
		at = end
	}
	return -1, -1
}

// count returns the number of members.
func count(set string) (n int) {
	for at := 0; at < len(set); n++ {
		_, at = memberAt(set, at)
	}
	return n
}

// memberAt returns where the member at a place begins and ends. What is cut off, because somebody else wrote it, ends with the set.
func memberAt(set string, at int) (body, end int) {
	head := set[at:min(len(set), at+binary.MaxVarintLen32)]
	size, n := binary.Uvarint([]byte(head))
	if n <= 0 || size > uint64(len(set)-at-n) {
		return len(set), len(set)
	}
	return at + n, at + n + int(size)
}
