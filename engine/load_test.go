package engine

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/protocol"
)

// Scripts that cannot be used are refused before anything runs, and the error says where.
func TestLoadErrors(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"syntax", "function mail(\nend", ":2:"},
		{"the file level fails", "local x = nil\nx.y = 1", ":2: attempt to index"},
		{"the file level raises", `error("no")`, ":1: no"},
		{"a hook that is no function", "mail = 1", ":1: mail is a number; the hook must be a function (the names of hooks are reserved)"},
		{"a hook's name for a table of settings", "header = { name = 'x' }", ":1: header is a table; the hook must be a function"},
		{"an API of hooks at the file level", `log.info("hello")`, ":1: log.info works only inside a hook, not while the script is loaded"},
		{"a module that is not there", `require "nothing"`, `:1: module "nothing" is not there: neither built in nor `},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := writeScript(t, "broken", c.script)
			p, err := Load([]string{path}, Options{Limits: DefaultLimits})
			if err == nil {
				p.Close()
				t.Fatal("it loaded")
			}
			if !strings.HasPrefix(err.Error(), path+":") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %q", err, c.want)
			}
		})
	}
}

func TestLoadOfFiles(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.lua")
	if err := os.WriteFile(large, []byte(strings.Repeat("-- a line\n", 500_000)), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		paths []string
		want  string
	}{
		{"none", nil, "no scripts"},
		{"one that is not there", []string{filepath.Join(dir, "none.lua")}, "no such file or directory"},
		{"a folder", []string{dir}, "is a folder; name the scripts in it"},
		{"one that is no script", []string{large}, "a script has at most"},
		{"a broken one among good ones", []string{writeScript(t, "good", ""), writeScript(t, "bad", "x =")}, "bad.lua:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Load(c.paths, Options{Limits: DefaultLimits}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %q", err, c.want)
			}
		})
	}
}

// What is loaded is fixed: a file that changes on disk changes nothing until the next Load.
func TestLoadedScriptStays(t *testing.T) {
	path := writeScript(t, "s", `function mail() return reject("old") end`)
	p, err := Load([]string{path}, Options{Limits: DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		t.Fatal(err)
	}
	p.Close() // the next VM is made from what was read
	r := &rig{t: t, program: p}
	r.engine = New(map[string]*Program{"": p}, testLog(&r.log))
	r.addr = serve(t, r.engine)
	replace(t, path, `function mail() return reject("new") end`)
	r.mta().dialog("mail <a@example.org> -> reject 550 5.7.1 old\nquit")
	r.ended()
	if s := p.Scripts[0]; s.Name != "s" || s.Path != path || !strings.Contains(string(s.Source()), `"old"`) {
		t.Errorf("script %+v", s)
	}
}

// Code of the file level, hooks under other names, and helpers beside them.
func TestWaysToDefineHooks(t *testing.T) {
	r := start(t, `
local function both(conn, address) log.info(conn.stage .. " " .. address) end
mail, rcpt = both, both
_G.helo = function(conn, name) log.info("helo " .. name) end
function helper() return "help" end
local function hidden() end
local function data() error("a local is no hook") end
function eom(conn, msg) msg:add_header("X", helper()) end`)
	r.mta().dialog(`
		helo mail.example.org
		mail <a@example.org>
		rcpt <b@example.com>
		data -> unsent
		eom -> continue, ADDHEADER X: help`)
	equal(t, "said", r.said(), []string{"helo mail.example.org", "mail a@example.org", "rcpt b@example.com"})
	noErrors(t, r)
}
