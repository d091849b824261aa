package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"luamilter/luaapi"
	"luamilter/luatest"
)

// typesCmd writes the definitions that editors read.
type typesCmd struct {
	Output string `short:"o" placeholder:"FILE" complete:"*.lua" help:"Write to this file, and beside it a small file for each module that scripts require. What luamilter wrote before is replaced."`
}

// Help is shown below the flags.
func (typesCmd) Help() string {
	return `Prints what scripts can use as LuaCATS annotations: editors with lua-language-server then complete names, know the types of hooks'
arguments, and show the text of the reference. Write them anew after an upgrade; docs/editors.md says how to set up an editor.

Examples:
  luamilter types -o types/luamilter.lua
  luamilter types | less`
}

// Run prints or writes the definitions.
func (c typesCmd) Run(t *terminal) error {
	if c.Output == "" {
		return writeTypes(t.stdout)
	}
	files, err := typeFiles(filepath.Base(c.Output))
	if err != nil {
		return err
	}
	dir := filepath.Dir(c.Output)
	for _, f := range files {
		if err := mayReplace(filepath.Join(dir, f.name)); err != nil {
			return err
		}
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, f.text, 0o644); err != nil {
			return fmt.Errorf("write the types: %w", err)
		}
		fmt.Fprintln(t.stdout, path)
	}
	return nil
}

// writeTypes writes the definitions of what scripts and their tests can use.
func writeTypes(w io.Writer) error { return luaapi.WriteTypes(w, luatest.Modules()...) }

// newFile is a file that a verb makes.
type newFile struct {
	name string
	text []byte
}

// typeFiles makes the definitions: all in a file of that name, and a file for each module that scripts require.
func typeFiles(name string) ([]newFile, error) {
	made := func(name string, write func(io.Writer) error) (newFile, error) {
		var text bytes.Buffer
		err := write(&text)
		return newFile{name, text.Bytes()}, err
	}
	all, err := made(name, writeTypes)
	if err != nil {
		return nil, err
	}
	files := []newFile{all}
	for _, module := range luaapi.RequiredModules() {
		f, err := made(module+".lua", func(w io.Writer) error { return luaapi.WriteModuleTypes(w, module) })
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// mayReplace reports a file that is there and is not one of definitions.
func mayReplace(path string) error {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at what is to be replaced: %w", err)
	case !bytes.HasPrefix(text, []byte("---@meta")):
		return fmt.Errorf("%s is no file of definitions, since it does not begin with ---@meta; choose another folder with -o", path)
	}
	return nil
}
