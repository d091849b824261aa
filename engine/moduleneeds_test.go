package engine

import (
	"strings"
	"testing"

	"luamilter/protocol"
)

// A script that hands its message to a module gets all of it, and what the module tells of the client.
func TestModulesThatRead(t *testing.T) {
	for module, events := range map[string]string{
		"clamav": "mail header body eom",
		"rspamd": "connect helo mail rcpt header body eom",
		"spamc":  "connect helo mail header body eom",
		"json":   "mail eom",
	} {
		p := defaults().load(t, "local m = require \""+module+"\"\nfunction eom(conn, msg) end")
		s := p.Scripts[0]
		var got []string
		for st := range protocol.Stage(protocol.NumStages) {
			if len(s.Needs.Events[st]) > 0 {
				got = append(got, st.String())
			}
		}
		if read := len(s.Needs.Body) > 0 && len(s.Needs.Headers) > 0; read != (module != "json") {
			t.Errorf("%s: header %v, body %v", module, s.Needs.Headers, s.Needs.Body)
		}
		if text := strings.Join(got, " "); text != events {
			t.Errorf("%s: events %s, want %s", module, text, events)
		}
	}
}
