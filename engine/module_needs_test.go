package engine

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"luamilter/protocol"
)

// Names in modules count for the negotiation as those in the script do.
func TestNeedsThroughModules(t *testing.T) {
	for _, c := range []struct {
		name, files string
		events      string // that are asked for
		why         string // among the reasons
		all         bool   // everything is asked for
	}{
		{"a fact and an action in a module", `
--- main.lua
local u = require "u"
function eom(conn, msg) u.mark(conn, msg) end
--- u.lua
local M = {}
function M.mark(conn, msg) msg:add_header("X", conn.helo) end
return M`, "helo mail eom", "conn.helo at DIR/u.lua:2", false},
		{"a hook in a module of a module", `
--- main.lua
require "a"
--- a.lua
require "b"
--- b.lua

function rcpt(conn) return reject end`, "mail rcpt", "hook rcpt at DIR/b.lua:2", false},
		{"computed access in a module that never gets conn", `
--- main.lua
local u = require "u"
function rcpt(conn, r) return u.look({}, r) end
--- u.lua
return { look = function(t, k) return t[k] end }`, "mail rcpt", "", false},
		{"computed access in a module that gets conn", `
--- main.lua
local u = require "u"
function rcpt(conn, r) return u.look(conn, r) end
--- u.lua
return { look = function(t, k)
  return t[k] end }`, "", "computed access at DIR/u.lua:2", true},
		{"conn handed on from module to module", `
--- main.lua
local a = require "a"
function rcpt(conn, r) return a.look(conn, r) end
--- a.lua
local b = require "b"
return { look = function(t, k) b.look(t, k) end }
--- b.lua
return { look = function(t, k) local x = t[k] end }`, "", "computed access at DIR/b.lua:1", true},
		{"conn kept by a module", `
--- main.lua
local u = require "u"
function rcpt(conn, r) u.set(conn) return u.now[r] end
--- u.lua
local M = {}
function M.set(c)
  M.now = c end
return M`, "", "conn or msg handed on at DIR/u.lua:3", true},
		{"conn given back by a module", `
--- main.lua
local u = require "u"
function rcpt(conn, r) return u.same(conn)[r] end
--- u.lua
return { same = function(c) return c end }`, "", "conn or msg handed on at DIR/u.lua:1", true},
		{"a function of a module kept in conn", `
--- main.lua
local u = require "u"
function rcpt(conn, r) conn.look = u.look return conn:look(r) end
--- u.lua
return { look = function(t, k) return t[k] end }`, "", "computed access at DIR/u.lua:1", true},
		{"a module that makes the hooks", `
--- main.lua
local on = require "on"
on.rcpt(function(c, k) return c[k] end)
--- on.lua
local M, f = {}, nil
function M.rcpt(fn) f = fn end
function rcpt(conn, r) return f(conn, r) end
return M`, "", "conn or msg handed on at DIR/on.lua:3", true},
		{"skip in a module", `
--- main.lua
local u = require "u"
function body(conn, chunk) return u.enough() end
--- u.lua
return { enough = function() return skip end }`, "mail body", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := folder(t, c.files)
			p, err := Load([]string{filepath.Join(dir, "main.lua")}, Options{Limits: DefaultLimits})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if all := len(p.Needs.Computed) > 0; all != c.all {
				t.Errorf("everything is asked for: %v %v", all, p.Needs.Computed)
			}
			reasons := slices.Concat(append(p.Needs.Events[:], p.Needs.Computed)...)
			if why := strings.ReplaceAll(c.why, "DIR", dir); why != "" && !slices.Contains(reasons, why) {
				t.Errorf("no %q among\n%s", why, strings.Join(reasons, "\n"))
			}
			for s := range protocol.Stage(protocol.NumStages) {
				asked, want := p.Want().Events.Has(s), slices.Contains(strings.Fields(c.events), s.String())
				if !c.all && asked != want {
					t.Errorf("%s asked for: %v", s, asked)
				}
			}
			if c.name == "skip in a module" != p.Needs.Skip {
				t.Errorf("skip: %v", p.Needs.Skip)
			}
		})
	}
}

// Check looks at a script and its modules as one.
func TestCheckOfModules(t *testing.T) {
	dir := folder(t, `
--- main.lua
require "lib.u"
local ok, x = pcall(require, "tiem")
function mail(conn) conn.x = helper() + lmit end
--- lib/u.lua
limit = 7
function helper() return limit end
function eom(conn, msg) msg:add_haeder("X", "1") end`)
	p, err := Load([]string{filepath.Join(dir, "main.lua")}, Options{Limits: DefaultLimits})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var got []string
	for _, f := range p.Check() {
		got = append(got, strings.ReplaceAll(f.Error(), dir, "DIR"))
	}
	equal(t, "findings", got, []string{
		`DIR/main.lua:2:21: warning: no module is called tiem; did you mean time? [unknown-module]`,
		`DIR/main.lua:3:41: error: lmit is not defined; did you mean limit? [unknown-global]`,
		`DIR/lib/u.lua:3:29: error: msg has no method add_haeder; did you mean add_header? [unknown-method]`,
	})
}
