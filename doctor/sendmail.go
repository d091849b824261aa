package doctor

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"luamilter/engine"
	"luamilter/luaapi/lint"
)

// sendmail is the examination of a Sendmail.
type sendmail struct {
	report
	filter   Filter
	root     string
	config   *sendmailConfig
	accounts accounts
}

// Sendmail examines sendmail.cf, or, if the name ends in .mc, the m4 text that it is generated from. All paths are below root, "" for the
// machine's own. An error says what could not be read.
func Sendmail(file string, f Filter, root string) ([]Finding, error) {
	if len(f.Sockets) == 0 {
		return nil, errNoSocket
	}
	text, err := readFile(root, file)
	if err != nil {
		return nil, fmt.Errorf("read the configuration of Sendmail: %w", err)
	}
	s := &sendmail{filter: f, root: root, accounts: readAccounts(root)}
	s.examine(file, text)
	return s.sorted(), nil
}

// examine makes every check.
func (s *sendmail) examine(file, text string) {
	if path.Ext(file) == ".mc" {
		s.config = parseSendmailMC(file, text)
	} else {
		s.config = parseSendmailCF(file, text)
	}
	s.checkUndefined()
	s.checkFilters()
}

// definition is the line of sendmail.mc that defines a filter.
func definition(name, socket, flag, limits string) string {
	return fmt.Sprintf("INPUT_MAIL_FILTER(`%s', `S=%s, F=%s, T=%s')", name, socket, flag, limits)
}

// define is the line that defines a filter as it is, but for what is given.
func (s *sendmail) define(f *sendmailFilter, field, text string) string {
	with := map[string]string{"S": f.fields["S"], "F": f.fields["F"], "T": f.fields["T"]}
	if with["F"] == "" {
		with["F"] = "T"
	}
	if with["T"] == "" {
		with["T"] = s.limits()
	}
	with[field] = text
	return definition(f.name, with["S"], with["F"], with["T"])
}

// limits are time limits that luamilter keeps well.
func (s *sendmail) limits() string {
	reply, message := 30*time.Second, 5*time.Minute
	if reply <= s.filter.CommandTime {
		reply = 2 * s.filter.CommandTime
	}
	if message <= s.filter.MessageTime {
		message = s.filter.MessageTime + time.Minute
	}
	return fmt.Sprintf("C:5m;S:30s;R:%s;E:%s", span(reply), span(message))
}

// lists returns every place where filters are named in the order in which they are asked.
func (s *sendmail) lists() []setting {
	all := []setting{s.config.input}
	for _, l := range s.config.listeners {
		if l.own {
			all = append(all, setting{l.filters, l.place})
		}
	}
	return all
}

// checkUndefined reports names of filters that nothing defines.
func (s *sendmail) checkUndefined() {
	var known []string
	for _, f := range s.config.filters {
		known = append(known, f.name)
	}
	for _, list := range s.lists() {
		for _, name := range filterNames(list.value) {
			if slices.Contains(known, name) {
				continue
			}
			what, write := fmt.Sprintf("InputMailFilters names %s, which is not defined", name), definition(name, sendmailSpelling(s.filter.Sockets[0]), "T", s.limits())
			if near := lint.Nearest(name, known); near != "" {
				what += fmt.Sprintf("; did you mean %s?", near)
				write = "define(`confINPUT_MAIL_FILTERS', `" + strings.Replace(list.value, name, near, 1) + "')"
			}
			s.wrong(list.place, what, "Sendmail does not ask it, and mail passes it by", write)
		}
	}
}

// checkFilters finds luamilter among the filters, or what was meant to be it.
func (s *sendmail) checkFilters() {
	var near *sendmailFilter
	var socket engine.Spec
	found := false
	for _, f := range s.config.filters {
		text, ok := f.fields["S"]
		if !ok || text == "" {
			s.wrong(f.place, fmt.Sprintf("filter %s has no S=", f.name), "Sendmail does not know where it is", s.define(f, "S", sendmailSpelling(s.filter.Sockets[0])))
			found = true
			continue
		}
		a, bad := sendmailAddress(text)
		if bad != nil {
			s.reportMisspelt(f, text, bad)
			if a, worse := sendmailAddress(bad.write); worse == nil {
				_, fits := s.nearest(a)
				found = found || fits >= similar
			}
			continue
		}
		own, fits := s.nearest(a)
		switch {
		case fits >= byName:
			found = true
			s.checkFilter(f, a, own, fits)
		case fits == similar && near == nil:
			near, socket = f, own
		}
	}
	switch {
	case found, len(s.findings) > 0: // or one that is asked and not defined
	case near != nil:
		s.wrong(near.place, fmt.Sprintf("luamilter does not listen on %s, which filter %s names", near.fields["S"], near.name),
			fmt.Sprintf("it listens on %s; Sendmail cannot ask it (if another filter is there, add one for luamilter)", socket),
			s.define(near, "S", sendmailSpelling(socket)))
	default:
		s.wrong(place{file: s.config.file}, "no filter is luamilter", "Sendmail never asks luamilter, and no mail is filtered",
			definition("luamilter", sendmailSpelling(s.filter.Sockets[0]), "T", s.limits()))
	}
}

func (s *sendmail) reportMisspelt(f *sendmailFilter, text string, bad *misspelt) {
	write := ""
	if bad.write != "" {
		write = s.define(f, "S", bad.write)
	}
	s.wrong(f.place, fmt.Sprintf("Sendmail cannot use the address %s of filter %s", text, f.name), bad.why+"; it does not start, or goes on without the filter", write)
}

// nearest finds the socket of luamilter's that an address is most like.
func (s *sendmail) nearest(a address) (own engine.Spec, best fit) {
	for _, candidate := range s.filter.Sockets {
		f := fitInet(a, candidate)
		if a.unix && candidate.Network == "unix" {
			f = s.fitPath(a.path, candidate.Address)
		}
		if f > best {
			own, best = candidate, f
		}
	}
	return own, best
}

func (s *sendmail) fitPath(file, own string) fit {
	switch {
	case resolve(s.root, "/", file) == resolve(s.root, "/", own):
		return same
	case path.Base(file) == path.Base(own), path.Dir(file) == path.Dir(own):
		return similar
	}
	return strange
}

// checkFilter looks at a filter that is luamilter.
func (s *sendmail) checkFilter(f *sendmailFilter, a address, own engine.Spec, fits fit) {
	if fits == byName {
		s.note(f.place, fmt.Sprintf("S=%s of filter %s names the host, luamilter listens on %s", f.fields["S"], f.name, own),
			"the name may stand for ::1 as well", s.define(f, "S", sendmailSpelling(own)))
	}
	if a.unix {
		s.checkSocketFile(f, a, own)
	}
	s.checkAsked(f)
	s.checkFlag(f)
	s.checkLimits(f)
	s.checkMacros()
}

// checkAsked finds out which listeners ask the filter.
func (s *sendmail) checkAsked(f *sendmailFilter) {
	global := slices.Contains(filterNames(s.config.input.value), f.name)
	own := slices.ContainsFunc(s.config.listeners, func(l *listener) bool { return l.own && slices.Contains(filterNames(l.filters), f.name) })
	if !global && !own {
		list := strings.TrimPrefix(s.config.input.value+", "+f.name, ", ")
		s.wrong(f.place, fmt.Sprintf("filter %s is not in InputMailFilters", f.name), "Sendmail never asks luamilter, and no mail is filtered",
			"define(`confINPUT_MAIL_FILTERS', `"+list+"')")
	}
	for _, l := range s.config.listeners {
		if global && l.own && !slices.Contains(filterNames(l.filters), f.name) {
			list := strings.TrimPrefix(l.filters+";"+f.name, ";")
			s.wrong(l.place, fmt.Sprintf("listener %s has filters of its own, without %s", l.name, f.name), "mail that comes in there passes luamilter by",
				"InputMailFilters="+list)
		}
	}
}

// checkFlag tells what happens to mail while luamilter is down.
func (s *sendmail) checkFlag(f *sendmailFilter) {
	write := s.define(f, "F", "T")
	switch flag := f.fields["F"]; flag {
	case "T", "4":
	case "":
		s.wrong(f.place, fmt.Sprintf("filter %s has no F=", f.name), "while luamilter is down, mail passes unfiltered", write)
	case "R":
		s.wrong(f.place, fmt.Sprintf("filter %s has F=R", f.name), "while luamilter is down, even for a restart, mail is refused for good and its senders get it back", write)
	default:
		s.wrong(f.place, fmt.Sprintf("filter %s has F=%s", f.name, flag), "Sendmail knows R, T and 4 only; while luamilter is down, mail passes unfiltered", write)
	}
}

// Sendmail's own limits for what T= does not say: C:5m;S:10s;R:10s;E:5m.
const (
	stockReply   = 10 * time.Second
	stockMessage = 5 * time.Minute
)

// checkLimits compares the time limits of Sendmail with those of hooks: luamilter must be the first to give up.
func (s *sendmail) checkLimits(f *sendmailFilter) {
	write := s.define(f, "T", s.limits())
	limits, bad := parseLimits(f.fields["T"])
	if bad != "" {
		s.wrong(f.place, fmt.Sprintf("T= of filter %s has %q", f.name, bad), "Sendmail knows C:, S:, R: and E: with a time such as 30s or 5m, separated by ;", write)
		return
	}
	if reply, ok := limits['R']; !ok && s.filter.CommandTime < stockReply {
		s.note(f.place, fmt.Sprintf("T= of filter %s has no R:", f.name),
			fmt.Sprintf("Sendmail waits 10s for a reply, and a hook may take %s: on a busy machine it gives up first", span(s.filter.CommandTime)), write)
	} else if !ok && s.filter.CommandTime >= stockReply || ok && reply <= s.filter.CommandTime {
		s.wrong(f.place, fmt.Sprintf("R: of filter %s is %s", f.name, span(orStock(reply, stockReply))),
			fmt.Sprintf("a hook may take %s; Sendmail gives up before it ends, and does what F= says", span(s.filter.CommandTime)), write)
	}
	if message := orStock(limits['E'], stockMessage); message <= s.filter.MessageTime {
		s.wrong(f.place, fmt.Sprintf("E: of filter %s is %s", f.name, span(message)),
			fmt.Sprintf("eom may take %s, and being told to wait does not extend E:; Sendmail gives up before it ends, and does what F= says", span(s.filter.MessageTime)), write)
	}
}

func orStock(d, stock time.Duration) time.Duration {
	if d == 0 {
		return stock
	}
	return d
}

// parseLimits reads C:5m;S:10s;R:10s;E:5m; bad is the part that is none.
func parseLimits(text string) (limits map[byte]time.Duration, bad string) {
	limits = map[byte]time.Duration{}
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		letter, span, _ := strings.Cut(part, ":")
		d, ok := sendmailTime(span)
		if !ok || len(letter) != 1 || !strings.Contains("CSRE", letter) {
			return nil, part
		}
		limits[letter[0]] = d
	}
	return limits, ""
}

// sendmailTime reads 30, 30s, 5m or 1h30m.
func sendmailTime(text string) (time.Duration, bool) {
	var sum time.Duration
	for text != "" {
		n := len(text) - len(strings.TrimLeft(text, "0123456789"))
		count, err := strconv.ParseUint(text[:n], 10, 31)
		if err != nil {
			return 0, false
		}
		unit := time.Second
		if text = text[n:]; text != "" {
			u, ok := unitOf(text[0])
			if !ok {
				return 0, false
			}
			unit, text = u, text[1:]
		}
		sum += time.Duration(count) * unit
	}
	return sum, sum > 0
}

// checkMacros reports lists that lack what scripts are used to.
func (s *sendmail) checkMacros() {
	for _, stage := range macroStages {
		if stage.sendmail == "" || stage.sendmail == "eom" { // the queue id comes with envfrom
			continue
		}
		list := s.config.macros[stage.sendmail]
		missing := stage.lacks(list.value)
		if stage.sendmail == "envfrom" && !slices.Contains(filterNames(list.value), "i") {
			missing = append(missing, need{"i", "conn.queue_id"})
		}
		if len(missing) == 0 {
			continue
		}
		at := list.place
		if at.file == "" {
			at.file = s.config.file
		}
		whole := list.value
		for _, n := range missing {
			whole = strings.TrimPrefix(whole+", "+n.macro, ", ")
		}
		s.wrong(at, fmt.Sprintf("Milter.macros.%s lacks %s", stage.sendmail, missing[0].macro), "scripts do not get "+missing[0].fact,
			fmt.Sprintf("define(`%s', `%s')", stage.m4, whole))
	}
}

// checkSocketFile finds out whether Sendmail will use the socket: it refuses one in a folder that others may write to.
func (s *sendmail) checkSocketFile(f *sendmailFilter, a address, own engine.Spec) {
	file := resolve(s.root, "/", a.path)
	for folder := path.Dir(file); ; folder = path.Dir(folder) {
		if info, err := os.Stat(below(s.root, folder)); err == nil {
			if who := s.unsafe(info); who != "" {
				s.wrong(f.place, fmt.Sprintf("%s may write to %s, above the socket of filter %s", who, folder, f.name),
					"Sendmail calls the socket unsafe and goes on as if luamilter were down", "chmod go-w "+folder)
				return
			}
		}
		if folder == "/" {
			break
		}
	}
	u, known := s.accounts.users[s.config.runAs]
	if !known {
		return // root
	}
	if what, ok := s.accounts.writable(s.root, own, file, s.filter.User, u); !ok {
		s.wrong(f.place, fmt.Sprintf("the user %s may not write to %s: %s", s.config.runAs, file, what), "Sendmail cannot connect to luamilter",
			fmt.Sprintf("--listen 'unix:%s?mode=0660&group=%s'", own.Address, s.config.runAs))
	}
}

// unsafe tells who else may write to a folder, "" if nobody or if DontBlameSendmail allows it.
func (s *sendmail) unsafe(info os.FileInfo) string {
	trusted := info.Mode()&os.ModeSticky != 0 && strings.Contains(s.config.unafraid, "truststickybit")
	switch mode := info.Mode().Perm(); {
	case trusted:
	case mode&0o002 != 0 && !strings.Contains(s.config.unafraid, "worldwritable"):
		return "everybody"
	case mode&0o020 != 0 && !strings.Contains(s.config.unafraid, "groupwritabledirpathsafe"):
		return "the group"
	}
	return ""
}
