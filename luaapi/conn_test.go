package luaapi

import (
	"strings"
	"testing"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
)

func TestFacts(t *testing.T) {
	v := newVM(t, protocol.StageRcpt)
	v.call.Conn.Rejected = &Rejected{"5.1.1", "no such user"}
	v.macros(map[string]string{"daemon_name": "smtpd", "v": "Postfix 3.7.11", "tls_version": "TLSv1.3", "cipher": "AES", "cipher_bits": "256", "cert_subject": "", "cert_issuer": "CA"},
		map[string]string{"i": "4ABC", "auth_type": "PLAIN", "auth_authen": "jo", "auth_author": "ann"})
	for script, want := range map[string]string{
		`conn.id`:                                "7",
		`conn.stage`:                             "rcpt",
		`conn.ip`:                                "192.0.2.1",
		`conn.port`:                              "2525",
		`conn.family`:                            "inet",
		`conn.host`:                              "mail.example.com",
		`conn.helo`:                              "helo.example.com",
		`conn.daemon`:                            "smtpd",
		`conn.mta`:                               "postfix 3.7.11",
		`conn.queue_id`:                          "4ABC",
		`conn.sender`:                            "sender@example.com",
		`table.concat(conn.recipients, ",")`:     "one@example.com,two@example.com",
		`conn.tls.version .. conn.tls.cipher`:    "TLSv1.3AES",
		`conn.tls.bits .. conn.tls.subject`:      "256",
		`conn.tls.issuer`:                        "CA",
		`conn.auth.user .. conn.auth.type`:       "joPLAIN",
		`conn.auth.author`:                       "ann",
		`conn.rejected.status`:                   "5.1.1",
		`conn.rejected.text`:                     "no such user",
		`conn.tls.Version`:                       "nil",
		`conn.tls.nothing`:                       "nil",
		`conn.macros.auth_type`:                  "PLAIN",
		`conn.macros["{auth_type}"]`:             "PLAIN",
		`conn.macros.i .. conn.macros["v"]`:      "4ABCPostfix 3.7.11",
		`conn.macros.nothing`:                    "nil",
		`conn.macros[1]`:                         "nil",
		`conn.macros:all().daemon_name`:          "smtpd",
		`conn.macros:all().i`:                    "4ABC",
		`conn.connection == conn`:                "false",
		`conn.connection.connection.id`:          "7",
		`conn.nothing`:                           "nil",
		`conn[1]`:                                "nil",
		`conn[true]`:                             "nil",
		`conn[conn]`:                             "nil",
		`getmetatable(conn)`:                     "conn",
		`getmetatable(conn.macros)`:              "macros",
		`getmetatable(conn.tls)`:                 "conn.tls",
		`pcall(setmetatable, conn, {})`:          "false",
		`pcall(function() return -conn.tls end)`: "false",
		`pcall(function() return conn.tls ^ conn.tls end)`: "false",
	} {
		v.want("return "+script, want)
	}
	v.fails(`conn.tls.version = "x"`, "conn.tls is read only; it says what the MTA told")
	v.fails(`conn.auth.user = "x"`, "conn.auth is read only; it says what the MTA told")
	v.fails(`conn.rejected.text = "x"`, "conn.rejected is read only; it says what the MTA told")
	v.fails(`conn.macros.x = "x"`, "conn.macros is read only; keep data of your own in conn")
	v.fails(`return conn.macros[{}]`, "conn.macros[name]: the name is a table; a string was expected")
}

func TestFactsThatAreNotKnown(t *testing.T) {
	v := newVM(t, protocol.StageConnect)
	*v.call.Conn = Conn{ID: "7", Family: protocol.FamilyUnix, IP: "/run/x", Macros: &protocol.Macros{}, Known: v.call.Conn.Known}
	for _, name := range []string{"ip", "port", "host", "helo", "tls", "auth", "daemon", "mta", "queue_id", "sender", "rejected"} {
		v.want("return conn."+name, "nil")
	}
	v.want("return conn.family .. #conn.recipients .. tostring(conn.connection == conn)", "unix0true")
	v.call.Conn.InMessage = true
	v.want("return conn.sender", "")
	v.macros(map[string]string{"v": "8.17.1"}, nil)
	v.want("return conn.mta", "sendmail 8.17.1")
	v.macros(map[string]string{"v": "Other 1"}, nil)
	v.want("return conn.mta", "Other 1")
	v.macros(map[string]string{"if_name": "lo"}, nil)
	v.want("return conn.mta", "sendmail")

	v.call.Conn.Known = 0
	for name, need := range map[string]bool{"ip": true, "port": true, "family": true, "host": true, "helo": true, "sender": true, "recipients": true, "rejected": true, "id": false, "macros": false, "tls": false} {
		if need {
			v.fails("return conn."+name, "conn."+name+" was not asked for from the MTA, because the script nowhere says conn."+name+"; write it that way once")
		} else if _, err := v.run("return conn." + name); err != nil {
			t.Error(err)
		}
	}
	v.want("conn.helo = 5 return conn.helo", "5")
}

// TestEveryFactNeeds checks the entries against each other: what can be nil says so, and a fact works with what it says it needs.
func TestEveryFactNeeds(t *testing.T) {
	for _, f := range Facts() {
		v := newVM(t, protocol.StageRcpt)
		v.call.Conn.Known = protocol.Stages(0).With(f.Needs)
		value, err := v.run("return conn." + f.Name)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
		} else if value.String() == "nil" && f.Type[len(f.Type)-1] != '?' {
			t.Errorf("conn.%s was nil, but its type is %s", f.Name, f.Type)
		}
	}
}

func TestLayers(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	for _, tt := range []struct{ script, want string }{
		{`conn.connection.a = 1 return conn.a`, "1"},
		{`conn.a = 2 return conn.a .. conn.connection.a`, "21"},
		{`conn.a = nil return conn.a`, "1"},
		{`conn.connection.a = nil return conn.a`, "nil"},
		{`conn.b = 1 return conn.connection.b`, "nil"},
		{`conn.connection[1] = "x" return conn[1]`, "x"},
		{`conn.connection.f = false return conn.f`, "false"},
		{`conn.ip = "own" return conn.ip .. conn.connection.ip`, "own192.0.2.1"},
		{`conn.connection.host = "own" return conn.host`, "own"},
		{`conn.connection = 5 return conn.connection`, "5"},
		{`local n = 0 for k in pairs(conn) do n = n + 1 end return n`, "3"},
		{`return rawget(conn, "helo")`, "nil"},
		{`local s = "" coroutine.wrap(function() s = conn.helo .. conn.host end)() return s`, "helo.example.comown"},
	} {
		v.want(tt.script, tt.want)
	}
	// In the next message the layer is another one.
	old := v.call.Layers.Message
	v.set("old", old)
	v.call.Layers.Message = v.NewLayer()
	v.set("conn", v.call.Layers.Message)
	v.want("return conn.b", "nil")
	v.want("return old.b", "1")
	const kept = "conn of an earlier message or another connection was kept and used in mail; use the conn that the hook is given"
	v.fails("return old.helo", kept)
	v.fails("return old.nothing", kept)
	v.fails("return coroutine.wrap(function() return old.helo end)()", kept)

	v.End()
	v.fails("return conn.helo", "conn works only inside a hook, not while the script is loaded")
	v.want("conn.x = 1 return conn.x", "1")
}

func TestParams(t *testing.T) {
	v := newVM(t, protocol.StageMail)
	v.set("p", Params(v.L, protocol.MakeParams("SIZE=123", "body=8BITMIME", "SMTPUTF8", "X=", "=y", "A=b=c", "SIZE=7", "\xff=\xfe")))
	for script, want := range map[string]string{
		`#p`: "8", `p[1]`: "SIZE=123", `p[2]`: "body=8BITMIME", `p.SIZE`: "7", `p.BODY`: "8BITMIME", `p.body`: "nil", `p.SMTPUTF8`: "true", `p.X`: "", `p[""]`: "y", `p.A`: "b=c",
	} {
		v.want("return "+script, want)
	}
	v.set("p", Params(v.L, nil))
	v.want("return #p .. tostring(next(p))", "0nil")
}

// Short texts that come again are the same value, and the buffer they came in may be used again.
func TestText(t *testing.T) {
	v := newVM(t, protocol.StageHeader)
	name := []byte("Subject")
	first := v.Text(name)
	copy(name, "garbage")
	if first.String() != "Subject" || v.Text([]byte("Subject")) != first || v.Text(name).String() != "garbage" {
		t.Errorf("got %v, and then %v", first, v.Text([]byte("Subject")))
	}
	for i := range 3 * numTexts {
		text := strings.Repeat("x", i) + "y"
		for range 2 {
			if got := v.Text([]byte(text)).String(); got != text {
				t.Errorf("%q became %q", text, got)
			}
		}
	}
	if n := testing.AllocsPerRun(100, func() { v.Text([]byte("Subject")) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Letters change their case as ever, though results are remembered.
func TestConvertedTexts(t *testing.T) {
	v := newVM(t, protocol.StageHeader)
	v.want(`
		for n = 1, 500 do
			local s = "Ab" .. n % 100 .. ("Z"):rep(n % 70)
			for _ = 1, 2 do
				assert(s:lower() == "ab" .. n % 100 .. ("z"):rep(n % 70), s)
				assert(s:upper() == "AB" .. n % 100 .. ("Z"):rep(n % 70), s)
			end
		end
		return "done"`, "done")
	large := strings.Repeat("AbC", largeText/6)
	v.L.SetGlobal("large", lua.LString(large))
	v.want(`return large:sub(1, #large / 2):sub(1, 30):lower():sub(1, 3)`, "abc")
	for _, m := range v.lowered.made {
		if within(large, m.from) {
			t.Error("a short text keeps the large one that it is part of")
		}
	}
}
