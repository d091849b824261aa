package luaapi

import (
	"context"
	"errors"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/maps"
)

const (
	mapSource = "`source` is a table of the script's own, the path of a file, or a URL, as described above; `options` is a table with what [mapoptions](#mapoptions) has."
	mapErrors = "Inside a hook. There is no such source or option, or they do not fit together. A file cannot be read, or has a mistake: the error says the line."
	listKey   = "`key` is a text; nil is in no list."
	listError = "With `on_error = \"fail\"`: the server did not answer, or the list could not be read so far."
)

var mapModule = Module{
	"map", Require,
	"Lists that a script looks things up in. Open a list at the top of the script, `local blocked = map.domain(\"blocked.txt\")`, and ask it in hooks: `if blocked:has(conn.host) then`. All scripts and connections share one copy of a list. A file that changes is read again by itself; one with a mistake is not used, " +
		"and the log says which line.\n\n" +
		"A source is a table (`{ \"a\", \"b\" }`, `{ a = \"value\" }`, or pairs in order `{ { \"a\", \"value\" } }`), or a text:\n\n" +
		"| source | is |\n|---|---|\n" +
		"| `/path`, `path` | a file; a relative path begins at the script's folder. Its ending says the format: `.csv`, `.json`, `.cdb`, `.cidr`, `.regexp`, anything else: lines |\n" +
		"| `lines:/path`, `csv:`, `json:`, `cdb:` | a file of that format |\n" +
		"| `texthash:/path`, `cidr:`, `regexp:` | a table of Postfix |\n" +
		"| `https://host/path` | a list on a web server, which is looked at every `refresh` |\n" +
		"| `sqlite:/path`, `postgres://user:password@host/database`, `mysql://user:password@host/database` | a database, asked with `query` for each key, or with `load` read as a whole |\n" +
		"| `redis://user:password@host:6379/0`, and what else `store.url` takes of Redis | a Redis or Valkey server, asked with the command in `query`, or with `load` read as a whole |\n" +
		"| `ldap://host/base?attribute`, `ldaps://` | a directory, asked with the filter in `query` for each key |\n\n" +
		"In lines, a word is the key and what follows it the value; `map.set` and `map.regex` take whole lines. Empty lines and those that begin with `#` or `;` do not count. Of two entries with one key the first counts.\n\n" +
		"What a server does not answer is not there: `has` returns false, `get` nil, and both as second value why. So mail goes on while a server is down; `on_error = \"fail\"` has them raise an error instead.",
	nil,
	[]Func{
		{"set", "source: string|table, options: mapoptions?", "list", "", "Opens a list of texts that are found as they are. " + mapSource, mapErrors, "", bindMap(maps.Set)},
		{"net", "source: string|table, options: mapoptions?", "list", "", "Opens a list of addresses, networks and ranges such as `192.0.2.0/24` and `192.0.2.1-192.0.2.9`. An address is found in the smallest network that it is in; in a `cidr:` table in the first one. " + mapSource, mapErrors, "cidr_table(5)", bindMap(maps.Net)},
		{"domain", "source: string|table, options: mapoptions?", "list", "", "Opens a list of domains. `example.com` stands for itself and all below it, `.example.com` only for what is below; the nearest one is found. Of a mail address the domain is looked up. Case does not matter. " + mapSource, mapErrors, "", bindMap(maps.Domain)},
		{"regex", "source: string|table, options: mapoptions?", "list", "", "Opens a list of up to 10,000 expressions as [re](#re) has them, which are looked for in one pass; the first one that matches is found. In the results of a `regexp:` table `$1` is a part of the match. " + mapSource, mapErrors, "regexp_table(5)", bindMap(maps.Regex)},
		{"table", "source: string|table, options: mapoptions?", "list", "", "Opens a table of keys and values. Keys are found as they are. " + mapSource, mapErrors, "", bindMap(maps.Table)},
	},
}

var listModule = Module{
	"list", Object,
	"A list that `map` opened. It stays the same object while what is in it changes.",
	nil,
	[]Func{
		{"has", "key: string?", "boolean, string?", "", "Whether the key is in the list. " + listKey + " If that cannot be told, false and why.", listError, "", (*Env).bindListHas},
		{"get", "key: string?", "string?, string?", "", "The value of a key: `\"\"` if it has none, nil if it is not in the list. " + listKey + " If that cannot be told, nil and why.", listError, "", (*Env).bindListGet},
		{"size", "", "integer", "", "How many entries are in memory; 0 if a server is asked for each key.", "", "", (*Env).bindListSize},
	},
}

// openMap is a map as a script opened it.
type openMap struct {
	*maps.Map
	fail bool // errors are raised
}

// bindMap makes the function that opens a kind of map.
func bindMap(kind maps.Kind) func(*Env) lua.LGFunction {
	return func(e *Env) lua.LGFunction {
		return func(L *lua.LState) int {
			function := "map." + kind.String()
			if e.call != nil {
				L.RaiseError("%s opens a list at the top of the script, not inside a hook", function)
			}
			o := openMap{}
			spec := maps.Spec{Kind: kind}
			mapOptions(L, function, &spec, &o)
			switch source := L.Get(1).(type) {
			case lua.LString:
				spec.Source = string(source)
			case *lua.LTable:
				spec.Entries = mapEntries(L, function, source)
			default:
				L.RaiseError("%s: source is %s; a path, a URL or a table was expected", function, kindOf(source))
			}
			if spec.Source == "" && spec.Entries == nil {
				L.RaiseError("%s: source is empty; a path, a URL or a table was expected", function)
			}
			var err error
			o.Map, err = e.mapPool().Open(context.Background(), spec, e.Files.Folder)
			orRaise(L, function, err)
			e.Files.keep(o.Map)
			L.Push(e.object(o, once(&e.listMeta, e.openList)))
			return 1
		}
	}
}

// mapPool returns the maps of the daemon. Without one, a script has its own, which ask nobody.
func (e *Env) mapPool() *maps.Pool {
	if e.Services != nil && e.Services.Maps != nil {
		return e.Services.Maps
	}
	return &e.Files.ownMaps
}

// openList makes the metatable of lists.
func (e *Env) openList() {
	e.listMeta = e.metatable(listModule.Name, map[string]lua.LGFunction{"__newindex": readOnly("a list", "its file or server says what is in it")})
	e.listMeta.RawSetString("__index", listModule.methods(e))
}

// What looking up costs in instructions, besides what an expression does.
const lookUpSteps = 8

// look looks the key of a call up in the list of it. A server is asked off the CPU budget.
func (e *Env) look(L *lua.LState, method string) (value string, found bool, err error) {
	o, ok := receiver(L, "list", method).Value.(openMap)
	if !ok {
		raiseNoMethod(L, "list", method)
	}
	if L.Get(2) == lua.LNil {
		return "", false, nil
	}
	function := "list:has" // not joined: a look-up takes less than that
	if method == "get" {
		function = "list:get"
	}
	key := text(L, function, 2, "the key")
	e.spend(L, lookUpSteps)
	if o.Kind() == maps.Regex {
		e.spendSearch(L, key)
	}
	if !o.Live() {
		value, found, err = o.Find(context.Background(), key)
	} else {
		value, found, err = e.askMap(L, function, o.Map, key)
	}
	if o.Remote() && e.call != nil {
		if told := e.call.Host.Services().Found; told != nil {
			told(Finding{o.Name(), key, value, found, err})
		}
	}
	if o.fail || errors.Is(err, maps.ErrNoServers) {
		orRaise(L, function, err)
	}
	e.grow(L, len(value))
	return value, found, err
}

// askMap looks a key up that a server may have to be asked for.
func (e *Env) askMap(L *lua.LState, function string, m *maps.Map, key string) (value string, found bool, err error) {
	if value, found, known := m.Known(key); known {
		return value, found, nil
	}
	host := e.current(L, function).Host
	late := host.Wait(func(ctx context.Context) error {
		value, found, err = m.Find(ctx, key)
		return nil
	})
	orRaise(L, function, late)
	return value, found, err
}

func (e *Env) bindListHas() lua.LGFunction {
	return func(L *lua.LState) int {
		_, found, err := e.look(L, "has")
		L.Push(lua.LBool(found))
		return 1 + why(L, err)
	}
}

func (e *Env) bindListGet() lua.LGFunction {
	return func(L *lua.LState) int {
		value, found, err := e.look(L, "get")
		if found {
			L.Push(lua.LString(value))
		} else {
			L.Push(lua.LNil)
		}
		return 1 + why(L, err)
	}
}

// why pushes the text of an error, if there is one, and returns how many values that is.
func why(L *lua.LState, err error) int {
	if err == nil {
		return 0
	}
	L.Push(lua.LString(err.Error()))
	return 1
}

func (e *Env) bindListSize() lua.LGFunction {
	return func(L *lua.LState) int {
		o, ok := receiver(L, "list", "size").Value.(openMap)
		if !ok {
			raiseNoMethod(L, "list", "size")
		}
		L.Push(wholeNumber(o.Len()))
		return 1
	}
}
