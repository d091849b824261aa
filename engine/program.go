package engine

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/protocol"
)

// Script is one compiled script with its modules.
type Script struct {
	*File
	Name    string   // the file's name without .lua
	Modules []Module // that it requires, and that these require
	Needs   Needs
	files   luaapi.ModuleFiles
	api     func() lint.API
	vms     pool
	reader  *lua.FunctionProto // its body hook, if that does no more with a chunk than look at it
}

// Program is a set of scripts, compiled and tried, and what follows from them for the MTA. It is never changed: a session keeps the
// one it began with.
type Program struct {
	Scripts []*Script
	Needs   Needs // of all scripts together
	want    protocol.Want
	lends   bool // every body hook is such a reader, and nobody else wants the body
	limits  Limits
	onError protocol.Reply
	memory  *Memory
	files   map[string]*File // modules, by path
	api     func() lint.API  // what scripts can use
}

// Options are what a program needs besides its scripts.
type Options struct {
	Limits  Limits
	OnError protocol.Verdict // what an error in a script amounts to
	Memory  *Memory          // nil for no limit
}

// Load reads, compiles and tries the scripts and their modules, in the order in which they are to run. An error in one of them is a
// *ScriptError.
func Load(paths []string, o Options) (*Program, error) {
	if len(paths) == 0 {
		return nil, errors.New("no scripts")
	}
	p := &Program{
		limits:  o.Limits,
		onError: protocol.Reply{Verdict: o.OnError},
		memory:  o.Memory,
		files:   map[string]*File{},
		api:     sync.OnceValue(API),
	}
	if p.memory == nil {
		p.memory = NewMemory(0)
	}
	p.limits.String = int(min(int64(p.limits.String), p.memory.limit/8))
	for _, path := range paths {
		s, err := p.load(path)
		if err != nil {
			return nil, err
		}
		p.Scripts = append(p.Scripts, s)
		p.Needs.merge(&s.Needs)
	}
	p.want = p.Needs.want()
	p.lends = len(p.Needs.Body) == 0 && !slices.ContainsFunc(p.Scripts, func(s *Script) bool {
		return s.Needs.Hooks[protocol.StageBody] != "" && s.reader == nil
	})
	return p, nil
}

// load compiles a script and its modules and tries it in a VM.
func (p *Program) load(path string) (*Script, error) {
	source, err := readScript(path)
	if err != nil {
		return nil, fmt.Errorf("script: %w", err)
	}
	file, err := compile(path, source)
	if err != nil {
		return nil, err
	}
	s := &Script{File: file, Name: strings.TrimSuffix(filepath.Base(path), ".lua"), api: p.api}
	if err := p.findModules(s); err != nil {
		return nil, err
	}
	s.vms.most = defaultMostVMs
	s.vms.memory = p.memory
	s.vms.make = func() (*vm, error) { return newVM(s, p.limits) }
	trial, err := s.vms.take(nil)
	if err != nil {
		return nil, err
	}
	s.Needs = analyze(s, trial)
	s.findReader(trial)
	s.vms.put(trial)
	return s, nil
}

// Files returns the paths of all files that the program was made from, each once: scripts in their order, then modules by path.
func (p *Program) Files() []string {
	var paths []string
	for _, s := range p.Scripts {
		paths = append(paths, s.Path)
	}
	paths = append(paths, slices.Sorted(maps.Keys(p.files))...)
	seen := map[string]bool{}
	return slices.DeleteFunc(paths, func(path string) bool {
		twice := seen[path]
		seen[path] = true
		return twice
	})
}

// file returns the script, or the module of it, that has a path; nil if none has.
func (s *Script) file(path string) *File {
	for f := range s.all() {
		if f.Path == path {
			return f
		}
	}
	return nil
}

// module returns a module of the script, nil if it is built in or not there.
func (s *Script) module(name string) *File {
	for _, m := range s.Modules {
		if m.Name == name {
			return m.File
		}
	}
	return nil
}

// all are the script and its modules.
func (s *Script) all() iter.Seq[*File] {
	return func(yield func(*File) bool) {
		if !yield(s.File) {
			return
		}
		for _, m := range s.Modules {
			if !yield(m.File) {
				return
			}
		}
	}
}

// Close lets the spare VMs go.
func (p *Program) Close() {
	for _, s := range p.Scripts {
		s.vms.close()
	}
}
