package luatest

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	lua "github.com/yuin/gopher-lua"

	"luamilter/engine"
	"luamilter/protocol"
	"luamilter/simulate"
)

// session is a connection of the simulated MTA to the scripts under test.
type session struct {
	file   *file
	filter *simulate.Filter
	mta    *simulate.Session
	client simulate.Client
	log    logLines

	connected, greeted, ended bool

	inMessage, inData, headerEnded bool
	message                        simulate.Message // as it was sent so far

	errs []*engine.ScriptError // of the scripts, that the test has not said to expect
}

// held is longer than any test: how long a connection keeps its VMs in the mode Fresh. In the other they go back after each event.
const held = time.Hour

// everyReply is what the MTA offers: all but not to wait for replies. So a step is over when it returns, whatever the script does.
const everyReply = protocol.AllSteps &^ (protocol.NRConnect | protocol.NRHelo | protocol.NRMail | protocol.NRRcpt | protocol.NRData |
	protocol.NRHeader | protocol.NREOH | protocol.NRBody | protocol.NRUnknown)

// newSession is session(options).
func (f *file) newSession(L *lua.LState) int {
	f.inTest(L, "session")
	t, ok := L.Get(1).(*lua.LTable)
	if !ok && L.Get(1) != lua.LNil {
		L.RaiseError("session: options is %s; a table such as { ip = \"192.0.2.1\" } was expected", kind(L.Get(1)))
	}
	if t == nil {
		t = L.NewTable()
	}
	checkKeys(L, "session", t, "script", "settings", "ip", "port", "host", "helo", "auth", "tls", "macros", "mta")
	scripts := listArg(L, "session", t.RawGetString("script"), "script")
	if len(scripts) == 0 {
		scripts = []string{f.ownScript()}
	}
	settings, ok := t.RawGetString("settings").(*lua.LTable)
	if !ok && t.RawGetString("settings") != lua.LNil {
		L.RaiseError("session: settings is %s; a table was expected", kind(t.RawGetString("settings")))
	}
	s := &session{file: f, client: clientOf(L, t)}
	s.filter = simulate.NewFilter(f.program(L, scripts, settings), zerolog.New(&s.log).Level(zerolog.DebugLevel))
	s.filter.MTA, s.filter.Offer.Steps = mtaOf(L, t), everyReply
	if s.filter.Engine().ParkAfter = 0; f.mode == Fresh {
		s.filter.Engine().ParkAfter = held
	}
	f.sessions = append(f.sessions, s)
	var err error
	if s.mta, err = s.filter.Open(s.client); err != nil {
		stop(L, err)
	}
	s.setMacros(L, t)
	f.addTimers(s)
	L.Push(f.kinds.object(L, s, "session"))
	return 1
}

// ownScript is the script that a file of tests is named for.
func (f *file) ownScript() string {
	return strings.TrimSuffix(f.path[strings.LastIndexByte(f.path, '/')+1:], Suffix) + ".lua"
}

// clientOf returns the client that the options describe.
func clientOf(L *lua.LState, t *lua.LTable) simulate.Client {
	c := simulate.DefaultClient
	c.Host, c.Helo = optText(L, "session", t, "host", c.Host), optText(L, "session", t, "helo", c.Helo)
	if ip := optText(L, "session", t, "ip", c.IP.String()); ip != "" {
		addr, err := netip.ParseAddr(ip)
		if err != nil {
			L.RaiseError("session: ip is %q, which is no address such as 192.0.2.1 or 2001:db8::1", ip)
		}
		c.IP = addr
	} else {
		c.IP = netip.Addr{}
	}
	if n, ok := t.RawGetString("port").(lua.LNumber); ok {
		c.Port = uint16(n)
	}
	switch auth := t.RawGetString("auth").(type) {
	case lua.LString:
		c.Auth.User = string(auth)
	case *lua.LTable:
		checkKeys(L, "session: auth", auth, "user", "type", "author")
		c.Auth = simulate.Auth{User: optText(L, "session", auth, "user", ""), Type: optText(L, "session", auth, "type", ""), Author: optText(L, "session", auth, "author", "")}
	}
	switch tls := t.RawGetString("tls").(type) {
	case lua.LBool:
		if tls {
			c.TLS = simulate.TLS{Version: "TLSv1.3", Cipher: "TLS_AES_256_GCM_SHA384", Bits: "256"}
		}
	case *lua.LTable:
		const name = "session: tls"
		checkKeys(L, name, tls, "version", "cipher", "bits", "subject", "issuer")
		c.TLS = simulate.TLS{Version: optText(L, name, tls, "version", "TLSv1.3"), Cipher: optText(L, name, tls, "cipher", ""),
			Bits: optText(L, name, tls, "bits", ""), Subject: optText(L, name, tls, "subject", ""), Issuer: optText(L, name, tls, "issuer", "")}
	}
	return c
}

// mtaOf returns what the MTA says of itself.
func mtaOf(L *lua.LState, t *lua.LTable) simulate.MTA {
	switch name := optText(L, "session", t, "mta", "postfix"); name {
	case "postfix":
	case "sendmail":
		return simulate.DefaultSendmail
	default:
		L.RaiseError("session: mta is %q; there are postfix and sendmail", name)
	}
	return simulate.DefaultMTA
}

// setMacros has the macros sent that the options name, from the first command on.
func (s *session) setMacros(L *lua.LState, t *lua.LTable) {
	macros, ok := t.RawGetString("macros").(*lua.LTable)
	if !ok && t.RawGetString("macros") != lua.LNil {
		L.RaiseError("session: macros is %s; a table of names and values was expected", kind(t.RawGetString("macros")))
	}
	if !ok {
		return
	}
	for k, v := macros.Next(lua.LNil); k != lua.LNil; k, v = macros.Next(k) {
		value, ok := textOf(v)
		if !ok {
			L.RaiseError("session: the macro %s is %s; a string was expected", k.String(), kind(v))
		}
		for stage := protocol.StageConnect; stage < protocol.NumStages; stage++ {
			s.mta.SetMacro(stage, k.String(), value)
		}
	}
}

// watch takes the errors of the hooks that have run.
func (s *session) watch(hooks []engine.HookRun) {
	for _, h := range hooks {
		if h.Err != nil {
			s.errs = append(s.errs, h.Err.Explain())
		}
	}
}

// quit ends the connection, if it is open.
func (s *session) quit() error {
	if s.ended || s.mta == nil {
		return nil
	}
	s.ended = true
	err := s.mta.Quit()
	s.watch(s.mta.Hooks())
	return err
}

// end ends the session with its test.
func (s *session) end() error {
	err := s.quit()
	if failed := s.filter.Close(); err == nil {
		err = failed
	}
	if err != nil {
		return fmt.Errorf("end of a session: %w", err)
	}
	return nil
}

// logLines is what the engine and the scripts log in a session, one JSON object a line.
type logLines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
