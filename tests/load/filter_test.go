package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func TestPeer(t *testing.T) {
	unix := place{workload: "w2", script: "/tmp/x/w2.lua", path: "/tmp/x/a.sock"}
	tcp := unix
	tcp.port = 4711
	for _, c := range []struct {
		peer string
		at   place
		want string
	}{
		{"a=run {addr} {workload}", unix, "run unix:/tmp/x/a.sock w2"},
		{"a=run {addr} {script}", tcp, "run inet:4711@127.0.0.1 /tmp/x/w2.lua"},
		{"a=run --sock={sock}", unix, "run --sock=/tmp/x/a.sock"},
		{"a=run {hostport} {port}", tcp, "run 127.0.0.1:4711 4711"},
		{"a=run {addr}{addr} ${HOME} {}", unix, "run unix:/tmp/x/a.sockunix:/tmp/x/a.sock ${HOME} {}"},
	} {
		f, err := parsePeer(c.peer)
		if err != nil {
			t.Errorf("%s: %v", c.peer, err)
			continue
		}
		if got, err := f.shell(c.at); err != nil || got != c.want || f.name != "a" {
			t.Errorf("%s: %q, %v, expected %q", c.peer, got, err, c.want)
		}
	}
}

func TestPeerErrors(t *testing.T) {
	for _, c := range []struct{ peer, want string }{
		{"", "write NAME="},
		{"run {addr}", "write NAME="},
		{"a= ", "write NAME="},
		{"=run", "write NAME="},
		{"a b=run {addr}", "no blanks"},
		{"../a=run {addr}", "no slashes"},
		{"a=run {adr}", "{adr} is unknown"},
	} {
		if _, err := parsePeer(c.peer); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, expected %q", c.peer, err, c.want)
		}
	}
}

func TestCommandLine(t *testing.T) {
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--help", exitGood, "Workloads:"},
		{"--nonsense", exitUsage, "nonsense"},
		{"w1", exitUsage, `"w1" is not a flag`},
		{"--workloads w1,w5", exitUsage, `there is no workload "w5"`},
		{"--conns 0", exitUsage, "from 1 to"},
		{"--rounds 0", exitUsage, "at least one"},
		{"--secs 0", exitUsage, "from 0.05"},
		{"--idle 10 --churn", exitUsage, "--churn and --idle are different things to measure; choose one"},
		{"--start 20 --open 10 --active 2", exitUsage, "choose one"},
		{"--active 10", exitUsage, "--active goes with --open"},
		{"--open 10 --active 11", exitUsage, "from 1 to the 10 of --open"},
		{"--open 10 --active 0", exitUsage, "from 1 to the 10 of --open"},
		{"--postfix --messages 0", exitUsage, "from 1 to 1000000"},
		{"--messages 10", exitUsage, "--messages goes with --postfix"},
		{"--postfix --workloads w1", exitUsage, "a workload of their own"},
		{"--idle 10 --plot a.svg", exitUsage, "--plot does not draw what --idle measures"},
		{"--start -1", exitUsage, "up to 1000"},
		{"--peer c=x", exitUsage, `"c" of a peer is taken`},
		{"--peer python=x", exitUsage, `"python" of a peer is taken`},
		{"--peer a=x --peer a=y", exitUsage, `"a" of a peer is taken`},
	} {
		var stdout, stderr bytes.Buffer
		code := realMain(context.Background(), strings.Fields(c.args), &stdout, &stderr)
		if said := stdout.String() + stderr.String(); code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("%s: exit code %d, %q; expected %d, %q", c.args, code, said, c.code, c.says)
		}
	}
}

func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		args              string
		workloads         int
		reference, titled string
	}{
		{"", 4, "", "16 connections, unix sockets, rounds of 1s: 3; "},
		{"--syscalls", 2, "", "system calls"},
		{"--syscalls --workloads w3", 1, "", "system calls"},
		{"--peer a=x --peer b=y --tcp", 4, "a", "TCP on loopback"},
		{"--peer a=x --c --churn", 4, "c", "a connection for each message"},
		{"--python --peer a=x", 4, "a", ""},
		{"--python", 4, "python", ""},
		{"--idle 5", 4, "", "idle connections"},
		{"--open 50 --active 5", 1, "", "50 connections, unix sockets, 5 of them busy, for 3s"},
		{"--open 50 --workloads w1,w2", 2, "", "16 of them busy"},
		{"--postfix --messages 10", 4, "", "unix sockets, Postfix, rounds of 10 messages: 3"},
		{"--start 7", 4, "", "started 5 times with 7 scripts"},
	} {
		o, err := parse(strings.Fields(c.args), &bytes.Buffer{})
		if err != nil {
			t.Errorf("%s: %v", c.args, err)
			continue
		}
		title := (&bench{options: o}).title()
		if len(o.workloads) != c.workloads || o.reference != c.reference || !strings.Contains(title, c.titled) {
			t.Errorf("%s: %d workloads, compared with %q, %q", c.args, len(o.workloads), o.reference, title)
		}
	}
}

func TestPlotHasNoFolder(t *testing.T) {
	b := &bench{options: options{plotFile: filepath.Join(t.TempDir(), "none", "a.svg")}}
	if err := b.prepare(t.Context()); err == nil || !strings.Contains(err.Error(), "plot: ") {
		t.Errorf("%v", err)
	}
}

func TestMissingTools(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := buildC(t.Context(), t.TempDir())
	_, noPython := findPython(t.Context(), t.TempDir(), []string{"python3"})
	for flag, err := range map[string]error{"--c": err, "--python": noPython, "--syscalls": needStrace(), "--postfix": needPrograms("no-such-program")} {
		var lacking missing
		if !errors.As(err, &lacking) || !strings.Contains(err.Error(), flag+" needs") || !strings.Contains(err.Error(), "apt install") {
			t.Errorf("%s: %v", flag, err)
		}
	}
}
