package luaapi

import (
	"strings"
	"testing"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// readEverything asks a header for all that there is to ask, in every way, and then edits what it was shown.
const readEverything = `
local texts = {}
local function keep(s) if s then texts[#texts + 1] = tostring(s) end end
local h = msg.headers
for i = 1, #h do
	local f = h[i]
	local n = 0
	for j = 1, i do if h[j].name:lower() == f.name:lower() then n = n + 1 end end
	assert(h:get(f.name, n) == f.value and h:raw(f.name, n) == f.raw)
	keep((h:decoded(f.name, n)))
	local main, params = h:params(f.name, n)
	keep(main)
	for name, value in pairs(params or {}) do keep(name) keep(value) end
	for _, a in ipairs(h:addresses(f.name) or {}) do keep(a.name) end -- the address itself is bytes, as it was sent
	h:date(f.name, n)
end
local count = #h
if count > 0 then
	h[1]:change("changed")
	assert(#msg.headers == count and msg.headers[1].value == "changed")
	msg.headers[count]:delete()
	assert(#msg.headers == count - 1)
end
return table.concat(texts, "\n")`

// FuzzHeaderBlock checks what holds for the header of any message: reading it raises no error, changes nothing and gives UTF-8; edits hit the field that they are
// of.
func FuzzHeaderBlock(f *testing.F) {
	for _, block := range []string{
		"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?b?w7w=?=\r\nFrom: \"A, B\" <a@example.com>, =?x?y?z?=\r\nTo: group: a@example.com;, b@[192.0.2.1]\r\n",
		"Content-Type: text/plain; name*0*=utf-8''%C3; name*1*=%BC; charset=\"x\r\n",
		"Content-Disposition: attachment; filename=a.txt; filename*=b\nDate: Thu, 31 Feb 2026 25:61:00 +9999 (x)\n",
		"no colon\r\nX:\r\nX: \r\nx : y\r\n\tfolded\r\n\r\n", "Received: from a by b; Thu, 26 Nov 2026 10:00:00 -0000\r\n", "X: \x00\xff\r=?utf-8?b?/////w==?=",
	} {
		f.Add(block)
	}
	v := newVM(f, protocol.StageEOM)
	f.Fuzz(func(t *testing.T, block string) {
		if len(block) > 4<<10 {
			t.Skip("too long")
		}
		root := mime.ParseRaw(mime.Text(strings.ReplaceAll(block, "\r\n\r\n", "\r\n") + "\r\n\r\n")).Root
		fields := root.Fields()
		for i := range fields {
			fields[i].Value = strings.ReplaceAll(fields[i].Value, "\x00", "") // no MTA can send it
			fields[i].Tail = strings.ReplaceAll(fields[i].Tail, "\x00", "")
		}
		v.t = t
		v.begin(NewMessage(protocol.NewHeaderEdit(fields), "a@example.com", nil, nil))
		got, err := v.run(readEverything)
		if err != nil {
			t.Fatalf("%q: %v", fields, err)
		}
		if text, ok := got.(lua.LString); !ok || !utf8.ValidString(string(text)) {
			t.Fatalf("%q is read as %q", fields, got)
		}
	})
}
