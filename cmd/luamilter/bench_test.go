package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/protocol"
)

func TestBenchComparesTwoMilters(t *testing.T) {
	one, two := listen(t, smallFilter), listen(t, smallFilter)
	plot := filepath.Join(t.TempDir(), "plot.svg")
	code, stdout, stderr := run("bench", "-n", "40", "--rounds", "3", "-c", "3", "--plot", plot, one, two)
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr:\n%s", code, stderr)
	}
	for _, part := range []string{"3 connections, messages with 3 recipients, 20 header fields and a body of 4KiB", one, two, "ratio", "messages/s", "p99", "CPU us a message"} {
		if !strings.Contains(stdout, part) {
			t.Errorf("stdout lacks %q:\n%s", part, stdout)
		}
	}
	for line := range strings.Lines(stdout) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "messages" && (f[1] != "40" || f[2] != "40") {
			t.Errorf("messages: %s", line)
		}
	}
	picture, err := os.ReadFile(plot)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(strings.NewReader(string(picture))); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the plot is no XML: %v", err)
		}
	}
}

func TestBenchMeasuresItsLoad(t *testing.T) {
	eml := write(t, "message.eml", "From: <a@example.com>\nSubject: folded\n  twice\n\nHello.\n")
	for _, c := range []struct {
		name     string
		args     []string
		messages int
		refused  int
		replies  float64 // a message
		load     string
	}{
		{"as it comes", nil, 20, 0, 5, "20 header fields"}, // recipients, a chunk, the end
		{"one recipient and no body", []string{"--rcpts", "1", "--body", "0"}, 20, 0, 2, "with 1 recipients"},
		{"a body of three chunks", []string{"--body", "150000"}, 20, 0, 7, "150000"},
		{"connections that end", []string{"--per-conn", "1"}, 20, 0, 5, "a new connection after 1"},
		{"a message of one's own", []string{"--eml", eml, "--rcpts", "2"}, 20, 0, 4, "message.eml to 2 recipients"},
		{"at a rate", []string{"--rate", "2000"}, 20, 0, 5, "2000 messages a second"},
		{"by time", []string{"-n", "0", "-d", "0.5"}, 0, 0, 5, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := append([]string{"bench", "--json", "-c", "2", "-n", "20", "--rounds", "1"}, c.args...)
			code, stdout, stderr := run(append(args, listen(t, smallFilter))...)
			if code != 0 {
				t.Fatalf("exit code %d, stderr:\n%s", code, stderr)
			}
			var got struct {
				Load    string
				Milters []measured
			}
			if err := json.Unmarshal([]byte(stdout), &got); err != nil {
				t.Fatal(err)
			}
			m := got.Milters[0]
			if c.messages > 0 && m.Messages != c.messages || m.Messages == 0 || m.Refused != c.refused || m.Errors != 0 || m.Replies != c.replies {
				t.Errorf("%d messages, %d refused, %d errors, %v replies", m.Messages, m.Refused, m.Errors, m.Replies)
			}
			if !strings.Contains(got.Load, c.load) {
				t.Errorf("load: %s", got.Load)
			}
			if m.Latency["p50"] <= 0 || m.Latency["p50"] > m.Latency["longest"] {
				t.Errorf("latencies %v", m.Latency)
			}
		})
	}
}

// TestBenchTellsErrors has a filter that breaks the protocol in every message.
func TestBenchTellsErrors(t *testing.T) {
	socket := listen(t, func(conn net.Conn) error {
		in := protocol.NewPacketReader(conn)
		defer in.Close()
		for answer := agreeing; ; answer = protocol.AppendPacket(nil, 'z') {
			if err := nextEvent(in); err != nil {
				return nil // the other end gave up
			}
			if _, err := conn.Write(answer); err != nil {
				return nil
			}
		}
	})
	code, stdout, stderr := run("bench", "-c", "1", "-n", "3", "--rounds", "1", socket)
	if code != 1 || !strings.Contains(stderr, "connections were lost, first: reply to connect: an unexpected response 'z'") {
		t.Errorf("exit code %d, stderr:\n%s\nstdout:\n%s", code, stderr, stdout)
	}
}
