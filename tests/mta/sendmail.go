package mta

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Sendmail starts a Sendmail of its own, from the unpacked package that tests/install.sh leaves in its cache. It
// relays every message to o.Relay, believes every client, looks nothing up in DNS and changes nothing about a message
// but adding its Received field and, where they are missing, Date, From and Message-Id.
func Sendmail(t testing.TB, o Options) *Server {
	t.Helper()
	needRoot(t)
	program := NeedCached(t, "usr/libexec/sendmail/sendmail")
	macros := NeedCached(t, "usr/share/sendmail/cf")
	shim := NeedCached(t, "shim.so")
	m4 := NeedProgram(t, "m4")

	dir := Dir(t)
	queue := filepath.Join(dir, "queue")
	s := &Server{Name: "sendmail", dir: dir, log: filepath.Join(dir, "syslog")}
	s.addresses(t, o)
	s.queue = func(t testing.TB) []Queued {
		t.Helper()
		return sendmailQueue(t, queue)
	}
	if err := os.Mkdir(queue, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, "", dir, "aliases")
	write(t, "", dir, "statistics")
	write(t, "hosts files\naliases files\npasswd files\n", dir, "service.switch")
	write(t, s.sendmailSource(t, dir, macros, o), dir, "sendmail.mc")
	cf, err := exec.Command(m4, filepath.Join(dir, "sendmail.mc")).Output()
	if err != nil {
		t.Fatalf("m4: %v", err)
	}
	write(t, string(cf), dir, "sendmail.cf")

	command := func(args ...string) *exec.Cmd {
		cmd := exec.Command(program, append([]string{"-Am", "-C", filepath.Join(dir, "sendmail.cf")}, args...)...)
		cmd.Env = append(os.Environ(), "LD_PRELOAD="+shim, "SHIM_LOG="+s.log, "SHIM_HOST="+Host)
		return cmd
	}
	s.submit = func(t testing.TB, from string, to []string, message string) {
		t.Helper()
		// Without a listener, the filters to ask must be given here.
		converse(t, command("-bs", "-OInputMailFilters="+filterNames("local", o.Local)), from, to, message)
	}
	p, err := start(command("-bD"))
	if err != nil {
		t.Fatal(err)
	}
	s.launch(t, p)
	return s
}

// SendmailMacros returns the folder of the m4 files that a sendmail.cf is made with.
func SendmailMacros(t testing.TB) string {
	t.Helper()
	return NeedCached(t, "usr/share/sendmail/cf")
}

// sendmailSource is the m4 text that sendmail.cf is made from.
func (s *Server) sendmailSource(t testing.TB, dir, macros string, o Options) string {
	t.Helper()
	host, port, err := net.SplitHostPort(o.Relay)
	if err != nil {
		t.Fatalf("relay: %v", err)
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	set := func(name, format string, args ...any) {
		line("define(`%s', `%s')", name, fmt.Sprintf(format, args...))
	}
	line("divert(-1)")
	set("_CF_DIR_", "%s/", macros)
	line("include(`%s/m4/cf.m4')", macros)
	line("divert(0)")
	line("OSTYPE(`linux')")
	set("confDOMAIN_NAME", "%s", Host)
	set("confSERVICE_SWITCH_FILE", "%s/service.switch", dir)
	set("ALIAS_FILE", "%s/aliases", dir)
	set("QUEUE_DIR", "%s/queue", dir)
	set("STATUS_FILE", "%s/statistics", dir)
	set("HELP_FILE", "")
	set("confPID_FILE", "%s/pid", dir)
	set("confCONTROL_SOCKET_NAME", "")
	// A temporary directory is world-writable; Sendmail would trust nothing in it.
	set("confDONT_BLAME_SENDMAIL", "AssumeSafeChown,GroupWritableDirPathSafe,WorldWritableAliasFile,"+
		"GroupWritableAliasFile,TrustStickyBit,InsufficientEntropy")
	set("confDONT_PROBE_INTERFACES", "true")
	set("confTO_IDENT", "0")
	set("confLOG_LEVEL", "14")
	set("confMILTER_LOG_LEVEL", "14")
	sendmailHaste(set)
	sendmailRelay(set, host, port)
	line("FEATURE(`no_default_msa')")
	line("FEATURE(`nocanonify')")
	line("FEATURE(`promiscuous_relay')")
	line("FEATURE(`accept_unresolvable_domains')")
	line("FEATURE(`accept_unqualified_senders')")
	if o.TLS {
		cert, key := certificate(t, dir)
		set("confSERVER_CERT", "%s", cert)
		set("confSERVER_KEY", "%s", key)
		set("confCACERT", "%s", cert)
		set("confCACERT_PATH", "%s", dir)
		set("confTLS_SRV_OPTIONS", "V") // clients need no certificate
	}
	b.WriteString(sendmailFilters(t, "local", o.Local))
	b.WriteString(sendmailListener(t, "main", s.Addr, o.Filters))
	for name, filters := range o.Others {
		b.WriteString(sendmailListener(t, name, s.others[name], filters))
	}
	for _, l := range o.Lines {
		line("%s", l)
	}
	line("MAILER(`smtp')")
	line("LOCAL_RULESETS")
	line("SLocal_check_rcpt")
	line("R$* %s $*\t$#error $@ 5.1.1 $: \"550 no such user\"", strings.ReplaceAll(Refused, "@", " @ "))
	return b.String()
}

// sendmailHaste has mail taken and delivered at once, and passed on as it is.
func sendmailHaste(set func(name, format string, args ...any)) {
	// Whatever the load of the machine, mail is taken and delivered at once.
	set("confDELIVERY_MODE", "background")
	set("confREFUSE_LA", "1000")
	set("confQUEUE_LA", "1000")
	set("confDELAY_LA", "0")
	set("confBAD_RCPT_THROTTLE", "0")
	set("confMAX_HEADERS_LENGTH", "262144")
	set("confMAX_MIME_HEADER_LENGTH", "0")
	set("confEIGHT_BIT_HANDLING", "pass8")
}

// sendmailRelay sends all mail to the relay.
func sendmailRelay(set func(name, format string, args ...any), host, port string) {
	// All mail goes to the relay, all recipients of a message together, 8-bit bytes as they are (F=8).
	set("SMART_HOST", "relay:[%s]", host)
	set("MAIL_HUB", "relay:[%s]", host)
	set("LOCAL_RELAY", "relay:[%s]", host)
	set("confSMTP_MAILER", "relay")
	set("RELAY_MAILER_ARGS", "TCP $h %s", port)
	set("RELAY_MAILER_FLAGS", "8")
	set("RELAY_MAILER_MAXRCPTS", "5000")
}

// sendmailListener is the m4 text of one listener and of its filters.
func sendmailListener(t testing.TB, name, addr string, filters []Filter) string {
	t.Helper()
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	ask := ""
	if len(filters) > 0 {
		ask = ", InputMailFilters=" + filterNames(name, filters)
	}
	// M=A: no AUTH offered.
	return sendmailFilters(t, name, filters) +
		fmt.Sprintf("DAEMON_OPTIONS(`Name=%s, Family=inet, Addr=%s, Port=%s, M=A%s')\n", name, host, port, ask)
}

// filterNames lists the filters of a listener as sendmail.cf wants it; they are named after the listener.
func filterNames(listener string, filters []Filter) string {
	var names []string
	for i := range filters {
		names = append(names, fmt.Sprintf("%s%d", listener, i+1))
	}
	return strings.Join(names, ";")
}

// sendmailFilters is the m4 text that defines the filters of a listener.
func sendmailFilters(t testing.TB, listener string, filters []Filter) string {
	t.Helper()
	var b strings.Builder
	for i, f := range filters {
		// F=: what happens without the filter; by default Sendmail goes on as if there was none.
		action := map[Failure]string{"": ", F=T", Tempfail: ", F=T", Reject: ", F=R", Shutdown: ", F=4", Accept: ""}
		failure, ok := action[f.Failure]
		if !ok {
			t.Fatalf("Sendmail cannot %s without its filter", f.Failure)
		}
		limits := "C:30s;S:30s;R:30s;E:5m"
		if f.Timeout > 0 {
			d := max(1, int(f.Timeout/time.Second))
			limits = fmt.Sprintf("C:%ds;S:%ds;R:%ds;E:%ds", d, d, d, 5*d)
		}
		network, host, port := splitSpec(t, f.Milter)
		where := "unix:" + host
		if network != "unix" {
			where = fmt.Sprintf("inet:%s@%s", port, host)
		}
		fmt.Fprintf(&b, "MAIL_FILTER(`%s%d', `S=%s%s, T=%s')\n", listener, i+1, where, failure, limits)
	}
	return b.String()
}
