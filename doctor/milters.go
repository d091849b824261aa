package doctor

import (
	"fmt"
	"path"
	"strings"

	"luamilter/engine"
)

// milter is an item of smtpd_milters: an address, or { address, name=value, ... }.
type milter struct {
	text    string // as it is written
	address string
	options map[string]string
	names   []string // of the options, in order
	strange []string // what is no name=value
}

const separators = ", \t\r\n"

// parseMilters takes a list of milters apart (MILTER_README).
func parseMilters(list string) []milter {
	var all []milter
	for _, w := range words(list, separators) {
		m := milter{text: w.text, address: w.text, options: map[string]string{}}
		if inner, braced := unbrace(w.text); braced {
			m.address = ""
			m.read(words(inner, separators))
		}
		all = append(all, m)
	}
	return all
}

// read reads what is inside of the braces.
func (m *milter) read(parts []word) {
	for i, part := range parts {
		if i == 0 {
			m.address = part.text
			continue
		}
		text, _ := unbrace(part.text)
		name, value, found := strings.Cut(text, "=")
		if !found {
			m.strange = append(m.strange, text)
			continue
		}
		name = strings.TrimSpace(name)
		m.options[name] = strings.TrimSpace(value)
		m.names = append(m.names, name)
	}
}

// with is the milter as it is written with another value for an option.
func (m milter) with(name, value string) string {
	text := "{ " + m.address
	for _, n := range m.names {
		if n == name {
			text += ", " + n + "=" + value
		} else {
			text += ", " + n + "=" + m.options[n]
		}
	}
	return text + " }"
}

// match is a milter beside the socket of luamilter's that it is most like.
type match struct {
	milter  milter
	address address
	socket  engine.Spec
	fit     fit
}

// listed is one list of milters in the scope of the service that uses it.
type listed struct {
	scope scope
	name  string // smtpd_milters or non_smtpd_milters
	value value
}

// line is a line that sets the list: in main.cf, or where the service has its own, for master.cf.
func (l listed) line(list string) string { return settingLine(l.scope, l.name, list) }

// settingLine is a line that sets a parameter where the scope has it from.
func settingLine(s scope, name, text string) string {
	switch {
	case !s.overridden(name):
		return name + " = " + text
	case strings.ContainsAny(text, " \t"):
		return "-o { " + name + " = " + text + " }"
	}
	return "-o " + name + "=" + text
}

// replaced is the list with one milter in another text.
func (l listed) replaced(m milter, text string) string {
	return strings.Replace(l.value.text, m.text, text, 1)
}

// checkList looks at a list of milters and returns whether luamilter is in it, or was meant to be.
func (p *postfix) checkList(s scope, name string) bool {
	l := listed{s, name, s.get(name)}
	if _, err := s.expand(l.value.raw(s, name)); err != nil {
		p.wrong(l.value.place, name+" cannot be made out", err.Error()+"; Postfix stops with a fatal error", "")
		return true
	}
	var best match
	meant := false
	for _, m := range parseMilters(l.value.text) {
		a, bad := postfixAddress(m.address)
		if bad != nil {
			p.reportMisspelt(l, m, bad)
			meant = true
			continue
		}
		if found := p.nearest(s, a); found.fit > best.fit {
			best = found
			best.milter, best.address = m, a
		}
	}
	switch {
	case best.fit >= byName:
		p.checkMatch(l, best)
		return true
	case best.fit == similar && !meant:
		p.reportNearMiss(l, best)
		return true
	}
	return meant
}

// raw returns the text of a parameter before its expansion.
func (v value) raw(s scope, name string) string {
	o, _ := s.raw(name)
	return o.value
}

func (p *postfix) reportMisspelt(l listed, m milter, bad *misspelt) {
	write := ""
	if bad.write != "" {
		text := strings.Replace(m.text, m.address, bad.write, 1)
		write = l.line(l.replaced(m, text))
	}
	p.wrong(l.value.place, fmt.Sprintf("Postfix cannot use the address %s in %s", m.address, l.name),
		bad.why+"; it cannot connect, and does what milter_default_action says", write)
}

// nearest finds the socket of luamilter's that an address is most like.
func (p *postfix) nearest(s scope, a address) match {
	var best match
	for _, own := range p.filter.Sockets {
		f := fitInet(a, own)
		if a.unix && own.Network == "unix" {
			f = p.fitPath(s, a.path, own.Address)
		}
		if f > best.fit {
			best = match{socket: own, fit: f}
		}
	}
	return best
}

// seen is the file that a service means by a path.
func (p *postfix) seen(s scope, file string) string {
	base := p.base(s)
	if base == "/" && !strings.HasPrefix(file, "/") {
		file = p.queue(s) + "/" + file
	}
	return resolve(p.root, base, file)
}

// fitPath compares a path that a service names with one of luamilter's.
func (p *postfix) fitPath(s scope, file, own string) fit {
	real := resolve(p.root, "/", own)
	switch {
	case p.seen(s, file) == real:
		return same
	case path.Clean(file) == path.Clean(own), path.Join(p.queue(s), file) == path.Clean(own): // right for another root
		return similar
	case path.Base(file) == path.Base(own), path.Dir(file) == path.Dir(own):
		return similar
	}
	return strange
}

// reportNearMiss reports an address where luamilter almost is.
func (p *postfix) reportNearMiss(l listed, m match) {
	if m.address.unix && m.socket.Network == "unix" {
		p.reportPath(l, m)
		return
	}
	own := postfixSpelling(m.socket, "")
	p.wrong(l.value.place, fmt.Sprintf("luamilter does not listen on %s, which %s names", m.milter.address, l.name),
		fmt.Sprintf("it listens on %s; Postfix cannot ask it (if another filter is there, add luamilter to the list)", m.socket),
		l.line(l.replaced(m.milter, strings.Replace(m.milter.text, m.milter.address, own, 1))))
}

// reportPath reports a path that leads to another place than luamilter's socket.
func (p *postfix) reportPath(l listed, m match) {
	base, own := p.base(l.scope), path.Clean(m.socket.Address)
	inside := withinBase(own, base)
	where := "smtpd runs without a chroot"
	if base != "/" {
		where = fmt.Sprintf("%s runs in the chroot %s", l.scope.service.title(), base)
	}
	why := fmt.Sprintf("%s, so this is %s, and luamilter listens on %s", where, p.seen(l.scope, m.address.path), own)
	if base != "/" && inside == own { // out of reach
		inside = "/luamilter/" + path.Base(own)
		why += fmt.Sprintf("; let it listen on unix:%s%s?mode=0660&group=postfix instead", base, inside)
	}
	p.wrong(l.value.place, fmt.Sprintf("luamilter's socket is not where %s in %s leads", m.milter.address, l.name), why,
		l.line(l.replaced(m.milter, strings.Replace(m.milter.text, m.milter.address, "unix:"+inside, 1))))
}

// checkMatch looks at a milter that is luamilter.
func (p *postfix) checkMatch(l listed, m match) {
	if m.fit == byName && m.address.host != "" {
		p.note(l.value.place, fmt.Sprintf("%s in %s names the host, luamilter listens on %s", m.milter.address, l.name, m.socket),
			"a service in a chroot finds the name only in a copy of /etc/hosts, and it may stand for ::1 as well",
			l.line(l.replaced(m.milter, strings.Replace(m.milter.text, m.milter.address, postfixSpelling(m.socket, ""), 1))))
	}
	for _, text := range m.milter.strange {
		p.wrong(l.value.place, fmt.Sprintf("%q in the braces of %s is no name=value", text, m.milter.address),
			"Postfix stops with a fatal error; write no blanks around =", "")
	}
	if m.address.unix {
		p.checkSocketFile(l, m)
	}
	p.checkSettings(l, m)
}

// checkSocketFile finds out whether the mail system's user may write to the socket.
func (p *postfix) checkSocketFile(l listed, m match) {
	owner := l.scope.get("mail_owner").text
	if l.scope.service != nil && l.scope.service.unpriv == "n" {
		owner = "root"
	}
	u, known := p.accounts.users[owner]
	if !known {
		return
	}
	base := p.base(l.scope)
	file := p.seen(l.scope, m.address.path)
	if folder := closedFolder(p.root, base, file, u); folder != "" {
		p.wrong(l.value.place, fmt.Sprintf("the user %s may not enter %s", owner, folder),
			"Postfix cannot reach luamilter's socket in it", fmt.Sprintf("chmod o+x %s", folder))
		return
	}
	what, ok := p.accounts.writable(p.root, m.socket, file, p.filter.User, u)
	if ok {
		return
	}
	p.wrong(l.value.place, fmt.Sprintf("the user %s may not write to %s: %s", owner, file, what), "Postfix cannot connect to luamilter",
		fmt.Sprintf("--listen 'unix:%s?mode=0660&group=%s'", m.socket.Address, owner))
}
