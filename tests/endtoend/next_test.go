package endtoend

import (
	"fmt"
	"strings"
)

// nextMessageCases give every final verdict at every stage about one message, and see that the next one on the same
// connection is filtered as if it were the first.
func nextMessageCases() []spec {
	var cases []spec
	for _, stage := range stages {
		for _, verdict := range []string{"accept", "discard", "reject", "tempfail", "error"} {
			action := "return " + verdict
			if verdict == "error" {
				action = `error("oops") return continue` // the latter so that the server waits for a reply
			}
			first := strings.SplitAfter(text(strings.Replace(usual, "<a@", "<one@", 1)), "\n")
			want := "\nReceived: (own)\n(rest)\nX-Next: 1 nil\n"
			if verdict == "accept" {
				mark := ""
				if stage.name == "eom" {
					mark = "X-Next: 1 one\n"
				}
				want = "\nMAIL FROM:<one@test.example>\nRCPT TO:<b@dest.example>\nReceived: (own)\n(rest)\n" + mark + "--" + want
			} else if verdict != "discard" {
				answer := "S: 4\n"
				if verdict == "reject" {
					answer = "S: 5\n"
				}
				first = append(first[:stage.after+1], answer, "C: RSET\n")
			}
			cases = append(cases, spec{
				name:   stage.name + " " + verdict,
				script: nextScript(stage.name, stage.hook, action),
				dialog: strings.Join(first, "") + strings.Join(strings.SplitAfter(text(usual), "\n")[1:], ""),
				want:   want,
			})
		}
	}
	return cases
}

// nextScript acts on messages from one@ at a stage, and leaves in every message what it knows of it.
func nextScript(stage, hook, action string) string {
	acts := map[string]string{stage: "if conn.first then " + action + " end"}
	script := fmt.Sprintf(`
function mail(conn, sender)
  conn.number = (conn.number or 0) + 1
  conn.first = sender:find("^one@")
  if conn.first then conn.mark = "one" end
  %s
end
function eom(conn, msg)
  msg:add_header("X-Next", conn.number .. " " .. tostring(conn.mark))
  %s
end`, acts["mail"], acts["eom"])
	if stage != "mail" && stage != "eom" {
		script += "\n" + hook + " " + acts[stage] + " end"
	}
	return script
}
