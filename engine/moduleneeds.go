package engine

import "luamilter/protocol"

// readers are the built-in modules whose functions read a message that a script hands them, and what they read of it besides header and body.
var readers = map[string]struct {
	recipients bool
	events     []protocol.Stage
	macros     []string
}{
	"clamav": {},
	"rspamd": {
		recipients: true,
		events:     []protocol.Stage{protocol.StageConnect, protocol.StageHelo, protocol.StageMail, protocol.StageRcpt},
		macros:     []string{"i", "{auth_authen}", "{tls_version}", "{cipher}"},
	},
	"spamc": {
		events: []protocol.Stage{protocol.StageConnect, protocol.StageHelo, protocol.StageMail},
		macros: []string{"i", "j", "{auth_authen}"},
	},
}

// reads asks for what a built-in module reads. It counts wherever the module is required: the text does not tell what its functions are given.
func (a *analysis) reads(module string, at spot) {
	r, ok := readers[module]
	if !ok {
		return
	}
	why := a.because("module "+module, at)
	a.Headers = append(a.Headers, why)
	a.Body = append(a.Body, why)
	if r.recipients {
		a.Recipients = append(a.Recipients, why)
	}
	for _, s := range r.events {
		a.event(s, why)
	}
	for _, m := range r.macros {
		a.macro(m, why)
	}
}
