package limit

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"luamilter/luaapi/store"
)

// Greylist is how a greylist is set: the first attempt of a triplet of client network, sender and recipient is put off.
type Greylist struct {
	Delay     time.Duration // how long a triplet that is new has to wait
	Window    time.Duration // how long after its first attempt it may come again; then it is new
	Keep      time.Duration // how long what has passed is known after it came last
	IPv4      int           // bits of an address that make its network
	IPv6      int           // likewise
	AutoAllow int           // so many triplets of a network that have passed let it pass; 0 for never
	Allow     Clients       // who never waits
}

// Check reports settings that make no sense.
func (g *Greylist) Check() error {
	switch {
	case g.Delay < time.Second || g.Delay > longest:
		return fmt.Errorf("delay is %s; a second or more was expected", g.Delay)
	case g.Window <= g.Delay || g.Window > longest:
		return fmt.Errorf("window is %s; more than the delay, %s, and at most 366d was expected", g.Window, g.Delay)
	case g.Keep < g.Window || g.Keep > longest:
		return fmt.Errorf("keep is %s; the window, %s, or more, and at most 366d was expected", g.Keep, g.Window)
	case g.IPv4 < 8 || g.IPv4 > 32:
		return fmt.Errorf("ipv4 is %d; 8 to 32 bits were expected", g.IPv4)
	case g.IPv6 < 16 || g.IPv6 > 128:
		return fmt.Errorf("ipv6 is %d; 16 to 128 bits were expected", g.IPv6)
	case g.AutoAllow < 0:
		return fmt.Errorf("auto_allow is %d; 0 or more was expected", g.AutoAllow)
	}
	return nil
}

// Attempt is what a greylist judges.
type Attempt struct {
	IP        netip.Addr
	Host      string // the client's name as it was verified, "" for none
	Sender    string
	Recipient string
}

// Judged is what a greylist says.
type Judged struct {
	Pass bool
	Left time.Duration // how long it still has to wait
	Why  string        // allowed, client, known or retried for what passes; new or early for what waits
}

// Judge says whether an attempt passes, and takes note of it.
func (g *Greylist) Judge(ctx context.Context, s store.Space, a Attempt) (Judged, error) {
	if g.Allow.Has(a.IP, a.Host) {
		return Judged{Pass: true, Why: "allowed"}, nil
	}
	network := g.network(a.IP)
	if g.AutoAllow > 0 {
		known, err := g.client(ctx, s, network, 0)
		if err != nil || known {
			return Judged{Pass: err == nil, Why: "client"}, err
		}
	}
	key := digest(network, strings.ToLower(a.Sender), strings.ToLower(a.Recipient))
	reply, err := s.Decide(ctx, &triplet, key, whole(g.Delay.Microseconds()), whole(g.Window.Microseconds()), whole(g.Keep.Microseconds()))
	if err != nil {
		return Judged{}, err
	}
	if len(reply) != 2 {
		return Judged{}, errReply
	}
	j := Judged{Why: reply[0], Left: micros(reply[1])}
	j.Pass = j.Left == 0
	if j.Why == "retried" && g.AutoAllow > 0 {
		_, _ = g.client(ctx, s, network, 1) // without it the network is known one triplet later
	}
	return j, nil
}

// network returns the network of a client as text.
func (g *Greylist) network(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	bits := g.IPv6
	if ip.Is4() {
		bits = g.IPv4
	}
	return netip.PrefixFrom(ip, bits).Masked().String()
}

// client adds to the triplets of a network that have passed, and reports whether they are enough to know it.
func (g *Greylist) client(ctx context.Context, s store.Space, network string, more int64) (known bool, err error) {
	reply, err := s.Decide(ctx, &passed, network, whole(more), whole(int64(g.AutoAllow)), whole(g.Keep.Microseconds()))
	if err != nil {
		return false, err
	}
	if len(reply) != 1 {
		return false, errReply
	}
	return wholeOf(reply[0]) >= int64(g.AutoAllow), nil
}

// The decisions of greylists. Times are in microseconds. What is known is written down again only after a 32nd of the time that it is kept, and
// not each time that it comes.
var (
	// triplet keeps "w" and when a triplet was first tried, or "p" and when it came after it had passed. Its args are delay, window and keep; it
	// replies why, and how long to wait.
	triplet = store.Decision{Kind: "grey", Step: stepTriplet, Redis: redisTriplet}
	// passed keeps how many triplets of a network have passed, and when it came. Its args are how many more have, how many are enough, and keep; it
	// replies how many there are.
	passed = store.Decision{Kind: "client", Step: stepPassed, Redis: redisPassed}
)

// renewals are how often what is known is written down again while it is kept.
const renewals = 32

func stepTriplet(e *store.Entry, now time.Time, args []string) []string {
	delay, window, keep := wholeOf(args[0]), wholeOf(args[1]), wholeOf(args[2])
	moment := now.UnixMicro()
	state, since, _ := strings.Cut(e.Value, " ")
	age := moment - wholeOf(since)
	switch {
	case state == "p" && age < keep:
		if age >= keep/renewals {
			e.Lasting("p "+whole(moment), now, lasting(keep))
		}
		return []string{"known", "0"}
	case state != "w" || age >= window || age < -believed:
		e.Lasting("w "+whole(moment), now, lasting(window))
		return []string{"new", whole(delay)}
	case age < delay:
		return []string{"early", whole(min(delay-age, delay))}
	}
	e.Lasting("p "+whole(moment), now, lasting(keep))
	return []string{"retried", "0"}
}

func stepPassed(e *store.Entry, now time.Time, args []string) []string {
	more, enough, keep := wholeOf(args[0]), wholeOf(args[1]), wholeOf(args[2])
	moment := now.UnixMicro()
	count, since := bucket(e.Value)
	age := moment - since
	if age >= keep {
		count = 0
	}
	count += more
	if more > 0 || count >= enough && age >= keep/renewals {
		e.Lasting(whole(count)+" "+whole(moment), now, lasting(keep))
	}
	return []string{whole(count)}
}

// lasting makes a length of time of microseconds.
func lasting(us int64) time.Duration { return time.Duration(us/1000+skew) * time.Millisecond }

const redisTriplet = redisGrey + `
local delay, window, keep = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local state, since = string.match(redis.call("GET", KEYS[1]) or "", "^(%a) (%d+)$")
local age = now - tonumber(since or 0)
if state == "p" and age < keep then
  if age >= over(keep, 32) then lasting("p " .. whole(now), keep) end
  return {"known", "0"}
elseif state ~= "w" or age >= window or age < -60000000 then
  lasting("w " .. whole(now), window)
  return {"new", whole(delay)}
elseif age < delay then
  return {"early", whole(math.min(delay - age, delay))}
end
lasting("p " .. whole(now), keep)
return {"retried", "0"}
`

const redisPassed = redisGrey + `
local more, enough, keep = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local count, since = string.match(redis.call("GET", KEYS[1]) or "", "^(%d+) (%d+)$")
count = tonumber(count or 0)
local age = now - tonumber(since or 0)
if age >= keep then count = 0 end
count = count + more
if more > 0 or count >= enough and age >= over(keep, 32) then
  lasting(whole(count) .. " " .. whole(now), keep)
end
return {whole(count)}
`

// redisGrey is what both scripts have.
const redisGrey = `
local now = tonumber(ARGV[1])
local function over(x, y) return (x - x % y) / y end
local function whole(x) return string.format("%.0f", x) end
local function lasting(value, us) redis.call("SET", KEYS[1], value, "PX", whole(over(us, 1000) + 1000)) end
`
