package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"luamilter/config"
)

// configFlags choose the configuration: a file, and what the command line says over it. A verb embeds them and calls load.
type configFlags struct {
	Scripts []string `arg:"" optional:"" name:"script" complete:"*.lua" help:"Lua scripts, asked in this order, in place of those at the top of the file."`
	Config  string   `short:"c" placeholder:"FILE" complete:"*.toml" help:"The configuration. Default: ${config_path}, if it exists and no script is named."`

	Listen  []string `short:"l" sep:"none" placeholder:"SPEC" help:"Where the MTA connects, may be repeated: inet:port@host, inet6:port@host, unix:/path, or Postfix's inet:host:port. A path may end in ?mode=0660&group=postfix. Default: ${default_listen}."`
	OnError string   `placeholder:"VERDICT" complete:"tempfail,reject,accept,continue" help:"What an error in a script amounts to: tempfail, reject, accept, continue. Default: tempfail."`
	Drain   string   `placeholder:"TIME" help:"How long SIGTERM waits for open SMTP sessions; a second signal ends at once. Default: 1m."`
	Memory  string   `placeholder:"SIZE" help:"How much memory the daemon may take: before it takes more, it stops hooks and refuses mail for the time being. Default: 1GiB; 0 for no limit."`

	Record string `placeholder:"DIR" help:"Record the connections of the MTA in this folder, for luamilter replay."`

	LogLevel  string `placeholder:"LEVEL" complete:"debug,info,warn,error" help:"The least that is logged: debug, info, warn, error. Default: info."`
	LogFormat string `placeholder:"FORMAT" complete:"auto,text,json,journald,syslog" help:"auto, text, json, journald, syslog: auto finds out what reads the log. Default: auto."`
}

// load reads the file and applies the flags. An error in a flag is a usageError.
func (f *configFlags) load() (*config.Config, error) {
	for _, script := range f.Scripts {
		if strings.HasSuffix(script, ".toml") {
			return nil, usageError{fmt.Errorf("%s is a configuration and no script; write -c %[1]s", script)}
		}
	}
	c, err := f.base()
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, flag := range []struct{ value, key, name string }{
		{f.OnError, "on_error", "--on-error"},
		{f.Drain, "drain", "--drain"},
		{f.Memory, "limits.memory", "--memory"},
		{f.LogLevel, "log.level", "--log-level"},
		{f.LogFormat, "log.format", "--log-format"},
	} {
		if flag.value != "" {
			errs = append(errs, c.Set(flag.key, flag.value, flag.name))
		}
	}
	if f.Record != "" {
		folder, err := filepath.Abs(f.Record)
		errs = append(errs, err, c.Set("record.dir", folder, "--record"))
	}
	if len(f.Listen) > 0 {
		errs = append(errs, c.SetList("listen", f.Listen, "--listen"))
	}
	if len(f.Scripts) > 0 {
		errs = append(errs, c.SetList("scripts", f.Scripts, "command line"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// base returns the configuration without the flags.
func (f *configFlags) base() (*config.Config, error) {
	if f.Config != "" {
		return config.Load(f.Config)
	}
	if len(f.Scripts) > 0 {
		return config.Default(), nil
	}
	switch _, err := os.Stat(config.DefaultPath); {
	case errors.Is(err, fs.ErrNotExist):
		return config.Default(), nil
	case err != nil:
		return nil, fmt.Errorf("look for the configuration: %w", err)
	}
	return config.Load(config.DefaultPath)
}
