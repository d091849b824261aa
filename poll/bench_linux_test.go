package poll

import (
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
)

// BenchmarkEcho is a question and its answer on one of so many connections that are all busy: served by a poller, and by a goroutine each.
func BenchmarkEcho(b *testing.B) {
	for _, conns := range []int{1, 16, 128} {
		b.Run(fmt.Sprintf("poll/%d", conns), func(b *testing.B) {
			p, err := New(quietTime)
			if err != nil {
				b.Fatal(err)
			}
			defer p.Close()
			bench(b, p, conns, func(nc net.Conn) {
				c := nc.(*Conn)
				if err := c.Start(&handler{c, echo, never}); err != nil {
					b.Error(err)
				}
			})
		})
		b.Run(fmt.Sprintf("goroutines/%d", conns), func(b *testing.B) {
			bench(b, nil, conns, func(nc net.Conn) {
				go func() {
					defer nc.Close()
					_, _ = io.CopyBuffer(struct{ io.Writer }{nc}, struct{ io.Reader }{nc}, make([]byte, 512))
				}()
			})
		})
	}
}

// bench asks over so many connections at a time.
func bench(b *testing.B, p *Poller, conns int, serve func(net.Conn)) {
	plain, err := net.Listen("unix", filepath.Join(b.TempDir(), "s"))
	if err != nil {
		b.Fatal(err)
	}
	l, err := p.Listen(plain)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	var wg sync.WaitGroup
	for i := range conns {
		c, err := net.Dial("unix", plain.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		nc, err := l.Accept()
		if err != nil {
			b.Fatal(err)
		}
		serve(nc)
		wg.Go(func() {
			defer c.Close()
			text := make([]byte, 40)
			for range (b.N + conns - 1 - i) / conns {
				if _, err := c.Write(text); err != nil {
					b.Error(err)
					return
				}
				if _, err := io.ReadFull(c, text); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
