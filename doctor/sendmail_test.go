package doctor

import (
	"strings"
	"testing"
)

const (
	cfFile = "/etc/mail/sendmail.cf"
	mcFile = "/etc/mail/sendmail.mc"
)

func lookAtCF(f Filter, root string) ([]Finding, error) { return Sendmail(cfFile, f, root) }
func lookAtMC(f Filter, root string) ([]Finding, error) { return Sendmail(mcFile, f, root) }

// Sockets that are used below.
const sendmailSocket = "unix:/run/luamilter/milter.sock?mode=0660"

// cfEdit and mcEdit are edits of the two files.
func cfEdit(old, new string) []edit { return []edit{{cfFile, old, new}} }
func mcEdit(old, new string) []edit { return []edit{{mcFile, old, new}} }

// defines is the line that defines luamilter.
func defines(socket, flag, limits string) string {
	return definition("luamilter", socket, flag, limits)
}

const (
	usual  = "inet:8891@127.0.0.1"
	limits = "C:5m;S:30s;R:30s;E:5m"
)

func TestSendmailWithoutMistakes(t *testing.T) {
	cases := []struct {
		name    string
		listen  []string
		folders []folder
		edits   []edit
	}{
		{"as it is", nil, nil, nil},
		{"every address", []string{"inet:8891"}, nil, nil},
		{"a unix socket", []string{sendmailSocket}, []folder{{"/run/luamilter", 0o755}},
			[]edit{{cfFile, usual, "local:/run/luamilter/milter.sock"}, {mcFile, usual, "local:/run/luamilter/milter.sock"}}},
		{"a path alone", []string{sendmailSocket}, nil, []edit{{cfFile, usual, "/run/luamilter/milter.sock"}, {mcFile, usual, "/run/luamilter/milter.sock"}}},
		{"closing the session", nil, nil, []edit{{cfFile, "Xluamilter, S=inet:8891@127.0.0.1, F=T", "Xluamilter, S=inet:8891@127.0.0.1, F=4"}, {mcFile, "8891@127.0.0.1, F=T", "8891@127.0.0.1, F=4"}}},
		{"one listener asks", nil, nil, []edit{
			{cfFile, "O InputMailFilters=opendkim, luamilter", "O InputMailFilters=opendkim"}, {cfFile, "Name=MTA-v4", "Name=MTA-v4, InputMailFilters=opendkim;luamilter"},
			{mcFile, "INPUT_MAIL_FILTER(`luamilter'", "MAIL_FILTER(`luamilter'"}, {mcFile, "Name=MTA-v4", "Name=MTA-v4, InputMailFilters=opendkim;luamilter"}}},
	}
	for _, c := range cases {
		for kind, look := range map[string]examine{"cf": lookAtCF, "mc": lookAtMC} {
			t.Run(kind+"/"+c.name, func(t *testing.T) {
				findings, err := look(stock(t, c.listen...), copyOf(t, "sendmail", c.folders, c.edits...))
				if err != nil || len(findings) > 0 {
					t.Errorf("error %v, findings:\n%s", err, joined(findings))
				}
			})
		}
	}
}

// TestSendmailSourceMistakes plants mistakes in sendmail.mc.
func TestSendmailSourceMistakes(t *testing.T) {
	const whole = "INPUT_MAIL_FILTER(`luamilter', `S=inet:8891@127.0.0.1, F=T, T=C:5m;S:30s;R:30s;E:5m')dnl\n"
	const filter = "(`luamilter'"
	cases := []mistake{
		{name: "no filter", edits: mcEdit(whole, ""), file: mcFile, what: "no filter is luamilter", why: "no mail is filtered", write: defines(usual, "T", limits)},
		{name: "a filter that is commented out", edits: mcEdit(whole, "dnl "+whole), file: mcFile, what: "no filter is luamilter", why: "no mail is filtered", write: defines(usual, "T", limits)},
		{name: "defined and not asked", edits: mcEdit("INPUT_MAIL_FILTER"+filter, "MAIL_FILTER"+filter), file: mcFile, line: "MAIL_FILTER" + filter,
			what: "filter luamilter is not in InputMailFilters", why: "never asks", write: "define(`confINPUT_MAIL_FILTERS', `opendkim, luamilter')"},
		{name: "left out of the list afterwards", edits: mcEdit(whole, whole+"define(`confINPUT_MAIL_FILTERS', `opendkim')dnl\n"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "filter luamilter is not in InputMailFilters", why: "never asks", write: "define(`confINPUT_MAIL_FILTERS', `opendkim, luamilter')"},
		{name: "misspelt in the list", edits: mcEdit(whole, "MAIL_FILTER(`other', `S=inet:1@127.0.0.1')\n"+whole+"define(`confINPUT_MAIL_FILTERS', `opendkim, luamilter, ohter')dnl\n"), file: mcFile, line: "define(`confINPUT",
			what: "InputMailFilters names ohter, which is not defined; did you mean other?", why: "does not ask it", write: "define(`confINPUT_MAIL_FILTERS', `opendkim, luamilter, other')"},
		{name: "another port", edits: mcEdit("S=inet:8891@", "S=inet:8981@"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "luamilter does not listen on inet:8981@127.0.0.1", why: usual, write: defines(usual, "T", limits)},
		{name: "another host", edits: mcEdit("S=inet:8891@127.0.0.1", "S=inet:8891@192.0.2.1"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "luamilter does not listen on inet:8891@192.0.2.1", why: usual, write: defines(usual, "T", limits)},
		{name: "localhost", edits: mcEdit("S=inet:8891@127.0.0.1", "S=inet:8891@localhost"), rank: Note, file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "names the host", why: "::1", write: defines(usual, "T", limits)},
		{name: "Postfix' spelling", edits: mcEdit("S=inet:8891@127.0.0.1", "S=inet:127.0.0.1:8891"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "cannot use the address inet:127.0.0.1:8891", why: "Postfix's spelling", write: defines(usual, "T", limits)},
		{name: "no host", edits: mcEdit("S=inet:8891@127.0.0.1", "S=inet:8891"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "cannot use the address inet:8891", why: "port@host", write: defines(usual, "T", limits)},
		{name: "tcp", edits: mcEdit("S=inet:8891@127.0.0.1", "S=tcp:8891@127.0.0.1"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "cannot use the address tcp:", why: "not tcp:", write: defines(usual, "T", limits)},
		{name: "another path", edits: mcEdit(usual, "local:/run/luamilter/lua.sock"), listen: []string{sendmailSocket}, file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "luamilter does not listen on local:/run/luamilter/lua.sock", why: sendmailSocket, write: defines("local:/run/luamilter/milter.sock", "T", limits)},
		{name: "no socket", edits: mcEdit("S=inet:8891@127.0.0.1, ", ""), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "filter luamilter has no S=", why: "where it is", write: defines(usual, "T", limits)},
		{name: "no flag", edits: mcEdit("127.0.0.1, F=T, T=C:5m", "127.0.0.1, T=C:5m"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "filter luamilter has no F=", why: "mail passes unfiltered", write: defines(usual, "T", limits)},
		{name: "reject", edits: mcEdit("8891@127.0.0.1, F=T", "8891@127.0.0.1, F=R"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "filter luamilter has F=R", why: "for good", write: defines(usual, "T", limits)},
		{name: "an unknown flag", edits: mcEdit("8891@127.0.0.1, F=T", "8891@127.0.0.1, F=D"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "filter luamilter has F=D", why: "R, T and 4", write: defines(usual, "T", limits)},
		{name: "no limits", edits: mcEdit(", T=C:5m;S:30s;R:30s;E:5m", ""), rank: Note, file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "T= of filter luamilter has no R:", why: "waits 10s", write: defines(usual, "T", limits)},
		{name: "a short wait for a reply", edits: mcEdit("S:30s;R:30s", "S:30s;R:8"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "R: of filter luamilter is 8s", why: "a hook may take 8s", write: defines(usual, "T", limits)},
		{name: "a short wait for the end", edits: mcEdit("E:5m", "E:1m30s"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: "E: of filter luamilter is 90s", why: "eom may take 4m", write: defines(usual, "T", limits)},
		{name: "limits that are none", edits: mcEdit("R:30s;E:5m", "R=30s;E:5m"), file: mcFile, line: "INPUT_MAIL_FILTER" + filter,
			what: `has "R=30s"`, why: "C:, S:, R: and E:", write: defines(usual, "T", limits)},
		{name: "a listener with other filters", edits: mcEdit("Name=MSP-v4", "Name=MSP-v4, InputMailFilters=opendkim"), remains: true, file: mcFile, line: "Name=MSP-v4",
			what: "listener MSP-v4 has filters of its own, without luamilter", why: "passes luamilter by", write: "InputMailFilters=opendkim;luamilter"},
		{name: "no user", edits: mcEdit("{auth_authen}, ", ""), file: mcFile, line: "define(`confMILTER_MACROS_ENVFROM'", what: "Milter.macros.envfrom lacks {auth_authen}", why: "conn.auth.user",
			write: "define(`confMILTER_MACROS_ENVFROM', `i, {auth_type}, {auth_ssf}, {auth_author}, {mail_mailer}, {mail_host}, {mail_addr}, {auth_authen}')"},
		{name: "no queue id", edits: mcEdit("`i, {auth_type}", "`{auth_type}"), file: mcFile, line: "define(`confMILTER_MACROS_ENVFROM'", what: "Milter.macros.envfrom lacks i", why: "conn.queue_id",
			write: "define(`confMILTER_MACROS_ENVFROM', `{auth_type}, {auth_authen}, {auth_ssf}, {auth_author}, {mail_mailer}, {mail_host}, {mail_addr}, i')"},
		{name: "the default list is lost", edits: mcEdit("``confMILTER_MACROS_CONNECT, {client_addr}''", "`j, {client_addr}'"), file: mcFile, line: "define(`confMILTER_MACROS_CONNECT'",
			what: "Milter.macros.connect lacks {daemon_name}", why: "conn.daemon", write: "define(`confMILTER_MACROS_CONNECT', `j, {client_addr}, {daemon_name}')"},
		{name: "a folder that everybody may write to", edits: mcEdit(usual, "local:/run/luamilter/milter.sock"), listen: []string{sendmailSocket}, folders: []folder{{"/run/luamilter", 0o777}}, remains: true,
			file: mcFile, line: "INPUT_MAIL_FILTER" + filter, what: "everybody may write to /run/luamilter", why: "unsafe", write: "chmod go-w /run/luamilter"},
		{name: "Sendmail is not root", edits: append(mcEdit(usual, "local:/run/luamilter/milter.sock"), mcEdit("FEATURE(`use_cw_file')", "define(`confRUN_AS_USER', `smmta')")...),
			listen: []string{sendmailSocket}, remains: true, file: mcFile, line: "INPUT_MAIL_FILTER" + filter, what: "smmta may not write to /run/luamilter/milter.sock", why: "cannot connect",
			write: "--listen 'unix:/run/luamilter/milter.sock?mode=0660&group=smmta'"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, "sendmail", lookAtMC) })
	}
}

// TestSendmailMistakes plants mistakes in sendmail.cf. What is to be written goes into sendmail.mc, which it is made from.
func TestSendmailMistakes(t *testing.T) {
	cases := []mistake{
		{name: "no filter", edits: cfEdit("Xluamilter, S=inet:8891@127.0.0.1, F=T,\n\tT=C:5m;S:30s;R:30s;E:5m\n", ""), file: cfFile, line: "O InputMailFilters",
			what: "InputMailFilters names luamilter, which is not defined", why: "does not ask it", write: defines(usual, "T", limits)},
		{name: "not asked", edits: cfEdit("=opendkim, luamilter", "=opendkim"), file: cfFile, line: "Xluamilter", what: "luamilter is not in InputMailFilters", why: "never asks",
			write: "define(`confINPUT_MAIL_FILTERS', `opendkim, luamilter')"},
		{name: "asked nobody", edits: cfEdit("O InputMailFilters=opendkim, luamilter", "#O InputMailFilters"), file: cfFile, line: "Xluamilter", what: "luamilter is not in InputMailFilters", why: "never asks",
			write: "define(`confINPUT_MAIL_FILTERS', `luamilter')"},
		{name: "another port", edits: cfEdit("8891@127.0.0.1", "8819@127.0.0.1"), file: cfFile, line: "Xluamilter", what: "does not listen on inet:8819@127.0.0.1", why: usual, write: defines(usual, "T", limits)},
		{name: "Postfix' spelling", edits: cfEdit("8891@127.0.0.1", "localhost:8891"), file: cfFile, line: "Xluamilter", what: "inet:localhost:8891", why: "Postfix's spelling", write: defines("inet:8891@localhost", "T", limits)},
		{name: "no flag", edits: cfEdit("8891@127.0.0.1, F=T,", "8891@127.0.0.1,"), file: cfFile, line: "Xluamilter", what: "has no F=", why: "mail passes unfiltered", write: defines(usual, "T", limits)},
		{name: "reject", edits: cfEdit("8891@127.0.0.1, F=T,", "8891@127.0.0.1, F=R,"), file: cfFile, line: "Xluamilter", what: "has F=R", why: "for good", write: defines(usual, "T", limits)},
		{name: "no limits", edits: cfEdit("F=T,\n\tT=C:5m;S:30s;R:30s;E:5m", "F=T"), rank: Note, file: cfFile, line: "Xluamilter", what: "has no R:", why: "waits 10s", write: defines(usual, "T", limits)},
		{name: "a short wait for a reply", edits: cfEdit("S:30s;R:30s", "S:30s;R:5s"), file: cfFile, line: "Xluamilter", what: "R: of filter luamilter is 5s", why: "a hook may take 8s", write: defines(usual, "T", limits)},
		{name: "a short wait for the end", edits: cfEdit("R:30s;E:5m", "R:30s;E:3m"), file: cfFile, line: "Xluamilter", what: "E: of filter luamilter is 3m", why: "eom may take 4m", write: defines(usual, "T", limits)},
		{name: "no user", edits: cfEdit("{auth_type}, {auth_authen}", "{auth_type}"), file: cfFile, line: "O Milter.macros.envfrom", what: "lacks {auth_authen}", why: "conn.auth.user",
			write: "define(`confMILTER_MACROS_ENVFROM', `i, {auth_type}, {auth_ssf}, {auth_author}, {mail_mailer}, {mail_host}, {mail_addr}, {auth_authen}')"},
		{name: "no list for HELO", edits: cfEdit("O Milter.macros.helo={tls_version}, {cipher}, {cipher_bits}, {cert_subject}, {cert_issuer}\n", ""), file: cfFile, what: "Milter.macros.helo lacks {tls_version}", why: "conn.tls",
			write: "define(`confMILTER_MACROS_HELO', `{tls_version}, {cipher}')"},
		{name: "a listener with other filters", edits: cfEdit("Name=MSP-v4", "Name=MSP-v4, InputMailFilters=opendkim"), file: cfFile, line: "Name=MSP-v4", what: "listener MSP-v4 has filters of its own", why: "passes luamilter by",
			write: "InputMailFilters=opendkim;luamilter"},
	}
	for _, c := range cases {
		c.remains = true
		t.Run(c.name, func(t *testing.T) { c.run(t, "sendmail", lookAtCF) })
	}
}

// TestSendmailStockLimits compares the limits that Sendmail has without T= with longer ones of luamilter's.
func TestSendmailStockLimits(t *testing.T) {
	root := copyOf(t, "sendmail", nil, mcEdit(", T=C:5m;S:30s;R:30s;E:5m", "")...)
	filter := stock(t)
	filter.CommandTime, filter.MessageTime = 20*stockReply/10, 2*stockMessage
	findings, err := lookAtMC(filter, root)
	if err != nil {
		t.Fatal(err)
	}
	text := joined(findings)
	for _, part := range []string{"wrong: R: of filter luamilter is 10s", "wrong: E: of filter luamilter is 5m", "T=C:5m;S:30s;R:30s;E:11m"} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in\n%s", part, text)
		}
	}
}

func TestSendmailIsNotThere(t *testing.T) {
	if _, err := lookAtCF(stock(t), t.TempDir()); err == nil || !strings.Contains(err.Error(), "sendmail.cf: no such file") {
		t.Errorf("error %v", err)
	}
}
