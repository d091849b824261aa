package engine

import (
	"strings"
	"testing"

	"luamilter/protocol"
)

// What a script says while it is only observed is logged and not done; other scripts go on as ever.
func TestObserve(t *testing.T) {
	yes := true
	watched := writeScript(t, "watched", `
function helo(conn, name)
  if name == "bad" then return reject("5.7.1", "no") end
end
function mail(conn, sender)
  if sender == "spam" then
    return reject("5.7.1", "spam")
  elseif sender == "broken" then
    error("oops")
  end
end
function rcpt(conn, rcpt) conn.n = (conn.n or 0) + 1 end
function eom(conn, msg)
  msg:add_header("X-Watched", conn.n)
  msg:delete_header("Subject")
  if conn.sender == "late" then return tempfail end
end`)
	active := writeScript(t, "active", `
function rcpt() end
function eom(conn, msg) msg:add_header("X-Active", tostring(msg:header("Subject"))) end`)
	p, err := Load([]string{watched, active}, Options{Limits: DefaultLimits, OnError: protocol.Tempfail, Scripts: map[string]ScriptOptions{"watched": {Observe: &yes}}})
	if err != nil {
		t.Fatal(err)
	}
	r := serving(t, defaults(), p)
	m := r.mta()
	for _, sender := range []string{"spam", "late", "broken", "good"} {
		m.dialog("helo bad -> continue\nmail " + sender + " -> continue\nrcpt a\nheader Subject: hello\neom -> continue, ADDHEADER X-Active: hello")
	}
	m.dialog("quit")
	r.ended()
	var said []string
	for _, l := range r.log.at("info") {
		if strings.HasPrefix(l["message"].(string), "observed only") {
			said = append(said, strings.TrimSpace(strings.Join([]string{text(l["stage"]), text(l["verdict"]), text(l["line"]), text(l["reply"]), text(l["from"]), text(l["changes"])}, " ")))
		}
	}
	equal(t, "what was observed", said, list(`
		helo reject 3 550 5.7.1 no  
		mail reject 7 550 5.7.1 spam spam 
		helo reject 3 550 5.7.1 no  
		eom tempfail 13  late [CHGHEADER Subject ADDHEADER X-Watched]
		helo reject 3 550 5.7.1 no  
		eom continue   broken [CHGHEADER Subject ADDHEADER X-Watched]
		helo reject 3 550 5.7.1 no  
		eom continue   good [CHGHEADER Subject ADDHEADER X-Watched]`))
	if warned := r.log.at("warn"); len(warned) != 1 || !strings.Contains(text(warned[0]["message"]), "oops") {
		t.Errorf("%v", warned)
	}
}
