package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"luamilter/config"
)

// manCmd prints the manual page, which is made from what --help shows and from the sections below.
type manCmd struct{}

// Help is shown below the flags.
func (manCmd) Help() string {
	return `Prints luamilter(8) as roff.

Examples:
  luamilter man | man -l -
  luamilter man > /usr/local/share/man/man8/luamilter.8`
}

// Run prints the page.
func (manCmd) Run(t *terminal, ctx *kong.Context) error {
	p := &page{}
	p.request(`.TH LUAMILTER 8 "" %s "System administration"`, quoteRoff("luamilter "+releaseName()))
	p.section("NAME")
	p.line(`luamilter \- program your mail server in Lua`)
	p.section("SYNOPSIS")
	for _, n := range shown(ctx.Model) {
		p.synopsis(n)
	}
	p.section("DESCRIPTION")
	p.text(strings.TrimPrefix(ctx.Model.Help, "Program your mail server in Lua.\n\n"))
	p.section("COMMANDS")
	for _, n := range shown(ctx.Model) {
		p.verb(n)
	}
	p.configuration()
	for _, s := range manSections {
		p.section(s.title)
		for _, item := range s.items {
			p.item(bold(item[0]), item[1])
		}
	}
	p.section("EXAMPLES")
	for _, n := range shown(ctx.Model) {
		_, examples := cutExamples(n.Detail)
		p.text(examples)
	}
	p.section("SEE ALSO")
	p.line(`.BR postconf (5),`)
	p.line(`.BR sendmail (8)`)
	p.text("\nThe guides to Postfix and Sendmail, the reference of what scripts can use, and examples are in /usr/share/doc/luamilter.")
	_, err := io.WriteString(t.stdout, p.roff.String())
	return err
}

// manSections are the sections that do not follow from the command line: pairs of a term and what it means.
var manSections = []struct {
	title string
	items [][2]string
}{
	{"FILES", [][2]string{
		{config.DefaultPath, "The configuration of the service, and of run where no script is named."},
		{"/etc/luamilter/scripts/*.lua", "The scripts that the service runs, in the order of their names, unless the configuration says otherwise."},
		{"/usr/share/luamilter/scripts/*.lua", "Scripts to start from. Copy one to /etc/luamilter/scripts and change the copy."},
		{"/var/lib/luamilter", "What the service keeps."},
		{"/run/luamilter/admin.sock", "Where status, reload, trace and log-level reach the daemon."},
	}},
	{"SIGNALS", [][2]string{
		{"SIGTERM, SIGINT", "Accept no more connections, let open SMTP sessions end, for as long as --drain says, and end. A second one ends at once."},
		{"SIGHUP", "Take up changed scripts and the changed configuration. A mistake in them changes nothing."},
		{"SIGUSR2", "Start the binary anew with the same sockets, and once that is ready do as at SIGTERM. No connection is refused."},
	}},
	{"EXIT STATUS", [][2]string{
		{fmt.Sprint(exitDone), "It is done, and nothing is wrong."},
		{fmt.Sprint(exitWrong), "Something is wrong: a script, a socket that cannot be opened, sessions that had to be cut."},
		{fmt.Sprint(exitUsage), "The command line is wrong."},
	}},
}

// shown returns the verbs that --help lists.
func shown(app *kong.Application) []*kong.Node {
	var verbs []*kong.Node
	for _, n := range app.Children {
		if !n.Hidden {
			verbs = append(verbs, n)
		}
	}
	return verbs
}

// cutExamples takes the examples off the end of a verb's help.
func cutExamples(help string) (text, examples string) {
	for _, mark := range []string{"Examples:\n", "Example:\n"} {
		before, after, found := strings.Cut(help, mark)
		if !found {
			continue
		}
		block, rest, _ := strings.Cut(after, "\n\n")
		return strings.TrimSpace(before + "\n" + rest), block
	}
	return help, ""
}

// synopsis writes how a verb is called.
func (p *page) synopsis(n *kong.Node) {
	p.line(bold("luamilter "+n.Name) + escapeRoff(strings.TrimPrefix(n.Summary(), n.Name)))
	p.line(".br")
}

// verb writes the part of a verb: what it does, its arguments, and its flags.
func (p *page) verb(n *kong.Node) {
	p.request(".SS %s", quoteRoff("luamilter "+n.Name))
	p.text(n.Help)
	if text, _ := cutExamples(n.Detail); text != "" {
		p.text("\n" + text)
	}
	for _, a := range n.Positional {
		p.item(italic(a.Name), a.Help)
	}
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		name := bold("--" + f.Name)
		if f.Short != 0 {
			name = bold("-"+string(f.Short)) + ", " + name
		}
		if !f.IsBool() && !f.IsCounter() {
			name += "=" + italic(strings.ToUpper(placeholder(f)))
		}
		p.item(name, f.Help)
	}
}

// configuration writes the keys of the configuration file.
func (p *page) configuration() {
	p.section("CONFIGURATION")
	p.text("The file that run takes by -c is TOML. A key with a dot is in the table that is named before the dot, as in\n\n  [log]\n  level = \"debug\"\n\nNAME is any name.")
	for _, k := range config.Keys() {
		about := k.Type
		if k.Default != "" {
			about += ", default " + k.Default
		}
		p.item(bold(k.Name)+" ("+escapeRoff(about)+")", strings.ReplaceAll(k.Doc, "`", ""))
	}
}

// placeholder names the value of a flag: as --help does if the struct says how, else by the flag.
func placeholder(f *kong.Flag) string {
	if f.PlaceHolder != "" {
		return f.PlaceHolder
	}
	return f.Name
}
