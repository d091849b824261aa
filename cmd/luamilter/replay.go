package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/rs/zerolog"

	"luamilter/config"
	"luamilter/daemon"
	"luamilter/engine"
	"luamilter/luaapi/lint"
	"luamilter/record"
	"luamilter/replay"
	"luamilter/replay/corpus"
)

// replayCmd plays stored mail through scripts.
type replayCmd struct {
	Paths    []string `arg:"" name:"path" help:"Messages (.eml), Maildir folders, mailboxes in mbox format, or folders with any of these. Or recordings of luamilter run --record, or folders with them."`
	Script   []string `short:"s" sep:"none" placeholder:"FILE" complete:"*.lua" help:"The script, may be repeated. Default: those of the configuration."`
	Config   string   `short:"c" placeholder:"FILE" complete:"*.toml" help:"The configuration with the settings of the scripts. Default: ${config_path}, if it exists and no script is named."`
	Listener string   `placeholder:"NAME" help:"Whose scripts are played, if the configuration has several listeners. Default: the first."`

	Compare          []string `sep:"none" placeholder:"FILE" complete:"*.lua" help:"An older script to compare with, may be repeated; of a folder, those with the names of the scripts. Only messages are shown for which verdict, reply or changes differ."`
	FailOnDifference bool     `help:"Exit with 1 if there is a difference."`

	Timing bool `help:"Play the packets of recordings as long after the beginning as they came then."`

	From *string  `placeholder:"ADDRESS" help:"Envelope sender of every message; '' is the null sender. Default: what the message tells."`
	To   []string `sep:"none" placeholder:"ADDRESS" help:"Envelope recipient of every message, may be repeated. Default: what the message tells."`
	IP   string   `name:"ip" placeholder:"ADDRESS" help:"Address of the client. Default: what the message tells."`
	Host string   `placeholder:"NAME" help:"Name of the client. Default: what the message tells."`
	Helo string   `placeholder:"NAME" help:"What the client says at HELO. Default: what the message tells."`
	Auth string   `placeholder:"USER" help:"As whom the client has authenticated. Default: what the message tells."`

	Live bool `help:"Ask the name servers, web servers, scanners and others of the configuration. Default: nobody is asked, and lookups fail."`

	All  bool   `help:"Show every message in full, as one alone is shown."`
	JSON bool   `name:"json" help:"Print a JSON object for each message, and then {\"summary\": ...}."`
	HTML string `name:"html" placeholder:"FILE" complete:"*.html" help:"Also write a page for the browser, which needs no network: totals, every message with what changes in it, errors, times."`
	Logs bool   `help:"Show what scripts log, on standard error."`
	Jobs int    `short:"j" placeholder:"N" help:"How many messages are played at the same time. Default: one for each processor."`
}

// Help is shown below the flags.
func (c *replayCmd) Help() string {
	return `Plays each message as Postfix would, and shows where a verdict fell, what would be changed, and how long each hook took. Of several messages
it shows totals: verdicts by script, the hooks that took the most time, and errors by the line of the script.

A recording (luamilter run --record) is played as the MTA said it then, macros included, and what scripts answer is compared with what was
answered then: only differences are shown, with their place.

A script that looks something up finds that nobody answers, so that its on_error decides; the lookups are shown. With --live they are made, by the
configuration of -c. Nothing is sent in either case, and what scripts keep in a store stays in the memory of the replay.

Exits with 1 when a script raised an error or a message could not be read.

Examples:
  luamilter replay -s filter.lua message.eml
  luamilter replay -c /etc/luamilter/luamilter.toml /home/alice/Maildir archive.mbox
  luamilter replay --live -c /etc/luamilter/luamilter.toml message.eml
  luamilter replay -s filter.lua --html report.html /home/alice/Maildir
  luamilter replay -s new/filter.lua --compare old/filter.lua --fail-on-difference /home/alice/Maildir
  luamilter replay -s filter.lua --fail-on-difference /var/lib/luamilter/recordings`
}

// Run plays the messages.
func (c *replayCmd) Run(t *terminal) error {
	if found, others := record.Find(c.Paths); len(found) > 0 {
		return c.playRecordings(t, found, others)
	}
	given, err := c.given()
	if err != nil {
		return usageError{err}
	}
	player, reached, err := c.player(t)
	if err != nil {
		return daemon.Describe(err)
	}
	defer reached.Close()
	defer player.Close()
	player.Given = given
	files, skipped, err := corpus.Find(c.Paths)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no mail in %s: none of its %d files begins with a header field", strings.Join(c.Paths, ", "), skipped)
	}
	player.Detail = c.All || c.JSON || c.HTML != "" || len(files) == 1
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(daemonGC)) // as the daemon
	}
	s, err := c.play(t, player, files, skipped)
	if err != nil {
		return err
	}
	return c.judge(t, s)
}

// play plays the messages and writes what became of them.
func (c *replayCmd) play(t *terminal, player *replay.Player, files []corpus.File, skipped int) (*replay.Summary, error) {
	show := &replayShow{out: t.stdout, all: c.All, compares: player.Older != nil, bar: newProgress(t.stderr, files)}
	each := show.message
	enc := json.NewEncoder(t.stdout)
	enc.SetEscapeHTML(false)
	if c.JSON {
		each = func(m *replay.Message) error {
			show.bar.played(m)
			return enc.Encode(m)
		}
	}
	page, err := newReplayPage(c.HTML)
	if err != nil {
		return nil, err
	}
	defer page.discard()
	s, err := player.Play(files, page.also(each))
	show.bar.clear()
	if err == nil {
		err = page.finish(s)
	}
	switch {
	case err != nil:
		return nil, err
	case c.JSON:
		return s, enc.Encode(struct {
			Summary *replay.Summary `json:"summary"`
		}{s})
	}
	show.summary(s, skipped)
	return s, nil
}

// daemonGC is how much garbage the daemon allows, in percent of what is alive.
const daemonGC = 400

// judge decides on the exit code.
func (c *replayCmd) judge(t *terminal, s *replay.Summary) error {
	for _, p := range s.Problems {
		fmt.Fprintf(t.stderr, "luamilter: %s\n", harmless(p))
	}
	if len(s.Problems) > 0 || len(s.Errors) > 0 || c.FailOnDifference && s.Differ > 0 {
		return errFound
	}
	if !c.JSON {
		t.nextAfterReplay(c, s.Scripts[0])
	}
	return nil
}

// given reads the flags about client and envelope.
func (c *replayCmd) given() (replay.Given, error) {
	if c.Timing {
		return replay.Given{}, errors.New("--timing is for recordings: messages do not say when they came")
	}
	g := replay.Given{From: c.From, To: c.To, Host: c.Host, Helo: c.Helo, Auth: c.Auth}
	if c.Jobs < 0 {
		return g, fmt.Errorf("--jobs %d: a number from 1 on is needed", c.Jobs)
	}
	if c.FailOnDifference && len(c.Compare) == 0 {
		return g, errors.New("--fail-on-difference needs --compare with the older script")
	}
	if c.IP == "" {
		return g, nil
	}
	ip, err := netip.ParseAddr(c.IP)
	if err != nil {
		return g, fmt.Errorf("--ip %s: an address such as 192.0.2.1 or 2001:db8::1 is needed", c.IP)
	}
	g.IP = ip
	return g, nil
}

// player loads the scripts, and the older ones with the same settings. Both returned are to be closed.
func (c *replayCmd) player(t *terminal) (*replay.Player, *played, error) {
	conf, err := (&configFlags{Config: c.Config, Scripts: c.Script}).load()
	if err != nil {
		return nil, nil, err
	}
	l, err := c.listener(conf)
	if err != nil {
		return nil, nil, err
	}
	p := &replay.Player{Jobs: c.Jobs, Log: zerolog.Nop()}
	if c.Jobs == 0 {
		p.Jobs = runtime.GOMAXPROCS(0)
	}
	if c.Logs {
		if p.Log, err = t.logger(conf.Log); err != nil {
			return nil, nil, err
		}
	}
	reached, err := openPlayed(conf, "a replay", c.Live)
	if err != nil {
		return nil, nil, err
	}
	p.Asker = reached.Asker
	if err := c.load(p, reached, l); err != nil {
		p.Close()
		reached.Close()
		return nil, nil, err
	}
	return p, reached, nil
}

// load loads the scripts of a listener, and the older ones.
func (c *replayCmd) load(p *replay.Player, reached *played, l config.Listener) (err error) {
	if p.Program, err = engine.Load(l.Scripts, reached.options(l)); err != nil {
		return err
	}
	if err := reached.configured(p.Program); err != nil || len(c.Compare) == 0 {
		return err
	}
	if l.Scripts, err = olderScripts(c.Compare, l.Scripts); err != nil {
		return err
	}
	p.Older, err = engine.Load(l.Scripts, reached.options(l))
	return err
}

// listener returns the listener whose scripts are played.
func (c *replayCmd) listener(conf *config.Config) (config.Listener, error) {
	all, err := conf.Listeners()
	if err != nil {
		return config.Listener{}, err
	}
	if c.Listener == "" {
		return all[0], nil
	}
	var names []string
	for _, l := range all {
		if l.Name == c.Listener {
			return l, nil
		}
		names = append(names, l.Name)
	}
	err = fmt.Errorf("--listener %s: there is no such listener; there are %s", c.Listener, strings.Join(names, ", "))
	if near := lint.Nearest(c.Listener, names); near != "" {
		err = fmt.Errorf("--listener %s: there is no such listener; did you mean %s?", c.Listener, near)
	}
	return config.Listener{}, usageError{err}
}

// olderScripts returns the scripts to compare with: those that are named, and of folders those that have the names of scripts.
func olderScripts(paths, scripts []string) ([]string, error) {
	var older []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("--compare: %w", err)
		}
		if !info.IsDir() {
			older = append(older, path)
			continue
		}
		before := len(older)
		for _, script := range scripts {
			same := filepath.Join(path, filepath.Base(script))
			if _, err := os.Stat(same); err == nil {
				older = append(older, same)
			}
		}
		if len(older) == before {
			return nil, fmt.Errorf("--compare %s: the folder has no %s; name the older script itself", path, filepath.Base(scripts[0]))
		}
	}
	return older, nil
}
