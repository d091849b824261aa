package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// keeper puts data of every plain kind into both layers, and complains if a hook does not find it.
const keeper = `
local function fill(t, mark)
  t.text, t.number, t.yes, t.no = mark, 1.5, true, false
  t.bytes = "a\0b\255"
  t.list = { 1, 2, { 3, { four = "five" } } }
  t.shared = { mark }
  t.again = { t.shared, t.shared }
  t.circle = { name = "c" }
  t.circle.me = t.circle
  t.keyed = { [t.shared] = "by table", [1.5] = "by number", [true] = "by boolean" }
  t.verdict = reject("5.7.1", "kept")
  t.plainly = tempfail
  t.bits = raw("as it is")
end
local function show(t)
  return table.concat({
    t.text, t.number, tostring(t.yes), tostring(t.no), tostring(t.bytes == "a\0b\255"),
    t.list[3][2].four, tostring(t.again[1] == t.again[2] and t.again[1] == t.shared), tostring(t.circle.me == t.circle),
    t.keyed[t.shared], t.keyed[1.5], t.keyed[true], tostring(t.verdict), tostring(t.plainly), tostring(t.bits),
  }, ",")
end
local want = ",1.5,true,false,true,five,true,true,by table,by number,by boolean,reject 550 5.7.1 kept,tempfail,as it is"
local function check(conn)
  assert(show(conn.connection) == "connection" .. want, show(conn.connection))
  if conn.sender then assert(show(conn) == "message" .. want, show(conn)) end
end

function negotiate(neg)
  for _, stage in ipairs { "connect", "helo", "mail", "rcpt", "data", "header", "eoh", "body", "unknown" } do neg:reply(stage, true) end
end
function connect(conn) fill(conn, "connection") end
function helo(conn) check(conn) end
function mail(conn)
  assert(show(conn) == "connection" .. want, show(conn))
  fill(conn, "message")
end
function rcpt(conn) check(conn) end
function data(conn) check(conn) end
function header(conn) check(conn) end
function eoh(conn) check(conn) end
function body(conn) check(conn) end
function unknown(conn) check(conn) end
function eom(conn, msg) check(conn); msg:add_header("X", conn.bits); return conn.plainly end
function abort(conn) check(conn); log.info("abort") end
function close(conn) check(conn); log.info("close") end
`

// Data survives when the connection goes quiet between any two events, and its VM goes to another connection meanwhile.
func TestDataSurvivesParking(t *testing.T) {
	r := start(t, keeper)
	other := r.mta()
	other.dialog("connect -> continue")
	r.parked()
	m := r.mta()
	m.dialog("connect -> continue")
	for _, step := range []string{
		"helo mail.example.org -> continue", "unknown HELP -> continue",
		"mail <a@example.org> -> continue", "rcpt <b@example.com> -> continue", "unknown HELP -> continue", "data -> continue",
		"header Subject: hello -> continue", "eoh -> continue", "body text -> continue", "eom -> tempfail",
		"helo mail.example.org -> continue", "mail <c@example.org> -> continue",
	} {
		r.parked()
		other.dialog("mail <x@example.org> -> continue\neom -> tempfail")
		r.parked()
		m.dialog(step)
	}
	r.parked()
	m.dialog("abort")
	wait(t, "abort", func() bool { return slices.Contains(r.said(), "abort") })
	r.parked()
	m.dialog("quit")
	wait(t, "close", func() bool { return slices.Contains(r.said(), "close") })
	noErrors(t, r)
	if n := r.made.Load(); n != 1 {
		t.Errorf("%d VMs were made; one is enough when never two connections are busy", n)
	}
}

// Records of facts are plain too.
func TestRecordsSurviveParking(t *testing.T) {
	r := start(t, `
function helo(conn) conn.kept_tls = conn.tls end
function mail(conn) conn.kept_auth = conn.auth end
function data(conn) return continue end
function eom(conn, msg) msg:add_header("X", conn.kept_tls.version .. conn.kept_auth.user) end`)
	m := r.mta()
	m.dialog(`
		macros helo {tls_version}=TLSv1.3
		helo mail.example.org
		macros mail {auth_authen}=joe; {auth_type}=PLAIN
		mail <a@example.org>
		data -> continue`)
	r.parked()
	m.dialog("eom -> continue, ADDHEADER X: TLSv1.3joe")
}

// Data that holds more than plain values stays where it is, and with it the VM, until the connection ends.
func TestDataThatIsNotPlainKeepsItsVM(t *testing.T) {
	for _, c := range []struct{ name, value, use string }{
		{"a function", `function() return "x" end`, `conn.thing()`},
		{"a table with a metatable", `setmetatable({}, { __index = function() return "x" end })`, `conn.thing.any`},
		{"a coroutine", `coroutine.create(function() coroutine.yield("x") end)`, `select(2, coroutine.resume(conn.thing))`},
		{"a table with a function deep inside", `{ a = { b = { function() return "x" end } } }`, `conn.thing.a.b[1]()`},
		{"a function as key", `{ [print] = "x" }`, `conn.thing[print]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, `
function connect(conn) if conn.host == "stuck" then conn.thing = `+c.value+` end return continue end
function helo(conn, name) return continue end
function eom(conn, msg) msg:add_header("X", `+c.use+`) end`)
			m := r.mta()
			m.dialog("connect stuck unknown -> continue")
			vms := &r.program.Scripts[0].vms
			wait(t, "the connection to be idle", func() bool { return vms.stuck.Load() == 1 })
			other := r.mta()
			other.dialog("connect other unknown -> continue")
			wait(t, "the other's VM", func() bool { return r.spare() == 1 })
			if n := r.made.Load(); n != 2 {
				t.Errorf("%d VMs were made, want one for each connection", n)
			}
			if n := vms.stuck.Load(); n != 1 {
				t.Errorf("%d VMs are counted as held by idle connections, want 1", n)
			}
			m.dialog("helo mail.example.org -> continue\nmail <a@example.org>\neom -> continue, ADDHEADER X: x\nquit")
			r.parked() // with the connection the VM is free
			if n := vms.stuck.Load(); n != 0 {
				t.Errorf("%d VMs are still counted as held", n)
			}
			noErrors(t, r)
			if n := strings.Count(r.log.String(), "keeps a function or an object in conn"); n != 1 {
				t.Errorf("the log says so %d times, want once", n)
			}
		})
	}
}

// How many VMs there are follows from the work, not from the connections.
func TestIdleConnectionsHaveNoVM(t *testing.T) {
	r := start(t, `
function connect(conn) conn.n = 1 return continue end
function eom(conn, msg) msg:add_header("X", conn.n) end`)
	var all []*mta
	for range 60 {
		m := r.mta()
		m.dialog("connect -> continue\nmail <a@example.org>\neom -> continue, ADDHEADER X: 1")
		all = append(all, m)
	}
	wait(t, "the VMs to be back", func() bool { return r.spare() == min(int(r.made.Load()), maxSpare) })
	if n := r.spare(); n > maxSpare {
		t.Errorf("%d VMs are spare, at most %d may be", n, maxSpare)
	}
	for _, m := range all {
		m.dialog("mail <a@example.org>\neom -> continue, ADDHEADER X: 1")
	}
	noErrors(t, r)
}

// Each hook does the same when it runs a second time on a used VM.
func TestHooksRunAlikeOnAUsedVM(t *testing.T) {
	r := start(t, witness+`
function negotiate(neg) neg:reply("body", true) end`, witness)
	const conversation = `
		connect
		helo mail.example.org
		mail <sender@example.org> SIZE=1
		rcpt <reader@example.com>
		data
		header Subject: hello
		eoh
		body text
		eom -> continue
		unknown HELP
		mail <sender@example.org>
		quit`
	var rounds [][]string
	for i := range 3 {
		before := len(r.said())
		r.mta().dialog(conversation)
		r.ended()
		rounds = append(rounds, r.said()[before:])
		if i > 0 {
			equal(t, fmt.Sprintf("round %d", i), rounds[i], rounds[0])
		}
	}
	if len(rounds[0]) != 2*13 {
		t.Errorf("%d hooks ran, want 13 in each of two scripts: %q", len(rounds[0]), rounds[0])
	}
	if n := r.made.Load(); n != 2 {
		t.Errorf("%d VMs were made, want one of each script that is used again", n)
	}
	noErrors(t, r)
}

// A VM is let go after many uses.
func TestUsedUpVM(t *testing.T) {
	s := defaults()
	s.park = time.Hour // or it gives its VM back in the middle of a message
	r := s.start(t, `function mail(conn) end`)
	r.program.Scripts[0].vms.mu.Lock()
	r.program.Scripts[0].vms.spare[0].uses = maxUses
	r.program.Scripts[0].vms.mu.Unlock()
	r.mta().dialog("mail <a@example.org>\neom -> continue\nquit")
	r.ended()
	if n := r.spare(); n != 0 {
		t.Errorf("%d VMs are spare", n)
	}
	r.mta().dialog("mail <a@example.org>\neom -> continue\nquit")
	r.ended()
	if made, spare := r.made.Load(), r.spare(); made != 2 || spare != 1 {
		t.Errorf("%d VMs were made and %d are spare", made, spare)
	}
}

// While VMs are scarce each connection gives its own back after each event. No reply is lost, be it large.
func TestScarceVMs(t *testing.T) {
	before := maxSpare
	t.Cleanup(func() { maxSpare = before }) // when the engine has ended
	maxSpare = 0
	r := start(t, `
function mail(conn) conn.connection.n = (conn.connection.n or 0) + 1 return continue end
function rcpt(conn) conn.rcpts = (conn.rcpts or 0) + 1 return continue end
function eom(conn, msg)
	msg:add_header("X", conn.n .. "/" .. conn.rcpts)
	msg:replace_body(("x"):rep(9000))
end`)
	var all []*mta
	for range 5 {
		all = append(all, r.mta())
	}
	for n := range 4 {
		for _, m := range all {
			m.dialog(fmt.Sprintf(`
				mail <a@example.org> -> continue
				rcpt <b@example.org> -> continue
				rcpt <c@example.org> -> continue
				eom -> continue, ADDHEADER X: %d/2, REPLBODY "%s\r\n"`, n+1, strings.Repeat("x", 9000)))
		}
	}
	noErrors(t, r)
}
