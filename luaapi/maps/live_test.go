package maps

import (
	"net"
	"strings"
	"sync"
	"testing"

	"luamilter/luaapi/maps/live"
	"luamilter/luaapi/outage"
)

// A server that does not answer is told of once, under a name without a password, however many lists and keys ask it.
func TestOutageIsTold(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	source := "postgres://user:secret@" + l.Addr().String() + "/mail?sslmode=disable"
	l.Close() // nobody listens there
	var mu sync.Mutex
	var told []outage.Note
	pool := &Pool{Servers: true, Outage: func(n outage.Note) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, n)
	}}
	defer pool.Close()
	for _, query := range []string{"SELECT 1 FROM a WHERE b = $1", "SELECT 1 FROM c WHERE d = $1"} {
		m, err := pool.Open(t.Context(), Spec{Kind: Table, Source: source, Query: live.Query{Text: query}}, "")
		if err != nil {
			t.Fatal(err)
		}
		for range outage.Enough {
			if _, _, err := m.Find(t.Context(), "a"); err == nil {
				t.Error("there is an answer")
			}
		}
	}
	if len(told) != 1 || told[0].Err == nil || strings.Contains(told[0].What+told[0].Err.Error(), "secret") {
		t.Errorf("told %v", told)
	}
}
