package luatest

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/dns"
)

// fakeDNS is what scripts under test get for name servers.
type fakeDNS struct {
	mu   sync.Mutex
	told *dns.Fake // nil until the test says something
}

// forget begins a test that has told nothing.
func (d *fakeDNS) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = nil
}

// fake returns what the test tells.
func (d *fakeDNS) fake() *dns.Fake {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told == nil {
		d.told = dns.NewFake()
	}
	return d.told
}

// Cached implements dns.Source.
func (d *fakeDNS) Cached(dns.Question) (dns.Answer, bool) { return dns.Answer{}, false }

// Lookup implements dns.Source.
func (d *fakeDNS) Lookup(ctx context.Context, q dns.Question) (dns.Answer, error) {
	d.mu.Lock()
	told := d.told
	d.mu.Unlock()
	if told == nil {
		return dns.Answer{}, fmt.Errorf("look up %v: %w", q, dns.ErrUntold)
	}
	return told.Lookup(ctx, q)
}

// recordTypes are the types of records, by the name that tests and scripts have for them.
var recordTypes = map[string]dns.Type{
	"a": dns.A, "aaaa": dns.AAAA, "mx": dns.MX, "txt": dns.TXT, "ns": dns.NS, "cname": dns.CNAME, "srv": dns.SRV, "ptr": dns.PTR,
}

// fakeDNS is fake_dns(answers).
func (f *file) fakeDNS(L *lua.LState) int {
	const function = "fake_dns"
	f.inTest(L, function)
	answers, ok := L.Get(1).(*lua.LTable)
	if !ok {
		L.RaiseError("%s: answers is %s; a table such as { [\"example.com\"] = { a = \"192.0.2.1\" } } was expected", function, kind(L.Get(1)))
	}
	fake := f.dns.fake()
	for k, v := answers.Next(lua.LNil); k != lua.LNil; k, v = answers.Next(k) {
		name, isText := k.(lua.LString)
		about, isTable := v.(*lua.LTable)
		if !isText || !isTable {
			L.RaiseError("%s: %s is %s; write [\"example.com\"] = { a = \"192.0.2.1\" }", function, show(k), kind(v))
		}
		checkKeys(L, function+": "+string(name), about, "a", "aaaa", "mx", "txt", "ns", "cname", "srv", "ptr", "listed", "fails")
		if err := tellName(L, fake, string(name), about); err != nil {
			L.RaiseError("%s: %v", function, err)
		}
	}
	return 0
}

// tellName tells a fake of one name.
func tellName(L *lua.LState, fake *dns.Fake, name string, about *lua.LTable) error {
	asked := name
	if ip, err := netip.ParseAddr(name); err == nil {
		asked = dns.ReverseQuestion(ip).Name
	}
	if why := optText(L, "fake_dns", about, "fails", ""); why != "" {
		return tellFailure(fake, asked, why)
	}
	for key, t := range recordTypes {
		if v := about.RawGetString(key); v != lua.LNil {
			if err := fake.Set(asked, t, records(L, name+": "+key, v)...); err != nil {
				return err
			}
		}
	}
	listed, ok := about.RawGetString("listed").(*lua.LTable)
	if !ok {
		return nil
	}
	for k, v := listed.Next(lua.LNil); k != lua.LNil; k, v = listed.Next(k) {
		q, err := dns.ListQuestion(k.String(), name)
		if err != nil {
			return err
		}
		if err := fake.Set(q.Name, dns.A, records(L, name+": "+k.String(), v)...); err != nil {
			return err
		}
	}
	return nil
}

// tellFailure has all lookups of a name fail.
func tellFailure(fake *dns.Fake, name, why string) error {
	for _, t := range recordTypes {
		if err := fake.Fail(name, t, errors.New(why)); err != nil {
			return err
		}
	}
	return nil
}

// records reads one value or a list of values.
func records(L *lua.LState, what string, v lua.LValue) []dns.Record {
	list, ok := v.(*lua.LTable)
	if !ok || list.Len() == 0 && list.RawGetString("host") != lua.LNil {
		return []dns.Record{dnsRecord(L, what, v)}
	}
	var all []dns.Record
	for i := 1; i <= list.Len(); i++ {
		all = append(all, dnsRecord(L, what, list.RawGetInt(i)))
	}
	return all
}

// dnsRecord reads a value: text, or a table with a host.
func dnsRecord(L *lua.LState, what string, v lua.LValue) dns.Record {
	if text, ok := textOf(v); ok {
		return dns.Record{Value: text}
	}
	t, ok := v.(*lua.LTable)
	if !ok {
		L.RaiseError("fake_dns: %s has %s; text, or a table with host was expected", what, kind(v))
	}
	checkKeys(L, "fake_dns: "+what, t, "host", "preference", "priority", "weight", "port")
	number := func(key string) uint16 {
		n, _ := t.RawGetString(key).(lua.LNumber)
		return uint16(n)
	}
	return dns.Record{
		Value: optText(L, "fake_dns: "+what, t, "host", ""), Preference: max(number("preference"), number("priority")), Weight: number("weight"), Port: number("port"),
	}
}
