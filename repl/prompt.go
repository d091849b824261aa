package repl

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/luaapi/lint"
	"luamilter/replay"
	"luamilter/replay/asked"
	"luamilter/replay/corpus"
	"luamilter/simulate"
)

// Reader gives lines, without their ends. Its error is io.EOF when there are no more, and ErrAgain when the line was given up.
type Reader interface {
	Line(prompt string) (string, error)
	// Complete says which names can be typed from now on.
	Complete(names func() []string)
}

// ErrAgain means that the person wants to begin the line anew.
var ErrAgain = errors.New("begin again")

// Prompt is a conversation about one message.
type Prompt struct {
	Lines Reader
	Out   io.Writer
	Log   io.Writer    // where scripts log, nil for Out
	Asker *asked.Asker // what lines and scripts reach, and what of it is asked; nil for the services of the options

	console *engine.Console
	lookups *asked.Log
	failed  bool
	began   bool
}

// The texts before a line.
const (
	promptFirst = "> "
	promptMore  = ">> "
)

// Run plays a message to scripts and then asks for lines. The options are those of the scripts. It reports whether a line raised an error.
func (p *Prompt) Run(scripts []string, o engine.Options, text []byte) (failed bool, err error) {
	o.Console, p.lookups = p.talk, &asked.Log{}
	if p.Asker != nil {
		o.Services = p.Asker.Services
	}
	program, err := engine.Load(scripts, o)
	if err != nil {
		return false, err
	}
	defer program.Close()
	if p.Log == nil {
		p.Log = p.Out
	}
	filter := simulate.NewFilter(program, p.logger())
	defer filter.Close()
	if p.Asker != nil {
		var services *luaapi.Services
		services, p.lookups = p.Asker.Begin()
		filter = filter.Reaching(services)
	}
	m := simulate.ReadMessage(text)
	client, env := (&replay.Given{}).Surroundings(&corpus.Message{}, &m)
	r, err := filter.Play(client, env, m)
	if err != nil {
		return false, err
	}
	if !p.began {
		return false, stopped(r)
	}
	return p.failed, nil
}

// stopped says why there was nothing to ask at the end of the message.
func stopped(r *simulate.Result) error {
	why := fmt.Sprintf("the scripts stopped the message at %s: %s", r.Stage, r.Verdict)
	if reply := simulate.OnTheWire(r.Reply); reply.Text != "" {
		why += fmt.Sprintf(" %d %s", reply.Code, reply.Text)
	}
	for _, h := range r.Hooks {
		switch {
		case h.Err != nil:
			why += "; " + h.Err.Explain().Detail()
		case h.Line > 0:
			why += fmt.Sprintf(" (%s:%d)", h.Path, h.Line)
		}
	}
	return errors.New(why + "\nwithout the script, or with a message that it lets pass (--eml), there is an end of the message to ask about")
}

// logger writes what scripts log as lines for people.
func (p *Prompt) logger() zerolog.Logger {
	return zerolog.New(zerolog.ConsoleWriter{
		Out: p.Log, NoColor: true, PartsExclude: []string{zerolog.TimestampFieldName},
		FieldsExclude: []string{"conn", "client", "queue_id", "script", "hook", "line", "excerpt", "stack"},
		FormatMessage: func(text any) string { return safe(strings.ReplaceAll(fmt.Sprint(text), "\t", "    "), maxText) },
		FormatExtra:   excerpt,
	}).Level(zerolog.InfoLevel)
}

// excerpt puts the line of an error below it.
func excerpt(fields map[string]any, out *bytes.Buffer) error {
	if text, ok := fields["excerpt"].(string); ok {
		out.WriteString("\n" + safeLines(strings.TrimRight(text, "\n")))
	}
	return nil
}

// talk asks for lines until there are no more.
func (p *Prompt) talk(c *engine.Console) {
	p.console, p.began = c, true
	p.Lines.Complete(c.Names)
	text := ""
	for {
		prompt := promptFirst
		if text != "" {
			prompt = promptMore
		}
		line, err := p.ask(prompt)
		switch {
		case errors.Is(err, ErrAgain):
			text = ""
			continue
		case errors.Is(err, io.EOF):
			if text != "" {
				p.fail("the last line must go on: " + strings.TrimSpace(text))
			}
			return
		case err != nil:
			p.fail(err.Error())
			return
		}
		if text == "" && strings.HasPrefix(line, ":") {
			if p.command(line) {
				return
			}
			continue
		}
		text = p.run(text + line)
	}
}

// ask waits for a line.
func (p *Prompt) ask(prompt string) (line string, err error) {
	if waited := p.console.Wait(func() error {
		line, err = p.Lines.Line(prompt)
		return nil
	}); waited != nil {
		return "", waited
	}
	return line, err
}

// run runs a piece and returns what is to be continued by the next line.
func (p *Prompt) run(text string) (unfinished string) {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	out, err := p.console.Run(text, show)
	var raised *engine.ScriptError
	switch {
	case errors.Is(err, engine.ErrUnfinished):
		return text + "\n"
	case errors.As(err, &raised):
		p.fail(raised.Detail())
	case err != nil:
		p.fail(err.Error())
	case out != "":
		fmt.Fprintln(p.Out, out)
	}
	return ""
}

// fail shows an error.
func (p *Prompt) fail(text string) {
	p.failed = true
	fmt.Fprintln(p.Out, "error: "+safeLines(text))
}

// commands are what begins with a colon.
var commands = [...]struct{ name, about string }{
	{":help", "this; :help NAME is what the reference says of a name"},
	{":changes", "what has been changed of the message so far"},
	{":lookups", "what scripts and lines have asked, and what came of it"},
	{":quit", "end (so does Ctrl-D)"},
}

// command does what begins with a colon, and reports whether to end.
func (p *Prompt) command(line string) (end bool) {
	words := strings.Fields(line)
	switch words[0] {
	case ":quit", ":q", ":exit":
		return true
	case ":changes":
		p.changes()
	case ":lookups":
		p.showLookups()
	case ":help":
		p.help(words[1:])
	default:
		var names []string
		for _, c := range commands {
			names = append(names, c.name)
		}
		text := "there is no " + safe(words[0], maxText)
		if near := lint.Nearest(words[0], names); near != "" {
			text += "; did you mean " + near
		}
		p.fail(text + "; :help shows what there is")
	}
	return false
}

func (p *Prompt) changes() {
	all := replay.ChangesOf(p.console.Changes())
	if len(all) == 0 {
		fmt.Fprintln(p.Out, "nothing is changed")
	}
	for _, c := range all {
		fmt.Fprintln(p.Out, safe(c.String(), maxText))
	}
}

func (p *Prompt) showLookups() {
	all := p.lookups.Lookups()
	if len(all) == 0 {
		fmt.Fprintln(p.Out, "nothing is asked")
	}
	for i := range all {
		fmt.Fprintln(p.Out, safe(all[i].String(), maxText))
	}
}

func (p *Prompt) help(names []string) {
	for _, name := range names {
		if err := luaapi.WriteEntries(p.Out, name); err != nil {
			p.fail(err.Error())
		}
	}
	if len(names) > 0 {
		return
	}
	fmt.Fprint(p.Out, "conn and msg are those of an eom hook. An expression shows its value; a variable without local stays.\n")
	for _, c := range commands {
		fmt.Fprintf(p.Out, "  %-10s %s\n", c.name, c.about)
	}
}

// Piped reads lines that nobody edits, and shows no prompt.
type Piped struct{ lines *bufio.Scanner }

// maxLine is how long a line may be, in bytes.
const maxLine = 1 << 20

// NewPiped returns a Reader of a file or a pipe.
func NewPiped(r io.Reader) *Piped {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	return &Piped{lines}
}

// Line implements Reader.
func (p *Piped) Line(string) (string, error) {
	if p.lines.Scan() {
		return p.lines.Text(), nil
	}
	if err := p.lines.Err(); err != nil {
		return "", fmt.Errorf("read a line: %w", err)
	}
	return "", io.EOF
}

// Complete implements Reader.
func (p *Piped) Complete(func() []string) {}
