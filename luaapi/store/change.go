package store

import (
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"
)

// change is a transaction of a file.
type change struct {
	tx    *bbolt.Tx
	now   time.Time
	size  int64 // how much there may be
	total int64 // how much there is
}

// swept is how many entries that are over a transaction removes for each step it takes, so that what is over does not pile up.
const swept = 4

// take takes the steps in order, and removes some of what is over.
func (c *change) take(batch []*request) error {
	if kept := c.tx.Bucket(totals).Get(totalBytes); len(kept) == 8 {
		c.total = int64(binary.BigEndian.Uint64(kept))
	}
	for _, r := range batch {
		if err := c.step(r); err != nil {
			return err
		}
	}
	for range swept * len(batch) {
		if dropped, err := c.dropFirst(c.now); err != nil || !dropped {
			if err != nil {
				return err
			}
			break
		}
	}
	return c.tx.Bucket(totals).Put(totalBytes, binary.BigEndian.AppendUint64(nil, uint64(c.total)))
}

// step takes one step. That there is no room for it concerns it alone; any other error ends the transaction.
func (c *change) step(r *request) error {
	before, err := entryOf(c.tx.Bucket(entries).Get(r.key))
	if err != nil {
		return err
	}
	after := before
	var changed bool
	r.err = nil
	if r.reply, changed = r.decision.run(&after, c.now, r.args); !changed {
		return nil
	}
	grows := sizeOf(r.key, after) - sizeOf(r.key, before)
	for grows > 0 && c.total+grows > c.size {
		dropped, err := c.dropFirst(time.Time{})
		if err != nil {
			return err
		}
		if !dropped {
			r.reply, r.err = nil, ErrFull
			return nil
		}
	}
	// What made room may have been what is there.
	if before, err = entryOf(c.tx.Bucket(entries).Get(r.key)); err != nil {
		return err
	}
	return c.put(r.key, before, after)
}

// sizeOf returns how much an entry counts for.
func sizeOf(key []byte, e Entry) int64 {
	if !e.Exists {
		return 0
	}
	return int64(len(key) + len(e.Value) + 32) // with its end, and its place in both buckets
}

// put makes one entry of another.
func (c *change) put(key []byte, before, after Entry) error {
	c.total += sizeOf(key, after) - sizeOf(key, before)
	if before.Exists && !before.Expires.IsZero() && !before.Expires.Equal(after.Expires) {
		if err := c.tx.Bucket(expiries).Delete(ending(before.Expires, key)); err != nil {
			return err
		}
	}
	if !after.Exists {
		return c.tx.Bucket(entries).Delete(key)
	}
	kept := make([]byte, 8, 8+len(after.Value))
	if !after.Expires.IsZero() {
		binary.BigEndian.PutUint64(kept, uint64(after.Expires.UnixMilli()))
		if err := c.tx.Bucket(expiries).Put(ending(after.Expires, key), nil); err != nil {
			return err
		}
	}
	return c.tx.Bucket(entries).Put(key, append(kept, after.Value...))
}

// ending is where it is kept that an entry ends: the first one is the next to end.
func ending(at time.Time, key []byte) []byte {
	return append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(key)), uint64(at.UnixMilli())), key...)
}

// dropFirst removes the entry that ends first, if it is over by then; the zero time stands for any. It reports whether there was one.
func (c *change) dropFirst(by time.Time) (dropped bool, err error) {
	first, _ := c.tx.Bucket(expiries).Cursor().First()
	if len(first) < 8 {
		return false, nil
	}
	if !by.IsZero() && time.UnixMilli(int64(binary.BigEndian.Uint64(first))).After(by) {
		return false, nil
	}
	key := append([]byte(nil), first[8:]...) // bbolt's own is good until something changes
	e, err := entryOf(c.tx.Bucket(entries).Get(key))
	if err != nil {
		return false, err
	}
	if !e.Exists { // a line that nothing belongs to
		return true, c.tx.Bucket(expiries).Delete(append([]byte(nil), first...))
	}
	return true, c.put(key, e, Entry{})
}
