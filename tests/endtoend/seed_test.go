package endtoend

import (
	"os"
	"path/filepath"
)

// seedCases run scripts/rcpt_count.lua, the first filter anybody sees.
var seedCases = []spec{
	{
		name:   "three recipients, then one on the same connection",
		script: seedScript(),
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: RCPT TO:<c@dest.example>
C: RCPT TO:<d@dest.example>
C: DATA
C: (message)
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: `
MAIL FROM:<a@test.example>
RCPT TO:<b@dest.example>
RCPT TO:<c@dest.example>
RCPT TO:<d@dest.example>
Received: (own)
(rest)
X-Rcpt-Count: 3
--
Received: (own)
(rest)
X-Rcpt-Count: 1
`,
	},
	{
		name:   "a message given up does not count",
		script: seedScript(),
		dialog: `
C: EHLO client.example
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: RCPT TO:<c@dest.example>
C: RSET
C: MAIL FROM:<a@test.example>
C: RCPT TO:<b@dest.example>
C: DATA
C: (message)
`,
		want: `
Received: (own)
(rest)
X-Rcpt-Count: 1
`,
	},
}

// seedScript is the text of the script that ships with luamilter.
func seedScript() string {
	text, err := os.ReadFile(filepath.Join("..", "..", "scripts", "rcpt_count.lua"))
	if err != nil {
		panic(err) // nothing in this package makes sense without it
	}
	return string(text)
}
