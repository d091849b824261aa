package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	mainFile   = "/etc/postfix/main.cf"
	masterFile = "/etc/postfix/master.cf"
)

func lookAtPostfix(f Filter, root string) ([]Finding, error) { return Postfix("/etc/postfix", f, root) }

// Sockets that are used below.
const (
	inChroot  = "unix:/var/spool/postfix/luamilter/milter.sock?mode=0660&group=postfix"
	outside   = "unix:/run/luamilter/milter.sock?mode=0660&group=postfix"
	ownerOnly = "unix:/var/spool/postfix/luamilter/milter.sock?mode=0600"
)

// main and master are edits of the two files.
func mainEdit(old, new string) []edit   { return []edit{{mainFile, old, new}} }
func masterEdit(old, new string) []edit { return []edit{{masterFile, old, new}} }

// useSocket lets main.cf name another address for luamilter.
func useSocket(address string) []edit {
	return mainEdit("luamilter = inet:127.0.0.1:8891", "luamilter = "+address)
}

// luamilter is the line that gives its address.
func luamilter(address string) string { return "luamilter = " + address }

func TestPostfixWithoutMistakes(t *testing.T) {
	cases := []struct {
		name    string
		listen  []string
		folders []folder
		edits   []edit
	}{
		{"as it is", nil, nil, nil},
		{"every address", []string{"inet:8891"}, nil, nil},
		{"a name of a port", []string{"inet:25@127.0.0.1"}, nil, useSocket("inet:127.0.0.1:smtp")},
		{"IPv6", []string{"inet6:8891@::1"}, nil, useSocket("inet:[::1]:8891")},
		{"one of two sockets", []string{outside, "inet:8891@127.0.0.1"}, nil, nil},
		{"unix in the chroot", []string{inChroot}, nil, useSocket("unix:/luamilter/milter.sock")},
		{"unix in the chroot, relative", []string{inChroot}, []folder{{"/var/spool/postfix/luamilter", 0o755}}, useSocket("unix:luamilter/milter.sock")},
		{"unix without a chroot, relative", []string{inChroot}, nil, append(useSocket("unix:luamilter/milter.sock"), noChroot...)},
		{"unix without a chroot", []string{outside}, nil, append(useSocket("unix:/run/luamilter/milter.sock"), noChroot...)},
		{"chroot by default before level 1", []string{inChroot}, nil, append(useSocket("unix:/luamilter/milter.sock"),
			edit{mainFile, "compatibility_level = 3.6", "compatibility_level = 0"}, edit{masterFile, "smtp      inet  n       -       y", "smtp      inet  n       -       -"})},
		{"no chroot by default from level 1", []string{outside}, nil, append(append(useSocket("unix:/run/luamilter/milter.sock"), noChroot...),
			edit{masterFile, "smtp      inet  n       -       n", "smtp      inet  n       -       -"})},
		{"braces", nil, nil, useSocket("{ inet:127.0.0.1:8891, default_action=tempfail, {command_timeout = 20s} }")},
		{"in master.cf only", nil, nil, []edit{{mainFile, "$dkim_milter, ${luamilter}", "$dkim_milter"},
			{masterFile, "smtpd\n", "smtpd\n  -o { smtpd_milters = inet:127.0.0.1:12301, $luamilter }\n"}, {mainFile, "non_smtpd_milters = $smtpd_milters", "non_smtpd_milters = $luamilter"}}},
		{"a choice", nil, nil, useSocket("${compatibility_level?{inet:127.0.0.1:8891}:{inet:127.0.0.1:1}}")},
		{"a comparison", nil, nil, useSocket("${{$compatibility_level} >=level {3.10} ? {inet:127.0.0.1:1} : {inet:127.0.0.1:8891}}")},
		{"the later of two", nil, nil, mainEdit("milter_default_action = tempfail", "milter_default_action = accept\nmilter_default_action =\n  tempfail")},
		{"postscreen before smtpd", nil, nil, masterEdit("smtp      inet  n       -       y       -       -       smtpd",
			"smtp      inet  n       -       y       -       1       postscreen\nsmtpd     pass  -       -       y       -       -       smtpd")},
		{"a table without DISABLE", nil, nil, []edit{{mainFile, "", "smtpd_milter_maps = cidr:/etc/postfix/maps\n"}, {"/etc/postfix/maps", "", "192.0.2.0/24 inet:127.0.0.1:8891\n"}}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			findings, err := lookAtPostfix(stock(t, c.listen...), copyOf(t, "postfix", c.folders, c.edits...))
			if err != nil || len(findings) > 0 {
				t.Errorf("error %v, findings:\n%s", err, joined(findings))
			}
		})
	}
}

// noChroot takes the services that talk to milters out of the chroot.
var noChroot = []edit{
	{masterFile, "smtp      inet  n       -       y", "smtp      inet  n       -       n"},
	{masterFile, "submission inet n       -       y", "submission inet n       -       n"},
	{masterFile, "submissions     inet  n       -       y", "submissions     inet  n       -       n"},
	{masterFile, "127.0.0.1:10025 inet n  -       y", "127.0.0.1:10025 inet n  -       n"},
	{masterFile, "cleanup   unix  n       -       y", "cleanup   unix  n       -       n"},
}

func TestPostfixMistakes(t *testing.T) {
	const milters = "smtpd_milters = $dkim_milter, ${luamilter}"
	cases := []mistake{
		{name: "luamilter is in no list", edits: mainEdit("$dkim_milter, ${luamilter}", "$dkim_milter"), listen: []string{"inet:9999@192.0.2.7"},
			file: mainFile, line: "smtpd_milters =", what: "smtpd_milters does not name luamilter", why: "no mail is filtered",
			write: "smtpd_milters = $dkim_milter, inet:192.0.2.7:9999"},
		{name: "no milters at all", edits: []edit{{mainFile, milters + "\n", ""}, {mainFile, "non_smtpd_milters = $smtpd_milters", "non_smtpd_milters = $luamilter"}},
			file: mainFile, what: "smtpd_milters is not set", why: "no mail is filtered", write: "smtpd_milters = inet:127.0.0.1:8891"},
		{name: "the parameter is misspelt", edits: mainEdit("milter_default_action = tempfail", "milter_default_action = tempfail\nmilter_content_timout = 10m"),
			file: mainFile, line: "milter_content_timout", what: "did you mean milter_content_timeout?", why: "ignores", write: "milter_content_timeout = 10m"},
		{name: "local mail is not filtered", edits: mainEdit("non_smtpd_milters = $smtpd_milters\n", ""), rank: Note,
			file: mainFile, what: "non_smtpd_milters is not set", why: "sendmail(1)", write: "non_smtpd_milters = $smtpd_milters"},
		{name: "local mail is asked of others only", edits: mainEdit("non_smtpd_milters = $smtpd_milters\n", "non_smtpd_milters = unix:/dkim/sock\n"), rank: Note,
			file: mainFile, line: "non_smtpd", what: "does not name luamilter", why: "sendmail(1)", write: "non_smtpd_milters = unix:/dkim/sock, inet:127.0.0.1:8891"},
		{name: "another port", edits: useSocket("inet:127.0.0.1:8981"),
			file: mainFile, line: "luamilter =", what: "does not listen on inet:127.0.0.1:8981", why: "inet:8891@127.0.0.1", write: luamilter("inet:127.0.0.1:8891")},
		{name: "another host", edits: useSocket("inet:192.0.2.1:8891"),
			file: mainFile, line: "luamilter =", what: "does not listen on inet:192.0.2.1:8891", why: "inet:8891@127.0.0.1", write: luamilter("inet:127.0.0.1:8891")},
		{name: "localhost", edits: useSocket("inet:localhost:8891"), rank: Note,
			file: mainFile, line: "luamilter =", what: "inet:localhost:8891", why: "::1", write: luamilter("inet:127.0.0.1:8891")},
		{name: "IPv6 is called, IPv4 is listened on", edits: useSocket("inet:[::1]:8891"),
			listen: []string{"inet:8891@0.0.0.0"}, file: mainFile, line: "luamilter =", what: "does not listen on inet:[::1]:8891", why: "0.0.0.0", write: luamilter("inet:127.0.0.1:8891")},
		{name: "Sendmail's spelling", edits: useSocket("inet:8891@127.0.0.1"),
			file: mainFile, line: "luamilter =", what: "cannot use the address inet:8891@127.0.0.1", why: "Sendmail's spelling", write: luamilter("inet:127.0.0.1:8891")},
		{name: "Sendmail's word for unix", listen: []string{inChroot}, edits: useSocket("local:/luamilter/milter.sock"),
			file: mainFile, line: "luamilter =", what: "local:/luamilter/milter.sock", why: "Sendmail's spelling", write: luamilter("unix:/luamilter/milter.sock")},
		{name: "a path alone", listen: []string{inChroot}, edits: useSocket("/luamilter/milter.sock"),
			file: mainFile, line: "luamilter =", what: "cannot use the address /luamilter/milter.sock", why: "unix:", write: luamilter("unix:/luamilter/milter.sock")},
		{name: "luamilter's options in the path", listen: []string{inChroot}, edits: useSocket("unix:/luamilter/milter.sock?mode=0660"),
			file: mainFile, line: "luamilter =", what: "?mode=0660", why: "--listen", write: luamilter("unix:/luamilter/milter.sock")},
		{name: "host and port the wrong way round", edits: useSocket("inet:8891:127.0.0.1"),
			file: mainFile, line: "luamilter =", what: "inet:8891:127.0.0.1", why: "wrong way round", write: luamilter("inet:127.0.0.1:8891")},
		{name: "the socket is out of the chroot", listen: []string{outside}, edits: useSocket("unix:/run/luamilter/milter.sock"), remains: true,
			file: mainFile, line: "luamilter =", what: "not where unix:/run/luamilter/milter.sock leads", write: luamilter("unix:/luamilter/milter.sock"),
			why: "service smtp inet runs in the chroot /var/spool/postfix, so this is /var/spool/postfix/run/luamilter/milter.sock"},
		{name: "the whole path in the chroot", listen: []string{inChroot}, edits: useSocket("unix:/var/spool/postfix/luamilter/milter.sock"),
			file: mainFile, line: "luamilter =", what: "leads", why: "this is /var/spool/postfix/var/spool/postfix/luamilter/milter.sock", write: luamilter("unix:/luamilter/milter.sock")},
		{name: "the path of a chroot without one", listen: []string{inChroot}, edits: append(useSocket("unix:/luamilter/milter.sock"), noChroot...),
			file: mainFile, line: "luamilter =", what: "leads", why: "without a chroot", write: luamilter("unix:/var/spool/postfix/luamilter/milter.sock")},
		{name: "another path", listen: []string{inChroot}, edits: useSocket("unix:/luamilter/lua.sock"),
			file: mainFile, line: "luamilter =", what: "unix:/luamilter/lua.sock", why: "luamilter listens on /var/spool/postfix/luamilter/milter.sock", write: luamilter("unix:/luamilter/milter.sock")},
		{name: "the mode is too narrow", listen: []string{ownerOnly}, edits: useSocket("unix:/luamilter/milter.sock"), remains: true,
			file: mainFile, line: "luamilter =", what: "postfix may not write to /var/spool/postfix/luamilter/milter.sock: luamilter makes it with mode 0600", why: "cannot connect",
			write: "--listen 'unix:/var/spool/postfix/luamilter/milter.sock?mode=0660&group=postfix'"},
		{name: "the group is another", listen: []string{strings.Replace(inChroot, "=postfix", "=smmta", 1)}, edits: useSocket("unix:/luamilter/milter.sock"), remains: true,
			file: mainFile, line: "luamilter =", what: "mode 0660 and group smmta", why: "cannot connect", write: "--listen 'unix:/var/spool/postfix/luamilter/milter.sock?mode=0660&group=postfix'"},
		{name: "the group does not exist", listen: []string{strings.Replace(inChroot, "=postfix", "=postfx", 1)}, edits: useSocket("unix:/luamilter/milter.sock"), remains: true,
			file: mainFile, line: "luamilter =", what: "group postfx does not exist", why: "cannot connect", write: "--listen 'unix:/var/spool/postfix/luamilter/milter.sock?mode=0660&group=postfix'"},
		{name: "the folder is closed", listen: []string{inChroot}, edits: useSocket("unix:/luamilter/milter.sock"), folders: []folder{{"/var/spool/postfix/luamilter", 0o700}}, remains: true,
			file: mainFile, line: "luamilter =", what: "postfix may not enter /var/spool/postfix/luamilter", why: "cannot reach", write: "chmod o+x /var/spool/postfix/luamilter"},
		{name: "accept", edits: mainEdit("action = tempfail", "action = accept"),
			file: mainFile, line: "action =", what: "milter_default_action is accept", why: "mail passes unfiltered", write: "milter_default_action = tempfail"},
		{name: "reject", edits: mainEdit("action = tempfail", "action = reject"),
			file: mainFile, line: "action =", what: "milter_default_action is reject", why: "for good", write: "milter_default_action = tempfail"},
		{name: "quarantine", edits: mainEdit("action = tempfail", "action = quarantine"), rank: Note,
			file: mainFile, line: "action =", what: "milter_default_action is quarantine", why: "hold queue", write: "milter_default_action = tempfail"},
		{name: "a misspelt action", edits: mainEdit("action = tempfail", "action = temp_fail"),
			file: mainFile, line: "action =", what: "milter_default_action is temp_fail (tempfail?)", why: "does not know", write: "milter_default_action = tempfail"},
		{name: "no action", edits: mainEdit("milter_default_action = tempfail\n", ""), rank: Note,
			file: mainFile, what: "milter_default_action is not set", why: "3.11", write: "milter_default_action = tempfail"},
		{name: "accept in the braces", edits: useSocket("{ inet:127.0.0.1:8891, default_action=accept, command_timeout=20s }"),
			file: mainFile, line: "luamilter =", what: "milter_default_action is accept", why: "mail passes unfiltered",
			write: luamilter("{ inet:127.0.0.1:8891, default_action=tempfail, command_timeout=20s }")},
		{name: "accept on one port", edits: masterEdit("  -o milter_macro_daemon_name=ORIGINATING", "  -o milter_default_action=accept"),
			file: masterFile, line: "milter_default_action", what: "milter_default_action is accept", why: "mail passes unfiltered", write: "-o milter_default_action=tempfail"},
		{name: "the time for a command is short", edits: mainEdit("command_timeout = 45s", "command_timeout = 8s"),
			file: mainFile, line: "command_timeout", what: "milter_command_timeout is 8s", why: "a hook may take 8s", write: "milter_command_timeout = 30s"},
		{name: "the time for a command is short in the braces", edits: useSocket("{ inet:127.0.0.1:8891, command_timeout=5s }"),
			file: mainFile, line: "luamilter =", what: "milter_command_timeout is 5s", why: "a hook may take 8s", write: luamilter("{ inet:127.0.0.1:8891, command_timeout=30s }")},
		{name: "the time for a message is short", edits: mainEdit("content_timeout = 6m", "content_timeout = 5"),
			file: mainFile, line: "content_timeout", what: "milter_content_timeout is 5", why: "eom 4m", write: "milter_content_timeout = 5m"},
		{name: "the time for a message is shorter than eom may take", edits: mainEdit("content_timeout = 6m", "content_timeout = 60s"), rank: Note,
			file: mainFile, line: "content_timeout", what: "milter_content_timeout is 60s", why: "eom 4m", write: "milter_content_timeout = 5m"},
		{name: "the time to connect is short", edits: mainEdit("connect_timeout = 10", "connect_timeout = 2s"), rank: Note,
			file: mainFile, line: "connect_timeout", what: "milter_connect_timeout is 2s", why: "busy", write: "milter_connect_timeout = 30s"},
		{name: "no time", edits: mainEdit("content_timeout = 6m", "content_timeout = 6 min"),
			file: mainFile, line: "content_timeout", what: "milter_content_timeout is 6 min", why: "fatal", write: "milter_content_timeout = 5m"},
		{name: "an old protocol", edits: mainEdit("milter_protocol = 6", "milter_protocol = 2"),
			file: mainFile, line: "milter_protocol", what: "milter_protocol is 2", why: "data and unknown hooks never run", write: "milter_protocol = 6"},
		{name: "an older protocol on one port", edits: masterEdit("  -o milter_macro_daemon_name=ORIGINATING", "  -o milter_protocol=4"),
			file: masterFile, line: "milter_protocol", what: "milter_protocol is 4", why: "skip", write: "-o milter_protocol=6"},
		{name: "an unknown protocol", edits: mainEdit("milter_protocol = 6", "milter_protocol = 5"),
			file: mainFile, line: "milter_protocol", what: "milter_protocol is 5", why: "cannot talk", write: "milter_protocol = 6"},
		{name: "no user", edits: mainEdit("{auth_type} {auth_authen} {auth_author} ", "{auth_type} "),
			file: mainFile, line: "milter_mail_macros", what: "milter_mail_macros lacks {auth_authen}", why: "conn.auth.user",
			write: "milter_mail_macros = i {auth_type} {mail_addr} {mail_host} {mail_mailer} {auth_authen}"},
		{name: "no queue id", edits: mainEdit("milter_end_of_data_macros = i", "milter_end_of_data_macros = j"),
			file: mainFile, line: "milter_end_of_data", what: "milter_end_of_data_macros lacks i", why: "conn.queue_id", write: "milter_end_of_data_macros = j i"},
		{name: "no name of the listener", edits: mainEdit("milter_connect_macros = j {daemon_name} ", "milter_connect_macros = j "),
			file: mainFile, line: "milter_connect_macros", what: "milter_connect_macros lacks {daemon_name}", why: "conn.daemon",
			write: "milter_connect_macros = j {daemon_addr} v {client_name} _ {daemon_name}"},
		{name: "submission has no milters", edits: masterEdit("  -o milter_macro_daemon_name=ORIGINATING", "  -o smtpd_milters="),
			file: masterFile, line: "-o smtpd_milters=", what: "service submission inet has no milters", why: "users hand in", write: "-o smtpd_milters=inet:127.0.0.1:8891"},
		{name: "submission has other milters", edits: masterEdit("  -o milter_macro_daemon_name=ORIGINATING", "  -o smtpd_milters=$dkim_milter"),
			file: masterFile, line: "-o smtpd_milters=", what: "service submission inet asks other milters only", why: "users hand in",
			write: "-o { smtpd_milters = $dkim_milter, inet:127.0.0.1:8891 }"},
		{name: "submission has a milter with nothing in common", edits: masterEdit("  -o milter_macro_daemon_name=ORIGINATING", "  -o smtpd_milters=unix:/dkim/sock"),
			file: masterFile, line: "-o smtpd_milters=", what: "service submission inet asks other milters only", why: "users hand in",
			write: "-o { smtpd_milters = unix:/dkim/sock, inet:127.0.0.1:8891 }"},
		{name: "another port has no milters", edits: masterEdit("pickup ", "2525 inet n - y - - smtpd\n  -o smtpd_milters=\npickup "), rank: Note,
			file: masterFile, line: "-o smtpd_milters=", what: "service 2525 inet has no milters", why: "passes luamilter by", write: "-o smtpd_milters=inet:127.0.0.1:8891"},
		{name: "no_milters on a port", edits: masterEdit("  -o milter_macro_daemon_name=ORIGINATING", "  -o receive_override_options=no_address_mappings,no_milters"),
			file: masterFile, line: "no_address_mappings,no_milters", what: "receive_override_options has no_milters", why: "passes luamilter by",
			write: "-o receive_override_options=no_address_mappings"},
		{name: "no_milters everywhere", edits: mainEdit("biff = no", "receive_override_options = no_milters"),
			file: mainFile, line: "no_milters", what: "receive_override_options has no_milters", why: "passes luamilter by", write: "receive_override_options ="},
		{name: "no_milters for local mail", edits: masterEdit("1       pickup", "1       pickup\n  -o receive_override_options=no_milters"),
			file: masterFile, line: "options=no_milters", what: "receive_override_options has no_milters", why: "sendmail(1)", write: "-o receive_override_options="},
		{name: "clients are taken away", edits: []edit{{mainFile, "", "smtpd_milter_maps = cidr:$config_directory/maps\n"}, {"/etc/postfix/maps", "", "# ours\n192.0.2.0/24\tDISABLE\n"}}, rank: Note,
			file: "/etc/postfix/maps", line: "192.0.2.0/24", what: "192.0.2.0/24 is DISABLEd", why: "passes luamilter by", write: "# 192.0.2.0/24\tDISABLE"},
		{name: "all clients are taken away", edits: []edit{{mainFile, "", "smtpd_milter_maps = cidr:/etc/postfix/maps\n"}, {"/etc/postfix/maps", "", "0.0.0.0/0 disable\n"}},
			file: "/etc/postfix/maps", line: "0.0.0.0/0", what: "0.0.0.0/0 is DISABLEd", why: "no mail is filtered", write: "# 0.0.0.0/0 disable"},
		{name: "all clients are taken away by one word", edits: mainEdit("biff = no", "smtpd_milter_maps = static:DISABLE"),
			file: mainFile, line: "smtpd_milter_maps", what: "DISABLE for every client", why: "passes luamilter by", write: "smtpd_milter_maps ="},
		{name: "mail from the content filter is asked about again", edits: masterEdit("no_unknown_recipient_checks,no_milters", "no_unknown_recipient_checks"), rank: Note,
			file: masterFile, line: "no_header_body_checks", what: "takes mail back from a content filter", why: "twice",
			write: "-o receive_override_options=no_header_body_checks,no_unknown_recipient_checks,no_milters"},
		{name: "a filter before the queue", edits: []edit{{mainFile, "content_filter = smtp-amavis:[127.0.0.1]:10024\n", ""},
			{masterFile, "smtpd\n", "smtpd\n  -o smtpd_proxy_filter=127.0.0.1:10024\n"}}, rank: Note, remains: true,
			file: masterFile, line: "smtpd_proxy_filter", what: "smtpd_proxy_filter is 127.0.0.1:10024", why: "no header and no body"},
		{name: "a parameter that refers to itself", edits: append(mainEdit("luamilter = inet:127.0.0.1:8891", "luamilter = $luamilter"), edit{mainFile, "non_smtpd_milters = $smtpd_milters", "non_smtpd_milters = inet:127.0.0.1:8891"}), remains: true,
			file: mainFile, line: "smtpd_milters", what: "smtpd_milters cannot be made out", why: "refers to itself"},
		{name: "a line that is no setting", edits: mainEdit("biff = no", "biff no"), remains: true,
			file: mainFile, line: "biff no", what: "no \"name = value\"", why: "fatal"},
		{name: "a service that is cut short", edits: masterEdit("retry     unix  -       -       y       -       -       error", "retry     unix"), remains: true,
			file: masterFile, line: "retry     unix", what: "fewer than 8 fields", why: "fatal"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, "postfix", lookAtPostfix) })
	}
}

// TestPostfixSocketFile looks at a socket that exists: its own mode counts, not what luamilter would give it.
func TestPostfixSocketFile(t *testing.T) {
	for mode, wrong := range map[os.FileMode]int{0o666: 0, 0o660: 1, 0o600: 1} {
		root := copyOf(t, "postfix", []folder{{"/var/spool/postfix/luamilter", 0o755}}, useSocket("unix:/luamilter/milter.sock")...)
		file := filepath.Join(root, "/var/spool/postfix/luamilter/milter.sock")
		write(t, root, "/var/spool/postfix/luamilter/milter.sock", "")
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		findings, err := lookAtPostfix(stock(t, inChroot), root)
		if err != nil || len(findings) != wrong {
			t.Errorf("mode %o: error %v, findings:\n%s", mode, err, joined(findings))
		}
	}
}

// TestPostfixLinks looks at the folder /var/run, which is a link to /run.
func TestPostfixLinks(t *testing.T) {
	root := copyOf(t, "postfix", []folder{{"/run", 0o755}, {"/var", 0o755}}, append(useSocket("unix:/var/run/luamilter/milter.sock"), noChroot...)...)
	if err := os.Symlink("/run", filepath.Join(root, "/var/run")); err != nil {
		t.Fatal(err)
	}
	findings, err := lookAtPostfix(stock(t, outside), root)
	if err != nil || len(findings) > 0 {
		t.Errorf("error %v, findings:\n%s", err, joined(findings))
	}
}

// TestPostfixSeveralMistakes has a mistake in another filter's address beside one about luamilter, and settings that matter though luamilter is
// not asked yet: everything is found at once.
func TestPostfixSeveralMistakes(t *testing.T) {
	cases := []struct {
		name  string
		edits []edit
		want  []string // parts of the findings
	}{
		{"another filter is misspelt, luamilter's path leads elsewhere", append(useSocket("unix:/run/luamilter/milter.sock"), edit{mainFile, "inet:127.0.0.1:12301", "local:dkim/sock"}),
			[]string{"cannot use the address local:dkim/sock", "not where unix:/run/luamilter/milter.sock leads"}},
		{"luamilter is not asked, and its settings are wrong", []edit{{mainFile, ", ${luamilter}", ""}, {mainFile, "action = tempfail", "action = reject"}, {mainFile, "milter_protocol = 6", "milter_protocol = 3"}},
			[]string{"smtpd_milters does not name luamilter", "milter_default_action is reject", "milter_protocol is 3"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			findings, err := lookAtPostfix(stock(t, outside), copyOf(t, "postfix", nil, c.edits...))
			if err != nil || len(findings) != len(c.want) {
				t.Errorf("error %v, findings:\n%s", err, joined(findings))
			}
			for _, part := range c.want {
				if !strings.Contains(joined(findings), part) {
					t.Errorf("no %q in\n%s", part, joined(findings))
				}
			}
		})
	}
}

func TestPostfixIsNotThere(t *testing.T) {
	if _, err := lookAtPostfix(stock(t), t.TempDir()); err == nil || !strings.Contains(err.Error(), "main.cf: no such file") {
		t.Errorf("error %v", err)
	}
	if _, err := lookAtPostfix(Filter{}, "testdata/postfix"); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("error %v", err)
	}
}
