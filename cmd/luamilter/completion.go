package main

import (
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"
)

// completionCmd prints a script that teaches a shell the command line.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: ${enum}."`
}

// Help is shown below the flags.
func (c *completionCmd) Help() string {
	return `Prints the completion of verbs, flags, values and scripts for a shell. Packages install it; without one, load it from the shell's own start file.

Examples:
  luamilter completion bash > /etc/bash_completion.d/luamilter
  luamilter completion zsh > /usr/local/share/zsh/site-functions/_luamilter
  luamilter completion fish > /etc/fish/completions/luamilter.fish`
}

// Run prints the script.
func (c *completionCmd) Run(t *terminal, ctx *kong.Context) error {
	verbs := wordsOf(ctx.Model)
	switch c.Shell {
	case "zsh":
		return fill(t.stdout, zshCompletion, verbs)
	case "fish":
		return fill(t.stdout, fishCompletion, verbs)
	}
	return fill(t.stdout, bashCompletion, verbs)
}

// verbWords is what can be written after a verb.
type verbWords struct {
	Name   string
	About  string // one phrase
	Hidden bool   // completed once it is written, but not offered
	Flags  []flagWords
	Args   values // of all positional arguments
}

// flagWords is one flag with all its spellings.
type flagWords struct {
	Long  string // without dashes
	Short string // one letter, or ""
	About string
	Takes bool // it takes a value
	Value values
}

// values are what an argument or the value of a flag can be; nothing is known of it where all are empty.
type values struct {
	Name  string   // of the argument
	Words []string // one of these
	Files string   // files that match this pattern, and folders
	Many  bool     // more may follow
}

// wordsOf returns the words of every verb, in the order of --help. Verbs have no verbs of their own.
func wordsOf(app *kong.Application) []verbWords {
	var verbs []verbWords
	for _, n := range app.Children {
		v := verbWords{Name: n.Name, About: phrase(n.Help), Hidden: n.Hidden, Flags: flagsOf(n.Flags)}
		v.Flags = append(v.Flags, flagWords{Long: "help", Short: "h", About: "Show help"})
		for _, p := range n.Positional {
			v.Args = v.Args.and(argValues(p))
		}
		verbs = append(verbs, v)
	}
	return verbs
}

func flagsOf(flags []*kong.Flag) []flagWords {
	var all []flagWords
	for _, f := range flags {
		if f.Hidden {
			continue
		}
		words := flagWords{Long: f.Name, About: phrase(f.Help), Takes: !f.IsBool() && !f.IsCounter()}
		if f.Short != 0 {
			words.Short = string(f.Short)
		}
		if words.Takes {
			words.Value = valuesOf(f.Value, f.PlaceHolder == "FILE")
			words.Value.Many = f.IsCumulative()
		}
		all = append(all, words)
		if f.Tag.Negatable == "" {
			continue
		}
		no := f.Tag.Negatable
		if no == "_" { // kong's word for "the usual"
			no = "no-" + f.Name
		}
		all = append(all, flagWords{Long: strings.TrimPrefix(no, "--"), About: "Not: " + words.About})
	}
	return all
}

func argValues(p *kong.Positional) values {
	v := valuesOf(p, true)
	v.Many = p.IsCumulative()
	return v
}

// valuesOf reads them off the struct's tags: enum, or complete with words or the pattern of files; files tells whether any file will do otherwise.
func valuesOf(v *kong.Value, files bool) values {
	known := values{Name: v.Name}
	switch {
	case v.Enum != "":
		for _, word := range v.EnumSlice() {
			if word != "" {
				known.Words = append(known.Words, word)
			}
		}
	case strings.Contains(v.Tag.Get("complete"), "*"):
		known.Files = v.Tag.Get("complete")
	case v.Tag.Has("complete"):
		known.Words = strings.Split(v.Tag.Get("complete"), ",")
	case files:
		known.Files = "*"
	}
	return known
}

// and adds what the next argument can be.
func (v values) and(next values) values {
	if v.Name == "" {
		return next
	}
	files := v.Files
	if next.Files != "" && files != next.Files {
		files = "*"
	}
	return values{Name: v.Name + " or " + next.Name, Words: append(v.Words, next.Words...), Files: files, Many: true}
}

// phrase returns the beginning of a help text, short enough to stand beside a word.
func phrase(help string) string {
	end := len(help)
	for _, mark := range []string{". ", ": ", "; ", ", may "} {
		if i := strings.Index(help, mark); i >= 0 {
			end = min(end, i)
		}
	}
	return strings.TrimRight(help[:end], ".:")
}

// fill writes a template for a shell.
func fill(w io.Writer, text string, verbs []verbWords) error {
	t, err := template.New("completion").Funcs(template.FuncMap{
		"join": strings.Join, "shell": quoteShell, "zsh": escapeZsh, "fish": quoteFish, "offered": offered,
	}).Parse(text)
	if err != nil {
		return fmt.Errorf("parse the template of the completion: %w", err)
	}
	return t.Execute(w, verbs)
}

// offered returns the verbs that are not hidden.
func offered(verbs []verbWords) []verbWords {
	var shown []verbWords
	for _, v := range verbs {
		if !v.Hidden {
			shown = append(shown, v)
		}
	}
	return shown
}

// quoteShell makes one word of a text for bash and zsh.
func quoteShell(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// quoteFish makes one word of a text for fish, which knows escapes between single quotes.
func quoteFish(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

// escapeZsh makes a text fit for a description in zsh's _arguments, between single quotes.
func escapeZsh(text string) string {
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`, "'", `'\''`).Replace(text)
}
