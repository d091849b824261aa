package asked

import (
	"errors"
	"fmt"
	"time"

	"luamilter/luaapi"
	"luamilter/luaapi/maps"
)

// Asker makes the services that scripts reach while mail is played to them.
type Asker struct {
	Services *luaapi.Services // store, cache and lists, which all messages share; live, also whom to ask
	Live     bool             // they are asked
	silence  error            // why nobody is, otherwise
}

// Silent returns an asker that asks nobody. Where says where that is: "a replay". Stores are in memory; lists from files are read.
func Silent(where string) *Asker {
	a := &Asker{Services: luaapi.PlayedServices(time.Now), silence: errors.New("not asked in " + where)}
	a.Services.Maps = &maps.Pool{Because: a.silence}
	return a
}

// Live returns an asker that asks the services that are given, but for those that keep something: stores are in memory.
func Live(where string, given *luaapi.Services) *Asker {
	s := *given
	played := luaapi.PlayedServices(time.Now)
	s.Store, s.Cache = played.Store, played.Cache
	return &Asker{Services: &s, Live: true, silence: fmt.Errorf("not sent in %s", where)}
}

// Begin returns the services for a message, and what is asked of them. Where nobody is asked, there is everybody to ask, so that a script finds that
// they do not answer; live, there is who is configured.
func (a *Asker) Begin() (*luaapi.Services, *Log) {
	log := &Log{}
	s := *a.Services
	one := asking{log: log, silence: a.silence}
	if !a.Live || s.DNS != nil {
		s.DNS = names{one, s.DNS}
	}
	if !a.Live || s.Geo != nil {
		s.Geo = places{one, s.Geo}
	}
	if !a.Live || s.HTTP != nil {
		s.HTTP = requests{one, s.HTTP}
	}
	if !a.Live || s.ClamAV != nil {
		s.ClamAV = viruses{one, s.ClamAV}
	}
	if !a.Live || s.Rspamd != nil {
		s.Rspamd = spam{one, s.Rspamd}
	}
	if !a.Live || s.Spamd != nil {
		s.Spamd = junk{one, s.Spamd}
	}
	if !a.Live || s.Socket != nil {
		s.Socket = sockets{one, s.Socket}
	}
	if !a.Live || s.SMTP != nil {
		s.SMTP = recipients{one, s.SMTP}
	}
	s.Outbox, s.Relay = outbox{one}, "nobody"
	s.Found = one.found
	return &s, log
}

// asking is what all kinds of lookups have.
type asking struct {
	log     *Log
	silence error
}

// no notes that nobody is asked, and returns why.
func (a asking) no(kind, question string, why error) error {
	a.log.note(Lookup{Kind: kind, Question: question, Failed: why.Error()})
	return why
}

// found notes a lookup in a list.
func (a asking) found(f luaapi.Finding) {
	question, answer := f.Key+" in "+f.List, "not in it"
	if f.Found {
		answer = fmt.Sprintf("%q", f.Value)
	}
	if errors.Is(f.Err, a.silence) {
		_ = a.no("map", question, a.silence)
		return
	}
	a.log.done("map", question, answer, f.Err)
}
