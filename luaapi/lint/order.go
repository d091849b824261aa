package lint

import (
	"slices"
	"strings"
)

// parameterOrder finds hooks whose parameters have each other's names.
func (c *checker) parameterOrder() {
	for _, fn := range c.hookFunctions() {
		if len(fn.hooks) != 1 {
			continue
		}
		given := c.api.Params[fn.hooks[0]]
		for i, p := range fn.params {
			if at := slices.Index(given, p.name); at >= 0 && at != i {
				c.add(parameterOrder, fn.node.Line(), p.name, "write function "+fn.hooks[0]+"("+strings.Join(given, ", ")+")",
					"%s is given %s as its %s value, but names it %s", fn.hooks[0], orNothing(given, i), ordinal(i), p.name)
				break
			}
		}
	}
}

func orNothing(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "nothing"
}

func ordinal(i int) string {
	return []string{"first", "second", "third", "fourth"}[min(i, 3)]
}

// later are the facts of conn that the MTA tells after some hooks.
var later = map[string][]string{
	"helo":       {"connect"},
	"auth":       {"connect", "helo"},
	"queue_id":   {"connect", "helo"},
	"sender":     {"connect", "helo"},
	"recipients": {"connect", "helo", "mail"},
}

// early finds facts that hooks ask for too early.
func (c *checker) early() {
	for _, ix := range c.indexes {
		name, ok := c.constant(ix.node.Key)
		if !ok || ix.write || later[name] == nil || len(ix.fn.hooks) == 0 || c.types.of(ix.node.Object) != "conn" || c.isKey(name) {
			continue
		}
		if slices.ContainsFunc(ix.fn.hooks, func(hook string) bool { return !slices.Contains(later[name], hook) }) {
			continue
		}
		is := "nil"
		if name == "recipients" {
			is = "empty"
		}
		c.add(tooEarly, keyLine(ix.node), name, "ask for it in "+firstWith(name), "conn.%s is always %s in %s: the MTA tells it later", name, is, oneOf(ix.fn.hooks))
	}
}

// firstWith is the first hook that knows a fact.
func firstWith(name string) string {
	switch name {
	case "helo":
		return "helo or later"
	case "recipients":
		return "data or later"
	}
	return "mail or later"
}
