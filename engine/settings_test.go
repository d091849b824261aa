package engine

import (
	"strings"
	"testing"

	"luamilter/luaapi"
	"luamilter/protocol"
)

// given loads one script, NAME.lua of a folder, with what a configuration says of it.
func given(t *testing.T, text string, o ScriptOptions) (*Program, error) {
	t.Helper()
	p, err := Load([]string{writeScript(t, "gate", text)}, Options{
		Limits: DefaultLimits, OnError: protocol.Tempfail, SelfTest: true, Scripts: map[string]ScriptOptions{"gate": o},
	})
	if err == nil {
		t.Cleanup(p.Close)
	}
	return p, err
}

func TestSettingsOfTheConfiguration(t *testing.T) {
	const script = "local cfg = settings { limit = 100 }\nfunction helo() return reject(\"5.7.1\", \"limit \" .. cfg.limit) end"
	seven := map[string]luaapi.Given{"limit": {Value: int64(7), Origin: "l.toml:3"}}
	p, err := given(t, script, ScriptOptions{Settings: seven})
	if err != nil {
		t.Fatal(err)
	}
	if s := p.Scripts[0].Settings; len(s) != 1 || s[0].Value != "7" || s[0].Origin != "l.toml:3" {
		t.Errorf("%+v", s)
	}
	r := serving(t, defaults(), p)
	r.mta().dialog("helo x -> reject 550 5.7.1 limit 7")

	for name, tt := range map[string]struct {
		script, key string
		value       any
		want        string
	}{
		"an unknown key, near another": {script, "limt", int64(1), "l.toml:3: PATH has no setting limt; did you mean limit?"},
		"an unknown key":               {script, "delay", int64(1), "l.toml:3: PATH has no setting delay; it has limit"},
		"no settings":                  {"function helo() end", "delay", int64(1), "l.toml:3: PATH has no setting delay; it declares none with settings { ... }"},
		"another kind":                 {script, "limit", "x", `PATH:1: settings: l.toml:3: limit: a number was expected, as the default 100; the configuration has the text "x"`},
	} {
		_, err := given(t, tt.script, ScriptOptions{Settings: map[string]luaapi.Given{tt.key: {Value: tt.value, Origin: "l.toml:3"}}})
		if err == nil || !strings.Contains(err.Error(), tt.want[strings.Index(tt.want, "PATH")+4:]) || !strings.HasPrefix(tt.want, "PATH") && !strings.HasPrefix(err.Error(), "l.toml:3: ") {
			t.Errorf("%s: %v; want %s", name, err, tt.want)
		}
	}
}

func TestSelfTest(t *testing.T) {
	for _, tt := range []struct{ name, script, want string }{
		{"none", "function helo() end", ""},
		{"it returns nothing", "function selftest() end function helo() end", ""},
		{"it returns true", "function selftest() return true end function helo() end", ""},
		{"an error", "function helo() end\nfunction selftest() error(\"the list is empty\") end", ":2: the list is empty"},
		{"false", "function helo() end\n\nfunction selftest() return false, \"the list is empty\" end", ":3: selftest: the list is empty"},
		{"false alone", "function selftest() return false end", ":1: selftest: it returned false"},
		{"no end", "function selftest() while true do end end", "stopped after"},
	} {
		_, err := given(t, tt.script, ScriptOptions{})
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v; want %q", tt.name, err, tt.want)
		}
	}
}
