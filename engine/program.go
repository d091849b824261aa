package engine

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/luaapi/schedule"
	"luamilter/luaapi/spool"
	"luamilter/protocol"
)

// Script is one compiled script with its modules.
type Script struct {
	*File
	Name     string   // the file's name without .lua
	Modules  []Module // that it requires, and that these require
	Needs    Needs
	files    luaapi.ModuleFiles
	Settings []luaapi.Setting // that it declares, with their values
	Timers   []schedule.Timer // that it makes

	onError protocol.Reply // what an error in it amounts to
	observe bool           // nothing that it says is done
	given   map[string]luaapi.Given
	api     func() lint.API
	vms     pool
	more    []luaapi.Module    // what it has besides what all scripts have
	reader  *lua.FunctionProto // its body hook, if that does no more with a chunk than look at it
}

// Program is a set of scripts, compiled and tried, and what follows from them for the MTA. It is never changed: a session keeps the
// one it began with.
type Program struct {
	Scripts  []*Script
	Needs    Needs // of all scripts together
	want     protocol.Want
	lends    bool // every body hook is such a reader, and nobody else wants the body
	limits   Limits
	onError  protocol.Reply
	memory   *Memory
	spool    *spool.Dir
	services *luaapi.Services
	tooLarge TooLarge
	tallies  sync.Pool        // of *tally, for its sessions
	files    map[string]*File // modules, by path
	api      func() lint.API  // what scripts can use
	clock    *luaapi.Clock
	cover    *Coverage
}

// Options are what a program needs besides its scripts.
type Options struct {
	Limits   Limits
	OnError  protocol.Verdict         // what an error in a script amounts to
	Observe  bool                     // scripts run, and nothing that they say is done
	Memory   *Memory                  // nil for no limit
	Spool    *spool.Dir               // where large bodies go; nil for memory
	TooLarge TooLarge                 // what becomes of messages over Limits.Message
	Services *luaapi.Services         // what scripts reach besides messages; nil for nothing
	Scripts  map[string]ScriptOptions // what is otherwise for one script, by its name
	SelfTest bool                     // call the scripts' selftest functions
	Clock    *luaapi.Clock            // the time that the scripts are told; nil for the system's
	Rotate   bool                     // lend VMs in turn, two of each script at least, so that a script that keeps state in one is found out
	Coverage *Coverage                // counts the lines that run; nil to count nothing
	Unmet    map[string]lint.Unmet    // what has nobody to ask, for Check
	Console  func(*Console)           // somebody who types Lua at eom, after all scripts; nil for nobody
}

// ScriptOptions are what one script has otherwise than the rest of a program.
type ScriptOptions struct {
	OnError  *protocol.Verdict // nil for that of the program
	Observe  *bool             // likewise
	Settings map[string]luaapi.Given
}

// Load reads, compiles and tries the scripts and their modules, in the order in which they are to run. An error in one of them is a
// *ScriptError.
func Load(paths []string, o Options) (*Program, error) {
	if len(paths) == 0 && o.Console == nil {
		return nil, errors.New("no scripts")
	}
	p := &Program{
		limits:   o.Limits,
		onError:  protocol.Reply{Verdict: o.OnError},
		memory:   o.Memory,
		spool:    o.Spool,
		tooLarge: o.TooLarge,
		services: o.Services,
		files:    map[string]*File{},
		api:      sync.OnceValue(func() lint.API { return apiWithout(o.Unmet) }),
		clock:    o.Clock,
		cover:    o.Coverage,
	}
	if p.memory == nil {
		p.memory = NewMemory(0)
	}
	if p.services == nil {
		p.services = &luaapi.Services{}
	}
	p.limits.String = int(min(int64(p.limits.String), p.memory.limit/8))
	for _, path := range paths {
		s, err := p.load(path, &o)
		if err != nil {
			return nil, err
		}
		p.add(s)
	}
	if o.Console != nil {
		s, err := p.prepare(consolePath, []byte(consoleText), []luaapi.Module{consoleModule(o.Console)}, &o)
		if err != nil {
			return nil, err
		}
		p.add(s)
	}
	p.tallies.New = func() any { return &tally{scripts: make([]ScriptCounts, len(p.Scripts))} }
	p.want = p.Needs.want()
	p.lends = len(p.Needs.Body) == 0 && !slices.ContainsFunc(p.Scripts, func(s *Script) bool {
		return s.Needs.Hooks[protocol.StageBody] != "" && s.reader == nil
	})
	return p, nil
}

// add adds a script behind the others.
func (p *Program) add(s *Script) {
	p.Scripts = append(p.Scripts, s)
	p.Needs.merge(&s.Needs)
}

// load reads a script, compiles it and its modules, and tries it in a VM.
func (p *Program) load(path string, o *Options) (*Script, error) {
	source, err := readScript(path)
	if err != nil {
		return nil, fmt.Errorf("script: %w", err)
	}
	return p.prepare(path, source, nil, o)
}

// prepare compiles the text of a script and its modules and tries it in a VM, with more modules than scripts have.
func (p *Program) prepare(path string, source []byte, more []luaapi.Module, o *Options) (*Script, error) {
	file, err := compile(path, source, p.cover)
	if err != nil {
		return nil, err
	}
	s := &Script{File: file, Name: ScriptName(path), api: p.api, more: more, onError: p.onError, observe: o.Observe}
	s.differ(o.Scripts[s.Name])
	if err := p.findModules(s); err != nil {
		return nil, err
	}
	s.vms.most, s.vms.rotate = p.limits.VMs, o.Rotate
	s.vms.memory = p.memory
	s.vms.make = func() (*vm, error) { return newVM(s, p) }
	trial, err := s.vms.take(nil, nil)
	if err != nil {
		return nil, err
	}
	s.Needs = analyze(s, trial)
	s.findReader(trial)
	s.Settings = trial.env.Declared
	for i := range trial.env.Timers {
		s.Timers = append(s.Timers, trial.env.Timers[i].Timer)
	}
	if err := s.try(trial, o); err != nil {
		s.vms.drop(trial)
		return nil, err
	}
	s.vms.put(trial)
	return s, nil
}

// try checks what only a loaded script tells.
func (s *Script) try(trial *vm, o *Options) error {
	if err := s.checkGiven(); err != nil {
		return err
	}
	if !o.SelfTest {
		return nil
	}
	return trial.selfTest(o.Limits)
}

// ScriptName returns the name of the script in a file: that of the file without .lua.
func ScriptName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".lua") }

// differ sets what a script has otherwise than the rest.
func (s *Script) differ(o ScriptOptions) {
	s.given = o.Settings
	if o.OnError != nil {
		s.onError = protocol.Reply{Verdict: *o.OnError}
	}
	if o.Observe != nil {
		s.observe = *o.Observe
	}
	if s.observe {
		s.onError = protocol.Reply{} // mail is not to suffer
	}
}

// checkGiven finds settings in the configuration that the script does not have.
func (s *Script) checkGiven() error {
	var names []string
	for _, d := range s.Settings {
		names = append(names, d.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(s.given)) {
		if slices.Contains(names, name) {
			continue
		}
		err := fmt.Errorf("%s: %s has no setting %s", s.given[name].Origin, s.Path, name)
		switch near := lint.Nearest(name, names); {
		case near != "":
			return fmt.Errorf("%w; did you mean %s?", err, near)
		case len(names) == 0:
			return fmt.Errorf("%w; it declares none with settings { ... }", err)
		}
		return fmt.Errorf("%w; it has %s", err, strings.Join(names, ", "))
	}
	return nil
}

// Script returns the script of a name, nil if there is none; so does a nil Program.
func (p *Program) Script(name string) *Script {
	if p == nil {
		return nil
	}
	for _, s := range p.Scripts {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Observed reports whether nothing is done of what the script says.
func (s *Script) Observed() bool { return s.observe }

// VMs returns how many VMs the script has, how many of them are spare, and how many are held by idle connections whose data cannot leave.
func (s *Script) VMs() (made, spare, stuck int) {
	s.vms.mu.Lock()
	defer s.vms.mu.Unlock()
	return int(s.vms.made.Load()), len(s.vms.spare), int(s.vms.stuck.Load())
}

// Digest writes everything that the program was made of.
func (p *Program) Digest(w io.Writer) {
	fmt.Fprintf(w, "%+v %+v %v\n", p.limits, p.onError, p.tooLarge)
	for _, s := range p.Scripts {
		fmt.Fprintf(w, "%q %+v %v %q\n", s.Name, s.onError, s.observe, fmt.Sprint(s.given)) // fmt sorts maps
		for f := range s.all() {
			fmt.Fprintf(w, "%q %q\n", f.Path, f.source)
		}
	}
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
