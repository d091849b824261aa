package engine

import (
	"slices"

	"luamilter/protocol"
)

// macroStage describes the macros of one stage: those both MTAs send by themselves, those that one of them does, and those
// that have to be asked for.
type macroStage struct {
	stage   protocol.Stage
	always  []string // by Postfix and by Sendmail
	one     []string // by one of them; the other does not know it
	request []string // at least one MTA has it but does not send it
}

// macroStages is what Postfix 3.7 and Sendmail 8.17 send with their own settings.
var macroStages = []macroStage{
	{protocol.StageConnect, []string{"j", "_", "daemon_name"}, []string{"if_name", "if_addr"},
		[]string{"v", "daemon_addr", "daemon_port", "client_addr", "client_connections", "client_name", "client_port", "client_ptr", "client_resolve"}},
	{protocol.StageHelo, []string{"tls_version", "cipher", "cipher_bits", "cert_subject", "cert_issuer"}, nil, []string{"tls_sni", "verify"}},
	{protocol.StageMail, []string{"i", "auth_type", "auth_authen", "auth_author", "mail_mailer", "mail_host", "mail_addr"}, []string{"auth_ssf"}, nil},
	{protocol.StageRcpt, []string{"rcpt_mailer", "rcpt_host", "rcpt_addr"}, nil, []string{"nrcpts", "nbadrcpts"}},
	{protocol.StageEOM, nil, []string{"msg_id"}, []string{"msg_size"}},
}

// mustRequest reports whether a macro comes only when it is asked for.
func mustRequest(name string) bool {
	for _, m := range macroStages {
		if slices.Contains(m.always, name) || slices.Contains(m.one, name) {
			return false
		}
	}
	return true
}

// macroLists returns the lists that ask for macros, each together with what the MTAs send at that stage by themselves, because
// a list replaces theirs. A macro that nobody has heard of may come from the MTA's own configuration and is asked for wherever it may be known.
func macroLists(names []string) protocol.MacroLists {
	var lists protocol.MacroLists
	slices.Sort(names)
	for _, m := range macroStages {
		var extra []string
		for _, name := range names {
			if slices.Contains(m.request, name) || !known(name) && m.stage != protocol.StageHelo {
				extra = append(extra, name)
			}
		}
		if len(extra) == 0 {
			continue
		}
		list := slices.Concat(m.always, m.one, extra)
		switch m.stage {
		case protocol.StageConnect: // Postfix sends these by itself
			list = append(list, "v", "daemon_addr")
		case protocol.StageRcpt, protocol.StageEOM:
			list = append(list, "i")
		}
		slices.Sort(list)
		// The names come from a script and may be nonsense, which check reports.
		_ = lists.Request(m.stage, slices.Compact(list))
	}
	return lists
}

func known(name string) bool {
	for _, m := range macroStages {
		if slices.Contains(m.always, name) || slices.Contains(m.one, name) || slices.Contains(m.request, name) {
			return true
		}
	}
	return false
}
