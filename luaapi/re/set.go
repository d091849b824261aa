package re

import (
	"fmt"
	"slices"
	"strings"

	"github.com/wasilibs/go-re2/experimental"
)

// MaxSet is how many expressions a Set may have.
const MaxSet = 10_000

// setMemory is what RE2 may take for a set, in bytes.
const setMemory = 64 << 20

// Set is many expressions that are looked for together. It is safe for use by several goroutines.
type Set struct {
	bytes bool
	set   *experimental.Set
	size  int
}

// CompileSet compiles expressions, all with the same flags; see Compile. The error says which one is wrong.
func CompileSet(sources []string, flags string) (*Set, error) {
	if len(sources) > MaxSet {
		return nil, fmt.Errorf("there are %d expressions, of at most %d", len(sources), MaxSet)
	}
	s := &Set{bytes: strings.Contains(flags, bytesFlag), size: len(sources)}
	texts := make([]string, len(sources))
	for i, source := range sources {
		var err error
		if texts[i], err = checked(source, flags); err != nil { // RE2 does not say which one is wrong
			return nil, fmt.Errorf("expression %d: %w", i+1, err)
		}
	}
	var err error
	s.set, err = experimental.CompileSetWithOptions(texts, experimental.CompileOptions{Latin1: s.bytes, MaxMem: setMemory})
	if err != nil {
		return nil, fmt.Errorf("the %d expressions together: %w", len(sources), err)
	}
	return s, nil
}

// Size returns how many expressions there are.
func (s *Set) Size() int { return s.size }

// Find returns which expressions have a match in a text, counted from 0, in order.
func (s *Set) Find(in string) ([]int, error) {
	if s.size == 0 {
		return nil, nil
	}
	if !s.bytes {
		in = valid(in).s
	}
	found, err := s.set.FindAllStringWithError(in, -1)
	if err != nil {
		return nil, fmt.Errorf("look for %d expressions in %d bytes: %w; make the set smaller", s.size, len(in), err)
	}
	slices.Sort(found)
	return found, nil
}
