package scripts

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Template is a small script that works, to begin one's own with, and its test.
type Template struct {
	Name  string
	About string // what it does, in words
	text  string
	test  string
}

//go:embed templates
var templateFiles embed.FS

// Templates returns all templates, in the order of their names.
func Templates() ([]Template, error) {
	paths, err := fs.Glob(templateFiles, "templates/*.lua")
	if err != nil {
		return nil, fmt.Errorf("list the templates: %w", err)
	}
	var all []Template
	for _, p := range paths {
		name := strings.TrimSuffix(path.Base(p), ".lua")
		if strings.HasSuffix(name, "_test") {
			continue
		}
		t, err := readTemplate(name)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

func readTemplate(name string) (Template, error) {
	text, err := templateFiles.ReadFile("templates/" + name + ".lua")
	if err != nil {
		return Template{}, fmt.Errorf("read the template %s: %w", name, err)
	}
	test, err := templateFiles.ReadFile("templates/" + name + "_test.lua")
	if err != nil {
		return Template{}, fmt.Errorf("read the test of the template %s: %w", name, err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	about, ok := strings.CutPrefix(first, "-- "+name+".lua: ")
	if !ok {
		return Template{}, fmt.Errorf("the template %s begins with %q; a line \"-- %s.lua: what it does\" is expected", name, first, name)
	}
	return Template{Name: name, About: about, text: string(text), test: string(test)}, nil
}

// Script returns the text of a script of that name, without .lua, and of its test.
func (t *Template) Script(name string) (text, test string) {
	return strings.Replace(t.text, "-- "+t.Name+".lua: ", "-- "+name+".lua: ", 1), t.test
}
