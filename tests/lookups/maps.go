package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"time"

	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/luaapi/maps"
	"luamilter/protocol"
)

// none is the figure of what is not measured.
var none = math.NaN() // read only

// prepareMaps writes the lists; loading them is measured.
func prepareMaps(_ context.Context, b *bench) ([]*work, error) {
	lists, err := b.makeLists()
	if err != nil {
		return nil, err
	}
	var works []*work
	for _, l := range lists {
		w := &work{name: l.title, units: []unit{seconds, mebibytes, perSecond}}
		pool := &maps.Pool{}
		w.doers = append(w.doers, ours(&doer{name: "from Go", measure: l.inGo}), ours(&doer{name: "from Lua", measure: func(ctx context.Context) ([]float64, error) { return b.inLua(ctx, l, pool) }}))
		if l.rspamdType != "" {
			w.doers = append(w.doers, b.rspamdMap(l))
		}
		if l.postfixType != "" {
			w.doers = append(w.doers, b.postmap(l, l.postfixType))
		}
		if l.postfixType == "texthash" {
			w.doers = append(w.doers, b.postmap(l, "cdb"))
		}
		works = append(works, w)
	}
	return works, nil
}

// lookedUp makes figures of how long loading and looking up took.
func lookedUp(load time.Duration, memory float64, queries int, took time.Duration) []float64 {
	return []float64{load.Seconds(), memory, float64(queries) / took.Seconds()}
}

// checkHits holds what was found to what is in the list: every other key.
func checkHits(hits, queries int) error {
	if hits != queries/2 {
		return fmt.Errorf("of %d keys %d were found, %d are in the list", queries, hits, queries/2)
	}
	return nil
}

// inGo loads the list and looks all keys up.
func (l *list) inGo(ctx context.Context) ([]float64, error) {
	var outside int64 // memory, as the map says; that of expressions is not on the heap
	pool := &maps.Pool{Tell: func(n maps.Note) { outside = n.Bytes }}
	before := heap()
	begin := time.Now()
	m, err := pool.Open(ctx, maps.Spec{Kind: l.kind, Source: l.path}, "")
	if err != nil {
		return nil, err
	}
	load := time.Since(begin)
	memory := float64(max(outside, heap()-before)) / (1 << 20)
	hits := 0
	begin = time.Now()
	for _, key := range l.keys {
		_, found, err := m.Find(ctx, key)
		if err != nil {
			return nil, err
		}
		if found {
			hits++
		}
	}
	took := time.Since(begin)
	runtime.KeepAlive(m)
	return lookedUp(load, memory, len(l.keys), took), checkHits(hits, len(l.keys))
}

// heap returns how many bytes are alive.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first has finalized
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// lookScript looks keys up and raises how long that took and how many were found, as nothing else comes out of a script whose file level runs.
// %[1]s is the function that opens the list, %[2]s its path, %[3]s the keys, %[4]d how often they are looked up.
const lookScript = `local list = require("map").%[1]s("%[2]s")
local keys, n = {}, 0
for key in ([==[
%[3]s
]==]):gmatch("[^\n]+") do
  n = n + 1
  keys[n] = key
end
local hits, begin = 0, os.clock()
for _ = 1, %[4]d do
  for i = 1, n do
    if list:has(keys[i]) then hits = hits + 1 end
  end
end
error(string.format("` + lookMark + `%%.9f %%d", os.clock() - begin, hits), 0)
`

// lookMark begins the error that a script hands its figures to the outside with.
const lookMark = "lookups in "

// mostInScript is how many bytes of keys a script has, which must not be larger than 4 MiB.
const mostInScript = 3 << 20

// fitting returns the keys that fit in a script, as many that are in the list as others.
func fitting(keys []string) []string {
	bytes := 0
	for i := 0; i+1 < len(keys); i += 2 {
		if bytes += len(keys[i]) + len(keys[i+1]) + 2; bytes > mostInScript {
			return keys[:i]
		}
	}
	return keys
}

// inLua looks keys up from a script in the daemon's VM. The pool has the list, so that it is read once.
func (b *bench) inLua(ctx context.Context, l *list, pool *maps.Pool) ([]float64, error) {
	keep, err := pool.Open(ctx, maps.Spec{Kind: l.kind, Source: l.path}, "")
	if err != nil {
		return nil, err
	}
	keys := fitting(l.keys)
	repeat := len(l.keys) / len(keys)
	name := "lookups-" + l.name + ".lua"
	path, err := b.write(name, fmt.Sprintf(lookScript, l.kind, l.path, strings.Join(keys, "\n"), repeat))
	if err != nil {
		return nil, err
	}
	limits := engine.DefaultLimits
	limits.Instructions, limits.CommandTime = 1<<60, longest
	p, err := engine.Load([]string{path}, engine.Options{Limits: limits, OnError: protocol.Tempfail, Services: &luaapi.Services{Maps: pool}})
	if err == nil {
		p.Close()
	}
	runtime.KeepAlive(keep)
	took, hits, err := raised(err)
	if err != nil {
		return nil, err
	}
	queries := repeat * len(keys)
	f := lookedUp(0, none, queries, took)
	f[0] = none
	return f, checkHits(hits, queries)
}

// raised reads what the script raised.
func raised(err error) (took time.Duration, hits int, _ error) {
	if err == nil {
		return 0, 0, errors.New("the script raised nothing")
	}
	_, text, found := strings.Cut(err.Error(), lookMark)
	var s float64
	if _, bad := fmt.Sscanf(text, "%f %d", &s, &hits); !found || bad != nil {
		return 0, 0, err
	}
	return time.Duration(s * float64(time.Second)), hits, nil
}
