package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"
	"github.com/peterh/liner"

	"luamilter/config"
	"luamilter/daemon"
	"luamilter/repl"
)

// replCmd tries the API on a message.
type replCmd struct {
	Scripts []string `arg:"" optional:"" name:"script" complete:"*.lua" help:"Scripts that get the message first; what they change shows. Default: none."`
	Config  string   `short:"c" placeholder:"FILE" complete:"*.toml" help:"The configuration with the settings of the scripts, and whom --live asks. Default: none."`
	Live    bool     `help:"Ask the name servers, web servers, scanners and others of the configuration. Default: nobody is asked, and lookups fail."`
	EML     string   `name:"eml" placeholder:"FILE" complete:"*.eml" help:"The message. Default: a small one."`
}

// Help is shown below the flags.
func (replCmd) Help() string {
	return `Asks for lines of Lua and shows their values, at the end of a simulated message: conn and msg are those of an eom hook. Sandbox and
limits are those of scripts, and nothing is sent. Commands begin with a colon: :help, :help NAME, :changes, :lookups, :quit.

Lookups fail as when nobody answers. With --live they are made, by the configuration of -c; what would be sent never is.

What is piped in is run without a prompt; then the exit code is 1 if a line raised an error.

Examples:
  luamilter repl
  luamilter repl --eml message.eml filter.lua
  luamilter repl --live -c /etc/luamilter/luamilter.toml
  echo 'msg.subject' | luamilter repl --eml message.eml`
}

// Run asks for lines until there are no more.
func (c replCmd) Run(t *terminal) error {
	text := []byte(sampleMessage)
	if c.EML != "" {
		var err error
		if text, err = os.ReadFile(c.EML); err != nil {
			return fmt.Errorf("--eml: %w", err)
		}
	}
	conf := config.Default()
	if c.Config != "" {
		var err error
		if conf, err = config.Load(c.Config); err != nil {
			return err
		}
	}
	reached, err := openPlayed(conf, "the repl", c.Live)
	if err != nil {
		return err
	}
	defer reached.Close()
	p := &repl.Prompt{Asker: reached.Asker, Lines: repl.NewPiped(os.Stdin), Out: t.stdout}
	edited := isatty.IsTerminal(os.Stdin.Fd()) && isTerminal(t.stdout)
	if edited {
		editor := newLineEditor()
		defer editor.state.Close()
		p.Lines = editor
		fmt.Fprintln(t.stdout, "conn and msg are those of an eom hook; :help shows what there is, :quit ends")
	}
	failed, err := p.Run(c.Scripts, reached.options(config.Listener{Scripts: c.Scripts}), text)
	if err != nil {
		return daemon.Describe(err)
	}
	if failed && !edited {
		return errFound
	}
	return nil
}

// lineEditor reads lines from a terminal, with a history and completion.
type lineEditor struct{ state *liner.State }

func newLineEditor() lineEditor {
	state := liner.NewLiner()
	state.SetCtrlCAborts(true)
	return lineEditor{state}
}

// Line implements repl.Reader.
func (e lineEditor) Line(prompt string) (string, error) {
	line, err := e.state.Prompt(prompt)
	switch {
	case errors.Is(err, liner.ErrPromptAborted):
		return "", repl.ErrAgain
	case err != nil:
		return "", io.EOF
	}
	if strings.TrimSpace(line) != "" {
		e.state.AppendHistory(line)
	}
	return line, nil
}

// Complete implements repl.Reader: Tab completes the name before the cursor.
func (e lineEditor) Complete(names func() []string) {
	e.state.SetWordCompleter(func(line string, pos int) (head string, completions []string, tail string) {
		begin := strings.LastIndexFunc(line[:pos], notInName) + 1
		if begin == pos {
			return line[:pos], nil, line[pos:]
		}
		for _, name := range names() {
			if strings.HasPrefix(name, line[begin:pos]) {
				completions = append(completions, name)
			}
		}
		slices.Sort(completions)
		return line[:begin], slices.Compact(completions), line[pos:]
	})
}

func notInName(r rune) bool {
	return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}
