package lint

import "slices"

// undeclared finds globals that come from nowhere: mistyped names, and locals
// without the word local.
func (c *checker) undeclared() {
	late := c.lateGlobals()
	if c.openAnywhere() {
		return
	}
	names := c.globalNames()
	for _, v := range c.variables {
		if v.owner != nil || c.known[v.name] || len(v.defs) > 0 || late[v.name] || c.declaredElsewhere(v.name) {
			continue
		}
		lines := map[int]bool{}
		for _, r := range v.reads {
			if line := r.node.Line(); !lines[line] && !c.full() && !c.saysAction(line, v.name) {
				lines[line] = true
				c.unknownGlobal(v.name, line, names)
			}
		}
	}
}

// saysAction reports a line of which it is said already that msg is not there.
func (c *checker) saysAction(line int, name string) bool {
	return name == "msg" && slices.ContainsFunc(c.found, func(f Finding) bool { return f.Line == line && f.Rule == rules[actionOutsideEom].Name })
}

// hookGiven are names that a hook's parameter has, and no global.
var hookGiven = map[string]string{
	"msg": "eom(conn, msg)", "headers": "eoh(conn, headers)", "chunk": "body(conn, chunk)", "neg": "negotiate(neg)",
	"sender": "mail(conn, sender, params)", "recipient": "rcpt(conn, recipient, params)",
}

// isFileLocal reports a local of that name outside functions: then the name may stand above its declaration.
func (c *checker) isFileLocal(name string) bool {
	return slices.ContainsFunc(c.variables, func(v *variable) bool { return v.owner == c.file && v.name == name })
}

func (c *checker) unknownGlobal(name string, line int, names []string) {
	switch near := Nearest(name, names); {
	case lacking[name]:
		c.add(unknownGlobal, line, name, instead(name), "%s is not available to scripts", name)
	case slices.Contains(c.api.Modules, name):
		c.add(unknownGlobal, line, name, "write local "+name+" = require \""+name+"\" first", "%s is a module, not a global", name)
	case hookGiven[name] != "" && !c.isFileLocal(name):
		c.add(unknownGlobal, line, name, "only "+hookGiven[name]+" is given "+name, "%s is not defined here", name)
	case c.hasLocal(name):
		c.add(unknownGlobal, line, name, c.hintGlobal(name), "%s is not defined here", name)
	default:
		c.add(unknownGlobal, line, name, didYouMean(near), "%s is not defined", name)
	}
}

// globalNames are the names a mistyped global may have been meant to be.
func (c *checker) globalNames() []string {
	const most = 2000
	names := slices.Clone(c.api.Globals)
	for _, v := range c.variables {
		if len(names) < most && (v.owner == nil || v.owner == c.file) && len(v.defs) > 0 {
			names = append(names, v.name)
		}
	}
	for _, g := range c.api.Others {
		names = append(names, g.Set[:min(len(g.Set), max(0, most-len(names)))]...)
	}
	return names
}

// lateGlobals reports assignments, in functions that run after loading, to
// globals that the file does not declare, and returns their names.
func (c *checker) lateGlobals() map[string]bool {
	declared, late := map[string]bool{}, map[string]bool{}
	for _, a := range c.assigns {
		if v := c.globalTarget(a.target); v != nil && (a.fn == c.file || c.reach.load[a.fn]) {
			declared[v.name] = true
		}
	}
	for _, a := range c.assigns {
		v := c.globalTarget(a.target)
		if v == nil || declared[v.name] || late[v.name] || c.hookTarget(a.target) != "" || c.declaredElsewhere(v.name) {
			continue
		}
		late[v.name] = true
		if c.known[v.name] {
			c.add(replacedBuiltin, a.line, v.name, "did you forget local?", "%s replaces the built-in %s", nameOf(a.fn), v.name)
			continue
		}
		c.add(undeclaredGlobal, a.line, v.name, "did you forget local?", "%s is set in %s but not declared", v.name, nameOf(a.fn))
	}
	return late
}

// members finds parts of libraries that are not there.
func (c *checker) members() {
	for _, ix := range c.indexes {
		lib := c.globalName(ix.node.Object)
		members, known := c.api.Members[lib]
		if !known || ix.write || c.isSet(lib) {
			continue
		}
		name, ok := c.constant(ix.node.Key)
		if !ok || slices.Contains(members, name) || c.written[name] {
			continue
		}
		c.unknownMember(lib, name, keyLine(ix.node), members)
	}
}

func (c *checker) unknownMember(lib, name string, line int, members []string) {
	full := lib + "." + name
	if lacking[full] {
		c.add(unknownFunction, line, name, instead(full), "%s is not available to scripts", full)
		return
	}
	hint := elsewhereCalled(full)
	if near := Nearest(name, members); near != "" && hint == "" {
		hint = didYouMean(lib + "." + near)
	}
	c.add(unknownFunction, line, name, hint, "%s does not exist", full)
}
