package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/protocol"
)

// folder makes a folder of files from a text: "-- name.lua" begins each.
func folder(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for part := range strings.SplitSeq("\n"+text, "\n--- ") {
		name, body, _ := strings.Cut(part, "\n")
		if name == "" {
			continue
		}
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		replace(t, path, body)
	}
	return dir
}

// startFolder serves main.lua in a folder that is given as text.
func startFolder(t *testing.T, text string) (*rig, string) {
	t.Helper()
	dir := folder(t, text)
	p, err := Load([]string{filepath.Join(dir, "main.lua")}, Options{Limits: DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, program: p}
	r.countVMs(p)
	r.engine = New(map[string]*Program{"": p}, testLog(&r.log))
	r.addr = serve(t, r.engine)
	return r, dir
}

// What a script and its modules have in common, and what comes back from require.
func TestModules(t *testing.T) {
	for _, c := range []struct{ name, files, want string }{
		{"a table", `
--- main.lua
local util = require "util"
function mail() log.info(util.greet("you")) end
--- util.lua
local M = {}
function M.greet(who) return "hello " .. who end
return M`, "hello you"},
		{"in a folder, and from there again below the script's", `
--- main.lua
function mail() log.info(require("lib.deep.one").name) end
--- lib/deep/one.lua
return { name = "one and " .. require "lib.two" }
--- lib/two.lua
return "two"`, "one and two"},
		{"nothing comes back", `
--- main.lua
local a, b = require "a", require "a"
function mail() log.info(tostring(a) .. tostring(b)) end
--- a.lua
count = (count or 0) + 1`, "truetrue"},
		{"false is kept", `
--- main.lua
local a, b = require "a", require "a"
function mail() log.info(tostring(a) .. tostring(b) .. count) end
--- a.lua
count = (count or 0) + 1
return false`, "falsefalse1"},
		{"the same table for all", `
--- main.lua
local a, b = require "a", require "b"
function mail() log.info(a.n) end
--- a.lua
return { n = 1 }
--- b.lua
local a = require "a"
a.n = a.n + 1`, "2"},
		{"its name is its argument", `
--- main.lua
local a = require "x-1.y_2"
function mail() log.info(a) end
--- x-1/y_2.lua
return ...`, "x-1.y_2"},
		{"globals are the script's", `
--- main.lua
limit = 7
require "a"
function mail() log.info(helper()) end
--- a.lua
function helper() return "limit " .. limit end`, "limit 7"},
		{"hooks in a module", `
--- main.lua
require "a"
--- a.lua
function mail(conn, sender) log.info("mail from " .. sender) end`, "mail from a@example.org"},
		{"built in comes first", `
--- main.lua
local time = require "time"
function mail() log.info(type(time.now())) end
--- time.lua
error("never")`, "number"},
		{"first required in a hook", `
--- main.lua
function mail(conn) log.info(require("a")(conn)) end
--- a.lua
return function(conn) return "sender " .. conn.sender end`, "sender a@example.org"},
		{"an optional one that is not there", `
--- main.lua
local ok, why = pcall(require, "local.settings")
function mail() log.info(tostring(ok) .. " " .. why) end`,
			`false DIR/main.lua:1: module "local.settings" is not there: neither built in nor DIR/local/settings.lua`},
		{"an optional one inside a function", `
--- main.lua
local ok = pcall(function() return require "extra" end)
function mail() log.info(tostring(ok)) end`, "false"},
		{"an optional one of an impossible name", `
--- main.lua
local ok, why = pcall(require, "../a")
function mail() log.info(why) end`, `DIR/main.lua:1: require: "../a" is no name of a module: modules are found below the script's folder, never above it`},
		{"a computed name that stands elsewhere", `
--- main.lua
local name = "a"
local function get(n) return require(n) end
require "b"
function mail(conn) log.info(get(name)) end
--- a.lua
return "a"
--- b.lua
return { a = function() return require "a" end }`, "a"},
		{"a computed name that stands nowhere", `
--- main.lua
local function get(n) return require(n) end
function mail(conn) local ok, why = pcall(get, "a") log.info(why) end
--- a.lua
return "a"`, `DIR/main.lua:1: module "a" is not built in, and a file is found under a computed name only if it is required by name somewhere; write require "a" once`},
		{"a computed name that is built in", `
--- main.lua
local function get(n) return require(n) end
function mail(conn) log.info(type(get("ti" .. "me"))) end`, "table"},
		{"a circle that waits", `
--- main.lua
local a = require "a"
function mail() log.info(a.both()) end
--- a.lua
local M = { name = "a" }
function M.both() return M.name .. require("b").name() end
return M
--- b.lua
return { name = function() return require("a").name .. "b" end }`, "aab"},
		{"one that fails does so each time", `
--- main.lua
local function try() return select(2, pcall(require, "a")) end
local first, second = try(), try()
function mail() log.info(first == second and first or "differs") end
--- a.lua

error("boom")`, "DIR/a.lua:2: boom"},
		{"a circle, caught, and no trace of it", `
--- main.lua
local ok, why = pcall(require, "a")
local again = select(2, pcall(require, "a"))
function mail() log.info(why == again and why) end
--- a.lua
require "b"
--- b.lua
return require "a"`, "DIR/b.lua:1: require: a requires b requires a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, dir := startFolder(t, c.files)
			r.mta().dialog("mail <a@example.org>\nquit")
			r.ended()
			equal(t, "said", r.said(), []string{strings.ReplaceAll(c.want, "DIR", dir)})
			noErrors(t, r)
		})
	}
}

// A module that cannot be had is an error before anything runs.
func TestModuleLoadErrors(t *testing.T) {
	for _, c := range []struct{ name, files, want string }{
		{"not there", `
--- main.lua

local log = require "log"; local util = require "util"`,
			`DIR/main.lua:2: module "util" is not there: neither built in nor DIR/util.lua
    2 | local log = require "log"; local util = require "util"
      |                                                 ^`},
		{"nearly there", "--- main.lua\nrequire 'utli'\n--- util.lua", `DIR/main.lua:1: module "utli" is not there: neither built in nor DIR/utli.lua; did you mean util?`},
		{"nearly built in", "--- main.lua\nrequire 'tiem'", `; did you mean time?`},
		{"a folder with an init", "--- main.lua\nrequire 'lib'\n--- lib/init.lua", `neither built in nor DIR/lib.lua; did you mean lib.init?`},
		{"not there, required by a module", "--- main.lua\nrequire 'a'\n--- a.lua\n\nrequire 'b.c'", `DIR/a.lua:2: module "b.c" is not there: neither built in nor DIR/b/c.lua`},
		{"a folder of the name", "--- main.lua\nrequire 'lib'\n--- lib.lua/x", `DIR/main.lua:1: module "lib": DIR/lib.lua is a folder`},
		{"broken", "--- main.lua\nrequire 'a'\n--- a.lua\nlocal M = {\nreturn M", `DIR/a.lua:`},
		{"broken, and optional", "--- main.lua\npcall(require, 'a')\n--- a.lua\nx =", `DIR/a.lua:1: the script ends in the middle of a statement`},
		{"fails", "--- main.lua\nrequire 'a'\n--- a.lua\n\nlocal x\nx.y = 1", `DIR/a.lua:3: attempt to index`},
		{"a circle", "--- main.lua\nrequire 'a'\n--- a.lua\nrequire 'b'\n--- b.lua\nrequire 'c'\n--- c.lua\nrequire 'a'", `DIR/c.lua:1: require: a requires b requires c requires a`},
		{"itself", "--- main.lua\nrequire 'main'", `require: main requires main`},
		{"a hook that is no function, in a module", "--- main.lua\nrequire 'a'\n--- a.lua\nmail = 1", `DIR/a.lua:1: mail is a number; the hook must be a function`},
		{"above the folder", "--- main.lua\nrequire '../a'", `DIR/main.lua:1: require: "../a" is no name of a module: modules are found below the script's folder, never above it`},
		{"an absolute path", "--- main.lua\nrequire '/etc/passwd'", `"/etc/passwd" is no name of a module: modules are found below the script's folder, never by an absolute path`},
		{"a slash", "--- main.lua\nrequire 'lib/util'", `"lib/util" is no name of a module: folders are joined by dots; write require "lib.util"`},
		{"an ending", "--- main.lua\nrequire 'util.lua'", `"util.lua" is no name of a module: it goes without .lua; write require "util"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, c.files)
			p, err := Load([]string{filepath.Join(dir, "main.lua")}, Options{Limits: DefaultLimits})
			if err == nil {
				p.Close()
				t.Fatal("it loaded")
			}
			var script *ScriptError
			if !errors.As(err, &script) {
				t.Fatalf("%T %v", err, err)
			}
			if want := strings.ReplaceAll(c.want, "DIR", dir); !strings.Contains(script.Detail(), want) {
				t.Errorf("%v\nwant %s", script.Detail(), want)
			}
		})
	}
}

// Nothing outside the script's folder can be reached.
func TestModulesStayInTheFolder(t *testing.T) {
	outside := folder(t, "--- secret.lua\nreturn 'secret'")
	dir := folder(t, "--- inside.lua\nreturn 1\n--- lib/x.lua")
	for link, target := range map[string]string{
		"passwd.lua": "/etc/passwd", "secret.lua": filepath.Join(outside, "secret.lua"), "up.lua": "../" + filepath.Base(outside) + "/secret.lua",
		"folder": outside, "zero.lua": "/dev/zero", "near.lua": "inside.lua", "lib/up.lua": "../inside.lua",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"passwd": "is a link that leads out of the script's folder", "secret": "is a link that leads out", "up": "is a link that leads out",
		"folder.secret": "is a link that leads out", "zero": "is a link that leads out", "near": "", "lib.up": "",
	} {
		for _, form := range []string{"require %q", "pcall(require, %q)"} {
			main := filepath.Join(dir, "main.lua")
			replace(t, main, fmt.Sprintf(form, name))
			p, err := Load([]string{main}, Options{Limits: DefaultLimits})
			switch {
			case err == nil:
				p.Close()
				if want != "" {
					t.Errorf("%s loaded", name)
				}
			case want == "" || !strings.Contains(err.Error(), want):
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// What a module keeps belongs to a VM of one script.
func TestModuleStateIsOfTheVM(t *testing.T) {
	dir := folder(t, `
--- one.lua
local tickets = require "tickets"
function mail() log.info("one " .. tickets.next()) end
function helo() error("the VM goes") end
--- two.lua
local tickets = require "tickets"
function mail() log.info("two " .. tickets.next()) end
--- tickets.lua
local n = 0
return { next = function() n = n + 1 return n end }`)
	p, err := Load([]string{filepath.Join(dir, "one.lua"), filepath.Join(dir, "two.lua")}, Options{Limits: DefaultLimits, OnError: protocol.Continue})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := p.Scripts[0].Modules[0].File, p.Scripts[1].Modules[0].File; a != b {
		t.Error("the module was compiled twice")
	}
	equal(t, "files", p.Files(), []string{filepath.Join(dir, "one.lua"), filepath.Join(dir, "two.lua"), filepath.Join(dir, "tickets.lua")})
	r := &rig{t: t, program: p}
	r.engine = New(map[string]*Program{"": p}, testLog(&r.log))
	r.addr = serve(t, r.engine)
	r.mta().dialog("mail <a@b>\nmail <a@b>\nhelo x\nmail <a@b>\nquit")
	r.ended()
	equal(t, "said", r.said(), list("one 1\ntwo 1\none 2\ntwo 2\none 1\ntwo 3"))
}

// An error in a module is shown with the module's line.
func TestErrorInAModule(t *testing.T) {
	for _, c := range []struct{ name, files, want, excerpt string }{
		{"raised", "--- main.lua\nlocal u = require 'u'\nfunction mail(conn) u.f(conn) end\n--- u.lua\nreturn {\n  f = function(conn) return conn.nothing.at end }",
			"DIR/u.lua:2: attempt to index", "    2 |   f = function(conn) return conn.nothing.at end }"},
		{"raised without a place", "--- main.lua\nlocal u = require 'u'\nfunction mail(conn) u.f(conn) end\n--- u.lua\nreturn { f = function()\n  local x = error('no', 0) end }",
			"DIR/u.lua:2: no", "    2 |   local x = error('no', 0) end }"},
		{"a wrong verdict", "--- main.lua\nrequire 'u'\n--- u.lua\n\nfunction mail() return 1 end", "DIR/u.lua:2: mail returned a number", "    2 | function mail() return 1 end"},
		{"a global in a file that first runs in a hook", "--- main.lua\nfunction mail() require 'u' end\n--- u.lua\nlocal a = 1\nb = a",
			`DIR/u.lua:2: assignment to the undeclared global "b" (did you forget local?)`, "    2 | b = a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, dir := startFolder(t, c.files)
			r.mta().dialog("mail <a@example.org>\neom -> tempfail\nquit")
			r.ended()
			line := oneFailure(t, r, strings.ReplaceAll(c.want, "DIR", dir))
			if line["script"] != filepath.Join(dir, "main.lua") || line["file"] != filepath.Join(dir, "u.lua") || !strings.HasPrefix(fmt.Sprint(line["excerpt"]), c.excerpt) {
				t.Errorf("logged %v", line)
			}
		})
	}
}
