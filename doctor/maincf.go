package doctor

import (
	"path"
	"strings"
)

// mainCF is what main.cf says.
type mainCF struct {
	file     string
	settings map[string]setting // the last one of each name
	broken   []place            // lines that Postfix does not take
}

// setting is a parameter as it is written.
type setting struct {
	value string // not expanded
	place
}

// parseMainCF reads the text of main.cf.
func parseMainCF(file, text string) *mainCF {
	m := &mainCF{file: file, settings: map[string]setting{}}
	for _, l := range logicalLines(text) {
		at := place{file, l.number(0)}
		name, value, found := strings.Cut(l.text, "=")
		name = strings.TrimSpace(name)
		if !found || name == "" || strings.ContainsAny(name, " \t") {
			m.broken = append(m.broken, at)
			continue
		}
		m.settings[name] = setting{strings.TrimSpace(value), at}
	}
	return m
}

// scope is where a parameter is looked up: the overrides of a service, then main.cf, then the defaults.
type scope struct {
	main    *mainCF
	service *service // nil: main.cf alone
}

// value is what a parameter is worth in a scope.
type value struct {
	text string // expanded, or as it is written where that cannot be done
	set  bool   // false: the default
	err  error  // why it cannot be expanded
	place
}

// raw returns a parameter as it is written where it is decided.
func (s scope) raw(name string) (setting, bool) {
	if s.service != nil {
		if o, ok := s.service.options[name]; ok {
			return o, true
		}
	}
	if o, ok := s.main.settings[name]; ok {
		return o, true
	}
	return setting{s.defaultOf(name), place{file: s.main.file}}, false
}

// get returns what a parameter is worth.
func (s scope) get(name string) value {
	o, set := s.raw(name)
	text, err := s.expand(o.value)
	if err != nil {
		text = o.value
	}
	return value{strings.TrimSpace(text), set, err, o.place}
}

// overridden reports whether the service decides a parameter by itself.
func (s scope) overridden(name string) bool {
	if s.service == nil {
		return false
	}
	_, ok := s.service.options[name]
	return ok
}

// defaultOf returns the default of a parameter that the checks look at, or that is often referred to (postconf -d of Postfix 3.7).
func (s scope) defaultOf(name string) string {
	switch name {
	case "queue_directory":
		return "/var/spool/postfix"
	case "config_directory":
		return path.Dir(s.main.file)
	case "command_directory":
		return "/usr/sbin"
	case "data_directory":
		return "/var/lib/postfix"
	case "mail_owner":
		return "postfix"
	case "mail_name":
		return "Postfix"
	case "compatibility_level":
		return "0"
	case "myhostname":
		return "localhost"
	case "mydomain":
		return domainOf(s.main.settings["myhostname"].value)
	case "milter_default_action":
		return "tempfail"
	case "milter_protocol":
		return "6"
	case "milter_connect_timeout", "milter_command_timeout":
		return "30s"
	case "milter_content_timeout":
		return "300s"
	case "milter_macro_daemon_name":
		return "$myhostname"
	case "milter_macro_v":
		return "$mail_name $mail_version"
	}
	for _, stage := range macroStages {
		if name == stage.postfix {
			return stage.defaults
		}
	}
	return ""
}

// domainOf returns a host name without its first label; localdomain if there is nothing left, or if it refers to other parameters, which
// may be the domain itself.
func domainOf(host string) string {
	if _, domain, found := strings.Cut(host, "."); found && !strings.Contains(host, "$") {
		return domain
	}
	return "localdomain"
}
