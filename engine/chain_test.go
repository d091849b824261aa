package engine

import (
	"strings"
	"testing"
)

// named makes a script that says its name at each message hook and returns a verdict from one of them.
func named(name, hooks string) string {
	const text = `
function connect(conn) log.info("NAME connect") end
function helo(conn) log.info("NAME helo") end
function mail(conn, sender) log.info("NAME mail") end
function rcpt(conn, recipient) log.info("NAME rcpt") end
function body(conn, chunk) log.info("NAME body") end
function eom(conn, msg) log.info("NAME eom"); msg:add_header("X-NAME", "1") end
function abort(conn) log.info("NAME abort") end
function close(conn) log.info("NAME close") end
`
	return strings.ReplaceAll(text+hooks, "NAME", name)
}

// The table of verdicts for several scripts in one daemon.
func TestChains(t *testing.T) {
	for _, c := range []struct {
		name    string
		scripts []string
		dialog  string
		said    string
	}{
		{"no opinion: all run, in their order", []string{named("one", ""), named("two", ""), named("three", "")}, `
			mail <a@example.org> -> silent
			rcpt <b@example.com> -> silent
			eom -> continue, ADDHEADER X-one: 1, ADDHEADER X-two: 1, ADDHEADER X-three: 1
			quit`, `
			one mail
			two mail
			three mail
			one rcpt
			two rcpt
			three rcpt
			one eom
			two eom
			three eom
			one close
			two close
			three close`},
		{"accept puts one to sleep for the message", []string{named("one", `function mail() log.info("one mail"); return accept end`), named("two", "")}, `
			mail <a@example.org> -> continue
			rcpt <b@example.com>
			eom -> continue, ADDHEADER X-two: 1
			mail <a@example.org> -> continue
			abort
			quit`, `
			one mail
			two mail
			two rcpt
			two eom
			one mail
			two mail
			two abort
			one close
			two close`},
		{"accept in connect puts one to sleep for the connection", []string{named("one", `function connect() return accept end`), named("two", "")}, `
			connect -> continue
			helo mail.example.org
			mail <a@example.org>
			eom -> continue, ADDHEADER X-two: 1
			mail <a@example.org>
			eom -> continue, ADDHEADER X-two: 1
			quit`, `
			two connect
			two helo
			two mail
			two eom
			two mail
			two eom
			one close
			two close`},
		{"all asleep for the connection, at different stages", []string{named("one", `function connect() return accept end`), named("two", `function helo() return accept end`)}, `
			connect -> continue
			helo mail.example.org -> accept
			mail <a@example.org> -> silent
			eom -> accept
			quit`, `
			two connect
			one close
			two close`},
		{"all asleep, at different stages", []string{named("one", `function mail() return accept end`), named("two", `function rcpt() return accept end`)}, `
			mail <a@example.org> -> continue
			rcpt <b@example.com> -> accept
			rcpt <b@example.com> -> accept
			eom -> accept
			mail <a@example.org> -> continue
			eom -> continue, ADDHEADER X-two: 1
			quit`, `
			two mail
			two mail
			two eom
			one close
			two close`},
		{"asleep for the connection and for the message together", []string{named("one", `function helo() return accept end`), named("two", `function mail() return accept end`)}, `
			helo mail.example.org -> continue
			mail <a@example.org> -> accept
			eom -> accept
			mail <a@example.org> -> accept
			quit`, `
			two helo
			one close
			two close`},
		{"accept in eom keeps the changes, and of one script only is no accept", []string{
			named("one", `function eom(conn, msg) msg:add_header("X-one", "1"); return accept end`), named("two", "")}, `
			mail <a@example.org>
			eom -> continue, ADDHEADER X-one: 1, ADDHEADER X-two: 1`, `
			one mail
			two mail
			two eom`},
		{"accept in eom of all", []string{
			named("one", `function eom(conn, msg) msg:add_header("X-one", "1"); return accept end`),
			named("two", `function eom(conn, msg) return accept end`)}, `
			mail <a@example.org>
			eom -> accept, ADDHEADER X-one: 1`, `
			one mail
			two mail`},
		{"reject stops later scripts; the others hear that the message is given up", []string{
			named("one", ""), named("two", `function rcpt() return discard end`), named("three", "")}, `
			mail <a@example.org>
			rcpt <b@example.com> -> discard
			quit`, `
			one mail
			two mail
			three mail
			one rcpt
			one abort
			three abort
			one close
			two close
			three close`},
		{"reject in rcpt stops later scripts for that recipient only", []string{
			named("one", `function rcpt(conn, r) log.info("one rcpt " .. r); if r == "bad" then return reject("no") end end`),
			named("two", `function rcpt(conn, r) log.info("two rcpt " .. r) end`)}, `
			mail <a@example.org>
			rcpt <bad> -> reject 550 5.7.1 no
			rcpt <good> -> continue
			eom -> continue, ADDHEADER X-one: 1, ADDHEADER X-two: 1`, `
			one mail
			two mail
			one rcpt bad
			one rcpt good
			two rcpt good
			one eom
			two eom`},
		{"a recipient that a later script refused is none of the earlier one's either", []string{
			`function eom(conn, msg) log.info("one " .. table.concat(msg.recipients, " ")) end`,
			`function rcpt(conn, r) if r == "bad" then return reject end end`}, `
			mail <a@example.org>
			rcpt <bad> -> reject
			rcpt <good> -> continue
			eom -> continue`, `one good`},
		{"reject in eom: no changes, and later scripts hear that the message is given up", []string{
			named("one", ""), named("two", `function eom(conn, msg) msg:add_header("X", "1"); return reject(554, "5.7.1", "no") end`), named("three", "")}, `
			mail <a@example.org>
			eom -> reject 554 5.7.1 no
			quit`, `
			one mail
			two mail
			three mail
			one eom
			three abort
			one close
			two close
			three close`},
		{"tempfail and discard in eom alike", []string{named("one", `function eom() return tempfail end`), named("two", `function eom() return discard end`)}, `
			mail <a@example.org>
			eom -> tempfail`, `
			one mail
			two mail
			two abort`},
		{"the first refusal counts", []string{`function data() return tempfail("first") end`, `function data() return reject("second") end`}, `
			mail <a@example.org>
			data -> tempfail 451 4.7.1 first`, ``},
		{"a later refusal wins over an earlier accept", []string{`function data() return accept end`, `function data() return reject("second") end`}, `
			mail <a@example.org>
			data -> reject 550 5.7.1 second`, ``},
		{"skip only when all with body skip", []string{
			named("one", `function body(conn, c) log.info("one body " .. c); return skip end`),
			named("two", `function body(conn, c) log.info("two body " .. c); if c == "2" then return skip end end`)}, `
			mail <a@example.org>
			body 1 -> continue
			body 2 -> skip
			body 3 -> unsent
			eom -> continue, ADDHEADER X-one: 1, ADDHEADER X-two: 1`, `
			one mail
			two mail
			one body 1
			two body 1
			two body 2
			one eom
			two eom`},
		{"a script without body does not matter for skip", []string{`function body() return skip end`, `function mail() end`}, `
			mail <a@example.org>
			body 1 -> skip`, ``},
		{"one that sleeps does not matter for skip either", []string{
			`function mail() return accept end function body() end`, `function body() return skip end`}, `
			mail <a@example.org>
			body 1 -> skip`, ``},
		{"one that reads msg.body wants it all", []string{
			`function body() return skip end`, `function eom(conn, msg) msg:add_header("X", #msg.body) end`}, `
			mail <a@example.org>
			body 123 -> continue
			body 456 -> continue
			eom -> continue, ADDHEADER X: 6`, ``},
		{"an error is as if on_error had been returned", []string{named("one", `function rcpt() error("x") end`), named("two", "")}, `
			mail <a@example.org>
			rcpt <b@example.com> -> silent
			eom -> tempfail`, `
			one mail
			two mail
			one abort
			two abort`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.scripts...)
			m := r.mta()
			m.dialog(c.dialog)
			if strings.Contains(c.dialog, "quit") {
				r.ended()
			}
			equal(t, "said", trimmed(r.said()), list(c.said))
		})
	}
}

// Verdicts of one script do not leak into the next message, whatever ended the one before.
func TestMessagesAfterVerdicts(t *testing.T) {
	const sleeper = `
function mail(conn, sender) if sender:find("^first") then return accept end end
function eom(conn, msg) msg:add_header("X-Awake", "1") end`
	for _, c := range []struct{ name, hook, first string }{
		{"accepted", ``, "mail <first@example.org>\neom -> continue"},
		{"refused at mail", `function mail(conn, s) if s:find("^first") then return reject end end`, "mail <first@example.org> -> reject"},
		{"refused at data", `function data(conn) if conn.sender:find("^first") then return tempfail end end`, "mail <first@example.org>\ndata -> tempfail"},
		{"refused at header", `function header(conn) return reject end`, "mail <first@example.org>\nheader A: b -> reject"},
		{"dropped at rcpt", `function rcpt(conn) return discard end`, "mail <first@example.org>\nrcpt <b@example.com> -> discard"},
		{"refused at eom", `function eom(conn) if conn.sender:find("^first") then return reject end end`, "mail <first@example.org>\neom -> reject"},
		{"given up", ``, "mail <first@example.org>\nabort"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, sleeper, "function mail() end "+c.hook)
			m := r.mta()
			m.dialog(c.first)
			m.dialog("mail <second@example.org>\neom -> continue, ADDHEADER X-Awake: 1\nquit")
			r.ended()
			noErrors(t, r)
		})
	}
}
