package deployment

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"luamilter/config"
	"luamilter/tests/mta"
)

// blocks returns the fenced blocks of a guide that are marked as being for a file.
func blocks(t *testing.T, guide, file string) []string {
	t.Helper()
	var all []string
	for _, part := range strings.Split(string(read(t, guide)), "\n```"+file+"\n")[1:] {
		text, _, closed := strings.Cut(part, "\n```\n")
		if !closed {
			t.Fatalf("%s: a block is not closed", guide)
		}
		all = append(all, text+"\n")
	}
	if len(all) < 2 {
		t.Fatalf("%s has %d blocks for %s", guide, len(all), file)
	}
	return all
}

// age makes a file older: Postfix waits when one was written a moment ago.
func age(t *testing.T, path string) {
	t.Helper()
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
}

// TestPostfixKnowsTheLinesOfItsGuide gives each block to postconf, which warns of what it does not know, and shows what it has understood.
func TestPostfixKnowsTheLinesOfItsGuide(t *testing.T) {
	const guide = "../../deploy/postfix.md"
	postconf := mta.NeedProgram(t, "postconf")
	settings := append(blocks(t, guide, "main.cf"), string(read(t, "../../deploy/examples/main.cf")))
	for _, text := range settings {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "main.cf"), text)
		write(t, filepath.Join(dir, "master.cf"), "smtp inet n - y - - smtpd\n")
		age(t, filepath.Join(dir, "main.cf"))
		shown := output(t, dir, postconf, "-c", dir, "-n")
		if strings.Contains(shown, "warning") || !strings.Contains(shown, "milter") {
			t.Errorf("of\n%spostconf says\n%s", text, shown)
		}
	}
	for _, text := range blocks(t, guide, "master.cf") {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "main.cf"), "")
		write(t, filepath.Join(dir, "master.cf"), text)
		age(t, filepath.Join(dir, "main.cf"))
		shown := output(t, dir, postconf, "-c", dir, "-P")
		if strings.Contains(shown, "warning") || !strings.Contains(shown, "/smtpd_milters =") {
			t.Errorf("of\n%spostconf says\n%s", text, shown)
		}
	}
}

// TestSendmailKnowsTheLinesOfItsGuide makes a sendmail.cf of each block and looks for its filters, and that the daemon asks them.
func TestSendmailKnowsTheLinesOfItsGuide(t *testing.T) {
	lines := append(blocks(t, "../../deploy/sendmail.md", "sendmail.mc"), string(read(t, "../../deploy/examples/sendmail.mc")))
	for _, text := range lines {
		cf := strings.Split(mta.SendmailConfiguration(t, text), "\n")
		if strings.Contains(text, "confMILTER_LOG_LEVEL") {
			continue // it has no effect without a filter
		}
		defined := slices.ContainsFunc(cf, func(line string) bool { return strings.HasPrefix(line, "Xluamilter, S=") })
		asked := slices.ContainsFunc(cf, func(line string) bool {
			return strings.HasPrefix(line, "O InputMailFilters=") && strings.Contains(line, "luamilter") ||
				strings.HasPrefix(line, "O DaemonPortOptions=") && strings.HasSuffix(line, "InputMailFilters=luamilter")
		})
		if !defined || !asked {
			t.Errorf("defined: %t, asked: %t, by\n%s", defined, asked, text)
		}
	}
}

// TestConfigurationsOfTheGuidesLoad reads what the guides tell to write into luamilter.toml, and the package's own.
func TestConfigurationsOfTheGuidesLoad(t *testing.T) {
	texts := append(blocks(t, "../../deploy/postfix.md", "luamilter.toml"), blocks(t, "../../deploy/sendmail.md", "luamilter.toml")...)
	for _, text := range append(texts, string(read(t, "../../deploy/luamilter.toml"))) {
		path := filepath.Join(t.TempDir(), "luamilter.toml")
		write(t, path, text)
		if _, err := config.Load(path); err != nil && !strings.Contains(err.Error(), "no file matches") {
			t.Errorf("%v\nof\n%s", err, text)
		}
	}
}

// TestPackagedConfigurationShowsDefaults uncomments what luamilter.toml says is a default.
func TestPackagedConfigurationShowsDefaults(t *testing.T) {
	defaults := map[string]string{}
	for _, k := range config.Keys() {
		defaults[k.Name] = k.Default
	}
	text, _, _ := strings.Cut(string(read(t, "../../deploy/luamilter.toml")), "# [listener.")
	table, seen := "", 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			table = strings.Trim(line, "[]") + "."
			continue
		}
		key, value, isKey := strings.Cut(strings.TrimPrefix(line, "# "), " = ")
		if !isKey || !strings.HasPrefix(line, "# ") {
			continue
		}
		seen++
		if defaults[table+key] != value {
			t.Errorf("%s%s: the default is %s, not %s", table, key, defaults[table+key], value)
		}
	}
	if seen < 5 {
		t.Errorf("only %d defaults are shown", seen)
	}
}
