package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/scripts"
)

// newCmd writes a script from a template.
type newCmd struct {
	Name     string `arg:"" optional:"" help:"Of the script, without .lua; a folder may stand before it."`
	Template string `placeholder:"NAME" default:"empty" complete:"archive,block_attachments,count_recipients,daily_report,dnsbl,empty,footer,greylist,limit_connection,quarantine,ratelimit,reject_header,sql_recipients,subject_prefix,tag_header,virus,webhook" help:"What to begin with: see --list. Default: empty."`
	List     bool   `help:"List the templates."`
}

// Help is shown below the flags.
func (newCmd) Help() string {
	return `Writes NAME.lua and NAME_test.lua, a small script that works and its test. It never overwrites a file.

Examples:
  luamilter new --list
  luamilter new archive --template archive
  luamilter new scripts/filter`
}

// Run lists the templates or writes two files.
func (c newCmd) Run(t *terminal) error {
	all, err := scripts.Templates()
	if err != nil {
		return err
	}
	if c.List {
		for i := range all {
			fmt.Fprintf(t.stdout, "%-18s %s\n", all[i].Name, all[i].About)
		}
		return nil
	}
	files, err := c.files(all)
	if err != nil {
		return usageError{err}
	}
	dir := filepath.Dir(c.Name)
	if err := makeFiles(t, dir, files); err != nil {
		return err
	}
	script := filepath.Join(dir, files[0].name)
	edit := script
	if hasConfig() {
		edit += ", add it to scripts in " + ownConfig
	}
	run := "luamilter run --probe " + script
	needs, err := needsOf(files[0])
	if err != nil {
		return err
	}
	for _, n := range needs {
		edit += ", write " + n.Line() + " in " + ownConfig
		run = "luamilter run --probe -c " + ownConfig
	}
	fmt.Fprintf(t.stdout, "\nNext: edit %s, then\n  luamilter check %s\n  luamilter test %s\n  %s\n", edit, script, filepath.Join(dir, files[1].name), run)
	return nil
}

// needsOf returns what must be configured before a script can run.
func needsOf(script newFile) ([]luaapi.Need, error) {
	source, err := lint.Parse(script.name, script.text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", script.name, err)
	}
	var all []luaapi.Need
	api := engine.API()
	for _, n := range luaapi.Needs() {
		api.Unmet = map[string]lint.Unmet{n.Name: {}}
		if len(source.Unconfigured(api)) > 0 {
			all = append(all, n)
		}
	}
	return all, nil
}

// scriptName is what a script can be called, so that its settings have a section of that name.
var scriptName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// files makes the script and its test.
func (c newCmd) files(all []scripts.Template) ([]newFile, error) {
	name := strings.TrimSuffix(filepath.Base(c.Name), ".lua")
	switch {
	case c.Name == "":
		return nil, errors.New("new needs the name of the script, such as: luamilter new filter")
	case !scriptName.MatchString(name):
		return nil, fmt.Errorf("%q is no name for a script; use letters, digits, _ and -", name)
	case strings.HasSuffix(name, "_test"):
		return nil, fmt.Errorf("%q is the name of a test; name the script, its test is written too", name)
	}
	var known []string
	for i := range all {
		if all[i].Name == c.Template {
			text, test := all[i].Script(name)
			return []newFile{{name + ".lua", []byte(text)}, {name + "_test.lua", []byte(test)}}, nil
		}
		known = append(known, all[i].Name)
	}
	if nearest := lint.Nearest(c.Template, known); nearest != "" {
		return nil, fmt.Errorf("there is no template %q; did you mean %q?", c.Template, nearest)
	}
	return nil, fmt.Errorf("there is no template %q; there are %s", c.Template, strings.Join(known, ", "))
}

// makeFiles writes files below a folder and says which, or none if one is there already.
func makeFiles(t *terminal, dir string, files []newFile) error {
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		switch _, err := os.Lstat(path); {
		case err == nil:
			return fmt.Errorf("%s is there already; nothing was written", path)
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("look whether %s is there: %w", path, err)
		}
	}
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w", path, err)
		}
		if err := create(path, f.text); err != nil {
			return err
		}
		fmt.Fprintln(t.stdout, path)
	}
	return nil
}

// create writes a file that is not there yet.
func create(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	if _, err := f.Write(text); err != nil {
		_ = f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	return f.Close()
}
