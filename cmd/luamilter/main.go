// Command luamilter is a milter whose decisions are Lua scripts.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"

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
	Run     runCmd           `cmd:"" help:"Run the daemon in the foreground."`
	Check   checkCmd         `cmd:"" help:"Compile, load and lint scripts; show what follows from them for the MTA."`
	Probe   probeCmd         `cmd:"" help:"Be the MTA: play a message to any milter and show its answers."`
	Doctor  doctorCmd        `cmd:"" help:"Find what is wrong between Postfix or Sendmail and luamilter."`
	Docs    docsCmd          `cmd:"" help:"Print the reference of everything that scripts can use."`
	Version kong.VersionFlag `help:"Print the version and exit."`
}

const description = `Program your mail server in Lua.

luamilter is a filter that Postfix or Sendmail asks about every SMTP event. A script is a file of functions named
after the stages of a conversation (connect helo mail rcpt data header eoh body eom); what they return is the answer.

  luamilter run filter.lua          run a script: Postfix needs  smtpd_milters = inet:127.0.0.1:8891
  luamilter check filter.lua        is it right, and what will the MTA be asked for?
  luamilter probe                   what does the running filter answer?
  luamilter docs                    what can a script do?`

// errFound means that the verb said all there is to say and found something wrong.
var errFound = errors.New("found something wrong")

func main() { os.Exit(realMain(os.Args[1:], os.Stdout, os.Stderr)) }

// realMain is main with its surroundings given; it returns the exit code.
func realMain(args []string, stdout, stderr io.Writer) int {
	var v verbs
	exit := -1
	parser, err := kong.New(&v,
		kong.Name("luamilter"),
		kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 120}),
		kong.Vars{"version": version(), "default_listen": engine.DefaultSpec, "sample_rcpts": strings.Join(sampleRcpts, ","),
			"command_time": engine.DefaultLimits.CommandTime.String(), "message_time": engine.DefaultLimits.MessageTime.String()},
		kong.BindTo(stdout, (*io.Writer)(nil)),
		kong.Bind(&terminal{stdout: stdout, stderr: stderr}),
	)
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

// usageError is a mistake on the command line that kong cannot see.
type usageError struct{ error }

// version returns the version that the binary was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return "luamilter " + info.Main.Version + " (" + info.GoVersion + ")"
	}
	return "luamilter (unknown version)"
}
