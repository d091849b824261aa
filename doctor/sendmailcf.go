package doctor

import (
	"strings"
)

// sendmailConfig is what sendmail.cf, or the m4 text it is made from, says about milters.
type sendmailConfig struct {
	file      string
	filters   []*sendmailFilter
	input     setting            // InputMailFilters
	listeners []*listener        // DaemonPortOptions
	macros    map[string]setting // by stage: connect, helo, envfrom ...
	runAs     string             // RunAsUser
	unafraid  string             // DontBlameSendmail, in lower case
}

// sendmailFilter is an X line: Xname, S=socket, F=flag, T=limits.
type sendmailFilter struct {
	name   string
	fields map[string]string // by the letter
	place
}

// listener is a DaemonPortOptions.
type listener struct {
	name    string
	filters string // its own InputMailFilters
	own     bool   // it has some, if only an empty list
	place
}

// parseSendmailCF reads the text of sendmail.cf (Sendmail Installation and Operation Guide, section 5).
func parseSendmailCF(file, text string) *sendmailConfig {
	c := &sendmailConfig{file: file, macros: map[string]setting{}}
	number := 0
	var pending string
	var begins int
	take := func() {
		if pending != "" {
			c.readLine(pending, place{file, begins})
		}
		pending = ""
	}
	for physical := range strings.Lines(text) {
		number++
		physical = strings.TrimRight(physical, "\r\n")
		switch {
		case physical == "" || physical[0] == '#':
		case (physical[0] == ' ' || physical[0] == '\t') && pending != "":
			pending += physical
			continue
		}
		take()
		if physical != "" && physical[0] != '#' {
			pending, begins = physical, number
		}
	}
	take()
	return c
}

// readLine reads one logical line.
func (c *sendmailConfig) readLine(text string, at place) {
	switch text[0] {
	case 'X':
		name, equates, _ := strings.Cut(text[1:], ",")
		c.addFilter(name, equates, at)
	case 'O':
		name, value, _ := strings.Cut(text[1:], "=")
		c.setOption(strings.TrimSpace(name), strings.TrimSpace(value), at)
	}
}

// addFilter adds a filter; of two with one name the later holds.
func (c *sendmailConfig) addFilter(name, equates string, at place) {
	f := &sendmailFilter{name: strings.TrimSpace(name), fields: parseEquates(equates), place: at}
	for i, old := range c.filters {
		if old.name == f.name {
			c.filters[i] = f
			return
		}
	}
	c.filters = append(c.filters, f)
}

// parseEquates reads "S=socket, F=T, T=R:30s;E:5m"; only the first letter of a name counts.
func parseEquates(text string) map[string]string {
	fields := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		if found && name != "" {
			fields[strings.ToUpper(name[:1])] = strings.TrimSpace(value)
		}
	}
	return fields
}

// setOption notes an option that the checks look at. Names are compared without their case, as Sendmail does.
func (c *sendmailConfig) setOption(name, value string, at place) {
	lower := strings.ToLower(name)
	if stage, found := strings.CutPrefix(lower, "milter.macros."); found {
		c.macros[stage] = setting{value, at}
		return
	}
	switch lower {
	case "inputmailfilters":
		c.input = setting{value, at}
	case "daemonportoptions":
		c.listeners = append(c.listeners, parseListener(value, at))
	case "runasuser":
		c.runAs, _, _ = strings.Cut(value, ":")
	case "dontblamesendmail":
		c.unafraid = strings.ToLower(value)
	}
}

func parseListener(text string, at place) *listener {
	l := &listener{place: at}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name = strings.ToLower(name); {
		case strings.HasPrefix(name, "n"):
			l.name = strings.TrimSpace(value)
		case strings.HasPrefix(name, "i"): // InputMailFilters
			l.filters, l.own = strings.TrimSpace(value), true
		}
	}
	return l
}

// filterNames splits a list of filters.
func filterNames(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(",; \t", r) })
}
