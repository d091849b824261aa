package engine

import (
	"fmt"
	"os"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
	"luamilter/luaapi/module"
)

// File is one compiled file of Lua: a script, or a module that it requires.
type File struct {
	Path   string // a script's as given, a module's from its script's folder
	Lint   *lint.Source
	source []byte
	proto  *lua.FunctionProto
}

// Source returns the file's text.
func (f *File) Source() []byte { return f.source }

// compile reads a file's text and compiles it, so that its lines are counted if there is somebody who counts.
func compile(path string, source []byte, c *Coverage) (*File, error) {
	f := &File{Path: path, source: source}
	var err error
	if f.Lint, err = lint.Parse(path, source); err != nil {
		return nil, f.syntaxError(err)
	}
	if c == nil {
		f.proto, err = f.Lint.Compile()
	} else {
		f.proto, err = c.compile(f)
	}
	if err != nil {
		return nil, f.syntaxError(err)
	}
	return f, nil
}

// readScript reads a script's file, with a limit that no sane script reaches.
func readScript(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; name the scripts in it", path)
	}
	if err := module.Readable(path, info); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}
