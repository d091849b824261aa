package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"luamilter/daemon"
	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/luaapi/date"
	"luamilter/luatest"
	"luamilter/protocol"
)

// checkCmd looks at scripts without running the daemon.
type checkCmd struct {
	Scripts []string `arg:"" optional:"" name:"script" complete:"*.lua" help:"Lua scripts, or files of tests. Default: those of the configuration."`
	Config  string   `short:"c" placeholder:"FILE" complete:"*.toml" help:"The configuration with the settings of the scripts. Default: ${config_path}, if it exists and no script is named."`
	Strict  bool     `help:"Exit with 1 for warnings too."`
	JSON    bool     `name:"json" xor:"format" help:"Print findings only, each a JSON object on a line of its own."`
	SARIF   bool     `name:"sarif" xor:"format" help:"Print findings only, as one SARIF 2.1.0 document, for code review."`
}

// Help is shown below the flags.
func (c *checkCmd) Help() string {
	return `Shows for each script its hooks, the events that the MTA is asked to send and why, for which of them it must wait for a reply and
why, the changes the script may make, and the macros it asks for. Exits with 1 when a script has errors.

Before that, on standard error, what looks wrong, each with file:line:column, what to do, and a name in brackets. An error fails when it runs,
or never does what it says; a warning is probably a mistake. docs/check.md explains each name. A comment silences one on its line, or on the
next line if it stands alone:  -- luamilter: ignore unused-result

--json prints objects with file, line, column, severity, name, text and fix; line and column are 0 where unknown.

Without scripts, or with -c, the configuration is checked too: everything that would keep the daemon from starting or reloading, such as a
setting that a script does not have.

Examples:
  luamilter check filter.lua
  luamilter check --strict --json scripts/*.lua
  luamilter check -c /etc/luamilter/luamilter.toml`
}

// work is a script to check, with what its program needs.
type work struct {
	path    string
	options engine.Options
}

// list returns the scripts to check: those that are named, or else each of the configuration's listeners.
func (c *checkCmd) list() ([]work, error) {
	var list []work
	if c.Config == "" && len(c.Scripts) > 0 {
		for _, path := range c.Scripts {
			list = append(list, work{path, engine.Options{Limits: engine.DefaultLimits, SelfTest: true}})
		}
		return list, nil
	}
	conf, err := (&configFlags{Config: c.Config, Scripts: c.Scripts}).load()
	if err != nil {
		return nil, err
	}
	listeners, err := conf.Listeners()
	if err != nil {
		return nil, err
	}
	for _, l := range listeners {
		for _, path := range l.Scripts {
			list = append(list, work{path, daemon.Options(conf, l, nil, nil)})
		}
	}
	return list, nil
}

// Run checks every script on its own; a broken one does not hide the others. A module of several scripts is looked at once.
func (c *checkCmd) Run(t *terminal) error {
	list, err := c.list()
	if err != nil {
		return err
	}
	var all []finding
	seen := map[string]bool{}
	for i, one := range list {
		var found []finding
		var explain func(io.Writer)
		if strings.HasSuffix(one.path, luatest.Suffix) {
			found, explain = examineTests(one.path)
		} else {
			found, explain = examine(one, seen)
		}
		all = append(all, found...)
		if !c.JSON && !c.SARIF {
			show(t, found, explain, i == 0)
		}
	}
	switch {
	case c.JSON:
		err = writeJSON(t.stdout, all)
	case c.SARIF:
		err = writeSARIF(t.stdout, all)
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(f finding) bool { return c.Strict || f.Severity == "error" }) {
		return errFound
	}
	if len(all) == 0 && !c.JSON && !c.SARIF && !strings.HasSuffix(list[0].path, luatest.Suffix) {
		t.nextAfterCheck(list[0].path)
	}
	return nil
}

// show prints what was found in a script and, if it can be loaded, what else there is to say.
func show(t *terminal, found []finding, explain func(io.Writer), first bool) {
	if !first {
		fmt.Fprintln(t.stdout)
	}
	for _, f := range found {
		fmt.Fprintln(t.stderr, f.detail)
	}
	if explain != nil {
		explain(t.stdout)
	}
}

// examine loads one script and returns what is wrong with it, but for the files that were seen with an earlier one, and what tells what
// follows from it: nil if the script cannot be loaded.
func examine(one work, seen map[string]bool) ([]finding, func(io.Writer)) {
	p, err := engine.Load([]string{one.path}, one.options)
	if err != nil {
		return []finding{broken(one.path, err)}, nil
	}
	defer p.Close()
	var found []finding
	for _, f := range p.Check() {
		if !seen[f.Path] {
			found = append(found, ofScript(f))
		}
	}
	for _, file := range p.Files() {
		seen[file] = true
	}
	return found, func(w io.Writer) {
		fmt.Fprintf(w, "%s\n", one.path)
		explainModules(w, p.Scripts[0])
		explainSettings(w, p.Scripts[0])
		explainNeeds(w, p)
		explainTimers(w, p.Scripts[0])
		explain(w, p)
	}
}

// examineTests is examine for a file of tests, which are not run.
func examineTests(path string) ([]finding, func(io.Writer)) {
	wrong, tests, err := luatest.Check(path)
	if err != nil {
		return []finding{broken(path, err)}, nil
	}
	var found []finding
	for _, f := range wrong {
		found = append(found, ofScript(f))
	}
	return found, func(w io.Writer) {
		fmt.Fprintf(w, "%s\n", path)
		section(w, "tests", []string{fmt.Sprintf("%d; luamilter test runs them", tests)})
	}
}

// explainModules lists the files that a script requires, and the places where the text does not tell which.
func explainModules(w io.Writer, s *engine.Script) {
	var words []string
	for _, m := range s.Modules {
		words = append(words, m.Name+" ("+m.Path+")")
	}
	if len(words) > 0 {
		section(w, "modules", []string{strings.Join(words, ", ")})
	}
	if len(s.Needs.AnyModule) > 0 {
		section(w, "note", []string{reasons(s.Needs.AnyModule) + ": finds only built-in modules and files that are required by name"})
	}
}

// explainNeeds lists what the configuration must have for a script.
func explainNeeds(w io.Writer, p *engine.Program) {
	var rows [][]string
	for _, f := range p.Unconfigured(luaapi.Unmet(func(n *luaapi.Need) (string, bool) { return "", false })) {
		rows = append(rows, []string{fmt.Sprintf("%s:%d", f.Path, f.Line), f.Text})
	}
	if len(rows) > 0 {
		table(w, "needs", rows)
	}
}

// explainSettings lists what the configuration can set for a script.
func explainSettings(w io.Writer, s *engine.Script) {
	var rows [][]string
	for _, one := range s.Settings {
		what := one.Kind + ", default " + one.Default
		if one.Origin != "" {
			what = fmt.Sprintf("%s, here %s (%s)", what, one.Value, one.Origin)
		}
		rows = append(rows, []string{one.Name, what})
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	if len(rows) > 0 {
		table(w, "settings", rows)
	}
}

// explainTimers lists what a script does without a message.
func explainTimers(w io.Writer, s *engine.Script) {
	var rows [][]string
	for i := range s.Timers {
		t := &s.Timers[i]
		what := "every " + date.FormatDuration(t.Every)
		if t.Jitter > 0 {
			what += ", up to " + date.FormatDuration(t.Jitter) + " later"
		}
		if t.AtStart {
			what += ", and at the start"
		}
		rows = append(rows, []string{t.Name, what})
	}
	if len(rows) > 0 {
		table(w, "timers", rows)
	}
}

// explain prints what follows from a program for the MTA.
func explain(w io.Writer, p *engine.Program) {
	n, want := &p.Needs, p.Want()
	agreed, err := protocol.Negotiate(protocol.FullOffer, want)
	if err != nil {
		fmt.Fprintf(w, "  %v\n", err)
		return
	}
	var hooks, unwanted, silent []string
	for s := range protocol.Stage(protocol.NumStages) {
		if n.Hooks[s] != "" {
			hooks = append(hooks, s.String())
		}
		switch {
		case s.NoStep() == 0:
		case !want.Events.Has(s):
			unwanted = append(unwanted, s.String())
		case !agreed.Owed(s):
			silent = append(silent, s.String())
		}
	}
	section(w, "hooks", orNone(hooks))
	var events, replies [][]string
	for s := range protocol.Stage(protocol.NumStages) {
		if s.NoStep() == 0 {
			continue
		}
		if want.Events.Has(s) {
			events = append(events, []string{s.String(), reasons(n.Events[s])})
			if agreed.Owed(s) {
				replies = append(replies, []string{s.String(), reasons(n.Replies[s])})
			}
		}
	}
	events = append(events, []string{"eom", "is always sent"})
	replies = append(replies, []string{"eom", "is always answered"})
	table(w, "events", events)
	section(w, "not sent", orNone(unwanted))
	table(w, "replies", replies)
	section(w, "no reply", orNone(silent))
	explainCollected(w, n)
	explainActions(w, n)
	explainMacros(w, n, want)
	explainExtras(w, n)
	for _, place := range n.Computed {
		section(w, "note", []string{"everything is asked for, because of " + place})
	}
}

// explainCollected tells which parts of the message are kept until the end.
func explainCollected(w io.Writer, n *engine.Needs) {
	var rows [][]string
	for _, part := range []struct {
		name string
		why  []string
	}{{"recipients", n.Recipients}, {"header", n.Headers}, {"body", n.Body}} {
		if len(part.why) > 0 {
			rows = append(rows, []string{part.name, reasons(part.why)})
		}
	}
	if len(rows) > 0 {
		table(w, "kept", rows)
	}
}

// explainExtras tells of the rest of the negotiation, and where the text of the script did not tell enough.
func explainExtras(w io.Writer, n *engine.Needs) {
	var rows [][]string
	if n.Skip {
		rows = append(rows, []string{"SKIP", "body may return skip"})
	}
	if len(n.Raw) > 0 {
		rows = append(rows, []string{"HDR_LEADSPC", reasons(n.Raw)})
	}
	if len(rows) > 0 {
		table(w, "also", rows)
	}
	if len(n.AnyMacro) > 0 {
		section(w, "note", []string{reasons(n.AnyMacro) + ": only the macros above come; neg:request_macros in negotiate asks for more"})
	}
}

func explainActions(w io.Writer, n *engine.Needs) {
	var rows [][]string
	for _, a := range slices.Sorted(maps.Keys(n.Actions)) {
		rows = append(rows, []string{a.String(), reasons(n.Actions[a])})
	}
	for _, a := range slices.Sorted(maps.Keys(n.Optional)) {
		if n.Actions[a] == nil {
			rows = append(rows, []string{a.String(), "where the MTA offers it: " + reasons(n.Optional[a])})
		}
	}
	if len(rows) == 0 {
		rows = [][]string{{"none", ""}}
	}
	table(w, "actions", rows)
}

func explainMacros(w io.Writer, n *engine.Needs, want protocol.Want) {
	if want.Macros.Empty() {
		section(w, "macros", []string{"those that the MTA sends by itself"})
		return
	}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(n.Macros)) {
		rows = append(rows, []string{protocol.MacroName(name), reasons(n.Macros[name])})
	}
	table(w, "macros", rows)
	for s := range protocol.Stage(protocol.NumStages) {
		if list := want.Macros.Of(s); list != "" {
			section(w, "", []string{s.String() + ": " + list})
		}
	}
}

func orNone(names []string) []string {
	if len(names) == 0 {
		return []string{"none"}
	}
	return names
}

func section(w io.Writer, title string, words []string) {
	fmt.Fprintf(w, "  %-9s %s\n", title, strings.Join(words, " "))
}

func table(w io.Writer, title string, rows [][]string) {
	width := 0
	for _, r := range rows {
		width = max(width, len(r[0]))
	}
	for _, r := range rows {
		fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("  %-9s %-*s  %s", title, width, r[0], r[1]), " "))
		title = ""
	}
}

// reasons names the first few reasons.
func reasons(all []string) string {
	all = slices.Compact(slices.Clone(all))
	if len(all) > 3 {
		return strings.Join(all[:3], ", ") + fmt.Sprintf(", and %d more", len(all)-3)
	}
	return strings.Join(all, ", ")
}
