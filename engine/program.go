package engine

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
	"luamilter/protocol"
)

// Script is one compiled script.
type Script struct {
	Path   string // as given
	Name   string // the file's name without .lua
	Lint   *lint.Source
	Needs  Needs
	source []byte
	proto  *lua.FunctionProto
	vms    pool
}

// Source returns the script's text.
func (s *Script) Source() []byte { return s.source }

// Program is a set of scripts, compiled and tried, and what follows from them for the MTA. It is never changed: a session keeps the
// one it began with.
type Program struct {
	Scripts []*Script
	Needs   Needs // of all scripts together
	want    protocol.Want
	limits  Limits
	onError protocol.Reply
	memory  *Memory
}

// Options are what a program needs besides its scripts.
type Options struct {
	Limits  Limits
	OnError protocol.Verdict // what an error in a script amounts to
	Memory  *Memory          // nil for no limit
}

// Load reads, compiles and tries the scripts, in the order in which they are to run. An error in one of them is a *ScriptError or
// a *lint.SyntaxError.
func Load(paths []string, o Options) (*Program, error) {
	if len(paths) == 0 {
		return nil, errors.New("no scripts")
	}
	p := &Program{limits: o.Limits, onError: protocol.Reply{Verdict: o.OnError}, memory: o.Memory}
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
	return p, nil
}

// load compiles a script and tries it in a VM.
func (p *Program) load(path string) (*Script, error) {
	s, err := compile(path)
	if err != nil {
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
	s.vms.put(trial)
	return s, nil
}

// compile reads and compiles one script.
func compile(path string) (*Script, error) {
	source, err := readScript(path)
	if err != nil {
		return nil, fmt.Errorf("script: %w", err)
	}
	parsed, err := lint.Parse(path, source)
	if err != nil {
		return nil, err
	}
	proto, err := parsed.Compile()
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(path), ".lua")
	return &Script{Path: path, Name: name, Lint: parsed, source: source, proto: proto}, nil
}

// Close lets the spare VMs go.
func (p *Program) Close() {
	for _, s := range p.Scripts {
		s.vms.close()
	}
}
