package luaapi

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"luamilter/protocol"
)

const luacheckHead = `-- What scripts for luamilter find as globals, and which they may define: the hooks. For luacheck.
stds.luamilter = {
  globals = { %s, "selftest" },
  read_globals = {
`

const luacheckTail = `  },
}
std = "luamilter"
unused_args = false          -- hooks are called with more than each needs
max_line_length = false
exclude_files = { "types" }
files["**/*_test.lua"] = { read_globals = { %s } }
`

// WriteLuacheck writes a .luacheckrc for scripts; tests are the modules that files of tests have besides.
func WriteLuacheck(w io.Writer, tests ...Module) error {
	var hooks []string
	for s := range protocol.Stage(protocol.NumStages) {
		hooks = append(hooks, s.String())
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, luacheckHead, quotedList(hooks))
	all := GlobalNames()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if members := all[name]; len(members) > 0 {
			slices.Sort(members)
			fmt.Fprintf(out, "    %s = { fields = { %s } },\n", name, quotedList(members))
		} else {
			fmt.Fprintf(out, "    %q,\n", name)
		}
	}
	fmt.Fprintf(out, luacheckTail, quotedList(globalsOf(tests)))
	return out.Flush()
}

// globalsOf returns the names of the global functions in modules.
func globalsOf(modules []Module) []string {
	var names []string
	for i := range modules {
		for _, f := range modules[i].Funcs {
			if modules[i].Kind == Globals {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

func quotedList(names []string) string { return `"` + strings.Join(names, `", "`) + `"` }
