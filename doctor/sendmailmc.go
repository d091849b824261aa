package doctor

import (
	"strings"
)

// parseSendmailMC reads the m4 text that sendmail.cf is generated from. It does not run m4: it finds the macros that define filters, in
// their order, where they are written without a condition around them.
func parseSendmailMC(file, text string) *sendmailConfig {
	c := &sendmailConfig{file: file, macros: map[string]setting{}}
	for _, stage := range macroStages {
		if m := sendmailDefaults(stage.sendmail); m != "" {
			c.macros[stage.sendmail] = setting{m, place{file: file}}
		}
	}
	for _, call := range m4Calls(text) {
		c.apply(call, place{file, call.line})
	}
	return c
}

// sendmailDefaults is the list of macros that cf/m4/cfhead.m4 sets for a stage (8.17).
func sendmailDefaults(stage string) string {
	switch stage {
	case "connect":
		return "j, _, {daemon_name}, {if_name}, {if_addr}"
	case "helo":
		return "{tls_version}, {cipher}, {cipher_bits}, {cert_subject}, {cert_issuer}"
	case "envfrom":
		return "i, {auth_type}, {auth_authen}, {auth_ssf}, {auth_author}, {mail_mailer}, {mail_host}, {mail_addr}"
	case "envrcpt":
		return "{rcpt_mailer}, {rcpt_host}, {rcpt_addr}"
	case "eom":
		return "{msg_id}"
	}
	return ""
}

// apply does what a macro does to the configuration.
func (c *sendmailConfig) apply(call m4Call, at place) {
	first, second := call.arg(0), call.arg(1)
	switch call.name {
	case "MAIL_FILTER":
		c.addFilter(first, second, at)
	case "INPUT_MAIL_FILTER":
		c.addFilter(first, second, at)
		c.input = setting{strings.TrimPrefix(c.input.value+", "+first, ", "), at}
	case "DAEMON_OPTIONS":
		c.setOption("DaemonPortOptions", first, at)
	case "define":
		c.define(first, second, at)
	}
}

// define takes the configuration variables that the checks look at.
func (c *sendmailConfig) define(name, value string, at place) {
	switch name {
	case "confINPUT_MAIL_FILTERS":
		c.input = setting{strings.ReplaceAll(value, name, c.input.value), at}
	case "confRUN_AS_USER":
		c.setOption("RunAsUser", value, at)
	case "confDONT_BLAME_SENDMAIL":
		c.setOption("DontBlameSendmail", value, at)
	}
	for _, stage := range macroStages {
		if stage.m4 == name {
			old := c.macros[stage.sendmail].value // a list is often extended by itself
			c.macros[stage.sendmail] = setting{strings.ReplaceAll(value, name, old), at}
		}
	}
}

// m4Call is a macro with its arguments, which are not expanded.
type m4Call struct {
	name string
	args []string
	line int
}

// arg returns an argument without quotes and surrounding blanks, "" if it is not there.
func (c m4Call) arg(i int) string {
	if i >= len(c.args) {
		return ""
	}
	return strings.TrimSpace(strings.NewReplacer("`", "", "'", "").Replace(c.args[i]))
}

// m4Calls finds the macros that are called with arguments, outside of quotes and comments. A # begins a comment only until cf.m4 is
// included, which turns that off (cfhead.m4: changecom); later only dnl does.
func m4Calls(text string) []m4Call {
	var calls []m4Call
	s := m4Scanner{text: text, line: 1}
	comments := true
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '#' && comments:
			s.skipLine()
		case c == '`':
			s.quoted()
		case c == '_' || isAlphanumeric(c):
			begins := s.line
			name := s.name()
			if name == "dnl" {
				s.skipLine()
			} else if s.at < len(s.text) && s.text[s.at] == '(' {
				call := m4Call{name, s.arguments(), begins}
				comments = comments && !(name == "include" && strings.HasSuffix(call.arg(0), "cf.m4"))
				calls = append(calls, call)
			}
		default:
			s.step()
		}
	}
	return calls
}

// m4Scanner is a place in an m4 text.
type m4Scanner struct {
	text string
	at   int
	line int
}

// step goes on by a byte.
func (s *m4Scanner) step() {
	if s.text[s.at] == '\n' {
		s.line++
	}
	s.at++
}

// skipLine goes on to the next line.
func (s *m4Scanner) skipLine() {
	for s.at < len(s.text) {
		ends := s.text[s.at] == '\n'
		s.step()
		if ends {
			return
		}
	}
}

// name takes a word.
func (s *m4Scanner) name() string {
	n := nameLength(s.text[s.at:])
	word := s.text[s.at : s.at+n]
	s.at += n
	return word
}

// quoted takes a quoted string with its outer quotes; one that is not closed goes to the end.
func (s *m4Scanner) quoted() string {
	begins, level := s.at, 0
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case '`':
			level++
		case '\'':
			level--
		}
		s.step()
		if level == 0 {
			break
		}
	}
	return s.text[begins:s.at]
}

// arguments takes what is in parentheses, split at commas outside of quotes and inner parentheses.
func (s *m4Scanner) arguments() []string {
	var args []string
	var arg strings.Builder
	level := 0
	for s.at < len(s.text) {
		c := s.text[s.at]
		switch {
		case c == '`':
			arg.WriteString(s.quoted())
			continue
		case c == '_' || isAlphanumeric(c):
			if word := s.name(); word == "dnl" {
				s.skipLine()
			} else {
				arg.WriteString(word)
			}
			continue
		case c == '(':
			level++
		case c == ')':
			level--
		}
		s.step()
		switch {
		case level == 0:
			return append(args, arg.String())
		case c == ',' && level == 1:
			args = append(args, arg.String())
			arg.Reset()
		case c != '(' || level > 1:
			arg.WriteByte(c)
		}
	}
	return append(args, arg.String())
}
