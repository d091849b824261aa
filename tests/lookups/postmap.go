package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"luamilter/load"
)

// postmap is Postfix's postmap with the list as a table of a type, asked for all keys in one run. What a run with one key takes is loading. Tables that are databases are
// made first, which is part of loading.
func (b *bench) postmap(l *list, kind string) *doer {
	name := "postmap " + kind + ":"
	path, err := find("postmap", "postfix")
	if err == nil {
		err = b.hasTable(kind)
	}
	if err != nil {
		return absent(name, err)
	}
	keys := l.keys
	if l.postfixKeys > 0 {
		keys = keys[:min(len(keys), b.sized(l.postfixKeys))]
	}
	table := kind + ":" + l.postfix
	return &doer{name: name, measure: func(ctx context.Context) ([]float64, error) {
		var building time.Duration
		if kind == "cdb" {
			begin := time.Now()
			if out, err := exec.CommandContext(ctx, path, "-c", filepath.Join(b.dir, postfixFolder), table).CombinedOutput(); err != nil {
				return nil, fmt.Errorf("make the table: %w: %s", err, out)
			}
			building = time.Since(begin)
		}
		loading, memory, _, err := b.query(ctx, path, table, keys[:1])
		if err != nil {
			return nil, err
		}
		all, _, hits, err := b.query(ctx, path, table, keys)
		if err != nil {
			return nil, err
		}
		f := lookedUp(building+loading, memory, len(keys), all-loading)
		if all < loading+loading/50 { // too few keys to tell
			f[2] = none
		}
		return f, checkHits(hits, len(keys))
	}}
}

// postfixFolder is where the configuration is that postmap needs.
const postfixFolder = "postfix"

// hasTable writes the configuration of Postfix, and says what to install if it has no such tables.
func (b *bench) hasTable(kind string) error {
	path, err := find("postconf", "postfix")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(b.dir, postfixFolder), 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{"main.cf": "compatibility_level = 3.6\n", "master.cf": ""} {
		if _, err := b.write(filepath.Join(postfixFolder, name), text); err != nil {
			return err
		}
	}
	out, err := exec.Command(path, "-c", filepath.Join(b.dir, postfixFolder), "-m").Output()
	if err != nil {
		return fmt.Errorf("ask postconf for its tables: %w", err)
	}
	if !slices.Contains(strings.Fields(string(out)), kind) {
		return notInstalled("postfix-" + kind)
	}
	return nil
}

// query has postmap look keys up, and returns how long the program ran, how much memory it had at most, in MiB, and how many it found.
func (b *bench) query(ctx context.Context, path, table string, keys []string) (took time.Duration, memory float64, hits int, err error) {
	cmd := exec.CommandContext(ctx, path, "-c", filepath.Join(b.dir, postfixFolder), "-q", "-", table)
	cmd.Stdin = strings.NewReader(strings.Join(keys, "\n") + "\n")
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, 0, 0, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for running := true; running; {
		select {
		case err = <-ended:
			running = false
		case <-time.After(10 * time.Millisecond):
			memory = max(memory, float64(load.PeakMemory([]int{cmd.Process.Pid}))/(1<<20))
		}
	}
	took = time.Since(begin)
	hits = bytes.Count(out.Bytes(), []byte("\n"))
	if complaints.Len() > 0 || err != nil && hits > 0 { // it ends with 1 if it finds nothing
		return 0, 0, 0, fmt.Errorf("postmap: %v: %.300s", err, complaints.String())
	}
	return took, memory, hits, nil
}
