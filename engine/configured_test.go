package engine

import (
	"fmt"
	"strings"
	"testing"
)

// TestUnconfigured: where a script uses what has nobody to ask, as line:column and what it needs.
func TestUnconfigured(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"a module", "local clamav = require 'clamav'", "1:16 require \"clamav\" needs clamav.address"},
		{"a module twice", "local a = require 'geo'\nlocal b = require 'geo'", "1:11 require \"geo\" needs geo.files"},
		{"a module inside a hook", "function eom(conn, msg)\n  return require('rspamd').check(msg).action == 'reject' and reject or nil\nend", "2:10 require \"rspamd\" needs rspamd.url"},
		{"a module that the script can do without", "local ok, clamav = pcall(require, 'clamav')", ""},
		{"a function of a module that works without it", "local http = require 'http'\nfunction eom() http.later{ url = 'https://example.com/' } end", "2:21 http.later needs outbox.dir"},
		{"a function in a variable", "local later = require('http').later\nfunction eom() later{ url = 'https://example.com/' } end", "2:16 http.later needs outbox.dir"},
		{"another function of it", "local http = require 'http'\nfunction eom() http.get('https://example.com/') end", ""},
		{"two keys", "local smtp = require 'smtp'\nfunction eom()\n  smtp.send{ to = 'a@example.com', subject = 'x', text = 'y' }\nend", "3:8 smtp.send needs smtp.relay and outbox.dir"},
		{"what is protected", "local http = require 'http'\nfunction eom() pcall(function() http.later{ url = 'https://example.com/' } end) end", ""},
		{"what a comment silences", "local geo = require 'geo' -- luamilter: ignore not-configured", ""},
		{"what has a default", "local dns = require 'dns'\nlocal store = require 'store'\nlocal spf = require 'http'", ""},
		{"a table of the script's own", "local http = { later = print }\nfunction eom() http.later('x') end", ""},
	} {
		p, err := Load([]string{writeScript(t, "s", c.script)}, Options{Limits: DefaultLimits})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		var all []string
		for _, f := range p.Unconfigured(unmetWithout()) {
			all = append(all, strings.TrimSuffix(fmt.Sprintf("%d:%d %s", f.Line, f.Column, f.Text), " in the configuration"))
		}
		if got := strings.Join(all, ", "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if all := p.Unconfigured(nil); all != nil {
			t.Errorf("%s: where all is configured: %v", c.name, all)
		}
		p.Close()
	}
}
