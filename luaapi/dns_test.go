package luaapi

import (
	"errors"
	"testing"

	"luamilter/luaapi/dns"
	"luamilter/protocol"
)

// fakeDNS is what the tests of dns know.
func fakeDNS(t testing.TB) *dns.Fake {
	t.Helper()
	f := dns.NewFake()
	set := func(name string, typ dns.Type, records ...dns.Record) {
		t.Helper()
		if err := f.Set(name, typ, records...); err != nil {
			t.Fatal(err)
		}
	}
	set("example.com", dns.A, dns.Record{Value: "192.0.2.1"})
	set("example.com", dns.AAAA, dns.Record{Value: "2001:db8::1"})
	set("example.com", dns.MX, dns.Record{Value: "mx.example.com", Preference: 10})
	set("example.com", dns.TXT, dns.Record{Value: "v=spf1 -all"})
	set("example.com", dns.NS, dns.Record{Value: "ns.example.com"})
	set("www.example.com", dns.CNAME, dns.Record{Value: "example.com"})
	set("_submission._tcp.example.com", dns.SRV, dns.Record{Value: "mx.example.com", Preference: 5, Weight: 3, Port: 587})
	set("1.2.0.192.in-addr.arpa", dns.PTR, dns.Record{Value: "example.com"})
	set("xn--bcher-kva.example", dns.A, dns.Record{Value: "192.0.2.4"})
	set("1.2.0.192.dnsbl.example.org", dns.A, dns.Record{Value: "127.0.0.2"})
	set("1.2.0.192.other.example.org", dns.A, dns.Record{Value: "127.0.0.3"})
	set("example.com.dbl.example.org", dns.A, dns.Record{Value: "127.0.1.2"})
	set("1.2.0.192.refusing.example.org", dns.A, dns.Record{Value: "127.255.255.254"})
	for _, typ := range []dns.Type{dns.A, dns.AAAA, dns.MX} {
		if err := f.Fail("broken.example.com", typ, errors.New("no answer in time")); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Fail("1.2.0.192.broken.example.org", dns.A, errors.New("no answer in time")); err != nil {
		t.Fatal(err)
	}
	if err := f.Fail("3.2.0.192.in-addr.arpa", dns.PTR, errors.New("no answer in time")); err != nil {
		t.Fatal(err)
	}
	return f
}

// dnsVM is a VM in an eom hook that knows fakeDNS, with dns and parallel as globals.
func dnsVM(t testing.TB) *vm {
	v := newVM(t, protocol.StageEOM)
	v.host.services.DNS = fakeDNS(t)
	v.set("dns", v.library("dns"))
	v.set("parallel", v.library("parallel"))
	return v
}

func TestDNS(t *testing.T) {
	v := dnsVM(t)
	for script, want := range map[string]string{
		`return table.concat(dns.a("Example.com."), " ")`:                                      "192.0.2.1",
		`return table.concat(dns.a("bücher.example"), " ")`:                                    "192.0.2.4",
		`return #dns.a("none.example.com")`:                                                    "0",
		`return #dns.a("no name")`:                                                             "0",
		`return #dns.a(nil)`:                                                                   "0",
		`return #dns.ip("no name")`:                                                            "0",
		`return #dns.ptr(nil) + #dns.ptr("x")`:                                                 "0",
		`return dns.ptr("[IPv6:::ffff:192.0.2.1]")[1]`:                                         "example.com",
		`local a, why = dns.a("broken.example.com") return tostring(a) .. why`:                 "nillook up A of broken.example.com: no answer in time",
		`local a, why = dns.a("broken.example.com", { on_error = "pass" }) return tostring(a)`: "nil",
		`local a, why = dns.ip("broken.example.com") return tostring(a) .. why`:                "nillook up A of broken.example.com: no answer in time",
		`return select(2, pcall(dns.a, "broken.example.com", { on_error = "fail" }))`:          "s.lua:1: dns.a: look up A of broken.example.com: no answer in time",
		`local m = dns.mx("example.com") return #m .. m[1].host .. m[1].preference`:            "1mx.example.com10",
		`local s = dns.srv("_submission._tcp.example.com")[1] return s.host .. " " .. s.port .. " " .. s.priority .. " " .. s.weight`: "mx.example.com 587 5 3",
		`return dns.reverse("192.0.2.1")`:                                   "example.com",
		`local n, why = dns.reverse(nil) return tostring(n) .. why`:         "nilit is no IP address",
		`local n, why = dns.reverse("192.0.2.3") return tostring(n) .. why`: "nillook up PTR of 3.2.0.192.in-addr.arpa: no answer in time",
		`return #dns.a("example.com", { timeout = 0.5 })`:                   "1",
	} {
		v.want(script, want)
	}
}

func TestDNSMistakes(t *testing.T) {
	v := dnsVM(t)
	for script, want := range map[string]string{
		`dns.a()`:                               "dns.a: there is no name",
		`dns:a("x")`:                            "dns.a is a function: write dns.a(...), with a dot",
		`dns.a({})`:                             "dns.a: the name is a table; a string was expected",
		`dns.a("x", 3)`:                         `dns.a: options is a number; a table was expected`,
		`dns.a("x", { on_eror = "fail" })`:      "dns.a: there is no option on_eror, did you mean on_error?",
		`dns.a("x", { on_error = "tempfail" })`: `dns.a: options.on_error is "tempfail"; "pass" or "fail" was expected`,
		`dns.a("x", { timeout = 0 })`:           "dns.a: options.timeout is 0; seconds were expected, more than 0",
		`dns.mx("broken.example.com", { on_error = "fail" })`: "dns.mx: look up MX of broken.example.com: no answer in time",
		`dns.bl("x")`:                                                                      `dns.bl: the query is a string; a table such as { zones = { "dnsbl.example.org" }, ip = conn.ip } was expected`,
		`dns.bl { ip = "192.0.2.1" }`:                                                      `dns.bl: zones is nil; an array of 1 to 50 lists was expected, such as { "dnsbl.example.org" }`,
		`dns.bl { zones = {}, ip = "192.0.2.1" }`:                                          `dns.bl: zones is a table; an array of 1 to 50 lists was expected, such as { "dnsbl.example.org" }`,
		`dns.bl { zone = { "x" } }`:                                                        "dns.bl: there is no option zone, did you mean zones?",
		`dns.bl { zones = { "a b" } }`:                                                     `dns.bl: "a b" is no name in DNS`,
		`dns.bl { zones = { 1 } }`:                                                         `dns.bl: a zone is a number; the name of a list, or a table { zone = "dnsbl.example.org" } was expected`,
		`dns.bl { zones = { { zone = "x", wieght = 1 } } }`:                                "dns.bl: there is no option wieght, did you mean weight?",
		`dns.bl { zones = { { zone = "x", weight = 0 } } }`:                                "dns.bl: weight is 0; a number other than 0 was expected",
		`dns.bl { zones = { { zone = "x", weight = -1 } } }`:                               "dns.bl: list x has a weight below 0, which makes sense only with a threshold",
		`dns.bl { zones = { "x" }, codes = { ["1.2.3.4"] = "y" } }`:                        `dns.bl: "1.2.3.4" is no answer of a list; write "127.0.0.2", or "127.0.*.2" for any number`,
		`dns.bl { zones = { "x" }, codes = { ["127.0.0.2"] = 3 } }`:                        "dns.bl: the meaning of 127.0.0.2 is a number; text was expected",
		`dns.bl { zones = { "x" }, ip = "192.0.2.1", domain = "example.com" }`:             "dns.bl: there is an ip and a domain; one of them was expected",
		`dns.bl { zones = { "x" }, ip = 3 }`:                                               "dns.bl: ip is a number; a string was expected",
		`dns.bl { zones = { "x" }, threshold = -1 }`:                                       "dns.bl: threshold is -1; a number above 0 was expected",
		`dns.bl { zones = { "broken.example.org" }, ip = "192.0.2.1", on_error = "fail" }`: "dns.bl: list broken.example.org: look up A of 1.2.0.192.broken.example.org: no answer in time",
		`parallel.call(3)`:                                                                 "parallel.call: calls is a number; a table such as { a = { dns.a, name } } was expected",
		`parallel.call { x = dns.a }`:                                                      "parallel.call: x is no call; write x = { dns.a, name }: a function of dns, and its arguments",
		`parallel.call { x = { print, 1 } }`:                                               "parallel.call: x is no call; write x = { dns.a, name }: a function of dns, and its arguments",
		`parallel.call { x = { function() end } }`:                                         "parallel.call: x is no call; write x = { dns.a, name }: a function of dns, and its arguments",
	} {
		v.fails(script, want)
	}
	v.want(`local calls = {} for i = 1, 101 do calls[i] = { dns.a, "x" } end return select(2, pcall(parallel.call, calls))`, "s.lua:1: parallel.call: there are more than 100 calls")
	v.want(`return tostring(pcall(parallel.call, { x = { dns.a, {} } }))`, "false")
	v.want(`return dns.a("example.com")[1]`, "192.0.2.1") // what is collected ended with the error
	v.host.services.DNS = nil
	v.fails(`dns.a("example.com")`, "dns.a: nothing is asked over the network here; the running daemon does, and tests have fakes")
	v.End()
	v.fails(`dns.a("example.com")`, "dns.a works only inside a hook, not while the script is loaded")
}

func TestDNSBL(t *testing.T) {
	v := dnsVM(t)
	for query, want := range map[string]string{
		`zones = { "dnsbl.example.org" }, ip = "192.0.2.1"`:                                                                                      "dnsbl.example.org 127.0.0.2 nil 1 1",
		`zones = { "dnsbl.example.org" }, ip = "192.0.2.2"`:                                                                                      "false nil",
		`zones = { "dnsbl.example.org" }`:                                                                                                        "false nil",
		`zones = { "dnsbl.example.org" }, ip = "nonsense"`:                                                                                       "false nil",
		`zones = { "dbl.example.org" }, domain = "Example.com"`:                                                                                  "dbl.example.org 127.0.1.2 nil 1 1",
		`zones = { "dbl.example.org" }, domain = "no domain"`:                                                                                    "false nil",
		`zones = { "dnsbl.example.org" }, ip = "192.0.2.1", codes = { ["127.0.0.*"] = "sends spam" }`:                                            "dnsbl.example.org 127.0.0.2 sends spam 1 1",
		`zones = { "dnsbl.example.org" }, ip = "192.0.2.1", codes = { ["127.0.0.9"] = "x" }`:                                                     "false nil",
		`zones = { { zone = "dnsbl.example.org", codes = { ["127.0.0.2"] = "own" } } }, ip = "192.0.2.1", codes = { ["127.0.0.2"] = "for all" }`: "dnsbl.example.org 127.0.0.2 own 1 1",
		`zones = { "dnsbl.example.org", { zone = "other.example.org", weight = 2 } }, threshold = 3, ip = "192.0.2.1"`:                           "other.example.org 127.0.0.3 nil 3 2",
		`zones = { "dnsbl.example.org", { zone = "other.example.org", weight = -1 } }, threshold = 1, ip = "192.0.2.1"`:                          "false nil",
		`zones = { "dnsbl.example.org", "none.example.org" }, threshold = 2, ip = "192.0.2.1"`:                                                   "false nil",
		`zones = { "broken.example.org" }, ip = "192.0.2.1"`:                                                                                     "nil list broken.example.org: look up A of 1.2.0.192.broken.example.org: no answer in time",
		`zones = { "broken.example.org", "none.example.org" }, ip = "192.0.2.1"`:                                                                 "nil list broken.example.org: look up A of 1.2.0.192.broken.example.org: no answer in time",
		`zones = { "broken.example.org", "dnsbl.example.org" }, ip = "192.0.2.1", on_error = "fail"`:                                             "dnsbl.example.org 127.0.0.2 nil 1 1",
		`zones = { "refusing.example.org" }, ip = "192.0.2.1"`:                                                                                   "nil list refusing.example.org: it answers 127.255.255.254 and so refuses to be asked: by these name servers, without an account, or so often",
	} {
		v.want(`local hit, why = dns.bl { `+query+` }
			if not hit then return tostring(hit) .. " " .. tostring(why) end
			return table.concat({ hit.zone, hit.code, tostring(hit.meaning), hit.score, #hit.hits }, " ")`, want)
	}
	v.want(`return select(2, dns.bl { zones = { "broken.example.org", "refusing.example.org" }, ip = "192.0.2.1" }):match("\n")`, "nil")
}

func TestParallelCall(t *testing.T) {
	v := dnsVM(t)
	v.want(`local found, why = parallel.call {
		a = { dns.a, "example.com" }, broken = { dns.mx, "broken.example.com" }, none = { dns.a, nil }, [7] = { dns.reverse, "192.0.2.1" },
		listed = { dns.bl, { zones = { "dnsbl.example.org" }, ip = "192.0.2.1" } }, clean = { dns.bl, { zones = { "dnsbl.example.org" }, ip = "192.0.2.2" } },
	}
	return table.concat({ found.a[1], tostring(found.broken), why.broken, #found.none, found[7], found.listed.zone, tostring(found.clean), tostring(why.a) }, ", ")`,
		"192.0.2.1, nil, look up MX of broken.example.com: no answer in time, 0, example.com, dnsbl.example.org, false, nil")
	v.want(`return next((parallel.call {}))`, "nil")
	v.fails(`parallel.call { x = { dns.a, "broken.example.com", { on_error = "fail" } } }`, "dns.a: look up A of broken.example.com: no answer in time")
	v.fails(`parallel.call { x = { dns.a, {} } }`, "dns.a: the name is a table; a string was expected")
}
