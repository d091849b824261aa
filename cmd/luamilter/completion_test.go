package main

import (
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"luamilter/config"
)

// model returns the command line as kong sees it.
func model(t *testing.T) *kong.Application {
	t.Helper()
	parser, err := newParser(&verbs{}, &terminal{stdout: t.Output(), stderr: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model
}

// TestHelpHasExamples wants of every verb, hidden or not, an example that begins with its name.
func TestHelpHasExamples(t *testing.T) {
	for _, n := range model(t).Children {
		if n.Help == "" {
			t.Errorf("%s: --help does not say what it does", n.Name)
		}
		_, examples := cutExamples(n.Detail)
		if !strings.Contains("\n"+examples, "\n  luamilter "+n.Name) {
			t.Errorf("%s: --help has no example; let %v.Help() end in \"Example:\" and an indented line", n.Name, n.Target.Type())
		}
		for _, f := range n.Flags {
			if f.Help == "" {
				t.Errorf("%s --%s: no help", n.Name, f.Name)
			}
		}
	}
}

// TestVerbsHaveNoVerbs is what the completion and the manual page count on.
func TestVerbsHaveNoVerbs(t *testing.T) {
	for _, n := range model(t).Children {
		if len(n.Children) > 0 {
			t.Errorf("%s has verbs of its own, which wordsOf and the manual page do not know", n.Name)
		}
	}
}

// TestEverythingIsCompletedAndInTheManual looks for every verb and flag that --help lists.
func TestEverythingIsCompletedAndInTheManual(t *testing.T) {
	texts := map[string]string{}
	for name, args := range map[string][]string{
		"bash": {"completion", "bash"}, "zsh": {"completion", "zsh"}, "fish": {"completion", "fish"}, "manual": {"man"},
	} {
		code, stdout, stderr := run(args...)
		if code != 0 || stderr != "" {
			t.Fatalf("%v: exit code %d, %s", args, code, stderr)
		}
		texts[name] = stdout
	}
	for _, n := range shown(model(t)) {
		verb := map[string]string{"bash": "'" + n.Name + " -'*)", "zsh": "'" + n.Name + ":", "fish": " -a " + n.Name + " ", "manual": `.SS "luamilter ` + strings.ReplaceAll(n.Name, "-", `\-`) + `"`}
		for where, text := range texts {
			if !strings.Contains(text, verb[where]) {
				t.Errorf("%s: %s is not there", where, n.Name)
			}
		}
		for _, f := range n.Flags {
			flag := map[string]string{"bash": "--" + f.Name, "zsh": "--" + f.Name, "fish": " -l " + f.Name, "manual": strings.ReplaceAll(`\fB--`+f.Name, "-", `\-`)}
			for where, text := range texts {
				if !strings.Contains(text, flag[where]) {
					t.Errorf("%s: %s --%s is not there", where, n.Name, f.Name)
				}
			}
		}
	}
}

func TestManualHasItsSections(t *testing.T) {
	_, stdout, _ := run("man")
	rest := stdout
	for _, title := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "CONFIGURATION", "FILES", "SIGNALS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"} {
		_, after, found := strings.Cut(rest, `.SH "`+title+`"`)
		if !found {
			t.Fatalf("no section %s after the one before it", title)
		}
		rest = after
	}
}

func TestRoffOfText(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a paragraph", "one\ntwo", "one\ntwo\n"},
		{"two paragraphs", "one\n\ntwo", "one\n.PP\ntwo\n"},
		{"what would be a request", ".so /etc/passwd\n'br", "\\&.so /etc/passwd\n\\(aqbr\n"},
		{"what would be an escape", `a \fB word -x`, "a \\efB word \\-x\n"},
		{"an example in the middle", "one\n\n  run it\n\ntwo", "one\n.PP\n.nf\n.RS 4\nrun it\n.RE\n.fi\n.PP\ntwo\n"},
		{"an example at the end", "  run it", ".PP\n.nf\n.RS 4\nrun it\n.RE\n.fi\n"},
	} {
		p := &page{}
		p.text(c.text)
		if got := p.roff.String(); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
}

func TestPhraseIsTheBeginningOfAHelpText(t *testing.T) {
	for help, want := range map[string]string{
		"Envelope sender.": "Envelope sender",
		"How long SIGTERM waits; a second ends at once. Default: 60s.": "How long SIGTERM waits",
		"Where the MTA connects, may be repeated: inet:port@host":      "Where the MTA connects",
		"": "",
	} {
		if got := phrase(help); got != want {
			t.Errorf("%q: %q, want %q", help, got, want)
		}
	}
}

// TestChoicesAreThoseOfTheConfiguration compares what is completed for a flag with what its key may be.
func TestChoicesAreThoseOfTheConfiguration(t *testing.T) {
	choices := map[string]string{}
	for _, k := range config.Keys() {
		choices[k.Name] = strings.TrimPrefix(k.Type, "one of ")
	}
	for _, v := range wordsOf(model(t)) {
		if v.Name != "run" {
			continue
		}
		for _, f := range v.Flags {
			key := map[string]string{"on-error": "on_error", "log-level": "log.level", "log-format": "log.format"}[f.Long]
			if got := strings.Join(f.Value.Words, ", "); key != "" && got != choices[key] {
				t.Errorf("--%s offers %s, %s is %s", f.Long, got, key, choices[key])
			}
		}
	}
}

// TestWordsFollowFromTheStruct reads every kind of tag that says what can be written.
func TestWordsFollowFromTheStruct(t *testing.T) {
	type verb struct {
		Script []string `arg:"" name:"script" complete:"*.lua"`
		Level  string   `short:"l" enum:"low,high" default:"low" help:"How much. Default: low."`
		Config string   `placeholder:"FILE" help:"Settings."`
		Colour string   `complete:"red,green" help:"Which."`
		Prefix string   `complete:"*.txt" help:"A text."`
		Count  int      `help:"How many."`
		Watch  bool     `negatable:"" help:"Look for changes."`
		Secret bool     `hidden:""`
	}
	parser, err := kong.New(&struct {
		Go verb `cmd:"" help:"Do it: all of it."`
	}{})
	if err != nil {
		t.Fatal(err)
	}
	got := wordsOf(parser.Model)
	want := []verbWords{{Name: "go", About: "Do it", Args: values{Name: "script", Files: "*.lua", Many: true}, Flags: []flagWords{
		{Long: "level", Short: "l", About: "How much", Takes: true, Value: values{Name: "level", Words: []string{"low", "high"}}},
		{Long: "config", About: "Settings", Takes: true, Value: values{Name: "config", Files: "*"}},
		{Long: "colour", About: "Which", Takes: true, Value: values{Name: "colour", Words: []string{"red", "green"}}},
		{Long: "prefix", About: "A text", Takes: true, Value: values{Name: "prefix", Files: "*.txt"}},
		{Long: "count", About: "How many", Takes: true, Value: values{Name: "count"}},
		{Long: "watch", About: "Look for changes"},
		{Long: "no-watch", About: "Not: Look for changes"},
		{Long: "help", Short: "h", About: "Show help"},
	}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

// TestQuoting keeps an apostrophe in a help text from ending a word of the shell.
func TestQuoting(t *testing.T) {
	const text = `Postfix's [a:b] \`
	for _, c := range []struct{ shell, got, want string }{
		{"bash", quoteShell(text), `'Postfix'\''s [a:b] \'`},
		{"fish", quoteFish(text), `'Postfix\'s [a:b] \\'`},
		{"zsh", escapeZsh(text), `Postfix'\''s \[a\:b\] \\`},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", c.shell, c.got, c.want)
		}
	}
}
