package luaapi

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/dns"
)

// What dns.bl allows.
const (
	maxLists       = 50
	listTimeout    = 3 * time.Second
	firstHitEnough = math.SmallestNonzeroFloat64
)

// listQuery is a call of dns.bl.
type listQuery struct {
	patience
	what      dns.Asked
	nothing   bool // there is neither an address nor a domain
	lists     []dns.List
	codes     map[string]string
	threshold float64
}

func (e *Env) bindDNSBL() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "dns.bl"
		e.dnsTable(L, function)
		q := readListQuery(L, function, L.Get(1).(*lua.LTable))
		s := e.resolver(L, function)
		if q.nothing {
			L.Push(lua.LFalse)
			return 1
		}
		var found dns.Listing
		return e.await(L, function, job{
			do: func(ctx context.Context) {
				ctx, cancel := q.limit(ctx)
				defer cancel()
				found = dns.CheckLists(ctx, s, q.what, q.lists, q.enough())
			},
			push: func(L *lua.LState) int { return q.push(L, function, found) },
		})
	}
}

// dnsTable checks that the only argument is a table.
func (e *Env) dnsTable(L *lua.LState, function string) {
	lib := e.libraries["dns"]
	if t, ok := L.Get(1).(*lua.LTable); !ok {
		L.RaiseError("%s: the query is %s; a table such as { zones = { \"dnsbl.example.org\" }, ip = conn.ip } was expected", function, kindOf(L.Get(1)))
	} else if t == lib {
		L.RaiseError("%s is a function: write %s{...}, with a dot", function, function)
	}
}

// readListQuery reads what dns.bl is given.
func readListQuery(L *lua.LState, function string, t *lua.LTable) *listQuery {
	q := &listQuery{patience: patience{timeout: listTimeout}, threshold: firstHitEnough}
	t.ForEach(func(k, v lua.LValue) {
		switch key := k.String(); key {
		case "zones", "ip", "domain":
		case "codes":
			q.codes = listCodes(L, function, v)
		case "threshold":
			n, ok := v.(lua.LNumber)
			if !ok || !(n > 0) || math.IsInf(float64(n), 0) {
				L.RaiseError("%s: threshold is %s; a number above 0 was expected", function, valueText(v))
			}
			q.threshold = float64(n)
		default:
			at := slices.IndexFunc(q.options(), func(o option) bool { return o.name == key })
			if at < 0 {
				raiseUnknown(L, function, key, "zones", "ip", "domain", "codes", "threshold", "timeout", "on_error")
			}
			q.options()[at].take(L, function, key, v)
		}
	})
	q.readWhat(L, function, t.RawGetString("ip"), t.RawGetString("domain"))
	q.readZones(L, function, t.RawGetString("zones"))
	return q
}

// readWhat reads what is looked for. It may come from mail, so one that makes no sense is on no list.
func (q *listQuery) readWhat(L *lua.LState, function string, ip, domain lua.LValue) {
	text, isIP := ip.(lua.LString)
	name, isDomain := domain.(lua.LString)
	switch {
	case isIP && isDomain:
		L.RaiseError("%s: there is an ip and a domain; one of them was expected", function)
	case ip != lua.LNil && !isIP:
		L.RaiseError("%s: ip is %s; a string was expected", function, kindOf(ip))
	case domain != lua.LNil && !isDomain:
		L.RaiseError("%s: domain is %s; a string was expected", function, kindOf(domain))
	case isIP:
		addr, err := parseIP(string(text))
		if q.nothing = err != nil; err == nil {
			q.what = dns.AskedIP(addr)
		}
	case isDomain:
		var err error
		q.what, err = dns.AskedDomain(string(name))
		q.nothing = err != nil
	default:
		q.nothing = true
	}
}

// readZones reads the lists.
func (q *listQuery) readZones(L *lua.LState, function string, v lua.LValue) {
	zones, ok := v.(*lua.LTable)
	if !ok || zones.Len() == 0 || zones.Len() > maxLists {
		L.RaiseError("%s: zones is %s; an array of 1 to %d lists was expected, such as { \"dnsbl.example.org\" }", function, kindOf(v), maxLists)
	}
	for i := 1; i <= zones.Len(); i++ {
		l := q.readZone(L, function, zones.RawGetInt(i))
		if l.Codes == nil {
			l.Codes = q.codes
		}
		if l.Weight < 0 && q.threshold == firstHitEnough {
			L.RaiseError("%s: list %s has a weight below 0, which makes sense only with a threshold", function, l.Zone)
		}
		q.lists = append(q.lists, l)
	}
}

// readZone reads one list.
func (q *listQuery) readZone(L *lua.LState, function string, v lua.LValue) dns.List {
	l := dns.List{Weight: 1}
	name := v
	if t, ok := v.(*lua.LTable); ok {
		t.ForEach(func(k, v lua.LValue) {
			switch k.String() {
			case "zone":
			case "weight":
				n, ok := v.(lua.LNumber)
				if !ok || n == 0 || n != n || math.IsInf(float64(n), 0) {
					L.RaiseError("%s: weight is %s; a number other than 0 was expected", function, valueText(v))
				}
				l.Weight = float64(n)
			case "codes":
				l.Codes = listCodes(L, function, v)
			default:
				raiseUnknown(L, function, k.String(), "zone", "weight", "codes")
			}
		})
		name = t.RawGetString("zone")
	}
	text, ok := name.(lua.LString)
	if !ok {
		L.RaiseError("%s: a zone is %s; the name of a list, or a table { zone = \"dnsbl.example.org\" } was expected", function, kindOf(name))
	}
	l.Zone = string(text)
	orRaise(L, function, dns.CheckZone(l.Zone))
	return l
}

// listCodes reads what answers mean.
func listCodes(L *lua.LState, function string, v lua.LValue) map[string]string {
	t, ok := v.(*lua.LTable)
	if !ok {
		L.RaiseError("%s: codes is %s; a table such as { [\"127.0.0.2\"] = \"sends spam\" } was expected", function, kindOf(v))
	}
	codes := map[string]string{}
	t.ForEach(func(k, v lua.LValue) {
		meaning, ok := v.(lua.LString)
		if !ok {
			L.RaiseError("%s: the meaning of %s is %s; text was expected", function, shortKey(k), kindOf(v))
		}
		orRaise(L, function, dns.CheckCode(k.String()))
		codes[k.String()] = string(meaning)
	})
	return codes
}

// enough is how much must be found until nobody needs to wait for the rest.
func (q *listQuery) enough() float64 {
	for _, l := range q.lists {
		if l.Weight < 0 {
			return 0 // one that is still to come may change everything
		}
	}
	return q.threshold
}

// push pushes what came of it.
func (q *listQuery) push(L *lua.LState, function string, found dns.Listing) int {
	switch {
	case len(found.Hits) > 0 && found.Score >= q.threshold:
		L.Push(listingTable(L, found))
		return 1
	case len(found.Errs) > 0:
		return q.failed(L, function, oneLine(found.Errs))
	}
	L.Push(lua.LFalse)
	return 1
}

// oneLine is several errors.
type oneLine []error

// Error returns all of them.
func (all oneLine) Error() string {
	var texts []string
	for _, err := range all {
		texts = append(texts, err.Error())
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns all of them, for errors.Is.
func (all oneLine) Unwrap() []error { return all }

// listingTable is a hit as scripts see it.
func listingTable(L *lua.LState, found dns.Listing) *lua.LTable {
	t, hits := L.CreateTable(0, 5), L.CreateTable(len(found.Hits), 0)
	best := found.Hits[0]
	for _, h := range found.Hits {
		if h.Weight > best.Weight {
			best = h
		}
		hit := L.CreateTable(0, 4)
		setHit(hit, h)
		hit.RawSetString("weight", lua.LNumber(h.Weight))
		hits.Append(hit)
	}
	setHit(t, best)
	t.RawSetString("score", lua.LNumber(found.Score))
	t.RawSetString("hits", hits)
	return t
}

func setHit(t *lua.LTable, h dns.Hit) {
	t.RawSetString("zone", lua.LString(h.Zone))
	t.RawSetString("code", lua.LString(h.Code))
	setIfAny(t, "meaning", h.Meaning)
}
