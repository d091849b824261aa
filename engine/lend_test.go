package engine

import (
	"bytes"
	"testing"

	"github.com/rs/zerolog"

	"luamilter/protocol"
)

const (
	looks = `function body(conn, chunk) if chunk:find("x", 1, true) then conn.found = true end end`
	keeps = `function body(conn, chunk) conn.last = chunk end`
)

// A body stays in the buffer that it was read into when all scripts only look at it.
func TestWhoLends(t *testing.T) {
	quiet := `function eom(conn) end`
	for _, c := range []struct {
		scripts []string
		want    bool
	}{
		{[]string{looks}, true},
		{[]string{looks, quiet, looks}, true},
		{[]string{quiet}, true}, // there is no body to lend
		{[]string{keeps}, false},
		{[]string{looks, keeps}, false},
		{[]string{looks, `function eom(conn, msg) log.info(#msg.body) end`}, false},
		{[]string{`local function look(conn, chunk) return #chunk > 5 and skip or nil end body = look`}, true},
		{[]string{`local function keep(conn, chunk) conn.x = chunk end function body(conn, chunk) keep(conn, chunk) end`}, false},
		{[]string{`body = load("return function(conn, chunk) kept = chunk end")()`}, false},
		{[]string{"function look(conn, chunk) return #chunk end\nkept = '' body = load('return function(conn, chunk) kept = chunk end', '@S')()"}, false},
		{[]string{`body = print`}, false},
	} {
		var paths []string
		for _, script := range c.scripts {
			paths = append(paths, writeScript(t, "S", script))
		}
		p, err := Load(paths, Options{Limits: DefaultLimits, OnError: protocol.Tempfail})
		if err != nil {
			t.Fatalf("%q: %v", c.scripts, err)
		}
		if p.lends != c.want {
			t.Errorf("%q: %v, want %v", c.scripts, p.lends, c.want)
		}
		p.Close()
	}
}

// What scripts keep of a body stays what it was when the next body comes, on this connection and on others.
func TestKeptChunksStay(t *testing.T) {
	const check = `
function eom(conn, msg)
	local all = conn.connection
	all.n = (all.n or 0) + 1
	all[all.n] = conn.kept
	for i = 1, all.n do
		local letter = ("abcdefgh"):sub(i, i)
		if all[i] ~= letter:rep(#all[i]) or #all[i] < 60000 then
			return reject(550, "5.7.1", "what was kept is gone: " .. i .. " begins with " .. all[i]:sub(1, 9))
		end
	end
	msg:add_header("X-Kept", all.n)
end`
	for name, body := range map[string]string{
		"looks":       `function body(conn, chunk) conn.kept = chunk:sub(1) end`,
		"matches":     `function body(conn, chunk) conn.kept = chunk:match("^.(.*)$") end`,
		"joins":       `function body(conn, chunk) conn.kept = "" .. chunk end`,
		"keeps":       `function body(conn, chunk) conn.kept = chunk end`,
		"keeps parts": `function body(conn, chunk) local all = chunk conn.kept = all:sub(2) end`,
	} {
		t.Run(name, func(t *testing.T) {
			dial := startEngine(t, zerolog.Nop(), writeScript(t, "kept", body+check))
			clients := []*protocol.Client{dial(), dial(), dial()}
			for _, c := range clients {
				if _, err := c.Negotiate(protocol.FullOffer); err != nil {
					t.Fatal(err)
				}
			}
			for _, letter := range "abcdefgh" {
				for i, c := range clients {
					if err := sendMessage(c, bytes.Repeat([]byte(string(letter)), protocol.MaxChunk-i)); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}
