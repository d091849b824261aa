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
		if !found || strings.TrimSpace(name) == "" {
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
	scope   scope
	name    string // smtpd_milters or non_smtpd_milters
	value   value
	milters []milter
}

func (p *postfix) list(s scope, name string) listed {
	v := s.get(name)
	return listed{s, name, v, parseMilters(v.text)}
}

// origin finds the parameter in which a text is written: the list itself, or one that it refers to.
func (l listed) origin(text string) (name string, o setting, found bool) {
	queue, known := []string{l.name}, map[string]bool{}
	for len(queue) > 0 {
		name, queue = queue[0], queue[1:]
		if known[name] {
			continue
		}
		known[name] = true
		o, _ = l.scope.raw(name)
		if strings.Contains(o.value, text) {
			return name, o, true
		}
		queue = append(queue, parameterName.FindAllString(o.value, -1)...)
	}
	return "", setting{}, false
}

// mend returns where a milter is written and the line that has it in another text.
func (l listed) mend(m milter, text string) (at place, write string) {
	if name, o, found := l.origin(m.text); found {
		return o.place, settingLine(l.scope, name, strings.Replace(o.value, m.text, text, 1))
	}
	return l.value.place, settingLine(l.scope, l.name, strings.Replace(l.value.text, m.text, text, 1))
}

// readdress is mend for another address.
func (l listed) readdress(m milter, address string) (at place, write string) {
	return l.mend(m, strings.Replace(m.text, m.address, address, 1))
}

// settingLine is a line that sets a parameter where the scope has it from: in main.cf or, as -o, in master.cf.
func settingLine(s scope, name, text string) string {
	switch {
	case !s.overridden(name):
		return strings.TrimSpace(name + " = " + text)
	case strings.ContainsAny(text, " \t"):
		return "-o { " + name + " = " + text + " }"
	}
	return "-o " + name + "=" + text
}

// best finds the milter of a list that is luamilter, or most like it.
func (p *postfix) best(l listed) match {
	var best match
	for _, m := range l.milters {
		a, bad := postfixAddress(m.address)
		if bad != nil {
			continue
		}
		if found := p.nearest(l.scope, a); found.fit > best.fit {
			best = found
			best.milter, best.address = m, a
		}
	}
	return best
}

// noteOthers remembers the addresses beside luamilter in a list: they are other filters and no mistakes.
func (p *postfix) noteOthers(l listed) {
	best := p.best(l)
	if best.fit < byName {
		return
	}
	for _, m := range l.milters {
		if m.address != best.milter.address {
			p.others[m.address] = true
		}
	}
}

// checkList looks at a list of milters and returns whether luamilter is in it, or was meant to be.
func (p *postfix) checkList(l listed) bool {
	if l.value.err != nil {
		p.wrong(l.value.place, l.name+" cannot be made out", l.value.err.Error()+"; Postfix stops with a fatal error", "")
		return true
	}
	meant := false
	for _, m := range l.milters {
		_, bad := postfixAddress(m.address)
		if bad == nil {
			continue
		}
		p.reportMisspelt(l, m, bad)
		if a, worse := postfixAddress(bad.write); worse == nil && p.nearest(l.scope, a).fit >= similar {
			meant = true
			p.checkSettings(l, m)
		}
	}
	best := p.best(l)
	switch {
	case best.fit >= byName:
		p.checkMatch(l, best)
		return true
	case best.fit == similar && !meant && !p.others[best.milter.address]:
		p.reportNearMiss(l, best)
		p.checkSettings(l, best.milter)
		return true
	}
	return meant
}

func (p *postfix) reportMisspelt(l listed, m milter, bad *misspelt) {
	at, write := l.readdress(m, bad.write)
	if bad.write == "" {
		write = ""
	}
	p.wrong(at, "Postfix cannot use the address "+m.address, bad.why+"; it cannot connect, and does what milter_default_action says", write)
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
	case path.Base(file) == path.Base(own), path.Dir(p.seen(s, file)) == path.Dir(real):
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
	at, write := l.readdress(m.milter, postfixSpelling(m.socket, ""))
	p.wrong(at, "luamilter does not listen on "+m.milter.address,
		fmt.Sprintf("it listens on %s; Postfix cannot ask it (if another filter is there, add luamilter to the list instead)", m.socket), write)
}

// reportPath reports a path that leads to another place than luamilter's socket.
func (p *postfix) reportPath(l listed, m match) {
	base, own := p.base(l.scope), path.Clean(m.socket.Address)
	inside := withinBase(own, base)
	who := "smtpd"
	if l.scope.service != nil {
		who = l.scope.service.title()
	}
	where := who + " runs without a chroot"
	if base != "/" {
		where = fmt.Sprintf("%s runs in the chroot %s", who, base)
	}
	why := fmt.Sprintf("%s, so this is %s, and luamilter listens on %s", where, p.seen(l.scope, m.address.path), own)
	if base != "/" && inside == own { // out of reach
		inside = "/luamilter/" + path.Base(own)
		why += fmt.Sprintf("; let it listen on unix:%s%s?mode=0660&group=postfix instead", base, inside)
	}
	at, write := l.readdress(m.milter, "unix:"+inside)
	p.wrong(at, fmt.Sprintf("luamilter's socket is not where %s leads", m.milter.address), why, write)
}

// checkMatch looks at a milter that is luamilter.
func (p *postfix) checkMatch(l listed, m match) {
	at, write := l.readdress(m.milter, postfixSpelling(m.socket, ""))
	if m.fit == byName && m.address.host != "" {
		p.note(at, fmt.Sprintf("%s names the host, luamilter listens on %s", m.milter.address, m.socket),
			"a service in a chroot finds the name only in a copy of /etc/hosts, and it may stand for ::1 as well", write)
	}
	for _, text := range m.milter.strange {
		p.wrong(at, fmt.Sprintf("%q in the braces of %s is no name=value", text, m.milter.address),
			"Postfix stops with a fatal error; write no blanks around =", "")
	}
	if m.address.unix {
		p.checkSocketFile(l, m)
	}
	p.checkSettings(l, m.milter)
}

// checkSocketFile finds out whether the mail system's user may write to the socket.
func (p *postfix) checkSocketFile(l listed, m match) {
	at, _ := l.mend(m.milter, "")
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
		p.wrong(at, fmt.Sprintf("the user %s may not enter %s", owner, folder),
			"Postfix cannot reach luamilter's socket in it", fmt.Sprintf("chmod o+x %s", folder))
		return
	}
	what, ok := p.accounts.writable(p.root, m.socket, file, p.filter.User, u)
	if ok {
		return
	}
	p.wrong(at, fmt.Sprintf("the user %s may not write to %s: %s", owner, file, what), "Postfix cannot connect to luamilter",
		fmt.Sprintf("--listen 'unix:%s?mode=0660&group=%s'", m.socket.Address, owner))
}
