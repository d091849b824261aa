package luaapi

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/dns"
)

const (
	dnsErrors = "Outside a hook. An option is not known or wrong. Nobody knows, and `on_error` is `\"fail\"`."
	dnsPolicy = " The `options` say how long it may take, and what happens if nobody knows."
)

var dnsModule = Module{
	"dns", Require,
	"Lookups in DNS, with the name servers of the system or of `[dns]` in the configuration, whose answers the daemon keeps for as long as they say.\n\n" +
		"That a name does not exist, or has no such record, is an answer: an empty array. So it is for a name that cannot exist and for nil, since names come from mail. When nobody knows (no name server answers, or it says that it cannot find out) " +
		"the functions return nil, and why; mail is then decided without the answer. With `{ on_error = \"fail\" }` as `options` they raise an error instead, which gets the script's `on_error` verdict.\n\n" +
		"A lookup blocks its SMTP session only, and does not count as computing; the hook's time limit goes on. Several at the same time: see parallel. Names may have letters beyond ASCII (IDNA) and end in a dot; those in answers are in lower case and do not.",
	nil,
	[]Func{
		{"a", "name: string?, options: lookup?", "string[]?, string?", "", "The IPv4 addresses of `name`, an array of strings." + dnsPolicy, dnsErrors, "RFC 1035 section 3.4.1", (*Env).bindDNSA},
		{"aaaa", "name: string?, options: lookup?", "string[]?, string?", "", "The IPv6 addresses of `name`, an array of strings." + dnsPolicy, dnsErrors, "RFC 3596 section 2.1", (*Env).bindDNSAAAA},
		{"ip", "name: string?, options: lookup?", "string[]?, string?", "", "All addresses of `name`, those of IPv4 first, an array of strings." + dnsPolicy, dnsErrors, "", (*Env).bindDNSIP},
		{"mx", "name: string?, options: lookup?", "mx[]?, string?", "", "The mail servers of the domain `name`: an array, the preferred ones first. A domain that takes no mail at all has one whose `host` is `\"\"`." + dnsPolicy, dnsErrors, "RFC 5321 section 5.1, RFC 7505", (*Env).bindDNSMX},
		{"txt", "name: string?, options: lookup?", "string[]?, string?", "", "The texts of `name`, an array of strings of any bytes. The parts of a record are joined." + dnsPolicy, dnsErrors, "RFC 1035 section 3.3.14", (*Env).bindDNSTXT},
		{"ns", "name: string?, options: lookup?", "string[]?, string?", "", "The name servers of the domain `name`, an array of names." + dnsPolicy, dnsErrors, "RFC 1035 section 3.3.11", (*Env).bindDNSNS},
		{"cname", "name: string?, options: lookup?", "string[]?, string?", "", "What `name` is an alias of, an array of one name or none. The other functions follow aliases by themselves." + dnsPolicy, dnsErrors, "RFC 1035 section 3.3.1", (*Env).bindDNSCNAME},
		{"srv", "name: string?, options: lookup?", "srv[]?, string?", "", "The servers of a service, such as `_submission._tcp.example.com` as `name`: an array, the lowest priority first." + dnsPolicy, dnsErrors, "RFC 2782", (*Env).bindDNSSRV},
		{"ptr", "ip: string?, options: lookup?", "string[]?, string?", "", "The names of the address `ip`, an array, as whoever has the address says; see `reverse`." + dnsPolicy, dnsErrors, "RFC 1035 section 3.5", (*Env).bindDNSPTR},
		{"reverse", "ip: string?, options: lookup?", "string?, string?", "", "The name of the address `ip` that has this address itself (forward-confirmed reverse DNS). Nil, and why, if there is none. All of it takes 5 seconds at most." + dnsPolicy, dnsErrors, "RFC 8601 section 2.7.3", (*Env).bindDNSReverse},
		{"bl", "query: listquery", "listing|boolean?, string?", "", "Asks lists such as a DNSBL, all at the same time, for an address or a domain; the `query` says which. A table is a hit. False means that no list has it. " +
			"Nil, and why, means that it is on none of the lists that answered, and others did not.\n\n" +
			"What no list answers is never a hit, but such a failure: addresses outside 127.0.0.0/8, 127.0.0.1, and 127.255.255.0/24, with which lists refuse to be asked. " +
			"Bad addresses and domains are on no list, and nobody is asked.",
			"Outside a hook. The query has other keys, or values that are no such thing. Lists did not answer, none has a hit, and `on_error` is `\"fail\"`.", "RFC 5782", (*Env).bindDNSBL},
	},
}

// resolver returns whom to ask.
func (e *Env) resolver(L *lua.LState, function string) dns.Source {
	s := e.current(L, function).Host.Services()
	if s == nil || s.DNS == nil {
		orRaise(L, function, errNoService)
	}
	return s.DNS
}

// dnsText returns an argument that comes from mail: "" if it is nil.
func (e *Env) dnsText(L *lua.LState, function, what string) string {
	if L.GetTop() == 0 {
		L.RaiseError("%s: there is no %s", function, what)
	}
	if lib := e.libraries["dns"]; lib != nil && L.Get(1) == lua.LValue(lib) {
		L.RaiseError("%s is a function: write %s(...), with a dot", function, function)
	}
	s, _ := optionalText(L, function, 1, "the "+what)
	return s
}

func (e *Env) bindDNSA() lua.LGFunction     { return e.bindRecords("dns.a", dns.A, valueTable) }
func (e *Env) bindDNSAAAA() lua.LGFunction  { return e.bindRecords("dns.aaaa", dns.AAAA, valueTable) }
func (e *Env) bindDNSMX() lua.LGFunction    { return e.bindRecords("dns.mx", dns.MX, mxTable) }
func (e *Env) bindDNSTXT() lua.LGFunction   { return e.bindRecords("dns.txt", dns.TXT, valueTable) }
func (e *Env) bindDNSNS() lua.LGFunction    { return e.bindRecords("dns.ns", dns.NS, valueTable) }
func (e *Env) bindDNSCNAME() lua.LGFunction { return e.bindRecords("dns.cname", dns.CNAME, valueTable) }
func (e *Env) bindDNSSRV() lua.LGFunction   { return e.bindRecords("dns.srv", dns.SRV, srvTable) }

// bindRecords makes a function of a name that returns its records.
func (e *Env) bindRecords(function string, t dns.Type, show func(L *lua.LState, r dns.Record) lua.LValue) lua.LGFunction {
	return func(L *lua.LState) int {
		name := e.dnsText(L, function, "name")
		var p patience
		takeOptions(L, function, 2, p.options()...)
		q, err := dns.NewQuestion(name, t)
		return e.lookUp(L, function, q, err, p, show)
	}
}

func (e *Env) bindDNSPTR() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "dns.ptr"
		ip, err := parseIP(e.dnsText(L, function, "ip"))
		var p patience
		takeOptions(L, function, 2, p.options()...)
		var q dns.Question
		if err == nil {
			q = dns.ReverseQuestion(ip)
		}
		return e.lookUp(L, function, q, err, p, valueTable)
	}
}

// lookUp answers a question, with nothing if it makes no sense.
func (e *Env) lookUp(L *lua.LState, function string, q dns.Question, senseless error, p patience, show func(L *lua.LState, r dns.Record) lua.LValue) int {
	s := e.resolver(L, function)
	if senseless != nil {
		return e.pushRecords(L, dns.Answer{}, show)
	}
	if a, ok := s.Cached(q); ok {
		return e.pushRecords(L, a, show)
	}
	var a dns.Answer
	var err error
	return e.await(L, function, job{
		do: func(ctx context.Context) {
			ctx, cancel := p.limit(ctx)
			defer cancel()
			a, err = s.Lookup(ctx, q)
		},
		push: func(L *lua.LState) int {
			if err != nil {
				return p.failed(L, function, err)
			}
			return e.pushRecords(L, a, show)
		},
	})
}

// What a record costs as a value.
const (
	recordBytes = 200
	recordSteps = 10
)

// pushRecords pushes an array of records.
func (e *Env) pushRecords(L *lua.LState, a dns.Answer, show func(L *lua.LState, r dns.Record) lua.LValue) int {
	e.spend(L, len(a.Records)*recordSteps)
	e.Budget.Count(len(a.Records) * recordBytes)
	t := L.CreateTable(len(a.Records), 0)
	for _, r := range a.Records {
		t.Append(show(L, r))
	}
	L.Push(t)
	return 1
}

func valueTable(_ *lua.LState, r dns.Record) lua.LValue { return lua.LString(r.Value) }

func mxTable(L *lua.LState, r dns.Record) lua.LValue {
	t := L.CreateTable(0, 2)
	t.RawSetString("host", lua.LString(r.Value))
	t.RawSetString("preference", lua.LNumber(r.Preference))
	return t
}

func srvTable(L *lua.LState, r dns.Record) lua.LValue {
	t := L.CreateTable(0, 4)
	t.RawSetString("host", lua.LString(r.Value))
	t.RawSetString("port", lua.LNumber(r.Port))
	t.RawSetString("priority", lua.LNumber(r.Preference))
	t.RawSetString("weight", lua.LNumber(r.Weight))
	return t
}

func (e *Env) bindDNSIP() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "dns.ip"
		name := e.dnsText(L, function, "name")
		var p patience
		takeOptions(L, function, 2, p.options()...)
		s := e.resolver(L, function)
		var all []string
		var err error
		return e.await(L, function, job{
			do: func(ctx context.Context) {
				ctx, cancel := p.limit(ctx)
				defer cancel()
				all, err = dns.Addresses(ctx, s, name)
			},
			push: func(L *lua.LState) int {
				if err != nil && !errors.Is(err, dns.ErrName) {
					return p.failed(L, function, err)
				}
				t := L.CreateTable(len(all), 0)
				for _, ip := range all {
					t.Append(lua.LString(ip))
				}
				L.Push(t)
				return 1
			},
		})
	}
}

func (e *Env) bindDNSReverse() lua.LGFunction {
	return func(L *lua.LState) int {
		const function = "dns.reverse"
		ip, bad := parseIP(e.dnsText(L, function, "ip"))
		var p patience
		takeOptions(L, function, 2, p.options()...)
		if p.timeout == 0 {
			p.timeout = reverseTimeout
		}
		s := e.resolver(L, function)
		if bad != nil {
			return pushWhy(L, bad.Error())
		}
		var name, why string
		var err error
		return e.await(L, function, job{
			do: func(ctx context.Context) {
				ctx, cancel := p.limit(ctx)
				defer cancel()
				name, why, err = dns.Reverse(ctx, s, ip)
			},
			push: func(L *lua.LState) int {
				switch {
				case err != nil:
					return p.failed(L, function, err)
				case why != "":
					return pushWhy(L, why)
				}
				L.Push(lua.LString(name))
				return 1
			},
		})
	}
}

// reverseTimeout is how long dns.reverse takes at most, which asks several times: less than a hook has.
const reverseTimeout = 5 * time.Second

// parseIP reads an address, as conn.ip has it or as SMTP writes it.
func parseIP(text string) (netip.Addr, error) {
	text = strings.Trim(text, "[]")
	if len(text) > 5 && strings.EqualFold(text[:5], "IPv6:") {
		text = text[5:]
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return ip, errors.New("it is no IP address")
	}
	return ip.Unmap().WithZone(""), nil
}
