package record

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// recording is a connection on its way into a file. The session notes what goes over the wire; run writes it.
type recording struct {
	dir   *Dir
	head  Head
	began time.Time // with the monotonic clock

	mu      sync.Mutex
	more    sync.Cond // something below has changed
	queue   []chunk
	size    int   // bytes in the queue, and of those that are being written
	running bool  // there is a goroutine
	closed  bool  // the connection has ended
	stopped error // why the rest of the connection is not recorded
}

// chunk is what went over the wire at once.
type chunk struct {
	side  Side
	at    time.Duration
	bytes []byte
}

// How much may wait for the disk, in bytes.
const (
	maxQueue  = 4 << 20  // of a connection
	maxQueues = 64 << 20 // of all together
)

var (
	errSlow      = errors.New("the disk does not keep up with the mail")
	errTooLarge  = errors.New("it alone has a quarter of what all recordings may have (record.size)")
	errNoneOlder = errors.New("the folder is full (record.size), and all that is in it is still being written")
)

// note keeps what went over the wire. It never waits for the disk.
func (r *recording) note(side Side, p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.stopped != nil {
		return
	}
	waiting := r.dir.waiting.Add(int64(len(p)))
	r.size += len(p)
	if r.size > maxQueue || waiting > maxQueues {
		r.stopped = errSlow
	} else {
		r.queue = append(r.queue, chunk{side, time.Since(r.began), append([]byte(nil), p...)})
	}
	r.wake()
}

// wake has the queue written. The goroutine is there only once there is something to write: many a connection is one of a monitoring system that
// says nothing. It is called with the lock held.
func (r *recording) wake() {
	if !r.running {
		r.running = true
		r.dir.writers.Go(r.run)
	}
	r.more.Signal()
}

// end notes that the connection has ended.
func (r *recording) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	r.more.Signal()
}

// take waits for something to write. It returns nothing when the recording is over.
func (r *recording) take() (queue []chunk) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) == 0 && !r.closed && r.stopped == nil {
		r.more.Wait()
	}
	queue, r.queue = r.queue, nil
	return queue
}

// wrote notes that chunks wait no more.
func (r *recording) wrote(queue []chunk) {
	n := 0
	for i := range queue {
		n += len(queue[i].bytes)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.size -= n
	r.dir.waiting.Add(-int64(n))
}

// run writes the file.
func (r *recording) run() {
	f := &file{dir: r.dir}
	err := f.create(&r.head, r.began)
	for err == nil {
		queue := r.take()
		if len(queue) == 0 {
			break
		}
		if err = f.write(queue, r.head.Bodies); err == nil {
			err = f.flush() // what is there after a crash
		}
		r.wrote(queue)
	}
	r.finish(f, err)
}

// finish ends the file, and says why if that is not because the connection has ended.
func (r *recording) finish(f *file, err error) {
	r.mu.Lock()
	if err == nil {
		err = r.stopped
	}
	if r.stopped == nil {
		r.stopped = err
	}
	r.dir.waiting.Add(-int64(r.size))
	r.queue, r.size = nil, 0
	r.mu.Unlock()

	why := "closed"
	if err != nil {
		why = err.Error()
	}
	if failed := f.end(time.Since(r.began), why); err == nil {
		err = failed
	}
	r.dir.finished(r.head.Conn, err)
}

// file is the file of a recording.
type file struct {
	dir  *Dir
	name string
	file *os.File // nil if it could not be made
	buf  []byte
	size int64 // so far

	sides [2]splitter // of the MTA, of the filter
}

// writeAt is how much is collected before it is written, in bytes.
const writeAt = 64 << 10

func (f *file) create(h *Head, began time.Time) (err error) {
	f.name = nameOf(began, h.Conn)
	if f.file, err = f.dir.create(f.name); err != nil {
		return err
	}
	if f.buf, err = appendHead(f.buf, h); err != nil {
		return err
	}
	return f.flush()
}

// write cuts chunks into packets and writes these.
func (f *file) write(queue []chunk, bodies Bodies) error {
	for _, c := range queue {
		split := &f.sides[0]
		if c.side == FromFilter {
			split = &f.sides[1]
		}
		err := split.add(c.bytes, func(code byte, payload []byte) error {
			p := Packet{Side: c.side, At: c.at, Code: code, Payload: payload}
			bodies.mask(&p)
			if f.buf = p.appendTo(f.buf); len(f.buf) > writeAt {
				return f.flush()
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// flush writes what was collected.
func (f *file) flush() error {
	n := int64(len(f.buf))
	err := f.dir.reserve(n, f.size+n)
	if err == nil {
		if _, err = f.file.Write(f.buf); err != nil {
			err = errors.Join(err, f.file.Truncate(f.size)) // to the last whole packet
		} else {
			f.size += n
		}
	}
	f.buf = f.buf[:0]
	if cap(f.buf) > writeAt {
		f.buf = nil
	}
	return err
}

// end writes the last line, as far as the disk takes it, and closes the file.
func (f *file) end(at time.Duration, why string) error {
	if f.file == nil {
		return nil
	}
	defer f.dir.forget(f.name)
	last := appendEnd(nil, at, why)
	f.dir.add(int64(len(last)))
	_, err := f.file.Write(append(f.buf, last...))
	return errors.Join(err, f.file.Close())
}

// nameOf returns the name of a file: those of connections that began earlier come first.
func nameOf(began time.Time, conn string) string {
	return fmt.Sprintf("%s-%s%s", began.UTC().Format("20060102T150405.000000Z"), conn, Suffix)
}
