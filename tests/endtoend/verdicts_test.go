package endtoend

import (
	"fmt"
	"strings"
)

// stages are the hooks that can give a verdict about a message, and which line of the usual dialog is answered with it.
var stages = []struct {
	name  string
	hook  string // the start of its definition
	after int    // lines of the usual dialog that succeed before
}{
	{"mail", "function mail(conn)", 1},
	{"rcpt", "function rcpt(conn)", 2},
	{"data", "function data(conn)", 3},
	{"header", "function header(conn)", 4},
	{"eoh", "function eoh(conn)", 4},
	{"body", "function body(conn)", 4},
	{"eom", "function eom(conn, msg)", 4},
}

// verdictCases let every stage give every verdict. At connect and helo the servers have ideas of their own, so these
// are written out; at the other stages a case follows from what the client is answered.
func verdictCases() []spec {
	cases := earlyVerdicts
	for _, stage := range stages {
		for _, v := range []struct{ verdict, answer string }{
			{"reject", "S: 550 5.7.1 Command rejected"},
			{"tempfail", "Postfix: 451 4.7.1 Service unavailable - try again later\nSendmail: 451 4.3.2 Please try again later"},
			{`reject(554, "5.7.9", "not here")`, "S: 554 5.7.9 not here"},
			{`tempfail("4.7.9", "not now")`, "S: 451 4.7.9 not now"},
		} {
			if stage.after == 4 && v.verdict == "reject" {
				v.answer = "Postfix: 550 5.7.1 Command rejected\nSendmail: 554 5.7.1 Command rejected"
			}
			lines := strings.SplitAfterN(text(usual), "\n", stage.after+2)
			cases = append(cases, spec{
				name:   stage.name + " " + strings.NewReplacer(`"`, "", "(", " ", ")", "", ",", "").Replace(v.verdict),
				script: fmt.Sprintf("%s return %s end", stage.hook, v.verdict),
				dialog: strings.Join(lines[:stage.after+1], "") + v.answer + "\n",
			})
		}
		cases = append(cases,
			spec{
				name:   stage.name + " discard",
				script: fmt.Sprintf("%s return discard end", stage.hook),
			},
			spec{
				name:   stage.name + " continue",
				script: witnessed(stage.name, stage.hook, "continue"),
				want:   "\nReceived: (own)\n(rest)\nX-Eom: ran\n",
			})
		want := unchanged // accept: nobody asks at eom
		if stage.name == "eom" {
			want = "\nReceived: (own)\n(rest)\nX-Eom: ran\n"
		}
		cases = append(cases, spec{
			name:   stage.name + " accept",
			script: witnessed(stage.name, stage.hook, "accept"),
			want:   want,
		})
	}
	return cases
}

// witnessed is a script whose hook returns a verdict and whose eom hook leaves a trace in the message.
func witnessed(stage, hook, verdict string) string {
	if stage == "eom" {
		return fmt.Sprintf(`%s msg:add_header("X-Eom", "ran") return %s end`, hook, verdict)
	}
	return fmt.Sprintf("%s return %s end\n"+`function eom(conn, msg) msg:add_header("X-Eom", "ran") end`, hook, verdict)
}

// earlyVerdicts are verdicts about a connection. Both servers show a refusal for good at connect in their greeting, one
// for now not. They answer EHLO as if nothing was, and refuse MAIL; Sendmail has forgotten the text of connect then.
var earlyVerdicts = []spec{
	{
		name:   "connect accept, for all messages",
		script: witnessed("connect", "function connect(conn)", "accept"),
		dialog: usual + strings.Join(strings.SplitAfter(text(usual), "\n")[1:], ""),
		want:   unchanged + "--" + unchanged,
	},
	{
		name:   "helo accept, for all messages",
		script: witnessed("helo", "function helo(conn)", "accept"),
		dialog: usual + strings.Join(strings.SplitAfter(text(usual), "\n")[1:], ""),
		want:   unchanged + "--" + unchanged,
	},
	{
		name:   "mail accept, for one message",
		script: witnessed("mail", `function mail(conn, sender) if sender == "b@test.example" then return end`, "accept"),
		dialog: usual + strings.Join(strings.SplitAfter(strings.Replace(text(usual), "<a@", "<b@", 1), "\n")[1:], ""),
		want: unchanged + `--
MAIL FROM:<b@test.example>
RCPT TO:<b@dest.example>
Received: (own)
(rest)
X-Eom: ran
`,
	},
	{
		name:   "connect reject",
		script: `function connect(conn) return reject end`,
		dialog: `
Postfix: 554 mx.test.example ESMTP not accepting connections
Sendmail: 554 mx.test.example ESMTP not accepting messages
C: EHLO client.example
C: MAIL FROM:<a@test.example>
Postfix: 550 5.7.1 Command rejected
Sendmail: 550 5.0.0 Command rejected
`,
	},
	{
		name:   "connect reject with a text",
		script: `function connect(conn) return reject(554, "5.7.9", "not here") end`,
		dialog: `
S: 554
C: EHLO client.example
C: MAIL FROM:<a@test.example>
Postfix: 554 5.7.9 not here
Sendmail: 550 5.0.0 Command rejected
`,
	},
	{
		name:   "connect tempfail",
		script: `function connect(conn) return tempfail end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
Postfix: 451 4.7.1 Service unavailable - try again later
Sendmail: 451 4.3.2 Please try again later
`,
	},
	{
		name:   "connect tempfail with a text",
		script: `function connect(conn) return tempfail("4.7.9", "not now") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
Postfix: 451 4.7.9 not now
Sendmail: 451 4.3.2 Please try again later
`,
	},
	{
		name:   "helo reject",
		script: `function helo(conn) return reject end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
Postfix: 550 5.7.1 Command rejected
Sendmail: 550 5.0.0 Command rejected
`,
	},
	{
		name:   "helo reject with a text",
		script: `function helo(conn) return reject(554, "5.7.9", "not here") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
S: 554 5.7.9 not here
`,
	},
	{
		name:   "helo tempfail with a text",
		script: `function helo(conn) return tempfail("4.7.9", "not now") end`,
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
S: 451 4.7.9 not now
`,
	},
}
