package doctor

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"luamilter/luaapi/lint"
)

// need is a macro of a stage's list and the fact that scripts have from it.
type need struct{ macro, fact string }

// macroStage is a list of macros that an MTA sends before a stage.
type macroStage struct {
	postfix  string // the parameter in main.cf
	sendmail string // the option in sendmail.cf, after Milter.macros.
	m4       string // the name in sendmail.mc
	defaults string // Postfix 3.7
	needs    []need
}

// macroStages are the lists. What luamilter asks for by itself, such as {client_addr}, need not be in them.
var macroStages = []macroStage{
	{"milter_connect_macros", "connect", "confMILTER_MACROS_CONNECT", "j {daemon_name} {daemon_addr} v _", []need{{"{daemon_name}", "conn.daemon"}}},
	{"milter_helo_macros", "helo", "confMILTER_MACROS_HELO", "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
		[]need{{"{tls_version}", "conn.tls"}, {"{cipher}", "conn.tls.cipher"}}},
	{"milter_mail_macros", "envfrom", "confMILTER_MACROS_ENVFROM", "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer}",
		[]need{{"{auth_type}", "conn.auth.type"}, {"{auth_authen}", "conn.auth.user"}}},
	{"milter_rcpt_macros", "envrcpt", "confMILTER_MACROS_ENVRCPT", "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
		[]need{{"{rcpt_addr}", "conn.rejected"}, {"{rcpt_mailer}", "conn.rejected"}}},
	{"milter_data_macros", "data", "confMILTER_MACROS_DATA", "i", nil},
	{"milter_end_of_header_macros", "eoh", "confMILTER_MACROS_EOH", "i", nil},
	{"milter_end_of_data_macros", "eom", "confMILTER_MACROS_EOM", "i", []need{{"i", "conn.queue_id"}}},
	{"milter_unknown_command_macros", "", "", "", nil},
}

// lacks returns which of a stage's needs a list of macros does not have.
func (m macroStage) lacks(list string) []need {
	have := strings.FieldsFunc(list, func(r rune) bool { return strings.ContainsRune(" \t,", r) })
	var missing []need
	for _, n := range m.needs {
		bare := strings.Trim(n.macro, "{}")
		if !slices.Contains(have, bare) && !slices.Contains(have, "{"+bare+"}") {
			missing = append(missing, n)
		}
	}
	return missing
}

// checkSettings looks at the parameters that Postfix treats luamilter by, each global or in the braces of the milter.
func (p *postfix) checkSettings(l listed, m milter) {
	p.checkDefaultAction(l, m)
	p.checkTimeouts(l, m)
	p.checkProtocol(l, m)
	for _, stage := range macroStages {
		v := l.scope.get(stage.postfix)
		missing := stage.lacks(v.text)
		if !v.set || len(missing) == 0 {
			continue
		}
		list := v.text
		for _, n := range missing {
			list = strings.TrimSpace(list + " " + n.macro)
		}
		p.wrong(v.place, fmt.Sprintf("%s lacks %s", stage.postfix, missing[0].macro), "scripts do not get "+missing[0].fact,
			settingLine(l.scope, stage.postfix, list))
	}
}

// option returns what holds for a milter: its own value in the braces, or else that of the parameter, and how to set it to another.
func (l listed) option(m milter, name string) (v value, line func(string) string) {
	if text, ok := m.options[name]; ok {
		at, _ := l.mend(m, "")
		return value{text: text, set: true, place: at}, func(text string) string {
			_, write := l.mend(m, m.with(name, text))
			return write
		}
	}
	return l.scope.get("milter_" + name), func(text string) string { return settingLine(l.scope, "milter_"+name, text) }
}

// checkDefaultAction tells what happens to mail while luamilter is down.
func (p *postfix) checkDefaultAction(l listed, m milter) {
	v, line := l.option(m, "default_action")
	what := "milter_default_action is " + v.text
	const write = "tempfail"
	switch action := strings.ToLower(v.text); {
	case !v.set:
		p.note(v.place, "milter_default_action is not set", "while luamilter is down, Postfix before 3.11 refuses mail for the time being, "+
			"later versions close the connection as well; say which you want", line(write))
	case action == "tempfail", action == "shutdown":
	case action == "accept":
		p.wrong(v.place, what, "while luamilter is down, mail passes unfiltered", line(write))
	case action == "reject":
		p.wrong(v.place, what, "while luamilter is down, even for a restart, mail is refused for good and its senders get it back", line(write))
	case action == "quarantine":
		p.note(v.place, what, "while luamilter is down, mail passes unfiltered into the hold queue and stays there until you release it", line(write))
	default:
		if near := lint.Nearest(action, []string{"tempfail", "accept", "reject", "quarantine", "shutdown"}); near != "" {
			what += fmt.Sprintf(" (%s?)", near)
		}
		p.wrong(v.place, what, "Postfix does not know it, and answers that the server is set up wrongly while luamilter is down", line(write))
	}
}

// checkTimeouts compares the limits of Postfix with those of hooks: luamilter must be the first to give up.
func (p *postfix) checkTimeouts(l listed, m milter) {
	for _, t := range []struct {
		name      string
		needed    time.Duration // shorter is wrong
		advisable time.Duration // shorter is worth a note
		stock     time.Duration
		why       string
	}{
		{"connect_timeout", 0, p.filter.CommandTime, 30 * time.Second, "on a busy machine Postfix takes luamilter for dead although it would answer"},
		{"command_timeout", p.filter.CommandTime, 0, 30 * time.Second, "a hook may take %s; Postfix gives up before it ends, and does what milter_default_action says"},
		{"content_timeout", p.filter.CommandTime, p.filter.MessageTime, 5 * time.Minute, "a hook may take %s, eom %s; Postfix gives up before luamilter does, unless luamilter tells it to wait"},
	} {
		v, line := l.option(m, t.name)
		got, ok := postfixTime(v.text)
		advice := t.stock
		if limit := max(t.needed, t.advisable); limit >= advice {
			advice = 2 * limit
		}
		write := line(span(advice))
		what := fmt.Sprintf("milter_%s is %s", t.name, v.text)
		switch why := explainTime(t.why, p.filter); {
		case !ok:
			p.wrong(v.place, what, "Postfix stops with a fatal error; it needs a number above 0 with s, m, h, d or w", write)
		case got <= t.needed:
			p.wrong(v.place, what, why, write)
		case got <= t.advisable:
			p.note(v.place, what, why, write)
		}
	}
}

// explainTime fills the times of a filter into a text that has as many %s.
func explainTime(text string, f Filter) string {
	for _, d := range []time.Duration{f.CommandTime, f.MessageTime} {
		text = strings.Replace(text, "%s", span(d), 1)
	}
	return text
}

// postfixTime reads 30, 30s, 5m, 1h, 1d or 1w; 0 is none.
func postfixTime(text string) (time.Duration, bool) {
	number, unit := text, time.Second
	if n := len(text); n > 0 {
		if u, ok := unitOf(text[n-1]); ok {
			number, unit = text[:n-1], u
		}
	}
	n, err := strconv.ParseUint(number, 10, 31)
	return time.Duration(n) * unit, err == nil && n > 0
}

// unitOf returns the unit of time that both mail servers mean by a letter.
func unitOf(letter byte) (time.Duration, bool) {
	switch letter {
	case 's':
		return time.Second, true
	case 'm':
		return time.Minute, true
	case 'h':
		return time.Hour, true
	case 'd':
		return 24 * time.Hour, true
	case 'w':
		return 7 * 24 * time.Hour, true
	}
	return 0, false
}

// checkProtocol tells what is lost with an old version of the protocol.
func (p *postfix) checkProtocol(l listed, m milter) {
	v, line := l.option(m, "protocol")
	version, _, _ := strings.Cut(strings.ReplaceAll(v.text, ",", " "), " ")
	what := "milter_protocol is " + v.text
	const old = "skip, conn.rejected and raw fields do not work, and Postfix waits for a reply to every header field"
	switch version {
	case "6":
	case "4":
		p.wrong(v.place, what, old, line("6"))
	case "3":
		p.wrong(v.place, what, "data hooks never run, "+old, line("6"))
	case "2":
		p.wrong(v.place, what, "data and unknown hooks never run, "+old, line("6"))
	default:
		p.wrong(v.place, what, "Postfix knows 2, 3, 4 and 6 only, and cannot talk to luamilter", line("6"))
	}
}

var parameterName = regexp.MustCompile(`[A-Za-z0-9_]+`)

// checkNames finds parameters that are misspelt: near a known one, and used nowhere.
func (p *postfix) checkNames() {
	known := []string{"smtpd_milters", "non_smtpd_milters", "smtpd_milter_maps", "milter_default_action", "milter_protocol", "milter_connect_timeout",
		"milter_command_timeout", "milter_content_timeout", "milter_macro_daemon_name", "milter_macro_defaults", "milter_macro_v", "milter_header_checks"}
	for _, stage := range macroStages {
		known = append(known, stage.postfix)
	}
	used := map[string]bool{}
	p.eachSetting(func(_ string, s setting) {
		for _, name := range parameterName.FindAllString(s.value, -1) {
			used[name] = true
		}
	})
	p.eachSetting(func(name string, s setting) {
		if !strings.Contains(name, "milter") || slices.Contains(known, name) || used[name] {
			return
		}
		if near := lint.Nearest(name, known); near != "" {
			p.wrong(s.place, fmt.Sprintf("there is no parameter %s; did you mean %s?", name, near), "Postfix ignores it without a word", near+" = "+s.value)
		}
	})
}

// eachSetting visits everything that main.cf and master.cf set.
func (p *postfix) eachSetting(visit func(name string, s setting)) {
	for name, s := range p.main.settings {
		visit(name, s)
	}
	for _, service := range p.services {
		for name, s := range service.options {
			visit(name, s)
		}
	}
}
