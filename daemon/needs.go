package daemon

import (
	"errors"
	"strings"

	"luamilter/config"
	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/luaapi/lint"
)

// Unmet returns what scripts cannot use, since services do not have it; or, where there are none yet, since the configuration does not say whom
// to ask.
func Unmet(c *config.Config, s *luaapi.Services) map[string]lint.Unmet {
	return luaapi.Unmet(func(n *luaapi.Need) (hint string, met bool) {
		given := !c.IsEmpty(n.Key)
		switch {
		case s == nil && given || s != nil && n.MetBy(s):
			return "", true
		case given:
			return n.Key + " was not there when the daemon started: restart it", false
		case c.File() == "":
			return "write " + n.Line() + " in a file that -c names", false
		}
		return "write " + n.Line() + " in " + c.File(), false
	})
}

// Configured returns an error that names each line of a program's scripts that needs what is not configured, nil if there is none. Such a
// program is not used: its hooks would fail, with the first mail that meets them.
func Configured(p *engine.Program, unmet map[string]lint.Unmet) error {
	var all []string
	for _, f := range p.Unconfigured(unmet) {
		all = append(all, strings.TrimSuffix(f.Detail(), "\n"))
	}
	if len(all) == 0 {
		return nil
	}
	return errors.New(strings.Join(all, "\n"))
}
