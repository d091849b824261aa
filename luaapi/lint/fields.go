package lint

import (
	"maps"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// fields finds fields and methods of the API that do not exist.
func (c *checker) fields() {
	for _, ix := range c.indexes {
		name, ok := c.constant(ix.node.Key)
		object := bare(c.types.of(ix.node.Object))
		if !ok || c.mayHave(object, name) && !ix.write {
			continue
		}
		switch {
		case object == "":
			c.moduleMember(ix, name)
		case ix.write:
			c.assignedField(ix, object, name)
		case object == "conn":
			c.connField(ix, name)
		default:
			c.field(ix, object, name)
		}
	}
	for _, call := range c.calls {
		if call.node.Func != nil {
			continue
		}
		if object := bare(c.types.of(call.node.Receiver)); !c.mayHave(object, call.node.Method) {
			c.method(call, object)
		}
	}
}

// moduleMember is for address.pars, address being a built-in module.
func (c *checker) moduleMember(ix index, name string) {
	lib := c.library(ix.node.Object)
	if lib == "" || ix.write || c.isOwn(lib, name) || c.globalName(ix.node.Object) != "" {
		return
	}
	if members := append(c.api.functionsOfLibrary(lib), c.api.Values[lib]...); !slices.Contains(members, name) {
		c.unknownMember(lib, name, keyLine(ix.node), members)
	}
}

// field is for a field of an object that cannot have others.
func (c *checker) field(ix index, object, name string) {
	line := keyLine(ix.node)
	if element, isArray := strings.CutSuffix(object, "[]"); isArray {
		if name != "n" && !ix.called {
			c.add(unknownField, line, name, "write ipairs(...) to go over them, or [1] for the first",
				"this is an array of values of the type %s, which has no field %s", element, name)
		}
		return
	}
	t, known := c.api.Types[object]
	if !known || t.Fields[name] != "" {
		return
	}
	if _, isMethod := t.Methods[name]; isMethod {
		return
	}
	hint := didYouMean(Nearest(name, t.names()))
	switch {
	case object == "string" && (name == "length" || name == "len" || name == "size"):
		hint = "write #" + c.nameOr(ix.node.Object, "text")
	case object == "msg" && !ix.called && hint == "":
		hint = "msg:header(\"" + strings.ReplaceAll(name, "_", "-") + "\") is the value of a header field"
	case object == "headers":
		hint = "write headers:get(\"" + strings.ReplaceAll(name, "_", "-") + "\")"
	}
	r, sev := unknownField, Warning
	if ix.called {
		r = unknownMethod
	}
	if ix.called || object == "msg" {
		sev = Error
	}
	c.addAs(sev, r, line, name, hint, "%s has no %s", c.objectName(ix.node.Object, object), describeMember(ix.called, name))
}

func describeMember(called bool, name string) string {
	if called {
		return "method " + name
	}
	return "field " + name
}

// objectName names an object in a sentence: by its variable, and a string as what it is.
func (c *checker) objectName(e ast.Expr, typ string) string {
	if id, ok := e.(*ast.IdentExpr); ok && typ != "string" {
		return id.Value
	}
	switch typ {
	case "conn", "msg", "neg":
		return typ
	case "headers":
		return "the value of type headers"
	}
	return "a " + typ
}

// method is for a method of an object that cannot have others.
func (c *checker) method(call call, object string) {
	e := call.node
	t, known := c.api.Types[object]
	if _, ok := t.Methods[e.Method]; !known || ok || t.Fields[e.Method] == "function" {
		return
	}
	if object == "conn" && (c.anyKey() || slices.Contains(c.api.Actions, e.Method) && !call.fn.isHook("eom")) {
		return
	}
	hint := elsewhereCalled(object + "." + e.Method)
	if hint == "" {
		hint = didYouMean(Nearest(e.Method, t.names()))
	}
	if f := t.Fields[e.Method]; f != "" {
		hint = "it is a field: write " + c.nameOr(e.Receiver, object) + "." + e.Method
	} else if object == "conn" && slices.Contains(c.api.Actions, e.Method) {
		hint = "write msg:" + e.Method + "(...), msg being the second parameter of eom"
	}
	c.add(unknownMethod, e.Line(), e.Method, hint, "%s has no method %s", c.objectName(e.Receiver, object), e.Method)
}

// connField is for a key of conn: anybody may have set it, in any file, so it must be near to one that exists.
func (c *checker) connField(ix index, name string) {
	if c.api.Types["conn"].Fields[name] != "" || c.anyKey() || ix.called {
		return
	}
	if near := c.nearestKey(name); near != "" {
		c.add(unknownField, keyLine(ix.node), name, didYouMean("conn."+near), "conn.%s is always nil: it is no fact, and no hook sets it", name)
	}
}

// nearestKey is the fact, or the key that the script sets, that was probably meant.
func (c *checker) nearestKey(name string) string {
	const most = 200 // names to look for, and among
	if near, known := c.nearKeys[name]; known || len(c.nearKeys) == most {
		return near
	}
	if c.nearKeys == nil {
		c.nearKeys = map[string]string{}
		c.keys = c.api.Types["conn"].names()
		for _, key := range slices.Sorted(maps.Keys(c.gives.keys)) {
			if len(c.keys) < most {
				c.keys = append(c.keys, key)
			}
		}
	}
	c.nearKeys[name] = Nearest(name, c.keys)
	return c.nearKeys[name]
}

// openKeys reports a file that may set keys of conn which its text does not name.
func (s *Source) openKeys() bool {
	if len(s.flow.computed) > 0 || s.openGlobals() {
		return true
	}
	for _, name := range []string{"rawset", "setmetatable"} {
		if v := s.model.globals[name]; v != nil && len(v.reads) > 0 {
			return true
		}
	}
	return false
}

// anyKey reports a script that may set keys of conn which its text does not name.
func (c *checker) anyKey() bool {
	return c.src.openKeys() || slices.ContainsFunc(c.api.Others, func(g Globals) bool { return g.anyKey })
}

// assignments say what to do instead of assigning to a field.
var assignments = map[string]string{
	"msg":     "methods change the message, such as msg:set_header, msg:change_sender, msg:replace_body",
	"headers": "in eom, msg:set_header(name, value) changes the message",
	"field":   "in eom, field:change(value) changes it",
	"part":    "msg:replace_part changes what a part has",
	"macros":  "keep data of your own in conn",
	"body":    "msg:replace_body(text) changes the body",
	"neg":     "its methods change what is negotiated",
	"string":  "strings do not change; make a new one",
}

// assignedField is for x.name = value where x says what others told.
func (c *checker) assignedField(ix index, object, name string) {
	hint, fixed := assignments[object]
	if !fixed {
		switch object {
		case "tls", "auth", "rejected", "offered":
			hint = "keep data of your own in conn"
		default:
			return
		}
	}
	if object == "msg" && name == "subject" {
		hint = "write msg:set_header(\"Subject\", value)"
	}
	c.add(readOnly, keyLine(ix.node), name, hint, "%s.%s cannot be assigned to", c.nameOr(ix.node.Object, object), name)
}
