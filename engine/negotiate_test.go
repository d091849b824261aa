package engine

import (
	"fmt"
	"strings"
	"testing"

	"luamilter/protocol"
)

// agreedText writes what a filter answered: the events it wants, with ! where the MTA waits for the reply; then the actions,
// the extras and the macros it asks for.
func agreedText(o protocol.Offer) string {
	var events []string
	for s := range protocol.Stage(protocol.NumStages) {
		switch {
		case s.NoStep() == 0 || o.Steps&s.NoStep() != 0:
		case o.Steps&s.NRStep() == 0:
			events = append(events, s.String()+"!")
		default:
			events = append(events, s.String())
		}
	}
	parts := []string{strings.Join(events, " "), o.Actions.String()}
	if extras := o.Steps & (protocol.CanSkip | protocol.RcptRejected | protocol.LeadingSpace); extras != 0 {
		parts = append(parts, extras.String())
	}
	for s := range protocol.Stage(protocol.NumStages) {
		if list := o.Macros.Of(s); list != "" {
			parts = append(parts, s.String()+": "+list)
		}
	}
	return strings.Join(parts, "; ")
}

// What a script says is what the MTA is asked for, and no more.
func TestNegotiationFollowsFromTheScript(t *testing.T) {
	for _, c := range []struct{ name, script, want string }{
		{"nothing at all", ``, `; none`},
		{"the first filter anyone writes", `
function rcpt(conn) conn.n = (conn.n or 0) + 1 end
function eom(conn, msg) msg:add_header("X", conn.n) end`, `mail rcpt; ADDHDRS`},
		{"a hook that returns a value needs its reply", `function rcpt(conn) return reject end`, `mail rcpt!; none`},
		{"one that returns a value somewhere too", `function rcpt(conn, r) if r == "x" then return reject end end`, `mail rcpt!; none`},
		{"a bare return is none", `function rcpt(conn, r) if r == "x" then return end end`, `mail rcpt; none`},
		{"a tail call may be anything", `local function f() end function rcpt(conn, r) return f() end`, `mail rcpt!; none`},
		{"each stage by itself", `
function connect() end function helo() end function data() end function header() end function eoh() end function body() end function unknown() end`,
			`connect helo mail data header eoh body unknown; none`},
		{"each stage with a verdict", `
function connect() return accept end function helo() return accept end function mail() return accept end
function rcpt() return accept end function data() return accept end function header() return accept end
function eoh() return accept end function body() return accept end function eom() return accept end function unknown() return accept end`,
			`connect! helo! mail! rcpt! data! header! eoh! body! unknown!; none`},
		{"only the connection", `function connect() return reject end`, `connect!; none`},
		{"only the end of it", `function close() end`, `; none`},
		{"abort needs to know of messages", `function abort() end`, `mail; none`},
		{"eom too", `function eom() end`, `mail; none`},

		{"conn.helo, in eom", `function eom(conn) log.info(conn.helo) end`, `helo mail; none`},
		{"conn.ip", `function rcpt(conn) log.info(conn.ip) end`, `connect mail rcpt; none`},
		{"conn.recipients", `function eom(conn) log.info(#conn.recipients) end`, `mail rcpt; none`},
		{"conn.sender", `function rcpt(conn) log.info(conn.sender) end`, `mail rcpt; none`},
		{"a fact's name as a string", `function eom(conn) log.info(conn["helo"]) end`, `helo mail; none`},
		{"conn.tls comes with macros that are sent anyway", `function mail(conn) log.info(conn.tls) end`, `mail; none`},

		{"msg.headers", `function eom(conn, msg) log.info(#msg.headers) end`, `mail header; none`},
		{"msg:header", `function eom(conn, msg) log.info(msg:header("Subject")) end`, `mail header; none`},
		{"msg.body", `function eom(conn, msg) log.info(#msg.body) end`, `mail body; none`},
		{"msg.recipients", `function eom(conn, msg) log.info(#msg.recipients) end`, `mail rcpt; none`},
		{"the headers of eoh", `function eoh(conn, headers) log.info(#headers) end`, `mail header eoh; none`},
		{"eoh without them", `function eoh(conn) log.info("eoh") end`, `mail eoh; none`},
		{"raw fields to the byte", `function eoh(conn, headers) log.info(headers[1].raw) end`, `mail header eoh; none; HDR_LEADSPC`},

		{"add_header", `function eom(conn, msg) msg:add_header("A", "b") end`, `mail; ADDHDRS`},
		{"insert_header", `function eom(conn, msg) msg:insert_header(0, "A", "b") end`, `mail header; ADDHDRS`},
		{"change_header", `function eom(conn, msg) msg:change_header("A", "b") end`, `mail header; ADDHDRS|CHGHDRS`},
		{"delete_header", `function eom(conn, msg) msg:delete_header("A") end`, `mail header; CHGHDRS`},
		{"prepend_header", `function eom(conn, msg) msg:prepend_header("A", "b") end`, `mail; ADDHDRS`},
		{"set_header", `function eom(conn, msg) msg:set_header("A", "b") end`, `mail header; ADDHDRS|CHGHDRS`},
		{"prefix_subject", `function eom(conn, msg) msg:prefix_subject("x") end`, `mail header; ADDHDRS|CHGHDRS`},
		{"field:change", `function eom(conn, msg) msg.headers[1]:change("b") end`, `mail header; CHGHDRS`},
		{"field:delete", `function eom(conn, msg) for _, f in msg.headers:each() do f:delete() end end`, `mail header; CHGHDRS`},
		{"something else that changes and deletes", `local store = {delete = print, change = print} function eom(conn, msg) store.delete("x") store:change(1) end`, `mail; none`},
		{"headers:decoded", `function eoh(conn, headers) log.info(headers:decoded("Subject")) end`, `mail header eoh; none`},
		{"headers:raw", `function eoh(conn, headers) log.info(headers:raw("Subject")) end`, `mail header eoh; none; HDR_LEADSPC`},
		{"change_sender", `function eom(conn, msg) msg:change_sender("a@b") end`, `mail; CHGFROM`},
		{"add_recipient", `function eom(conn, msg) msg:add_recipient("a@b") end`, `mail rcpt; ADDRCPT`},
		{"add_recipient with parameters", `function eom(conn, msg) msg:add_recipient("a@b", "NOTIFY=NEVER") end`, `mail rcpt; ADDRCPT|ADDRCPT_PAR`},
		{"delete_recipient", `function eom(conn, msg) msg:delete_recipient("a@b") end`, `mail rcpt; DELRCPT`},
		{"replace_body", `function eom(conn, msg) msg:replace_body("x") end`, `mail; CHGBODY`},
		{"quarantine", `function eom(conn, msg) msg:quarantine("x") end`, `mail; QUARANTINE`},
		{"an action in a function that eom calls", `
local function mark(msg) msg:add_header("A", "b") end
function eom(conn, msg) mark(msg) end`, `mail; ADDHDRS`},

		{"skip", `function body() return skip end`, `mail body!; none; SKIP`},
		{"macros that MTAs send anyway", `function mail(conn) log.info(conn.macros.auth_type .. conn.macros["{mail_addr}"] .. conn.macros.j) end`, `mail; none`},
		{"a macro that has to be asked for, with those that came anyway", `function mail(conn) log.info(conn.macros.client_ptr) end`,
			`mail; SETSYMLIST; connect: _ {client_ptr} {daemon_addr} {daemon_name} {if_addr} {if_name} j v`},
		{"a macro that nobody knows", `function eom(conn) log.info(conn.macros.my_own) end`,
			`mail; SETSYMLIST; connect: _ {daemon_addr} {daemon_name} {if_addr} {if_name} j {my_own} v; ` +
				`mail: {auth_authen} {auth_author} {auth_ssf} {auth_type} i {mail_addr} {mail_host} {mail_mailer} {my_own}; ` +
				`rcpt: i {my_own} {rcpt_addr} {rcpt_host} {rcpt_mailer}; eoh: i; eom: i {msg_id} {my_own}`},
		{"conn.mta", `function mail(conn) log.info(conn.mta) end`,
			`mail; SETSYMLIST; connect: _ {daemon_addr} {daemon_name} {if_addr} {if_name} j v`},
		{"a computed access counts as all", `function eom(conn, msg, key) log.info(conn[key]) end`,
			`connect helo mail rcpt header body; ADDHDRS|CHGBODY|ADDRCPT|DELRCPT|CHGHDRS|QUARANTINE|CHGFROM|ADDRCPT_PAR|SETSYMLIST; HDR_LEADSPC; ` +
				`connect: _ {daemon_addr} {daemon_name} {if_addr} {if_name} j v`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.script)
			m := r.connect()
			answer, err := m.Negotiate(protocol.FullOffer)
			if err != nil {
				t.Fatal(err)
			}
			if got := agreedText(answer); got != strings.TrimSpace(c.want) {
				t.Errorf("agreed\n  %s\nwant\n  %s", got, c.want)
			}
		})
	}
}

// Several scripts get what all of them need together.
func TestNegotiationOfSeveralScripts(t *testing.T) {
	r := start(t,
		`function rcpt() return reject end`,
		`function eom(conn, msg) msg:add_header("A", conn.helo) end`,
		`function rcpt() end function body() end`)
	m := r.connect()
	answer, err := m.Negotiate(protocol.FullOffer)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := agreedText(answer), "helo mail rcpt! body; ADDHDRS"; got != want {
		t.Errorf("agreed %s, want %s", got, want)
	}
}

// versionTwo is what an MTA of old offers, and Postfix with milter_protocol = 2.
var versionTwo = protocol.Offer{Version: 2, Actions: 0x3F, Steps: 0x7F}

// without is the full offer without some of it.
func without(a protocol.Actions, s protocol.Steps) protocol.Offer {
	o := protocol.FullOffer
	o.Actions &^= a
	o.Steps &^= s
	return o
}

const noReplies = protocol.NRConnect | protocol.NRHelo | protocol.NRMail | protocol.NRRcpt | protocol.NRData | protocol.NRUnknown |
	protocol.NREOH | protocol.NRBody | protocol.NRHeader

// What an MTA does not offer is emulated where that can be.
func TestPoorOffers(t *testing.T) {
	const counts = `
function rcpt(conn) conn.n = (conn.n or 0) + 1 end
function eom(conn, msg) msg:add_header("X", conn.n .. (conn.macros.client_ptr or "")) end`
	for _, c := range []struct {
		name   string
		offer  protocol.Offer
		script string
		agreed string
		dialog string
	}{
		{"version 2: replies are sent where nobody offered to do without", versionTwo, counts, `mail! rcpt! data! unknown!; ADDHDRS`, `
			connect -> unsent
			mail <a@example.org> -> continue
			rcpt <b@example.com> -> continue
			data -> unsent
			unknown HELP -> unsent
			eom -> continue, ADDHEADER X: 1`},
		{"no SETSYMLIST: macros come or they do not", without(protocol.ActSymList, 0), counts, `mail rcpt; ADDHDRS`, `
			macros mail {client_ptr}=!
			mail <a@example.org> -> silent
			rcpt <b@example.com> -> silent
			eom -> continue, ADDHEADER X: 1!`},
		{"no NR: continue is sent", without(0, noReplies), counts, `mail! rcpt!; ADDHDRS|SETSYMLIST; connect: _ {client_ptr} {daemon_addr} {daemon_name} {if_addr} {if_name} j v`, `
			mail <a@example.org> -> continue
			rcpt <b@example.com> -> continue
			eom -> continue, ADDHEADER X: 1`},
		{"no NR: a reply is as good as one that was expected", without(0, noReplies), `function mail() error("boom") end`, `mail!; none`, `
			mail <a@example.org> -> tempfail`},
		{"no way to do without an event: continue is sent for it", without(0, protocol.NoHelo|protocol.NoConnect|protocol.NoData|protocol.NoUnknown), counts,
			`connect! helo! mail rcpt data! unknown!; ADDHDRS|SETSYMLIST; connect: _ {client_ptr} {daemon_addr} {daemon_name} {if_addr} {if_name} j v`, `
			connect -> continue
			helo mail.example.org -> continue
			mail <a@example.org> -> silent
			rcpt <b@example.com> -> silent
			data -> continue
			unknown HELP -> continue
			eom -> continue, ADDHEADER X: 1`},
		{"no leading space: raw fields as far as they are known", without(0, protocol.LeadingSpace), `
function eom(conn, msg) msg:add_header("X", msg.headers[1].raw) end`, `mail header; ADDHDRS`, `
			mail <a@example.org>
			header Subject: hello
			eom -> continue, ADDHEADER X: Subject: hello`},
		{"no ADDRCPT_PAR, where only a computed access could need it", without(protocol.ActAddRcptPar, 0), `
function eom(conn, msg, what) msg:add_recipient(what()) end`, `mail rcpt; ADDRCPT`, ``},
		{"nothing said: version 1 is meant", protocol.Offer{Version: 2}, `function eom(conn, msg) msg:add_header("X", "1") end`,
			`mail! data! eoh! unknown!; ADDHDRS`, `
			mail <a@example.org> -> continue
			eoh -> continue
			eom -> continue, ADDHEADER X: 1`},
		{"a version of the future", protocol.Offer{Version: 7, Actions: protocol.AllActions, Steps: protocol.AllSteps}, `function rcpt() end`, `mail rcpt; none`, `
			mail <a@example.org> -> silent
			eom -> continue`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.script)
			m := r.connect()
			answer, err := m.Negotiate(c.offer)
			if err != nil {
				t.Fatal(err)
			}
			if got := agreedText(answer); got != c.agreed {
				t.Errorf("agreed\n  %s\nwant\n  %s", got, c.agreed)
			}
			m.dialog(c.dialog)
		})
	}
}

// Where the MTA lacks an action that a script needs, the connection ends with one line that says what to do.
func TestMissingActions(t *testing.T) {
	for _, c := range []struct {
		name, script string
		offer        protocol.Offer
		want         string
	}{
		{"CHGFROM in version 2", `function eom(conn, msg) msg:change_sender("a@b") end`, versionTwo,
			"negotiate: the MTA does not offer CHGFROM, which the scripts need (it offers ADDHDRS|CHGBODY|ADDRCPT|DELRCPT|CHGHDRS|QUARANTINE, protocol version 2; Postfix: raise milter_protocol)"},
		{"QUARANTINE", `function eom(conn, msg) msg:quarantine("x") end`, without(protocol.ActQuarantine, 0), "negotiate: the MTA does not offer QUARANTINE"},
		{"version 1", `function rcpt() end`, protocol.Offer{Version: 1, Actions: 0xF, Steps: 0x3F}, "negotiate: the MTA offers protocol version 1; 2 is the oldest that works"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.script)
			if answer, err := r.connect().Negotiate(c.offer); err == nil {
				t.Errorf("agreed: %s", agreedText(answer))
			}
			r.ended()
			lines := r.log.at("warn")
			if len(lines) != 1 || !strings.HasPrefix(fmt.Sprint(lines[0]["error"]), c.want) {
				t.Errorf("logged %v\nwant one line with %q", lines, c.want)
			}
		})
	}
}

// An action that only a computed access could need is an error of the message when it is used after all.
func TestOptionalActionThatIsMissing(t *testing.T) {
	r := start(t, `
function eom(conn, msg)
  local act = "quarantine"
  for _, name in ipairs { act } do msg[name](msg, "reason") end
end`)
	m := r.connect()
	if _, err := m.Negotiate(without(protocol.ActQuarantine, 0)); err != nil {
		t.Fatal(err)
	}
	message := "mail <a@example.org>\nrcpt <b@example.com>\neom -> tempfail\n"
	m.dialog(message + message)
	if lines := r.log.at("warn"); len(lines) != 2 || !strings.Contains(fmt.Sprint(lines[0]["error"]), "QUARANTINE was not negotiated") {
		t.Errorf("logged %v", lines)
	}
}

// negotiate(neg) overrules what follows from the script.
func TestNegotiateHook(t *testing.T) {
	const rest = `
function rcpt(conn, r) if r == "bad" then return reject end end
function header() end
function eom(conn, msg) msg:add_header("X", "1") end
`
	const without = `mail rcpt! header; ADDHDRS`
	for _, c := range []struct{ name, hook, want string }{
		{"reads the offer", `function negotiate(neg) log.info(neg.offered.version .. " " .. neg.offered.actions .. " " .. neg.offered.protocol) end`, without},
		{"a reply less", `function negotiate(neg) neg:reply("rcpt", false) end`, `mail rcpt header; ADDHDRS`},
		{"a reply more", `function negotiate(neg) neg:reply("header", true) end`, `mail rcpt! header!; ADDHDRS`},
		{"a reply to what is not asked for", `function negotiate(neg) neg:reply("helo", true) end`, without},
		{"leading space", `function negotiate(neg) neg:leading_space(true) end`, without + `; HDR_LEADSPC`},
		{"rejected recipients", `function negotiate(neg) neg:request_rejected() end`, without + `; RCPT_REJ`},
		{"macros: exactly these", `function negotiate(neg) neg:request_macros("rcpt", { "rcpt_addr", "i" }) end`, `mail rcpt! header; ADDHDRS|SETSYMLIST; rcpt: {rcpt_addr} i`},
		{"by what the MTA offers", `function negotiate(neg) if neg.offered.version >= 6 then neg:leading_space(true) end end`, without + `; HDR_LEADSPC`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.hook+rest)
			m := r.connect()
			answer, err := m.Negotiate(protocol.FullOffer)
			if err != nil {
				t.Fatal(err)
			}
			if got := agreedText(answer); got != c.want {
				t.Errorf("agreed\n  %s\nwant\n  %s", got, c.want)
			}
			if said := r.said(); len(said) > 0 {
				equal(t, "said", said, []string{"6 511 2097151"})
			}
			m.dialog("mail <a@example.org>\nrcpt <b@example.com>\neom -> continue, ADDHEADER X: 1")
			noErrors(t, r)
		})
	}
}

// A negotiate hook that fails changes nothing, and since nobody knows what it was for, the connection gets the verdict of an error.
func TestNegotiateHookFails(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`error("boom")`, "boom"},
		{`neg:reply("nowhere", true)`, "no such stage; the stages are connect helo mail"},
		{`neg:request_macros("body", { "i" })`, "no macros can be requested for body"},
		{`neg:request_macros("mail", { "a b" })`, `"a b" is no macro name`},
		{`while true do end`, "stopped after"},
	} {
		t.Run(c.body, func(t *testing.T) {
			r := tight().start(t, "function negotiate(neg)\n  neg:leading_space(true)\n  "+c.body+"\nend\nfunction rcpt(conn) return continue end")
			m := r.connect()
			answer, err := m.Negotiate(protocol.FullOffer)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := agreedText(answer), "mail! rcpt!; none"; got != want {
				t.Errorf("agreed %s, want %s", got, want)
			}
			m.dialog("mail <a@example.org> -> tempfail")
			if line := oneFailure(t, r, c.want); line["hook"] != "negotiate" || line["line"] != 3.0 {
				t.Errorf("logged %v", line)
			}
		})
	}
}

// neg works while the negotiation runs and not later.
func TestNegKept(t *testing.T) {
	r := start(t, `
local kept
function negotiate(neg) kept = neg end
function mail(conn) kept:reply("mail", true) return continue end`)
	r.mta().dialog("mail <a@example.org> -> tempfail")
	oneFailure(t, r, "reply works only in negotiate, not in mail")
}
