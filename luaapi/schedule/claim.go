package schedule

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"luamilter/luaapi/store"
)

const (
	claimTime = 5 * time.Second // how long the store is asked at most
	claimKept = time.Minute     // how much longer than its turn a key is kept
)

// claim is the decision that a turn is ours: nobody has added its key yet. Its args are who adds it, for people who look, and how long the key is
// kept, in milliseconds.
var claim = store.Decision{
	Kind: "turn",
	Step: func(e *store.Entry, now time.Time, args []string) []string {
		if e.Exists {
			return []string{"0"}
		}
		kept, _ := strconv.ParseInt(args[1], 10, 64)
		e.Lasting(args[0], now, time.Duration(kept)*time.Millisecond)
		return []string{"1"}
	},
	Redis: `if redis.call("SET", KEYS[1], ARGV[2], "NX", "PX", ARGV[3]) then return {"1"} end return {"0"}`,
}

// mine reports whether a turn is to be run here. An error means that nobody can say.
func (s *Schedule) mine(ctx context.Context, j *Job, turn time.Time) (bool, error) {
	if j.Turns.Store == nil || j.Turns.Store.Local() {
		return true, nil
	}
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	reply, err := j.Turns.Decide(ctx, &claim, turnKey(j, turn), s.Who, strconv.FormatInt((j.Every+claimKept).Milliseconds(), 10))
	if err != nil {
		return false, fmt.Errorf("ask who runs the timer %s: %w", j.Name, err)
	}
	return len(reply) == 1 && reply[0] == "1", nil
}

// turnKey names a turn. Another interval has other turns.
func turnKey(j *Job, turn time.Time) string {
	return fmt.Sprintf("%s/%v@%d", j.Name, j.Every, turn.UnixMilli())
}
