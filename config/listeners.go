package config

import (
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"luamilter/engine"
	"luamilter/luaapi/lint"
	"luamilter/protocol"
)

// Mode says whether verdicts count.
type Mode string

// The modes.
const (
	Enforce Mode = "enforce"
	Observe Mode = "observe" // the scripts run, and mail passes as if they had no opinion
)

// Listener is a list of sockets, with the scripts that those get who connect there.
type Listener struct {
	Name    string // "default" for the one at the top of the file
	Specs   []engine.Spec
	Scripts []string         // paths, in the order in which they are asked
	OnError protocol.Verdict // what an error in a script amounts to
	Mode    Mode
}

// Script is what holds for one script of a listener.
type Script struct {
	Name     string // the file's name without .lua
	OnError  protocol.Verdict
	Mode     Mode
	Settings map[string]Setting
	Origin   string // where [script.NAME] is: the file and line
}

const (
	defaultListener = "default"
	adminMode       = 0o600
)

// Listeners returns the listener at the top of the file, unless it has no scripts and there are others, and then those with names, by
// name. It looks for the scripts on disk. The error is Errors: a script that is not there, a socket that is there twice, a
// [script.NAME] without a script, or no script at all.
func (c *Config) Listeners() ([]Listener, error) {
	var all []Listener
	var errs Errors
	if len(c.top.scripts) > 0 {
		l, problems := c.resolve(defaultListener, &c.top)
		all, errs = append(all, l), append(errs, problems...)
	} else if len(c.named) == 0 {
		return nil, Errors{c.noScripts()}
	}
	for _, name := range slices.Sorted(maps.Keys(c.named)) {
		l, problems := c.resolve(name, c.named[name])
		all, errs = append(all, l), append(errs, problems...)
	}
	if len(errs) == 0 { // else scripts may be missing only because of what is wrong
		errs = c.unusedSections(all)
	}
	errs = append(errs, c.doubleSockets()...)
	if err := errs.orNil(); err != nil {
		return nil, err
	}
	return all, nil
}

// Sockets returns the sockets of all listeners, as Listeners does, but does not look for scripts. Each of them was checked by Load.
func (c *Config) Sockets() []engine.Spec {
	var all []engine.Spec
	add := func(list []item) {
		for _, i := range list {
			if spec, err := engine.ParseSpec(i.text); err == nil {
				all = append(all, spec)
			}
		}
	}
	if len(c.top.scripts) > 0 || len(c.named) == 0 {
		add(c.top.listen)
	}
	for _, name := range slices.Sorted(maps.Keys(c.named)) {
		add(c.named[name].listen)
	}
	return all
}

// noScripts says what to write where nobody has named a script.
func (c *Config) noScripts() *Error {
	file := c.file
	if file == "" {
		file = DefaultPath
	}
	return fault(c.origin("scripts"), "scripts", `there are none: name them on the command line, or write scripts = ["/etc/luamilter/scripts/*.lua"] at the top of %s`, printable(file))
}

// resolve makes a Listener, finding its scripts.
func (c *Config) resolve(name string, l *listener) (Listener, Errors) {
	keys := path{}
	if name != defaultListener {
		keys = path{tableListener, name}
	}
	out := Listener{Name: name, OnError: verdict(l.onError, c.top.onError), Mode: Mode(l.mode)}
	if l.mode == "" {
		out.Mode = Mode(c.top.mode)
	}
	var errs Errors
	for _, needed := range []struct {
		key, example string
		list         []item
	}{{"listen", engine.DefaultSpec, l.listen}, {"scripts", "scripts/*.lua", l.scripts}} {
		if len(needed.list) == 0 {
			at := c.origin(keys.with(needed.key).String())
			if at.line == 0 {
				at = c.origin(keys.String())
			}
			errs = append(errs, fault(at, keys.with(needed.key).String(), "it is empty; write %s = [%q]", needed.key, needed.example))
		}
	}
	for _, i := range l.listen {
		spec, err := engine.ParseSpec(i.text)
		if err != nil {
			errs = append(errs, fault(i.from, keys.with("listen").String(), "%v", err))
		}
		out.Specs = append(out.Specs, spec)
	}
	var problems Errors
	out.Scripts, problems = findScripts(keys.with("scripts").String(), l.scripts)
	return out, append(errs, problems...)
}

// verdict returns the verdict that is called by the first name that is not empty.
func verdict(names ...string) protocol.Verdict {
	for _, v := range []protocol.Verdict{protocol.Continue, protocol.Accept, protocol.Reject, protocol.Tempfail} {
		if i := slices.IndexFunc(names, func(n string) bool { return n != "" }); i >= 0 && names[i] == v.String() {
			return v
		}
	}
	return protocol.Tempfail
}

// doubleSockets finds sockets that are to be opened twice.
func (c *Config) doubleSockets() Errors {
	var errs Errors
	first := map[string]origin{}
	open := func(key, address string, from origin) {
		if before, twice := first[address]; twice {
			errs = append(errs, fault(from, key, "the socket %s is already in %s; each can be opened once", address, before))
			return
		}
		first[address] = from
	}
	add := func(key string, list []item) {
		for _, i := range list {
			if spec, err := engine.ParseSpec(i.text); err == nil {
				open(key, spec.Address, i.from)
			}
		}
	}
	if len(c.top.scripts) > 0 {
		add("listen", c.top.listen)
	}
	for _, name := range slices.Sorted(maps.Keys(c.named)) {
		add(path{tableListener, name, "listen"}.String(), c.named[name].listen)
	}
	if spec, on := c.AdminSocket(); on {
		open("admin.listen", spec.Address, c.origin("admin.listen"))
	}
	if c.Metrics.Listen != "" {
		open("metrics.listen", c.Metrics.Listen, c.origin("metrics.listen"))
	}
	return errs
}

// unusedSections finds each [script.NAME] without a script of that name.
func (c *Config) unusedSections(all []Listener) Errors {
	var names []string
	for _, l := range all {
		for _, script := range l.Scripts {
			names = append(names, scriptName(script))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var errs Errors
	for name := range c.scripts {
		if slices.Contains(names, name) {
			continue
		}
		p := path{tableScript, name}
		problem := "there is no such script"
		switch near := lint.Nearest(name, names); {
		case slices.Contains(names, strings.TrimSuffix(name, ".lua")):
			problem += fmt.Sprintf("; leave .lua out: [%s]", path{tableScript, strings.TrimSuffix(name, ".lua")})
		case near != "":
			problem += ", did you mean " + near + "?"
		default:
			problem += "; there are " + strings.Join(names[:min(len(names), 10)], ", ")
		}
		errs = append(errs, fault(c.origin(p.String()), p.String(), "%s", problem))
	}
	return errs
}

// Script returns what holds for a script of a listener: what [script.NAME] says, and what the listener has where that says nothing.
func (c *Config) Script(l Listener, file string) Script {
	out := Script{Name: scriptName(file), OnError: l.OnError, Mode: l.Mode}
	s := c.scripts[out.Name]
	if s == nil {
		return out
	}
	if s.onError != "" {
		out.OnError = verdict(s.onError)
	}
	if s.mode != "" {
		out.Mode = Mode(s.mode)
	}
	out.Settings = maps.Clone(s.settings)
	out.Origin = c.Origin(path{tableScript, out.Name}.String())
	return out
}

// scriptName returns the file's name without .lua.
func scriptName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".lua") }

// AdminSocket returns the socket for the administrator, false if there is to be none.
func (c *Config) AdminSocket() (engine.Spec, bool) {
	spec, err := engine.ParseSpec(c.admin)
	if c.admin == "" || err != nil {
		return engine.Spec{}, false
	}
	_, query, _ := strings.Cut(c.admin, "?")
	if options, err := url.ParseQuery(query); err == nil && !options.Has("mode") {
		spec.Mode = adminMode
	}
	return spec, true
}
