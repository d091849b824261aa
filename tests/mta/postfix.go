package mta

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Postfix starts a Postfix of its own. It relays every message to o.Relay, or throws it away if that is empty, believes every client, looks nothing up in
// DNS and changes nothing about a message but adding its Received field.
func Postfix(t testing.TB, o Options) *Server {
	t.Helper()
	needRoot(t)
	postfix, postconf := NeedProgram(t, "postfix"), NeedProgram(t, "postconf")
	postqueue, sendmail := NeedProgram(t, "postqueue"), NeedProgram(t, "sendmail")
	programs := strings.TrimSpace(run(t, exec.Command(postconf, "-dh", "daemon_directory")))

	dir := Dir(t)
	conf := filepath.Join(dir, "conf")
	s := &Server{Name: "postfix", dir: dir, log: filepath.Join(dir, "maillog")}
	s.addresses(t, o)
	s.queue = func(t testing.TB) []Queued {
		t.Helper()
		return postfixQueue(t, run(t, exec.Command(postqueue, "-c", conf, "-j")))
	}
	s.submit = func(t testing.TB, from string, to []string, message string) {
		t.Helper()
		cmd := exec.Command(sendmail, append([]string{"-C", conf, "-i", "-f", from, "--"}, to...)...)
		cmd.Stdin = strings.NewReader(message)
		run(t, cmd)
	}
	for _, name := range []string{"conf", "queue", "data"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(dir, "data"), userID(t, "postfix"), -1); err != nil {
		t.Fatal(err)
	}
	write(t, postfixMain(t, dir, programs, o), conf, "main.cf")
	write(t, s.postfixMaster(t, o), conf, "master.cf")
	// "check" creates the queue directories. The daemon is then started as "postfix start-fg" would do it.
	if out, err := exec.Command(postfix, "-c", conf, "check").CombinedOutput(); err != nil {
		t.Fatalf("postfix check: %v\n%s%s", err, out, s.Log(t))
	}
	master := filepath.Join(programs, "master")
	p, err := start(exec.Command("/bin/sh", "-c", keeper, "sh", master, "-c", conf, "-s"))
	if err != nil {
		t.Fatal(err)
	}
	s.launch(t, p)
	return s
}

// keeper is a shell program that runs a daemon and passes SIGTERM on to it. Postfix' own process cannot be told to end
// with its parent: the kernel forgets that when a process changes its user, as Postfix does.
const keeper = `trap 'kill "$daemon"' TERM; "$@" & daemon=$!; wait; wait`

// postfixMain is the text of main.cf.
func postfixMain(t testing.TB, dir, programs string, o Options) string {
	t.Helper()
	var b strings.Builder
	set := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%s = %s\n", name, fmt.Sprintf(format, args...))
	}
	set("compatibility_level", "3.6")
	set("queue_directory", "%s/queue", dir)
	set("data_directory", "%s/data", dir)
	set("daemon_directory", "%s", programs)
	set("maillog_file", "%s/maillog", dir)
	set("maillog_file_prefixes", "%s", dir)
	set("myhostname", "%s", Host)
	set("mydestination", "")
	set("alias_maps", "")
	set("alias_database", "")
	set("inet_interfaces", "127.0.0.1")
	set("mynetworks", "127.0.0.0/8")
	set("smtpd_relay_restrictions", "check_client_access static:permit, reject")
	set("smtpd_recipient_restrictions", "check_recipient_access inline:{ { %s = REJECT no such user } }", Refused)
	set("smtpd_authorized_xclient_hosts", "$mynetworks") // clients may claim to be others
	set("local_header_rewrite_clients", "")              // headers stay as they are
	set("append_dot_mydomain", "no")
	// All mail goes to the relay, all recipients of a message together.
	set("default_transport", "%s", postfixTransport(t, o.Relay))
	for _, class := range []string{"local", "relay", "virtual"} {
		set(class+"_transport", "$default_transport")
	}
	set("default_destination_recipient_limit", "5000")
	set("smtp_dns_support_level", "disabled")
	set("smtp_host_lookup", "native")
	set("smtp_line_length_limit", "0")
	set("smtp_tls_security_level", "none")
	postfixLimits(set)
	set("message_size_limit", "104857600")
	set("notify_classes", "")
	set("smtputf8_enable", "yes")
	for name, filters := range map[string][]Filter{"smtpd_milters": o.Filters, "non_smtpd_milters": o.Local} {
		if len(filters) > 0 { // or else o.Lines may say it without a warning
			set(name, "%s", postfixMilters(t, filters))
		}
	}
	if o.TLS {
		cert, key := certificate(t, dir)
		set("smtpd_tls_security_level", "may")
		set("smtpd_tls_cert_file", "%s", cert)
		set("smtpd_tls_key_file", "%s", key)
	}
	for _, line := range o.Lines {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// postfixLimits sets what else would slow down or shut out clients that behave oddly.
func postfixLimits(set func(name, format string, args ...any)) {
	for _, limit := range []string{
		"smtpd_client_connection_count_limit", "smtpd_client_connection_rate_limit",
		"smtpd_client_message_rate_limit", "smtpd_error_sleep_time", "in_flow_delay", "queue_minfree",
		"mailbox_size_limit",
	} {
		set(limit, "0")
	}
	for _, limit := range []string{
		"smtpd_recipient_limit", "smtpd_hard_error_limit", "smtpd_soft_error_limit", "smtpd_junk_command_limit",
	} {
		set(limit, "5000")
	}
}

// postfixTransport is a value of default_transport.
func postfixTransport(t testing.TB, relay string) string {
	t.Helper()
	if relay == "" {
		return "discard:"
	}
	host, port, err := net.SplitHostPort(relay)
	if err != nil {
		t.Fatalf("relay: %v", err)
	}
	return fmt.Sprintf("smtp:[%s]:%s", host, port)
}

// userID returns the number of a user.
func userID(t testing.TB, name string) int {
	t.Helper()
	u, err := user.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	id, err := strconv.Atoi(u.Uid)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// postfixMilters is a value of smtpd_milters.
func postfixMilters(t testing.TB, filters []Filter) string {
	t.Helper()
	var list []string
	for _, f := range filters {
		failure := f.Failure
		switch failure {
		case "":
			failure = Tempfail
		case Shutdown:
			t.Fatalf("Postfix cannot be told to %s without its filter", failure)
		}
		network, host, port := splitSpec(t, f.Milter)
		where := "unix:" + host
		if network != "unix" {
			where = "inet:" + net.JoinHostPort(host, port)
		}
		one := fmt.Sprintf("%s, default_action=%s", where, failure)
		if f.Timeout > 0 {
			limit := max(1, int(f.Timeout/time.Second))
			one += fmt.Sprintf(", connect_timeout=%ds, command_timeout=%ds, content_timeout=%ds", limit, limit, limit)
		}
		if f.Protocol > 0 {
			one += fmt.Sprintf(", protocol=%d", f.Protocol)
		}
		list = append(list, "{ "+one+" }")
	}
	return strings.Join(list, " ")
}

// postfixMaster is the text of master.cf: a listener for every address, and what Postfix needs to relay mail, none of
// it in a chroot.
func (s *Server) postfixMaster(t testing.TB, o Options) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s inet n - n - 100 smtpd\n", s.Addr)
	for name, filters := range o.Others {
		fmt.Fprintf(&b, "%s inet n - n - 100 smtpd\n  -o { smtpd_milters = %s }\n",
			s.others[name], postfixMilters(t, filters))
	}
	b.WriteString(`
pickup   unix       n - n 60   1 pickup
cleanup  unix       n - n -    0 cleanup
qmgr     unix       n - n 300  1 qmgr
rewrite  unix       - - n -    - trivial-rewrite
bounce   unix       - - n -    0 bounce
defer    unix       - - n -    0 bounce
trace    unix       - - n -    0 bounce
tlsmgr   unix       - - n 1000 1 tlsmgr
flush    unix       n - n 1000 0 flush
proxymap unix       - - n -    - proxymap
smtp     unix       - - n -    - smtp
relay    unix       - - n -    - smtp
error    unix       - - n -    - error
retry    unix       - - n -    - error
discard  unix       - - n -    - discard
showq    unix       n - n -    - showq
anvil    unix       - - n -    1 anvil
postlog  unix-dgram n - n -    1 postlogd
`)
	return b.String()
}
