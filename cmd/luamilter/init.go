package main

import (
	"bytes"
	"embed"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"luamilter/luaapi"
	"luamilter/luatest"
	"luamilter/scripts"
)

// initCmd writes a folder to work in.
type initCmd struct {
	Dir      string `arg:"" optional:"" default:"." complete:"*" help:"The folder. Default: this one."`
	Template string `placeholder:"NAME" default:"count_recipients" complete:"archive,block_attachments,count_recipients,daily_report,dnsbl,empty,footer,greylist,limit_connection,quarantine,ratelimit,reject_header,sql_recipients,subject_prefix,tag_header,virus,webhook" help:"What the first script begins with: see new --list. Default: count_recipients."`
}

// Help is shown below the flags.
func (initCmd) Help() string {
	return `Writes luamilter.toml, scripts/filter.lua with its test, and what editors and luacheck need: types/, .luarc.json and .luacheckrc.
It never overwrites a file: if one is there, it writes none.

Examples:
  luamilter init mailfilter
  luamilter init mailfilter --template footer`
}

// firstScript is what the script that init writes is called.
const firstScript = "filter"

// initFiles are those that are always the same. Their names have no leading dots here.
//
//go:embed init
var initFiles embed.FS

// Run writes the files and says what to do next.
func (c initCmd) Run(t *terminal) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	if err := makeFiles(t, c.Dir, files); err != nil {
		return err
	}
	config := filepath.Join(c.Dir, "luamilter.toml")
	fmt.Fprintf(t.stdout, "\nNext: edit %s, then\n  luamilter check -c %s\n  luamilter test %s\n  luamilter run --probe -c %s\n",
		filepath.Join(c.Dir, "scripts", firstScript+".lua"), config, c.Dir, config)
	return nil
}

// files makes all files, with their names below the folder.
func (c initCmd) files() ([]newFile, error) {
	var files []newFile
	for _, f := range []struct{ from, to string }{{"luamilter.toml", "luamilter.toml"}, {"luarc.json", ".luarc.json"}} {
		text, err := initFiles.ReadFile("init/" + f.from)
		if err != nil {
			return nil, fmt.Errorf("read what belongs into %s: %w", f.to, err)
		}
		files = append(files, newFile{f.to, text})
	}
	var luacheck bytes.Buffer
	if err := luaapi.WriteLuacheck(&luacheck, luatest.Modules()...); err != nil {
		return nil, err
	}
	files = append(files, newFile{".luacheckrc", luacheck.Bytes()})
	templates, err := scripts.Templates()
	if err != nil {
		return nil, err
	}
	script, err := newCmd{Name: firstScript, Template: c.Template}.files(templates)
	if err != nil {
		return nil, usageError{err}
	}
	types, err := typeFiles("luamilter.lua")
	if err != nil {
		return nil, err
	}
	if files[0].text, err = c.configured(files[0].text, script[0]); err != nil {
		return nil, err
	}
	return append(append(files, below("scripts", script)...), below("types", types)...), nil
}

// configured adds to a configuration what a script needs in it. The outbox is in this folder.
func (c initCmd) configured(config []byte, script newFile) ([]byte, error) {
	needs, err := needsOf(script)
	if err != nil {
		return nil, err
	}
	for _, n := range needs {
		table, key, _ := strings.Cut(n.Key, ".")
		value := n.Example
		if n.Key == "outbox.dir" {
			folder, err := filepath.Abs(filepath.Join(c.Dir, "outbox"))
			if err != nil {
				return nil, fmt.Errorf("find the folder: %w", err)
			}
			value = strconv.Quote(folder)
		}
		config = fmt.Appendf(config, "\n# scripts/%s needs this.\n[%s]\n%s = %s\n", script.name, table, key, value)
	}
	return config, nil
}

// below puts files into a folder.
func below(dir string, files []newFile) []newFile {
	for i := range files {
		files[i].name = filepath.Join(dir, files[i].name)
	}
	return files
}
