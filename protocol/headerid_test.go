package protocol

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestFieldID: a field is found by its identity whatever was done to others and to its value, and a deleted one is not.
func TestFieldID(t *testing.T) {
	h := NewHeaderEdit(headerOf("A B C"))
	a, b := h.ID(0), h.ID(1)
	h.Insert(0, Field{Name: "Top"})
	h.Insert(1, Field{Name: "Below"})
	h.Delete(h.Index(a, -1))
	h.Change(h.Index(b, 1), "changed")
	clone := h.Clone()
	if i := h.Index(b, 1); i != 2 || h.Field(i).Name != "B" || h.Field(i).Value != "changed" {
		t.Errorf("B is at %d in %s", i, show(h))
	}
	if i := h.Index(a, 0); i >= 0 {
		t.Errorf("A was deleted and is at %d in %s", i, show(h))
	}
	clone.Add(Field{Name: "X"})
	h.Add(Field{Name: "Y"})
	h.DeleteAll("Y")
	h.Add(Field{Name: "Z"})
	if z := h.ID(h.Len() - 1); h.Index(z, 99) != h.Len()-1 || z == clone.ID(clone.Len()-1) {
		t.Errorf("Z got the number of a deleted field in %s", show(h))
	}
}

// TestFieldIDModel follows every field by a value of its own through random edits.
func TestFieldIDModel(t *testing.T) {
	for seed := range 2000 {
		r := newRandomEdit(rand.New(rand.NewPCG(uint64(seed), 7)))
		h := r.edit
		values := map[FieldID]string{}
		for i := range h.Len() {
			id := h.ID(i)
			if _, twice := values[id]; twice {
				t.Fatalf("seed %d: two fields are %d", seed, id)
			}
			values[id] = fmt.Sprint("own ", id)
			h.Change(i, values[id])
		}
		rnd := rand.New(rand.NewPCG(uint64(seed), 8))
		for range 8 {
			h.Insert(rnd.IntN(h.Len()+3), Field{Name: "New"})
			if i := rnd.IntN(h.Len()); rnd.IntN(2) == 0 {
				delete(values, h.ID(i))
				h.Delete(i)
			}
		}
		for id, value := range values {
			if i := h.Index(id, rnd.IntN(12)); i < 0 || h.Field(i).Value != value {
				t.Fatalf("seed %d: %q is at %d", seed, value, i)
			}
		}
		for i := range h.Len() {
			if h.Index(h.ID(i), -1) != i {
				t.Fatalf("seed %d: the field at %d is found elsewhere", seed, i)
			}
		}
	}
}

func TestHeaderSet(t *testing.T) {
	for _, tt := range []struct{ message, want string }{
		{"A B", "| A B X-Set"},
		{"A x-set B", "| A x-set B"},
		{"X-SET A x-set B X-Set", "| X-SET A B"},
	} {
		h := NewHeaderEdit(headerOf(tt.message))
		there := h.Set(Field{Name: "X-Set", Value: "new"})
		if got := show(h); got != tt.want || h.Field(h.Find("x-set", 1)).Value != "new" || there != (len(h.original) > 2) {
			t.Errorf("%s: set gives %s, %v; want %s", tt.message, got, there, tt.want)
		}
	}
	h := NewHeaderEdit(headerOf("A X-Set"))
	h.Insert(0, Field{Name: "x-set", Value: "top"})
	h.Set(Field{Name: "X-Set", Value: "new"})
	if got := show(h); got != "x-set | A" {
		t.Errorf("the first is the one on top: %s", got)
	}
}
