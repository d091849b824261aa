package maps

import (
	"errors"
	"strings"

	"luamilter/luaapi/maps/format"
)

// exact finds whole texts.
type exact struct {
	index *index
	fold  bool // upper case as lower case
}

var errEmptyKey = errors.New("the key is empty")

func (x *exact) add(e format.Entry) error {
	if e.Key == "" {
		return errEmptyKey
	}
	return x.index.add(x.folded(e.Key), e.Value)
}

func (x *exact) done() (Loaded, error) {
	x.index.trim()
	return x, nil
}

func (x *exact) folded(key string) string {
	if x.fold {
		return strings.ToLower(key)
	}
	return key
}

// Find implements Loaded.
func (x *exact) Find(key string) (value string, found bool, err error) {
	value, found = x.index.find(x.folded(key))
	return value, found, nil
}

// Len implements Loaded.
func (x *exact) Len() int { return x.index.count }

// Bytes implements Loaded.
func (x *exact) Bytes() int64 { return x.index.bytes() }
