package doctor

import (
	"net"
	"strings"
)

// service is a line of master.cf.
type service struct {
	name, kind string // "submission", "inet"
	unpriv     string // y, n or -
	chroot     string // y, n or -
	command    string
	options    map[string]setting // what -o says
	place
}

// parseMasterCF reads the text of master.cf. Lines with too few fields are left out; Postfix does not start with them.
func parseMasterCF(file, text string) (services []*service, broken []place) {
	for _, l := range logicalLines(text) {
		fields := words(l.text, " \t\r\n\v\f")
		at := place{file, l.number(0)}
		if len(fields) < 8 {
			broken = append(broken, at)
			continue
		}
		s := &service{
			name: fields[0].text, kind: fields[1].text, unpriv: fields[3].text, chroot: fields[4].text, command: fields[7].text,
			options: map[string]setting{}, place: at,
		}
		s.readOptions(file, &l, fields[8:])
		services = replaceService(services, s)
	}
	return services, broken
}

// replaceService adds a service in place of an earlier one of the same name and kind.
func replaceService(services []*service, s *service) []*service {
	for i, old := range services {
		if old.name == s.name && old.kind == s.kind {
			services[i] = s
			return services
		}
	}
	return append(services, s)
}

// readOptions reads -o name=value, -oname=value and -o { name = value } from the arguments of a command.
func (s *service) readOptions(file string, l *line, args []word) {
	for i := 0; i < len(args); i++ {
		option, found := strings.CutPrefix(args[i].text, "-o")
		if !found {
			continue
		}
		if option == "" {
			if i++; i >= len(args) {
				return
			}
			option = args[i].text
		}
		option, _ = unbrace(option)
		name, value, found := strings.Cut(option, "=")
		if found {
			s.options[strings.TrimSpace(name)] = setting{strings.TrimSpace(value), place{file, l.number(args[i].at)}}
		}
	}
}

// chrooted reports whether the service runs in the queue directory (master(5), COMPATIBILITY_README).
func (s *service) chrooted(main *mainCF) bool {
	switch s.chroot {
	case "y":
		return true
	case "n":
		return false
	}
	return compareLevels(scope{main: main}.get("compatibility_level").text, "1") < 0
}

// submission reports whether users hand in their mail there.
func (s *service) submission() bool {
	switch s.port() {
	case "submission", "submissions", "smtps", "587", "465":
		return s.kind == "inet"
	}
	return false
}

// port returns the port of an inet service: its name without the host.
func (s *service) port() string {
	if _, port, err := net.SplitHostPort(s.name); err == nil {
		return port
	}
	return s.name[strings.LastIndexByte(s.name, ':')+1:]
}

// title names the service in a sentence.
func (s *service) title() string { return "service " + s.name + " " + s.kind }
