package dns

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	wire "github.com/miekg/dns"
)

// BenchmarkCached measures answers that are known, of 10,000 names: as a script asks for them, which has the name checked, by one caller and by all
// cores at a time.
func BenchmarkCached(b *testing.B) {
	r := NewResolver(Options{Servers: []string{"127.0.0.1:9"}, Timeout: time.Second, Tries: 1, Cache: 64 << 20, Concurrency: 1})
	b.Cleanup(r.Close)
	names := make([]string, 10_000)
	for i := range names {
		names[i] = fmt.Sprintf("n%012d.zone.example", i)
		q, err := NewQuestion(names[i], A)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.keep(q, Answer{Records: []Record{{Value: "192.0.2.1"}}, validFor: time.Hour}, nil); err != nil {
			b.Fatal(err)
		}
	}
	ask := func(n int) bool {
		q, err := NewQuestion(names[n*7919%len(names)], A)
		if err != nil {
			return false
		}
		_, ok := r.Cached(q)
		return ok
	}
	b.Run("one", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if !ask(n) {
				b.Fatal("it is not known")
			}
		}
	})
	b.Run("all", func(b *testing.B) {
		var began atomic.Int64
		b.RunParallel(func(p *testing.PB) {
			for n := int(began.Add(1009)); p.Next(); n++ {
				if !ask(n) {
					b.Error("it is not known")
					return
				}
			}
		})
	})
}

// BenchmarkLookup measures names that nobody asked for yet, with a name server in the process.
func BenchmarkLookup(b *testing.B) {
	s := startServer(b)
	s.does("new.example", func(w wire.ResponseWriter, ask *wire.Msg) {
		reply := new(wire.Msg).SetReply(ask)
		reply.Answer = []wire.RR{&wire.A{Hdr: wire.RR_Header{Name: ask.Question[0].Name, Rrtype: wire.TypeA, Class: wire.ClassINET}, A: []byte{192, 0, 2, 1}}}
		_ = w.WriteMsg(reply) // who gets no answer says so
	})
	r := NewResolver(Options{Servers: []string{s.address}, Timeout: 5 * time.Second, Tries: 1, Cache: 1 << 20, Concurrency: 100})
	b.Cleanup(r.Close)
	q, err := NewQuestion("new.example", A)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() { // its answer is not kept: it is good for no time
		if _, err := r.Lookup(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}
