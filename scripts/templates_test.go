package scripts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/engine"
	"luamilter/protocol"
)

// TestTemplates checks each template under another name, as "luamilter check" does. What it says its tests show.
func TestTemplates(t *testing.T) {
	all, err := Templates()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 10 {
		t.Errorf("there are only %d", len(all))
	}
	for _, one := range all {
		t.Run(one.Name, func(t *testing.T) {
			text, test := one.Script("mine")
			if !strings.HasPrefix(text, "-- mine.lua: "+one.About+"\n") {
				t.Errorf("it begins %q", text[:40])
			}
			if strings.Contains(text+test, one.Name+".lua") {
				t.Error("it names itself in more places than the first line")
			}
			if !strings.Contains(test, "describe(") {
				t.Error("its test describes nothing")
			}
			path := filepath.Join(t.TempDir(), "mine.lua")
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			p, err := engine.Load([]string{path}, engine.Options{Limits: engine.DefaultLimits, OnError: protocol.Tempfail, SelfTest: true})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			for _, f := range p.Check() {
				t.Error(f.Detail())
			}
		})
	}
}
