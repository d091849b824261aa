package miltertest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/tests/mta"
)

// TestExitCodes has both clients run scripts that need no filter, most of which fail.
func TestExitCodes(t *testing.T) {
	both := clients(t, mta.Static(t))
	for _, c := range []struct {
		name   string
		script string
		args   []string
		code   int
		told   string // what luamilter writes about it
	}{
		{"nothing is wrong", "mt.echo('done')", nil, 0, ""},
		{"an error", "error('boom')", nil, 1, "script.lua:1: boom"},
		{"an error without a text", "error({})", nil, 1, "an error that is a table"},
		{"an error of a function of mt", "\nmt.helo('x')", nil, 1, "script.lua:2: mt.helo(): Invalid argument"},
		{"an error that is caught", "pcall(mt.helo)", nil, 0, ""},
		{"an assertion", "assert(1 == 2)", nil, 1, "assertion failed"},
		{"what is no Lua", "if if", nil, 1, "syntax error"},
		{"a code of its own", "os.exit(7)", nil, 7, ""},
		{"no filter listens", "mt.connect('unix:/nonexistent/socket')", nil, 1, "mt.connect(): unix:/nonexistent/socket: connect(): no such file"},
		{"no filter listens for as long as it is tried", "mt.connect('inet:1@127.0.0.1', 2, 0.01)", nil, 1, "mt.connect(): inet:1@127.0.0.1: connect(): connection refused"},
		{"a body that cannot be read", "mt.bodyfile('x', 'y')", nil, 1, "Invalid argument"},
		{"variables", "assert(a == 1 and b == 'c=d' and e == '')", []string{"-D", "a", "-Db=c=d", "-D", "e="}, 0, ""},
		{"a filter that ends well", "mt.startfilter('/bin/sh', '-c', 'trap \"exit 0\" TERM; while :; do sleep 0.05; done') mt.sleep(0.3)", nil, 0, ""},
		{"a filter that ends badly", "mt.startfilter('/bin/sh', '-c', 'trap \"exit 3\" TERM; while :; do sleep 0.05; done') mt.sleep(0.3)", nil, 1, "filter process exited with status 3"},
		{"a filter whose end nobody waits for", "mt.startfilter('/bin/sh', '-c', 'trap \"exit 3\" TERM; while :; do sleep 0.05; done') mt.sleep(0.3)", []string{"-w"}, 0, ""},
		{"a filter that dies", "mt.startfilter('/bin/sleep', '60') mt.sleep(0.1) mt.signal(9) mt.sleep(0.1)", nil, 1, "filter process died with signal 9"},
		{"newer functions", "assert(select('#', table.unpack(table.pack(1, nil, 3), 1, 3)) == 3 and load('return 1')() == 1 and rawlen({1}) == 1)", nil, 0, ""},
	} {
		script := filepath.Join(t.TempDir(), "script.lua")
		if err := os.WriteFile(script, []byte(c.script), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, client := range both {
			t.Run(c.name+"/"+client.name, func(t *testing.T) {
				_, stderr, code := client.run(t, append(c.args, "-s", script)...)
				if code != c.code {
					t.Errorf("exit code %d, want %d\n%s", code, c.code, stderr)
				}
				if client.name == "luamilter" && !strings.Contains(stderr, c.told) {
					t.Errorf("written: %s\nwant: %s", stderr, c.told)
				}
			})
		}
	}
}
