package engine

import (
	"maps"
	"slices"
	"sync"

	lua "github.com/yuin/gopher-lua"
)

// Coverage counts how often lines of scripts and their modules run, over all programs that are loaded with it. It is for any goroutine.
type Coverage struct {
	mu    sync.Mutex
	paths []string               // of files, by number
	files map[string]map[int]int // how often each line that can run did, by path
}

// NewCoverage returns a Coverage that has counted nothing.
func NewCoverage() *Coverage { return &Coverage{files: map[string]map[int]int{}} }

// LineCount is a line that can run, and how often it did.
type LineCount struct{ Line, Times int }

// maxLine is more than the lines of any file that lint.Parse takes; a mark is the file's number times that, and the line.
const maxLine = 1 << 24

// counter is the global function that counts. Its name is none that a script can write.
const counter = "(count)"

// compile compiles a file so that its lines are counted.
func (c *Coverage) compile(f *File) (*lua.FunctionProto, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	number := len(c.paths)
	proto, lines, err := f.Lint.CompileCounted(counter, number*maxLine)
	if err != nil {
		return nil, err
	}
	c.paths = append(c.paths, f.Path)
	if c.files[f.Path] == nil {
		c.files[f.Path] = map[int]int{}
	}
	for _, line := range lines {
		c.files[f.Path][line] += 0
	}
	return proto, nil
}

// open gives a VM the counter.
func (c *Coverage) open(L *lua.LState) {
	if c == nil {
		return
	}
	L.SetGlobal(counter, L.NewFunction(func(L *lua.LState) int {
		mark := int(L.CheckNumber(1))
		c.mu.Lock()
		defer c.mu.Unlock()
		c.files[c.paths[mark/maxLine]][mark%maxLine]++
		return 0
	}))
}

// Files returns the paths of the files that were loaded, sorted.
func (c *Coverage) Files() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.files))
}

// Lines returns the lines of a file that can run, in their order.
func (c *Coverage) Lines(path string) []LineCount {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []LineCount
	for _, line := range slices.Sorted(maps.Keys(c.files[path])) {
		out = append(out, LineCount{line, c.files[path][line]})
	}
	return out
}
