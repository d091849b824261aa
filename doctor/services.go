package doctor

import (
	"fmt"
	"slices"
	"strings"
)

// overrides returns receive_override_options of a service as a list.
func (s scope) overrides() []string {
	return strings.FieldsFunc(s.get("receive_override_options").text, func(r rune) bool { return strings.ContainsRune(separators, r) })
}

// checkDisabled looks for what keeps luamilter from being asked although it is in the list.
func (p *postfix) checkDisabled(s scope) {
	if slices.Contains(s.overrides(), "no_milters") && !p.reinjection(s) {
		left := slices.DeleteFunc(s.overrides(), func(o string) bool { return o == "no_milters" })
		p.wrong(s.get("receive_override_options").place, "receive_override_options has no_milters", "mail that comes in here passes luamilter by",
			settingLine(s, "receive_override_options", strings.Join(left, ",")))
	}
	maps := s.get("smtpd_milter_maps")
	for _, table := range words(maps.text, separators) {
		kind, name, _ := strings.Cut(strings.TrimPrefix(table.text, "proxy:"), ":")
		switch {
		case kind == "static" && isDisable(name):
			p.wrong(maps.place, "smtpd_milter_maps says DISABLE for every client", "mail passes luamilter by", settingLine(s, "smtpd_milter_maps", ""))
		case kind == "inline":
			if strings.Contains(strings.ToUpper(maps.text), "DISABLE") {
				p.note(maps.place, "smtpd_milter_maps says DISABLE", "mail from these clients passes luamilter by", "")
			}
		default:
			p.checkTable(name)
		}
	}
}

func isDisable(text string) bool { return strings.EqualFold(text, "DISABLE") }

// checkTable reports the clients that a lookup table takes away from luamilter. A table whose text is not there is left alone.
func (p *postfix) checkTable(name string) {
	text, err := readFile(p.root, name)
	if err != nil {
		return
	}
	for _, l := range logicalLines(text) {
		key, result, _ := strings.Cut(strings.ReplaceAll(l.text, "\t", " "), " ")
		if !isDisable(strings.TrimSpace(result)) {
			continue
		}
		at := place{name, l.number(0)}
		what := fmt.Sprintf("%s is DISABLEd in smtpd_milter_maps", key)
		if slices.Contains([]string{"0.0.0.0/0", "::/0", "/./", "/^/", "//", "/.*/"}, key) {
			p.wrong(at, what, "these are all clients: no mail is filtered", "# "+l.text)
			continue
		}
		p.note(at, what, "mail from there passes luamilter by", "# "+l.text)
	}
}

// checkSilent looks at a service that does not ask luamilter, although main.cf does.
func (p *postfix) checkSilent(s scope) {
	if !p.asked() || !s.overridden("smtpd_milters") || p.reinjection(s) {
		return
	}
	v, _ := s.raw("smtpd_milters")
	what := fmt.Sprintf("%s has no milters", s.service.title())
	if v.value != "" {
		what = fmt.Sprintf("%s asks other milters only", s.service.title())
	}
	write := settingLine(s, "smtpd_milters", p.appended(s, v.value))
	switch {
	case s.service.submission():
		p.wrong(v.place, what, "mail that users hand in passes luamilter by", write)
	case s.service.port() == "smtp" || s.service.port() == "25" || s.service.kind == "pass":
		p.wrong(v.place, what, "mail from other servers passes luamilter by", write)
	default:
		p.note(v.place, what, "mail that comes in there passes luamilter by", write)
	}
}

// checkLocalMail looks at mail from sendmail(1), which cleanup(8) asks the milters about.
func (p *postfix) checkLocalMail() {
	s := scope{p.main, p.first("cleanup")}
	v := s.get("non_smtpd_milters")
	own := p.spelling(s)
	if main := (scope{main: p.main}).get("smtpd_milters"); main.set && main.text != "" && p.asked() {
		own = "$smtpd_milters"
	}
	if v.text == "" {
		p.note(v.place, "non_smtpd_milters is not set", "mail from sendmail(1), such as that of cron and web pages, passes luamilter by",
			settingLine(s, "non_smtpd_milters", own))
		return
	}
	if !p.checkList(p.list(s, "non_smtpd_milters")) {
		raw, _ := s.raw("non_smtpd_milters")
		if p.asked() || !strings.Contains(raw.value, "smtpd_milters") { // else it was said of smtpd_milters
			p.note(v.place, "non_smtpd_milters does not name luamilter", "mail from sendmail(1) passes luamilter by",
				settingLine(s, "non_smtpd_milters", p.appended(s, raw.value)))
		}
		return
	}
	if pickup := (scope{p.main, p.first("pickup")}); slices.Contains(pickup.overrides(), "no_milters") {
		p.wrong(pickup.get("receive_override_options").place, "receive_override_options has no_milters", "mail from sendmail(1) passes luamilter by",
			settingLine(pickup, "receive_override_options", ""))
	}
}

// first returns the first service that runs a command, nil if there is none.
func (p *postfix) first(command string) *service {
	for _, s := range p.services {
		if s.command == command {
			return s
		}
	}
	return nil
}

// filtersContent reports whether a scope hands mail to a content filter, after the queue or before.
func filtersContent(s scope) bool {
	return s.get("content_filter").text != "" || s.get("smtpd_proxy_filter").text != ""
}

// reinjection reports whether a service takes mail back from a content filter: it has none itself where others have one, and says so.
func (p *postfix) reinjection(s scope) bool {
	if s.service == nil || s.service.kind != "inet" || s.service.submission() || filtersContent(s) {
		return false
	}
	if !slices.ContainsFunc(p.services, func(other *service) bool { return filtersContent(scope{p.main, other}) }) {
		return false
	}
	after := func(option string) bool {
		return option == "no_unknown_recipient_checks" || option == "no_header_body_checks"
	}
	return s.overridden("content_filter") || s.overridden("smtpd_proxy_filter") ||
		s.overridden("receive_override_options") && slices.ContainsFunc(s.overrides(), after)
}

// checkReinjection looks at content filters beside luamilter.
func (p *postfix) checkReinjection() {
	for _, s := range p.asking {
		if filter := s.get("smtpd_proxy_filter"); filter.text != "" {
			p.note(filter.place, "smtpd_proxy_filter is "+filter.text, "luamilter sees the commands of these sessions only, no header and no body, and cannot "+
				"change the message; content_filter, after the queue, has no such limit", "")
		}
		if !p.reinjection(s) || slices.Contains(s.overrides(), "no_milters") {
			continue
		}
		options := strings.Join(append(s.overrides(), "no_milters"), ",")
		at := s.service.place
		if s.overridden("receive_override_options") {
			at = s.get("receive_override_options").place
		}
		p.note(at, fmt.Sprintf("%s takes mail back from a content filter and asks luamilter again", s.service.title()),
			"scripts see each message twice, the second time as coming from this machine", "-o receive_override_options="+options)
	}
}
