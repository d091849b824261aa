package outbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"luamilter/luaapi/outage"
)

// Deliver tries to deliver a payload. Its error is ErrFinal if there is no use in trying again.
type Deliver func(ctx context.Context, payload []byte) error

// ErrFinal is the error of what will never be delivered.
var ErrFinal = errors.New("refused for good")

// ErrNotTried is the error of a delivery that was not tried, because whom it is for did not answer lately.
var ErrNotTried = errors.New("not tried")

// ErrFull is the error of Put when there is no room.
var ErrFull = errors.New("the outbox is full")

// Options are what an Outbox needs to know.
type Options struct {
	Dir     string             // its folder, which is made if it is not there; the folder above it must be
	Size    int64              // items that may wait
	Keep    time.Duration      // how long delivery is tried
	Kinds   map[string]Deliver // how to deliver, by kind
	Dropped func(i Item, why error)
	Outage  func(outage.Note) // is told when deliveries begin to fail and when they work again; may be nil
}

// Item is what waits.
type Item struct {
	ID      string          `json:"-"` // the name of its file, without .json
	Kind    string          `json:"kind"`
	Created time.Time       `json:"created"`
	Payload json.RawMessage `json:"payload"`
}

// Counts are what an Outbox has done so far.
type Counts struct {
	Waiting                              int64 // now
	Put, Delivered, Failed, Dropped, Bad uint64
}

// Outbox is a folder of items. It is safe for use by several goroutines.
type Outbox struct {
	options Options
	waiting atomic.Int64
	outage  outage.Outage
	news    chan struct{} // something was put

	put, delivered, failed, dropped, bad atomic.Uint64
}

// suffix ends the name of an item's file.
const suffix = ".json"

// Open opens a folder.
func Open(o Options) (*Outbox, error) {
	if err := os.Mkdir(o.Dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	b := &Outbox{options: o, news: make(chan struct{}, 1), outage: outage.Outage{What: "the outbox in " + o.Dir, Tell: o.Outage}}
	names, err := b.names()
	if err != nil {
		return nil, err
	}
	b.waiting.Store(int64(len(names)))
	probe := filepath.Join(o.Dir, ".probe"+rand.Text())
	if err := os.WriteFile(probe, nil, 0o600); err != nil {
		return nil, fmt.Errorf("outbox: it cannot be written: %w", err)
	}
	return b, os.Remove(probe)
}

// Counts returns what it has done so far.
func (b *Outbox) Counts() Counts {
	// A look at the folder and a delivery that ends may both have taken the same item away, until the next look.
	waiting := max(0, b.waiting.Load())
	return Counts{waiting, b.put.Load(), b.delivered.Load(), b.failed.Load(), b.dropped.Load(), b.bad.Load()}
}

// names returns the items that wait, the oldest first.
func (b *Outbox) names() ([]string, error) {
	entries, err := os.ReadDir(b.options.Dir)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), suffix); ok && !strings.HasPrefix(name, ".") {
			names = append(names, name)
		}
	}
	return names, nil
}

// Put keeps a payload for delivery. When it returns, the item is on the disk. The error is ErrFull if there are too many.
func (b *Outbox) Put(kind string, payload any) (id string, err error) {
	if b.waiting.Add(1) > b.options.Size {
		b.waiting.Add(-1)
		return "", fmt.Errorf("%w: %d wait in %s, which is outbox.size; is what they are for away?", ErrFull, b.options.Size, b.options.Dir)
	}
	defer func() {
		if err != nil {
			b.waiting.Add(-1)
		}
	}()
	i := Item{Kind: kind, Created: time.Now().UTC()}
	if i.Payload, err = json.Marshal(payload); err != nil {
		return "", fmt.Errorf("outbox: %w", err)
	}
	i.ID = i.Created.Format("20060102T150405.000000000") + "-" + strings.ToLower(rand.Text()[:10])
	if err := b.write(&i); err != nil {
		return "", fmt.Errorf("outbox: %w", err)
	}
	b.put.Add(1)
	select {
	case b.news <- struct{}{}:
	default: // somebody has said so already
	}
	return i.ID, nil
}

// write writes an item to a file that is there whole or not at all.
func (b *Outbox) write(i *Item) error {
	text, err := json.Marshal(i)
	if err != nil {
		return err
	}
	temporary := filepath.Join(b.options.Dir, "."+i.ID)
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temporary, b.file(i.ID))
	}
	if err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return b.syncDir()
}

func (b *Outbox) syncDir() error {
	d, err := os.Open(b.options.Dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (b *Outbox) file(id string) string { return filepath.Join(b.options.Dir, id+suffix) }

// read reads an item.
func (b *Outbox) read(id string) (Item, error) {
	i := Item{ID: id}
	text, err := os.ReadFile(b.file(id))
	if err != nil {
		return i, err
	}
	if err := json.Unmarshal(text, &i); err != nil {
		return i, fmt.Errorf("%w: %w", errBad, err)
	}
	if b.options.Kinds[i.Kind] == nil {
		return i, fmt.Errorf("%w: nothing delivers %q", errBad, i.Kind)
	}
	return i, nil
}

// errBad is the error of a file that is no item.
var errBad = errors.New("it cannot be read")
