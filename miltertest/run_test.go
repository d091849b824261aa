package miltertest

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/protocol"
)

// serve runs a script of luamilter at a socket, which it returns.
func serve(t *testing.T, script string) string {
	t.Helper()
	p, err := engine.Load([]string{script}, engine.Options{Limits: engine.DefaultLimits, OnError: protocol.Tempfail})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	e := engine.New(map[string]*engine.Program{"": p}, zerolog.Nop())
	done := make(chan error, 1)
	go func() { done <- e.Serve(l, "") }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := e.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// TestConversations runs those of tests/miltertest, where they are compared with the program of that name.
func TestConversations(t *testing.T) {
	t.Chdir("../tests/miltertest")
	conversations, err := filepath.Glob("*_mt.lua")
	if err != nil || len(conversations) == 0 {
		t.Fatalf("no conversations: %v", err)
	}
	for _, name := range conversations {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var stdout, stderr bytes.Buffer
			p := &Program{
				Name: name, Text: string(text), Stdout: &stdout, Stderr: &stderr,
				Variables: []Variable{{"socket", "unix:" + serve(t, strings.TrimSuffix(name, "_mt.lua")+".lua"), true}},
			}
			if err := p.Run(); err != nil {
				t.Errorf("%v\n%s%s", err, stdout.String(), stderr.String())
			}
		})
	}
}

func TestFailures(t *testing.T) {
	socket := "unix:" + serve(t, "../tests/miltertest/every_hook.lua")
	for _, c := range []struct{ name, script, says string }{
		{"a connection that was closed", "local c = mt.connect(socket)\nmt.disconnect(c)\nmt.eom(c)", "x.lua:3: mt.eom(): the connection was closed by mt.disconnect()"},
		{"a connection that is none", "mt.eom(io.stdout)", "x.lua:1: mt.eom(): Invalid argument"},
		{"a file that is not there", "mt.bodyfile(mt.connect(socket), '/nonexistent/body')", "mt.bodyfile(): /nonexistent/body: fopen(): no such file or directory"},
		{"a program that is not there", "mt.startfilter('/nonexistent/filter')", "mt.startfilter(): start /nonexistent/filter: no such file or directory"},
		{"a step that the filter does not want", "mt.helo(mt.connect(least), 'x')", "mt.helo(): negotiated SMFIP_NOHELO"},
		{"an error of Lua itself", "local x = nil\nx.y = 1", "x.lua:2: attempt to index"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			p := &Program{Name: "x.lua", Text: c.script, Stdout: &stdout, Stderr: &stderr, Variables: []Variable{
				{"socket", socket, true}, {"least", "unix:" + serve(t, "../tests/miltertest/least.lua"), true},
			}}
			if err := p.Run(); !errors.Is(err, ErrFailed) || !strings.Contains(stderr.String(), c.says) {
				t.Errorf("%v\n%s", err, stderr.String())
			}
		})
	}
}

// TestSilentFilter has a filter that takes everything and never answers.
func TestSilentFilter(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var stdout, stderr bytes.Buffer
	p := &Program{Name: "x.lua", Stdout: &stdout, Stderr: &stderr, Variables: []Variable{{"socket", "unix:" + l.Addr().String(), true}},
		Text: "mt.set_timeout(0.05)\nassert(mt.negotiate(mt.connect(socket), nil, nil, nil) == 'mt.milter_read() failed')"}
	if err := p.Run(); err != nil || !strings.Contains(stderr.String(), "the filter sent nothing for 50ms") {
		t.Errorf("%v\n%s", err, stderr.String())
	}
}
