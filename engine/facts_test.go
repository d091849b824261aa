package engine

import "testing"

// Behind its own keys, conn answers with facts.
func TestFacts(t *testing.T) {
	for _, c := range []struct{ name, script, dialog, said string }{
		{"the stage is the running hook", `
function connect(conn) log.info(conn.stage) end
function helo(conn) log.info(conn.stage) end
function mail(conn) log.info(conn.stage) end
function rcpt(conn) log.info(conn.stage) end
function data(conn) log.info(conn.stage) end
function header(conn) log.info(conn.stage) end
function eoh(conn) log.info(conn.stage) end
function body(conn) log.info(conn.stage) end
function eom(conn) log.info(conn.stage) end
function unknown(conn) log.info(conn.stage) end
function abort(conn) log.info(conn.stage) end
function close(conn) log.info(conn.stage) end`, `
			connect
			helo mail.example.org
			unknown HELP` + wholeMessage + `
			mail <a@example.org>`, `
			connect
			helo
			unknown
			mail
			rcpt
			data
			header
			eoh
			body
			eom
			mail
			abort
			close`},
		{"helo is nil before, and the last one after", `
function connect(conn) log.info(tostring(conn.helo)) end
function mail(conn) log.info(tostring(conn.helo)) end`, `
			connect
			helo one.example.org
			mail <a@example.org>
			abort
			helo two.example.org
			mail <a@example.org>`, `
			nil
			one.example.org
			two.example.org`},
		{"sender and recipients: nil and none outside a message", `
local function say(conn) log.info(tostring(conn.sender) .. " [" .. table.concat(conn.recipients, " ") .. "]") end
function helo(conn) say(conn) end
function mail(conn) say(conn) end
function rcpt(conn) say(conn) end
function abort(conn) say(conn) end
function eom(conn) say(conn) end
function close(conn) say(conn) end`, `
			helo mail.example.org
			mail <>
			rcpt <one@example.com>
			rcpt two@example.com
			abort
			mail <a@example.org>
			rcpt <three@example.com>
			eom`, `
			nil []
			[]
			[]
			[one@example.com]
			[one@example.com two@example.com]
			a@example.org []
			a@example.org []
			a@example.org [three@example.com]
			nil []`},
		{"tls, from the macros of helo", `
local function say(conn)
  local t = conn.tls
  log.info(t and table.concat({ t.version, t.cipher, t.bits, t.subject, t.issuer }, " ") or "none")
end
function helo(conn) say(conn) end
function mail(conn) say(conn) end`, `
			helo mail.example.org
			macros helo {tls_version}=TLSv1.3; {cipher}=AES256; {cipher_bits}=256; {cert_subject}=client; {cert_issuer}=ca
			helo mail.example.org
			mail <a@example.org>`, `
			none
			TLSv1.3 AES256 256 client ca
			TLSv1.3 AES256 256 client ca`},
		{"auth, from the macros of mail", `
local function say(conn)
  local a = conn.auth
  log.info(a and a.user .. " " .. a.type .. " " .. a.author or "none")
end
function mail(conn) say(conn) end
function eom(conn) say(conn) end`, `
			mail <a@example.org>
			eom
			macros mail {auth_authen}=joe; {auth_type}=PLAIN; {auth_author}=jim
			mail <a@example.org>
			eom
			macros mail
			mail <a@example.org>
			eom`, `
			none
			none
			joe PLAIN jim
			joe PLAIN jim
			none
			none`},
		{"daemon", `function mail(conn) log.info(tostring(conn.daemon)) end`, `
			mail <a@example.org>
			macros connect {daemon_name}=MTA-v4
			connect
			mail <a@example.org>`, `
			nil
			MTA-v4`},
		{"the queue id, as soon as there is one", `
local function say(conn) log.info(tostring(conn.queue_id)) end
function mail(conn) say(conn) end
function rcpt(conn) say(conn) end
function eom(conn) say(conn) end`, `
			mail <a@example.org>
			rcpt <one@example.com>
			macros rcpt i=ABC123
			rcpt <two@example.com>
			eom
			mail <a@example.org>`, `
			nil
			nil
			ABC123
			ABC123
			nil`},
		{"macros, with braces and without", `
function mail(conn)
  local m = conn.macros
  log.info(table.concat({ m.j, m["{j}"], m.mail_host, m["{mail_host}"], tostring(m.none), tostring(m["{none}"]) }, " "))
end`, `
			macros connect j=mx.example.com
			connect
			macros mail {mail_host}=example.org
			mail <a@example.org>`, `mx.example.com mx.example.com example.org example.org nil nil`},
		{"a macro of a later stage hides one of an earlier", `
function mail(conn) log.info(tostring(conn.macros.x)) end
function rcpt(conn) log.info(tostring(conn.macros.x)) end`, `
			macros mail x=1
			mail <a@example.org>
			macros rcpt x=2
			rcpt <b@example.com>
			macros mail x=3
			mail <a@example.org>`, `
			1
			2
			3`},
		{"all macros", `
function mail(conn)
  local names = {}
  for name, value in pairs(conn.macros:all()) do names[#names + 1] = name .. "=" .. value end
  table.sort(names)
  log.info(table.concat(names, " "))
end`, `
			macros connect j=mx.example.com; {daemon_name}=smtpd
			connect
			macros mail {mail_host}=example.org
			mail <a@example.org>`, `daemon_name=smtpd j=mx.example.com mail_host=example.org`},
		{"macros that come for what was not asked for", `function eom(conn) log.info(conn.macros.tls_version .. conn.macros.j) end`, `
			macros connect j=mx.example.com
			connect -> unsent
			macros helo {tls_version}=TLSv1.3
			helo x -> unsent
			mail <a@example.org>
			eom`, `TLSv1.3mx.example.com`},
		{"a kept table of recipients is the script's own", `
function rcpt(conn, r) conn.kept = conn.recipients; conn.kept[1] = "changed" end
function eom(conn) log.info(conn.recipients[1] .. " " .. conn.kept[1]) end`, `
			mail <a@example.org>
			rcpt <one@example.com>
			rcpt <two@example.com>
			eom`, `one@example.com changed`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, c.script)
			r.mta().dialog(c.dialog + "\nquit")
			r.ended()
			equal(t, "said", trimmed(r.said()), list(c.said))
			noErrors(t, r)
		})
	}
}

// The MTA's name and version, as far as it tells.
func TestMTAFact(t *testing.T) {
	for _, c := range []struct{ name, macros, want string }{
		{"Postfix says so", "macros connect v=Postfix 3.7.11", "postfix 3.7.11"},
		{"Sendmail gives its version", "macros connect v=8.17.1", "sendmail 8.17.1"},
		{"Sendmail without its version is known by {if_name}", "macros connect {if_name}=mx", "sendmail"},
		{"another one", "macros connect v=hMailServer", "hMailServer"},
		{"nothing is known", "macros connect j=mx", "nil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, `function connect(conn) log.info(tostring(conn.mta)) end`)
			m := r.mta()
			m.dialog(c.macros + "\nconnect\nquit")
			r.ended()
			equal(t, "mta", r.said(), []string{c.want})
		})
	}
}

// The id of a connection is in its log lines, and no other connection has it.
func TestConnectionID(t *testing.T) {
	r := start(t, `function connect(conn) log.info(conn.id) end`)
	for range 2 {
		r.mta().dialog("connect\nquit")
		r.ended()
	}
	ids := r.said()
	if len(ids) != 2 || ids[0] == "" || ids[0] == ids[1] {
		t.Errorf("ids %q", ids)
	}
	for _, l := range r.log.at("info") {
		if l["message"] != l["conn"] {
			t.Errorf("logged %v", l)
		}
	}
}
