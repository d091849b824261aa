package outbox

import (
	"encoding/json"
	"fmt"
	"sync"
)

// Fake keeps in tests what it is given, and delivers nothing.
type Fake struct {
	mu    sync.Mutex
	items []Item
}

// Put is that of Outbox.
func (f *Fake) Put(kind string, payload any) (id string, err error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	id = fmt.Sprint(len(f.items) + 1)
	f.items = append(f.items, Item{ID: id, Kind: kind, Payload: text})
	return id, nil
}

// Items returns what was put.
func (f *Fake) Items() []Item {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Item(nil), f.items...)
}
