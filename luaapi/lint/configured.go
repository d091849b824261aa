package lint

import "slices"

// Unconfigured returns what Check finds of modules and functions that have nobody to ask, and nothing else.
func (s *Source) Unconfigured(api API) []Finding {
	if len(api.Unmet) == 0 {
		return nil
	}
	c := newChecker(s, api)
	c.gives = s.given()
	c.unconfigured()
	c.locate()
	c.ignored()
	return slices.DeleteFunc(c.found, func(f Finding) bool { return f.Rule != rules[notConfigured].Name })
}

// unconfigured finds where the script first uses what has nobody to ask. Where it is ready for an error, in pcall, it may.
func (c *checker) unconfigured() {
	seen := map[string]bool{}
	use := func(name, as string, line int, word string) {
		unmet, ok := c.api.Unmet[name]
		if !ok || seen[name] {
			return
		}
		seen[name] = true
		c.add(notConfigured, line, word, unmet.Hint, "%s needs %s", as, unmet.Needs)
	}
	for _, r := range c.src.Requires() {
		if !r.Optional {
			use(r.Name, `require "`+r.Name+`"`, r.Line, "require")
		}
	}
	protected := c.src.protected()
	for _, call := range c.calls {
		if call.node.Func == nil || insideAny(call.fn, protected) {
			continue
		}
		if name := c.spelling(call.node.Func); name != "" {
			use(name, name, call.node.Line(), c.lastName(call.node))
		}
	}
}
