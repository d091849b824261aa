package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"luamilter/config"
	"luamilter/doctor"
	"luamilter/engine"
)

// doctorCmd compares the mail server's configuration with luamilter's.
type doctorCmd struct {
	Postfix  string `placeholder:"PATH" help:"Folder with main.cf and master.cf, or main.cf itself."`
	Sendmail string `placeholder:"FILE" help:"sendmail.cf or sendmail.mc."`

	Config string   `short:"c" placeholder:"FILE" help:"luamilter's configuration. Default: ${config_path}, if it exists."`
	Listen []string `short:"l" sep:"none" placeholder:"SPEC" help:"Where luamilter listens, in place of what the configuration says; may be repeated."`
	User   string   `help:"The user that luamilter runs as, for the rights on its unix socket, in place of what the configuration says."`
	Root   string   `placeholder:"DIR" help:"Take all paths below this folder, such as a container's image."`
	JSON   bool     `name:"json" help:"Write the findings as JSON."`
}

// Where mail servers have their configuration.
const (
	postfixFolder = "/etc/postfix"
	sendmailFile  = "/etc/mail/sendmail.cf"
)

// Help is shown below the flags.
func (c *doctorCmd) Help() string {
	return `Without --postfix and --sendmail it looks at ` + postfixFolder + ` and ` + sendmailFile + ` where they exist. It only reads files.

A line for each finding: where, what, why it matters, and what to write instead. "wrong" is a mistake, "note" may be intended.
Exits with 1 when something is wrong.

Examples:
  luamilter doctor
  luamilter doctor --listen 'unix:/var/spool/postfix/luamilter/milter.sock?mode=0660&group=postfix'`
}

// diagnosis is what doctor writes as JSON.
type diagnosis struct {
	LookedAt []string         `json:"looked_at"` // files
	Listen   []string         `json:"listen"`    // luamilter's sockets
	Wrong    int              `json:"wrong"`     // how many findings are mistakes
	Findings []doctor.Finding `json:"findings"`

	filter doctor.Filter
}

// Run examines what was named, or what there is.
func (c *doctorCmd) Run(t *terminal) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	if c.Postfix == "" && c.Sendmail == "" {
		if err := c.look(); err != nil {
			return err
		}
	}
	d := diagnosis{Findings: []doctor.Finding{}, filter: filter}
	for _, s := range filter.Sockets {
		d.Listen = append(d.Listen, s.String())
	}
	if c.Postfix != "" {
		findings, err := doctor.Postfix(c.Postfix, filter, c.Root)
		if err != nil {
			return err
		}
		folder := strings.TrimSuffix(c.Postfix, "/main.cf")
		d.add(findings, path.Join(folder, "main.cf"), path.Join(folder, "master.cf"))
	}
	if c.Sendmail != "" {
		findings, err := doctor.Sendmail(c.Sendmail, filter, c.Root)
		if err != nil {
			return err
		}
		d.add(findings, c.Sendmail)
	}
	if err := c.write(t, d); err != nil {
		return err
	}
	if d.Wrong > 0 {
		return errFound
	}
	return nil
}

// filter is the luamilter that the flags describe.
func (c *doctorCmd) filter() (doctor.Filter, error) {
	conf, err := c.configuration()
	if err != nil {
		return doctor.Filter{}, err
	}
	f := doctor.Filter{CommandTime: conf.Limits.CommandTime, MessageTime: conf.Limits.MessageTime, User: conf.User}
	if c.User != "" {
		f.User = c.User
	}
	if len(c.Listen) == 0 {
		f.Sockets = conf.Sockets()
		return f, nil
	}
	for _, text := range c.Listen {
		spec, err := engine.ParseSpec(text)
		if err != nil {
			return f, usageError{err}
		}
		f.Sockets = append(f.Sockets, spec)
	}
	return f, nil
}

// look finds the configurations that there are.
func (c *doctorCmd) look() error {
	for _, place := range []struct {
		file string
		flag *string
		name string
	}{{path.Join(postfixFolder, "main.cf"), &c.Postfix, postfixFolder}, {sendmailFile, &c.Sendmail, sendmailFile}} {
		_, err := os.Stat(filepath.Join(c.Root, place.file))
		switch {
		case err == nil:
			*place.flag = place.name
		case !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("look for the mail server's configuration: %w", err)
		}
	}
	if c.Postfix == "" && c.Sendmail == "" {
		return usageError{fmt.Errorf("there is neither %s/main.cf nor %s; say where with --postfix DIR or --sendmail FILE", postfixFolder, sendmailFile)}
	}
	return nil
}

// add adds what was found in some files.
func (d *diagnosis) add(findings []doctor.Finding, files ...string) {
	d.LookedAt = append(d.LookedAt, files...)
	d.Findings = append(d.Findings, findings...)
	for _, f := range findings {
		if f.Rank == doctor.Wrong {
			d.Wrong++
		}
	}
}

// configuration returns luamilter's own.
func (c *doctorCmd) configuration() (*config.Config, error) {
	if c.Config != "" || c.Root == "" {
		return (&configFlags{Config: c.Config}).base()
	}
	file := filepath.Join(c.Root, config.DefaultPath)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return config.Default(), nil
	}
	return config.Load(file)
}

// write shows a diagnosis.
func (c *doctorCmd) write(t *terminal, d diagnosis) error {
	if c.JSON {
		out := json.NewEncoder(t.stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(d)
	}
	for _, f := range d.Findings {
		fmt.Fprintln(t.stdout, f)
	}
	looked := fmt.Sprintf("looked at %s for luamilter on %s with %s for a hook, %s for eom",
		strings.Join(d.LookedAt, ", "), strings.Join(d.Listen, ", "), d.filter.CommandTime, d.filter.MessageTime)
	if d.Wrong > 0 {
		fmt.Fprintf(t.stdout, "%d wrong: %s\n", d.Wrong, looked)
		return nil
	}
	fmt.Fprintf(t.stdout, "no problems found: %s\n", looked)
	return nil
}
