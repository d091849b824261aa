package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"luamilter/replay"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// Page is a report that is being written. One goroutine uses it.
type Page struct {
	out   *bufio.Writer
	count int
}

// summary is what the page says of all messages together. Its texts are visible.
type summary struct {
	Made     string         `json:"made"`
	Scripts  []string       `json:"scripts"`
	Older    []string       `json:"older,omitempty"`
	Messages int            `json:"messages"`
	Bytes    int64          `json:"bytes"`
	Took     time.Duration  `json:"took"` // nanoseconds
	Refused  int            `json:"refused"`
	Differ   int            `json:"differ"`
	Verdicts []verdictTotal `json:"verdicts"`
	Hooks    []hook         `json:"hooks"`
	Lookups  []string       `json:"lookups,omitempty"`
	Errors   []fault        `json:"errors"`
}

// verdictTotal is how often a script gave a verdict.
type verdictTotal struct {
	Verdict string `json:"verdict"`
	Stage   string `json:"stage"`
	Script  string `json:"script"`
	Place   string `json:"place"`
	Count   int    `json:"count"`
}

// New begins a page.
func New(w io.Writer) (*Page, error) {
	p := &Page{out: bufio.NewWriter(w)}
	begin := strings.NewReplacer("{{css}}", pageCSS, "{{css-digest}}", digest(pageCSS), "{{js-digest}}", digest(pageJS)).Replace(pageHTML)
	_, err := p.out.WriteString(begin + `<script type="application/json" id="rows">[`)
	return p, wrap(err)
}

// digest names a text as a Content-Security-Policy does.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// Add adds a message, which must have been played in detail to have its diff in the page.
func (p *Page) Add(m *replay.Message) error {
	text, err := json.Marshal(newRow(m)) // it escapes <, > and &
	if err != nil {
		return wrap(err)
	}
	if p.count++; p.count > 1 {
		text = append([]byte(",\n"), text...)
	}
	_, err = p.out.Write(text)
	return wrap(err)
}

// Finish ends the page with the summary and the time at which it was made. It does not close the writer.
func (p *Page) Finish(s *replay.Summary, made time.Time) error {
	text, err := json.Marshal(newSummary(s, made))
	if err != nil {
		return wrap(err)
	}
	fmt.Fprintf(p.out, "]</script>\n<script type=\"application/json\" id=\"summary\">%s</script>\n<script>%s</script>\n</body>\n</html>\n", text, pageJS)
	return wrap(p.out.Flush())
}

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func newSummary(s *replay.Summary, made time.Time) *summary {
	out := &summary{
		Made: made.Format("2006-01-02 15:04 MST"), Scripts: visibles(s.Scripts), Older: visibles(s.Older), Messages: s.Messages, Bytes: s.Bytes,
		Took: s.Took, Refused: s.Refused, Differ: s.Differ,
		Verdicts: []verdictTotal{}, Hooks: []hook{}, Errors: []fault{},
	}
	for _, v := range s.Verdicts {
		out.Verdicts = append(out.Verdicts, verdictTotal{v.Verdict, v.Stage, v.Script, visible(v.Place, maxText), v.Count})
	}
	for _, h := range s.Hooks {
		out.Hooks = append(out.Hooks, newHook(h.Hook, h.Message))
	}
	for i := range s.Lookups {
		out.Lookups = append(out.Lookups, s.Lookups[i].String())
	}
	for i := range s.Errors {
		e := &s.Errors[i]
		one := newFault(&e.Error)
		one.Times, one.Messages = e.Times, visibles(e.Messages)
		out.Errors = append(out.Errors, one)
	}
	return out
}
