package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Names of the filters that come with this program.
const (
	ownName    = "luamilter"
	cName      = "c"
	pythonName = "python"
)

// ownCommand is how the daemon of this checkout is run; %s is the program.
const ownCommand = "'%s' run --listen {addr} {script}"

// buildDaemon builds the daemon of this checkout into a folder, as it is shipped: without the race detector.
func buildDaemon(ctx context.Context, dir string) (filter, error) {
	path := filepath.Join(dir, "luamilter")
	out, err := exec.CommandContext(ctx, "go", "build", "-race=false", "-o", path, "luamilter/cmd/luamilter").CombinedOutput()
	if err != nil {
		return filter{}, fmt.Errorf("build luamilter: %w (run this inside the checkout, or name a program with --daemon)\n%s", err, bytes.TrimSpace(out))
	}
	return filter{ownName, fmt.Sprintf(ownCommand, path)}, nil
}

// namedDaemon is a daemon that is there already.
func namedDaemon(path string) (filter, error) {
	full, err := exec.LookPath(path)
	if err == nil {
		full, err = filepath.Abs(full)
	}
	if err != nil {
		return filter{}, fmt.Errorf("daemon: %w", err)
	}
	return filter{ownName, fmt.Sprintf(ownCommand, full)}, nil
}

// missing is something that a flag needs: a program or library that is not installed, or else what no package gives.
type missing struct{ flag, what, install string }

func (m missing) Error() string {
	if m.install == "" {
		return fmt.Sprintf("%s needs %s", m.flag, m.what)
	}
	return fmt.Sprintf("%s needs %s, which is not installed (Debian: apt install %s)", m.flag, m.what, m.install)
}

// buildC compiles the filter in C that others are compared with.
func buildC(ctx context.Context, dir string) (filter, error) {
	cc, err := exec.LookPath("cc")
	if err != nil {
		return filter{}, missing{"--c", "a C compiler named cc", "gcc libc6-dev"}
	}
	source, path := filepath.Join(dir, "cfilter.c"), filepath.Join(dir, "cfilter")
	out, err := exec.CommandContext(ctx, cc, "-O2", "-Wall", "-o", path, source, "-lmilter", "-lpthread").CombinedOutput()
	switch text := string(out); {
	case err == nil:
		return filter{cName, fmt.Sprintf("'%s' {addr} {workload}", path)}, nil
	case strings.Contains(text, "mfapi.h") || strings.Contains(text, "-lmilter"):
		return filter{}, missing{"--c", "libmilter with its header", "libmilter-dev"}
	default:
		return filter{}, fmt.Errorf("compile the filter in C: %w\n%s", err, text)
	}
}

// pythons are where Python may be. The one in PATH need not be that of the system, which has the packages.
var pythons = []string{"python3", "/usr/bin/python3"}

// findPython returns the filter in Python, run by the first of the interpreters that has pymilter.
func findPython(ctx context.Context, dir string, interpreters []string) (filter, error) {
	for _, name := range interpreters {
		path, err := exec.LookPath(name)
		if err != nil || exec.CommandContext(ctx, path, "-c", "import Milter").Run() != nil {
			continue
		}
		return filter{pythonName, fmt.Sprintf("'%s' '%s' {addr} {workload}", path, filepath.Join(dir, "pyfilter.py"))}, nil
	}
	return filter{}, errors.Join(ctx.Err(), missing{"--python", "python3 with pymilter", "python3-milter"})
}

// unpack writes the scripts and the filters in C and Python into a folder.
func unpack(dir string) error {
	files, err := sources.ReadDir(".")
	if err != nil {
		return err
	}
	for _, f := range files {
		text, err := sources.ReadFile(f.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), text, 0o644); err != nil {
			return fmt.Errorf("unpack: %w", err)
		}
	}
	return nil
}
