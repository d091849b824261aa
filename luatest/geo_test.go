package luatest

import (
	"strings"
	"testing"
)

func TestFakeGeo(t *testing.T) {
	const script = "local geo = require \"geo\"\nfunction connect(conn)\n  if geo.country(conn.ip) == \"CH\" then return reject end\nend"
	all := runText(t, script, `
it("knows networks", function()
  fake_geo({ ["192.0.2.0/24"] = { country = "CH", asn = 64496, eu = false }, ["198.51.100.7"] = { country = "DE" } })
  expect(session({ ip = "192.0.2.9" }):connect()):rejected()
  expect(session({ ip = "198.51.100.7" }):connect()):continued()
  expect(session({ ip = "198.51.100.8" }):connect()):continued()
end)
it("knows nothing of the test before", function() expect(session():connect()):raises("no file with places is configured") end)
it("no network", function() fake_geo({ x = {} }) end)
it("no place", function() fake_geo({ ["192.0.2.1"] = "CH" }) end)
it("a mistyped name", function() fake_geo({ ["192.0.2.1"] = { contry = "CH" } }) end)
it("a wrong value", function() fake_geo({ ["192.0.2.1"] = { asn = "CH" } }) end)
it("no table", function() fake_geo("CH") end)
`)
	for i, want := range []string{
		"", "",
		`fake_geo: "x" is neither an address nor a network`,
		`fake_geo: 192.0.2.1 has a string; a table such as {country = "DE"} was expected`,
		"fake_geo: 192.0.2.1 has contry; did you mean country?",
		"fake_geo: asn of 192.0.2.1 is a string",
		`fake_geo: networks is a string; a table such as {["192.0.2.0/24"] = {country = "DE"}} was expected`,
	} {
		switch text := explanation(&all[i]); {
		case want == "" && all[i].State != Passed:
			t.Errorf("%s: %s", all[i].Name, text)
		case want != "" && (all[i].State != Failed || !strings.Contains(text, want)):
			t.Errorf("%s: %q is missing in\n%s", all[i].Name, want, text)
		}
	}
}
