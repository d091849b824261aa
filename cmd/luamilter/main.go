// Command luamilter is a milter whose decisions are Lua scripts.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

	"luamilter/config"
	"luamilter/engine"
)

// Exit codes.
const (
	exitDone  = 0
	exitWrong = 1 // it found something wrong: a bad script, a socket that cannot be opened
	exitUsage = 2
)

// verbs is the command line. Each verb has a file of its own.
type verbs struct {
	Run        runCmd           `cmd:"" help:"Run the daemon in the foreground."`
	Check      checkCmd         `cmd:"" help:"Compile, load and lint scripts; show what follows from them for the MTA."`
	Test       testCmd          `cmd:"" help:"Run the tests of scripts: *_test.lua, against a simulated MTA."`
	Status     statusCmd        `cmd:"" help:"Show what the running daemon does."`
	Reload     reloadCmd        `cmd:"" help:"Have the running daemon take up changed scripts and configuration."`
	Trace      traceCmd         `cmd:"" help:"Follow what the running daemon's scripts are asked and answer."`
	LogLevel   logLevelCmd      `cmd:"" help:"Show or change what the running daemon logs."`
	Probe      probeCmd         `cmd:"" help:"Be the MTA: play a message to any milter and show its answers."`
	Replay     replayCmd        `cmd:"" help:"Play stored mail through scripts, without an MTA; compare with older scripts."`
	REPL       replCmd          `cmd:"" name:"repl" help:"Try what scripts can do on a message, line by line."`
	Bench      benchCmd         `cmd:"" help:"Be the MTA under load: measure one milter, or compare two."`
	Miltertest miltertestCmd    `cmd:"" help:"Run scripts that were written for OpenDKIM's miltertest, against any milter."`
	Doctor     doctorCmd        `cmd:"" help:"Find what is wrong between Postfix or Sendmail and luamilter."`
	Config     configCmd        `cmd:"" help:"Print the configuration and where each key of it is from."`
	New        newCmd           `cmd:"" help:"Write a script from a template, with its test."`
	Init       initCmd          `cmd:"" help:"Write a folder to work in: configuration, a script with its test, editor settings."`
	Types      typesCmd         `cmd:"" help:"Print the types of everything that scripts can use, for editors."`
	Docs       docsCmd          `cmd:"" help:"Print the reference of everything that scripts can use, or what it says of a name."`
	Version    kong.VersionFlag `help:"Print the version and exit."`

	Completion completionCmd `cmd:"" hidden:"" help:"Print the completion of the command line for a shell."`
	Man        manCmd        `cmd:"" hidden:"" help:"Print the manual page."`
}

const description = `Program your mail server in Lua.

luamilter is a filter that Postfix or Sendmail asks about every SMTP event. A script is a file of functions named
after the stages of a conversation (connect helo mail rcpt data header eoh body eom); what they return is the answer.

  luamilter run filter.lua          run a script: Postfix needs  smtpd_milters = inet:127.0.0.1:8891
  luamilter check filter.lua        is it right, and what will the MTA be asked for?
  luamilter test                    do its tests pass?
  luamilter probe                   what does the running filter answer?
  luamilter replay -s filter.lua Maildir   what would it have done to stored mail?
  luamilter docs                    what can a script do?`

// release is the version of a package; the linker sets it: -ldflags "-X main.release=1.2.3".
var release string

// errFound means that the verb said all there is to say and found something wrong.
var errFound = errors.New("found something wrong")

func main() { os.Exit(realMain(os.Args[1:], os.Stdout, os.Stderr)) }

// realMain is main with its surroundings given; it returns the exit code.
func realMain(args []string, stdout, stderr io.Writer) int {
	var v verbs
	exit := -1
	parser, err := newParser(&v, &terminal{stdout: stdout, stderr: stderr}, kong.Exit(func(code int) { exit = code }))
	if err != nil {
		panic(err) // the command line is described wrongly: a bug that any test shows
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	ctx, err := parser.Parse(args)
	if exit >= 0 { // --help or --version
		return exit
	}
	if err != nil {
		fmt.Fprintf(stderr, "luamilter: %v; see luamilter --help\n", err)
		return exitUsage
	}
	switch err := ctx.Run(); {
	case err == nil:
		return exitDone
	case errors.Is(err, errFound):
		return exitWrong
	default:
		fmt.Fprintf(stderr, "luamilter: %v\n", err)
		var usage usageError
		if errors.As(err, &usage) {
			return exitUsage
		}
		return exitWrong
	}
}

// newParser describes the command line to kong; more is what only one caller needs.
func newParser(v *verbs, t *terminal, more ...kong.Option) (*kong.Kong, error) {
	return kong.New(v, append(more,
		kong.Name("luamilter"),
		kong.Description(description),
		kong.Writers(t.stdout, t.stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 120}),
		kong.Vars{"version": version(), "default_listen": engine.DefaultSpec, "config_path": config.DefaultPath, "sample_rcpts": strings.Join(sampleRcpts, ","), "jobs": defaultJobs()},
		kong.BindTo(t.stdout, (*io.Writer)(nil)),
		kong.Bind(t),
	)...)
}

// usageError is a mistake on the command line that kong cannot see.
type usageError struct{ error }

// version returns the version that the binary was built from, and with which Go.
func version() string {
	return "luamilter " + releaseName() + " (" + runtime.Version() + ")"
}

// releaseName returns the version alone: that of the package, else that of the source.
func releaseName() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown version)"
}
