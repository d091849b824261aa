package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"luamilter/protocol"
)

// obedient is a script that does at each hook what the MTA's macro says for it, and tells of what it keeps: how many events it
// saw of this message and of this connection.
const obedient = `
local words = { c = continue, a = accept, r = reject, t = tempfail, d = discard, s = skip }
local function hook(conn)
  local c = conn.connection
  if conn ~= c then conn.own = (rawget(conn, "own") or 0) + 1 end
  c.all = (c.all or 0) + 1
  log.info("NAME " .. conn.stage .. " " .. (conn ~= c and conn.own or "-") .. " " .. c.all)
  local word = (conn.macros[conn.stage .. "_wish"] or ""):sub(NUMBER, NUMBER)
  if word == "e" then error("as wished") end
  return words[word]
end
function negotiate(neg)
  for _, stage in ipairs { "connect", "helo", "mail", "rcpt", "data", "header", "eoh", "body", "unknown" } do neg:reply(stage, true) end
  for stage in ("SILENT"):gmatch("%a+") do neg:reply(stage, false) end
end
connect, helo, mail, rcpt, data, header, eoh, body, unknown = hook, hook, hook, hook, hook, hook, hook, hook, hook
function eom(conn, msg)
  local v = hook(conn)
  msg:add_header("X-NAME", "1")
  return v
end
function abort(conn) conn.macros = {} hook(conn) end
function close(conn) conn.macros = {} hook(conn) end
`

// model says what an engine with such scripts has to do.
type model struct {
	silent  []string // stages without a reply
	scripts []modelScript
	said    []string

	begun   bool   // something came that belongs to this connection and no earlier one
	idle    bool   // nothing has come since the last connection ended
	decided string // the reply to everything on this connection
	open    bool   // a message is under way
	settled string // the reply to the rest of this message
	held    string // the verdict of the message that could not be given yet
	heldAll string // the same of the connection
	skipped bool   // the MTA sends no more of this body
}

type modelScript struct {
	name            string
	asleepMessage   bool
	asleepConn      bool
	skipped         bool
	told            bool
	own, all        int
	changedAtTheEnd bool
}

// hook is a script's hook: it counts, and returns the verdict that was wished for.
func (m *model) hook(s *modelScript, stage string, inMessage bool, wish byte) string {
	own := "-"
	if inMessage {
		s.own++
		own = fmt.Sprint(s.own)
	}
	s.all++
	m.said = append(m.said, fmt.Sprintf("%s %s %s %d", s.name, stage, own, s.all))
	return map[byte]string{'a': "accept", 'r': "reject", 't': "tempfail", 'd': "discard", 's': "skip", 'e': "tempfail"}[wish]
}

// asleep reports whether every script accepted.
func (m *model) asleep() bool {
	return !slices.ContainsFunc(m.scripts, func(s modelScript) bool { return !s.asleepMessage && !s.asleepConn })
}

// chain asks the scripts in their order.
func (m *model) chain(stage string, wishes string) string {
	if m.held != "" || m.heldAll != "" {
		return "continue"
	}
	for i := range m.scripts {
		s := &m.scripts[i]
		if s.asleepMessage || s.asleepConn || stage == "body" && s.skipped {
			continue
		}
		v := m.hook(s, stage, m.open, wishes[i])
		if stage != "connect" && stage != "helo" && stage != "unknown" {
			s.told = stage != "eom"
		}
		switch v {
		case "accept":
			s.asleepMessage = m.open
			s.asleepConn = !m.open
		case "skip":
			s.skipped = true
		case "reject", "tempfail", "discard":
			if final(stage, v) {
				s.told = false
			}
			return v
		}
		s.changedAtTheEnd = stage == "eom"
	}
	allSkipped := true
	for _, s := range m.scripts {
		allSkipped = allSkipped && (s.skipped || s.asleepMessage || s.asleepConn)
	}
	switch {
	case stage == "unknown":
	case m.asleep():
		return "accept"
	case stage == "body" && allSkipped:
		return "skip"
	}
	return "continue"
}

// final reports whether a verdict ends the message.
func final(stage, verdict string) bool {
	if stage == "rcpt" && (verdict == "reject" || verdict == "tempfail") {
		return false
	}
	return stage != "unknown" && verdict != "continue" && verdict != "skip"
}

// abort gives the message up.
func (m *model) abort() {
	for i := range m.scripts {
		s := &m.scripts[i]
		if s.told && !s.asleepMessage && !s.asleepConn {
			m.hook(s, "abort", true, 'c')
		}
		s.told, s.asleepMessage, s.skipped, s.own = false, false, false, 0
	}
	m.open, m.held = false, ""
}

// closed ends the connection.
func (m *model) closed() {
	if m.open {
		m.abort()
	}
	for i := range m.scripts {
		if !m.idle {
			m.hook(&m.scripts[i], "close", false, 'c')
		}
		m.scripts[i] = modelScript{name: m.scripts[i].name}
	}
	*m = model{silent: m.silent, scripts: m.scripts, said: m.said, idle: true, skipped: m.skipped}
}

// step is one event; it returns the reply. The MTA sends no chunks after skip.
func (m *model) step(stage, wishes string) string {
	switch stage {
	case "mail", "abort", "eom", "quitnc":
		m.skipped = false
	case "body":
		if m.skipped {
			return "unsent"
		}
	}
	reply := m.event(stage, wishes)
	m.skipped = m.skipped || reply == "skip"
	return reply
}

func (m *model) event(stage, wishes string) string {
	switch stage {
	case "abort":
		m.settled = ""
		if m.open {
			m.abort()
		}
		return ""
	case "quitnc":
		m.closed()
		return ""
	case "connect":
		if m.begun {
			m.closed()
		}
	case "helo", "mail":
		if m.open {
			m.abort()
		}
		m.settled = ""
	case "unknown":
	default:
		if m.decided == "" && m.settled == "" && !m.open {
			m.idle = false
			return m.given(stage, "tempfail")
		}
	}
	m.idle = false
	m.begun = m.begun || stage != "unknown"
	switch {
	case m.decided == "accept" && stage == "unknown":
		return m.given(stage, "continue")
	case m.decided != "":
		return m.given(stage, m.decided)
	case m.settled != "" && stage != "unknown":
		return m.given(stage, m.settled)
	case stage == "mail":
		m.open = true
	}
	return m.answer(stage, m.chain(stage, wishes))
}

func (m *model) given(stage, reply string) string {
	if slices.Contains(m.silent, stage) {
		return "silent"
	}
	return reply
}

// answer gives a verdict, or holds it.
func (m *model) answer(stage, v string) string {
	inMessage := m.open
	if slices.Contains(m.silent, stage) {
		if v == "reject" || v == "tempfail" || v == "discard" {
			if inMessage {
				m.held = v
			} else {
				m.heldAll = v
			}
		}
		return "silent"
	}
	if held := cmpOr(m.heldAll, m.held); held != "" && (held != "discard" || stage != "unknown") {
		v = held
	}
	switch {
	case stage == "eom":
		v = m.finish(v)
	case (stage == "connect" || stage == "helo") && v != "continue":
		m.decided = v
	case inMessage && final(stage, v):
		m.abort()
		m.settled = v
	}
	return v
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// finish ends a message that is complete.
func (m *model) finish(v string) string {
	out := []string{v}
	if v == "continue" || v == "accept" {
		for i := range m.scripts {
			if s := &m.scripts[i]; s.changedAtTheEnd {
				out = append(out, "ADDHEADER X-"+s.name+": 1")
			}
			m.scripts[i].told = false
		}
	}
	m.abort()
	for i := range m.scripts {
		m.scripts[i].changedAtTheEnd = false
	}
	return strings.Join(out, ", ")
}

// verdictsAt are the letters that make sense at a stage.
func verdictsAt(stage string) string {
	switch stage {
	case "connect", "helo", "unknown":
		return "cccccccccartea"
	case "body":
		return "cccccccccsssartde"
	}
	return "ccccccccccccartde"
}

// Random conversations go as the model says: hooks, verdicts, and what scripts keep.
func TestConversationsGoAsTheModelSays(t *testing.T) {
	text := map[string]string{
		"connect": "connect", "helo": "helo x", "mail": "mail <a@example.org>", "rcpt": "rcpt <b@example.com>", "data": "data",
		"header": "header A: b", "eoh": "eoh", "body": "body text", "eom": "eom", "unknown": "unknown X", "abort": "abort", "quitnc": "quitnc",
	}
	likely := strings.Fields("connect helo mail mail mail rcpt rcpt rcpt rcpt data header header eoh body body body eom eom eom unknown abort quitnc")
	for seed := range uint64(24) {
		silent := [][]string{nil, {"mail", "rcpt", "header"}, {"connect", "helo", "body", "unknown"}}[seed%3]
		t.Run(fmt.Sprintf("%d silent %s", seed, strings.Join(silent, " ")), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			var scripts []string
			m := model{silent: silent}
			for i := range 1 + int(seed%3) {
				name := string(rune('A' + i))
				m.scripts = append(m.scripts, modelScript{name: name})
				scripts = append(scripts, strings.NewReplacer("NAME", name, "NUMBER", fmt.Sprint(i+1), "SILENT", strings.Join(silent, " ")).Replace(obedient))
			}
			r := start(t, scripts...)
			client := r.mta()
			var played []string
			for range 80 {
				stage := likely[random.IntN(len(likely))]
				if stage == "quitnc" && !m.begun {
					continue
				}
				wishes := ""
				for range m.scripts {
					letters := verdictsAt(stage)
					wishes += string(letters[random.IntN(len(letters))])
				}
				if random.IntN(20) == 0 {
					time.Sleep(2 * r.engine.ParkAfter)
				}
				played = append(played, stage+" "+wishes)
				want := m.step(stage, wishes)
				if s, ok := protocol.StageNamed(stage); ok && s != protocol.StageAbort {
					if err := client.Macros(s, stage+"_wish", wishes); err != nil {
						t.Fatal(err)
					}
				}
				if got := client.do(text[stage]); got != want {
					t.Fatalf("%s: got %q, want %q, after\n%s", text[stage], got, want, strings.Join(played, "\n"))
				}
			}
			client.dialog("quit")
			m.closed()
			r.ended()
			if got := r.said(); !slices.Equal(got, m.said) {
				for i := range min(len(got), len(m.said)) {
					if got[i] != m.said[i] {
						t.Errorf("said ... %q\nwant %q", got[max(i-3, 0):min(i+3, len(got))], m.said[max(i-3, 0):min(i+3, len(m.said))])
						break
					}
				}
				t.Errorf("said %d lines, want %d, in\n%s", len(got), len(m.said), strings.Join(played, "\n"))
			}
		})
	}
}
