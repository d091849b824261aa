package engine

import "testing"

// A script that looks at parts gets the header and the body; one that has a method or a field of the same name somewhere else does not.
func TestPartsAreAskedFor(t *testing.T) {
	for script, want := range map[string]bool{
		`function eom(conn, msg) for _, p in ipairs(msg.parts) do log.info(p.type) end end`: true,
		`function eom(conn, msg) return #msg.attachments > 3 and reject or continue end`:    true,
		`function eom(conn, msg) log.info(msg:text()) end`:                                  true,
		`function eom(conn, msg) log.info(msg:html()) end`:                                  true,
		`function eom(conn, msg) if msg.is_encrypted then return reject end end`:            true,
		`local t = { text = "x" } function eom(conn, msg) log.info(t.text) end`:             false,
		`local html = "x" function eom(conn, msg) log.info(html) end`:                       false,
		`function eom(conn, msg) msg:add_header("X", "1") end`:                              false,
	} {
		p := defaults().load(t, script)
		if got := len(p.Needs.Body) > 0 && len(p.Needs.Headers) > 0; got != want {
			t.Errorf("%s: %v; want %v", script, got, want)
		}
		p.Close()
	}
}
