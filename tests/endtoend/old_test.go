package endtoend

import "strings"

// oldCases have Postfix offer versions 2 to 4 of the milter protocol, as servers did that are still about. They know no
// way to say that no answer is needed; 2 tells of neither DATA nor unknown commands, 3 not of DATA.
func oldCases() []spec {
	var cases []spec
	for _, version := range []string{"v2", "v3", "v4"} {
		hooks := strings.Trim(allHooks, "\n")
		if version != "v4" {
			hooks = strings.Replace(hooks, "saw data\n", "", 1)
		}
		if version == "v2" {
			hooks = strings.Replace(hooks, "saw unknown FOOBAR\n", "", 1)
		}
		cases = append(cases,
			spec{
				name:     version + ": all hooks",
				listener: version,
				script:   witness + `function unknown(conn, command) log.info("saw unknown " .. command) end`,
				dialog:   strings.Replace(usual, "C: MAIL", "C: FOOBAR\nS: 5\nC: MAIL", 1),
				want:     unchanged,
				logged:   hooks,
			},
			spec{
				name:     version + ": all changes",
				listener: version,
				header:   three,
				script: `
function body(conn, chunk) conn.chunks = (conn.chunks or 0) + 1 return skip end
function eom(conn, msg)
  msg:insert_header(0, "X-Top", conn.helo)
  msg:insert_header(4, "X-Dup", "after two")
  msg:change_header("X-Dup", "ONE")
  msg:delete_header("X-Dup", -1)
  msg:add_header("X-Chunks", conn.chunks)
  msg:change_sender("new@test.example")
  msg:add_recipient("c@dest.example")
  msg:delete_recipient("b@dest.example")
  msg:replace_body("new\n")
end`,
				body: numberedLines(3000),
				want: `
MAIL FROM:<new@test.example>
RCPT TO:<c@dest.example>
X-Top: client.example
Received: (own)
X-Dup: ONE
X-Dup: two
X-Dup: after two
(rest)
X-Chunks: 1

new
`,
			},
			spec{
				name:     version + ": a verdict where no answer was meant",
				listener: version,
				script:   `function header(conn, name) if name == "Subject" then error("oops") end end`,
				dialog:   failsAtEnd,
			})
	}
	for i := range cases {
		cases[i].on = "postfix"
	}
	return cases
}

// allHooks is what the script of all hooks logs under a newer protocol.
const allHooks = `
saw connect
saw helo client.example
saw unknown FOOBAR
saw mail a@test.example
saw rcpt b@dest.example
saw data
saw header From
saw header To
saw header Date
saw header Message-ID
saw header Subject
saw eoh
saw body 7
saw eom
saw close
`
