package engine

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/luaapi/module"
)

// Module is a file that a script, or one of its modules, requires.
type Module struct {
	Name string
	*File
}

// finder finds the modules of one script: those that its text requires by name, those that they require, and so on.
type finder struct {
	script  *Script
	cover   *Coverage
	known   map[string]*File // files of the program by path, which scripts in one folder share
	builtIn []string
	folder  *module.Folder // nil until a file is looked for
	missing []string       // names that were looked for in vain, where the script can do without
}

// findModules reads and compiles the modules of a script.
func (p *Program) findModules(s *Script) error {
	f := &finder{script: s, cover: p.cover, known: p.files, builtIn: builtInModules()}
	defer f.close()
	if err := f.from(s.File); err != nil {
		return err
	}
	for i := 0; i < len(s.Modules); i++ { // it grows
		if err := f.from(s.Modules[i].File); err != nil {
			return err
		}
	}
	s.files = luaapi.ModuleFiles{Folder: filepath.Dir(s.Path), Protos: map[string]*lua.FunctionProto{}, Missing: f.missing}
	for _, m := range s.Modules {
		s.files.Protos[m.Name] = m.proto
	}
	return nil
}

func builtInModules() []string {
	var names []string
	for _, m := range luaapi.Modules() {
		if m.Kind == luaapi.Library || m.Kind == luaapi.Require {
			names = append(names, m.Name)
		}
	}
	return names
}

func (f *finder) close() {
	if f.folder != nil {
		f.folder.Close()
	}
}

// from adds the modules that a file requires.
func (f *finder) from(file *File) error {
	for _, r := range file.Lint.Requires() {
		if r.Name == "" || slices.Contains(f.builtIn, r.Name) || f.found(r.Name) {
			continue
		}
		if err := f.add(file, r); err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) found(name string) bool {
	return slices.ContainsFunc(f.script.Modules, func(m Module) bool { return m.Name == name })
}

// add adds the module of a require. One that is not there may be missing where the script can do without; one that is there must be
// good.
func (f *finder) add(file *File, r lint.Require) error {
	if err := module.CheckName(r.Name); err != nil {
		if r.Optional {
			return nil
		}
		return file.errorAt(r.Line, strconv.Quote(r.Name), "require: "+err.Error(), "")
	}
	if f.folder == nil {
		folder, err := module.OpenFolder(filepath.Dir(f.script.Path))
		if err != nil {
			return fmt.Errorf("folder of %s: %w", f.script.Path, err)
		}
		f.folder = folder
	}
	path := f.folder.Path(r.Name)
	m := f.known[path]
	if m == nil {
		source, err := f.folder.Read(r.Name)
		switch {
		case errors.Is(err, module.ErrMissing) && r.Optional:
			f.missing = append(f.missing, r.Name)
			return nil
		case errors.Is(err, module.ErrMissing):
			return file.errorAt(r.Line, strconv.Quote(r.Name), luaapi.MissingModule(r.Name, path), f.hint(r.Name))
		case err != nil:
			return file.errorAt(r.Line, strconv.Quote(r.Name), fmt.Sprintf("module %q: %v", r.Name, err), "")
		}
		if m, err = compile(path, source, f.cover); err != nil {
			return err
		}
		f.known[path] = m
	}
	f.script.Modules = append(f.script.Modules, Module{r.Name, m})
	return nil
}

// hint names the module that was probably meant.
func (f *finder) hint(name string) string {
	names := slices.DeleteFunc(append(f.folder.Names(), f.builtIn...), func(n string) bool { return n == f.script.Name })
	near := lint.Nearest(name, names)
	if slices.Contains(names, name+".init") {
		near = name + ".init"
	}
	if near == "" {
		return ""
	}
	return "did you mean " + near + "?"
}
