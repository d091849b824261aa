package doctor

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"luamilter/engine"
)

// postfix is the examination of a Postfix.
type postfix struct {
	report
	filter   Filter
	root     string // below which all paths are
	main     *mainCF
	services []*service
	accounts accounts
	others   map[string]bool // addresses of other filters
	asking   []scope         // services that receive mail and ask luamilter, or were meant to
}

// Postfix examines main.cf and master.cf in a folder; a path to main.cf itself is taken as well. All paths are below root, "" for the
// machine's own. An error says what could not be read.
func Postfix(dir string, f Filter, root string) ([]Finding, error) {
	if path.Base(dir) == "main.cf" {
		dir = path.Dir(dir)
	}
	if len(f.Sockets) == 0 {
		return nil, errNoSocket
	}
	mainFile, masterFile := path.Join(dir, "main.cf"), path.Join(dir, "master.cf")
	mainText, err := readFile(root, mainFile)
	if err != nil {
		return nil, fmt.Errorf("read the configuration of Postfix: %w", err)
	}
	masterText, err := readFile(root, masterFile)
	if err != nil {
		return nil, fmt.Errorf("read the services of Postfix: %w", err)
	}
	p := &postfix{filter: f, root: root, accounts: readAccounts(root), others: map[string]bool{}}
	p.examine(parseMainCF(mainFile, mainText), masterFile, masterText)
	return p.sorted(), nil
}

// examine makes every check.
func (p *postfix) examine(main *mainCF, masterFile, masterText string) {
	var broken []place
	p.main = main
	p.services, broken = parseMasterCF(masterFile, masterText)
	p.checkLines(broken)
	p.checkNames()
	p.checkMail()
	p.checkLocalMail()
	p.checkReinjection()
}

// Parameter returns what a parameter is worth for a service of master.cf, named as in submission/inet, or, with "", in main.cf alone: as
// postconf -x shows it. Defaults are known for what concerns milters and what is often referred to; others are "".
func Parameter(dir, root, of, name string) (string, error) {
	mainFile, masterFile := path.Join(dir, "main.cf"), path.Join(dir, "master.cf")
	text, err := readFile(root, mainFile)
	if err != nil {
		return "", fmt.Errorf("read the configuration of Postfix: %w", err)
	}
	s := scope{main: parseMainCF(mainFile, text)}
	if of != "" {
		if text, err = readFile(root, masterFile); err != nil {
			return "", fmt.Errorf("read the services of Postfix: %w", err)
		}
		services, _ := parseMasterCF(masterFile, text)
		found := slices.IndexFunc(services, func(other *service) bool { return other.name+"/"+other.kind == of })
		if found < 0 {
			return "", fmt.Errorf("%s has no service %s", masterFile, of)
		}
		s.service = services[found]
	}
	v := s.get(name)
	if v.err != nil {
		return "", fmt.Errorf("expand %s: %w", name, v.err)
	}
	return v.text, nil
}

// checkLines reports lines that Postfix does not take.
func (p *postfix) checkLines(brokenServices []place) {
	for _, at := range p.main.broken {
		p.wrong(at, "this line is no \"name = value\"", "Postfix stops with a fatal error", "")
	}
	for _, at := range brokenServices {
		p.wrong(at, "this line has fewer than 8 fields", "Postfix stops with a fatal error", "")
	}
}

// checkMail looks at every service that receives mail by SMTP.
func (p *postfix) checkMail() {
	var receiving []scope
	for _, s := range p.services {
		if s.command == "smtpd" {
			receiving = append(receiving, scope{p.main, s})
		}
	}
	if len(receiving) == 0 {
		receiving = []scope{{p.main, nil}}
	}
	var silent []scope // do not ask luamilter
	for _, s := range receiving {
		p.noteOthers(p.list(s, "smtpd_milters"))
	}
	for _, s := range receiving {
		if !p.checkList(p.list(s, "smtpd_milters")) {
			silent = append(silent, s)
			continue
		}
		p.asking = append(p.asking, s)
		p.checkDisabled(s)
	}
	for _, s := range silent {
		p.checkSilent(s)
	}
	if p.asked() {
		return
	}
	v, _ := scope{main: p.main}.raw("smtpd_milters")
	what := "smtpd_milters does not name luamilter"
	if v.value == "" {
		what = "smtpd_milters is not set"
	}
	p.wrong(v.place, what, "Postfix never asks luamilter, and no mail is filtered", "smtpd_milters = "+p.appended(receiving[0], v.value))
	p.checkSettings(p.list(receiving[0], "smtpd_milters"), milter{})
}

// asked reports whether any service asks luamilter.
func (p *postfix) asked() bool { return len(p.asking) > 0 }

// appended is a list of milters with luamilter at its end.
func (p *postfix) appended(s scope, list string) string {
	own := p.spelling(s)
	if list == "" {
		return own
	}
	return strings.TrimRight(list, ", \t") + ", " + own
}

// spelling is how a service names luamilter's first socket.
func (p *postfix) spelling(s scope) string {
	return postfixSpelling(p.bestSocket(s), p.base(s))
}

// bestSocket returns the socket that a service can be told to use: one in its chroot, else one of TCP, else the first.
func (p *postfix) bestSocket(s scope) engine.Spec {
	base := p.base(s)
	for _, own := range p.filter.Sockets {
		if own.Network != "unix" || withinBase(own.Address, base) != own.Address || base == "/" {
			return own
		}
	}
	return p.filter.Sockets[0]
}

// base returns the root of a service: the queue directory if it runs in a chroot.
func (p *postfix) base(s scope) string {
	if s.service != nil && s.service.chrooted(p.main) {
		return p.queue(s)
	}
	return "/"
}

// queue returns the queue directory: where relative paths begin, in a chroot or not.
func (p *postfix) queue(s scope) string { return path.Clean("/" + s.get("queue_directory").text) }
