package luaapi

import (
	"strconv"
	"strings"
	"testing"

	"luamilter/luaapi/mail"
	"luamilter/luaapi/spool"
	"luamilter/protocol"
)

// filed is a body in a file.
func filed(t *testing.T, text string) *mail.Body {
	t.Helper()
	b := &mail.Body{InMemory: 1, Spool: spool.NewDir(t.TempDir(), 0)}
	if err := b.Copy([]byte(text)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

// A body in a file is for scripts what it is in memory.
func TestBodyInFile(t *testing.T) {
	long := strings.Repeat("x", 300<<10)
	text := "first line\r\n" + long + "\r\nthe needle is here (1.5%)\nlast\r\r\nend"
	run := func(body *mail.Body, script string) string {
		v := newVM(t, protocol.StageEOM)
		v.begin(NewMessage(protocol.NewHeaderEdit(nil), "a@example.com", nil, body))
		got, err := v.run(script)
		if err != nil {
			return "error: " + err.Error()
		}
		return got.String()
	}
	for _, expression := range []string{
		`#b`, `b:len()`, `tostring(b)`, `b .. "!"`, `"!" .. b`, `b:sub(1, 10)`, `b:sub(-3)`, `b:sub(5, 3)`, `b:sub(0)`, `b:sub(3e5)`, `b:sub(-1e9, 1e9)`, `b:sub()`,
		`b:byte()`, `b:byte(-1)`, `b:byte(1, 3)`, `b:byte(1e9)`, `b:byte(0)`, `b:find("needle")`, `b:find("needle", 1, true)`, `b:find("(1.5%)", 1, true)`,
		`b:find("needle", -20, true)`, `b:find("needle", -40, true)`, `b:find("needle", 1e9, true)`, `b:find("", 3, true)`, `b:find("", 1e9)`, `b:find("absent", 1, true)`,
		`b:find("n(%a+)")`, `b:find("end$")`, `b:find(1.5, 1, true)`, `b:match("is (%a+)")`, `b:gsub("x", "y")`, `b:lower()`, `b:upper()`, `b:reverse()`, `b:find()`,
		`string.len(b)`, `string.find(b, "needle")`, `string.format("%s", b)`, `b:find("x", 20, true)`, `b:gmatch("%a+")()`,
		`(function() local s = {} for line in b:lines() do s[#s + 1] = line end return table.concat(s, "|") end)()`,
	} {
		script := `local b = msg.body local s = {} for i, v in ipairs({` + expression + `}) do s[i] = tostring(v) end return table.concat(s, " ")`
		want, got := run(collected(text), script), run(filed(t, text), script)
		if got != want {
			t.Errorf("%s: %.200q, in memory %.200q", expression, got, want)
		}
	}
}

// What is found in a file does not depend on where windows end.
func TestFindInFile(t *testing.T) {
	for at := 32<<10 - 8; at < 32<<10+8; at++ {
		v := newVM(t, protocol.StageEOM)
		v.begin(NewMessage(nil, "", nil, filed(t, strings.Repeat("n", at)+"needle"+strings.Repeat("n", 100))))
		v.want(`return msg.body:find("needle", 1, true) == `+strconv.Itoa(at+1)+` and msg.body:find("nneedlenn", 2, true) == `+strconv.Itoa(at), "true")
	}
}
