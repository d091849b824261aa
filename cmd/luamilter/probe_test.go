package main

import (
	"encoding/json"
	"io"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"luamilter/protocol"
)

// TestProbeShowsEverything compares the transcript of a message with a golden file; times are left out.
func TestProbeShowsEverything(t *testing.T) {
	socket := listen(t, smallFilter)
	for _, c := range []struct {
		golden string
		args   []string
	}{
		{"probe.txt", []string{"--to", "one@example.net", "--to", "bad@example.net", "--macro", "rcpt:test=value"}},
		{"probe_sendmail.txt", []string{"--mta", "sendmail", "--to", "one@example.net", "--ip", "", "--from", ""}},
		{"probe_old.txt", []string{"--offer-version", "2", "--to", "one@example.net"}},
		{"probe_nobody.txt", []string{"--to", "bad@example.net"}},
	} {
		t.Run(c.golden, func(t *testing.T) {
			code, stdout, stderr := run(append([]string{"probe", socket}, c.args...)...)
			if code != 0 || stderr != "" {
				t.Errorf("exit code %d, stderr:\n%s", code, stderr)
			}
			stdout = regexp.MustCompile(`\([\d.]+ (us|ms|s)\)`).ReplaceAllString(stdout, "(TIME)")
			compare(t, filepath.Join("testdata", c.golden), stdout)
		})
	}
}

func TestProbeWritesJSON(t *testing.T) {
	code, stdout, stderr := run("probe", "--json", "--to", "one@example.net,bad@example.net", listen(t, smallFilter))
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d, stderr:\n%s", code, stderr)
	}
	var got probeReport
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != "continue" || got.Stage != "eom" || !got.Delivered || len(got.Changes) != 4 || got.Negotiated.Macros["rcpt"] != "{rcpt_addr} {test}" {
		t.Errorf("got:\n%s", stdout)
	}
	refused := 0
	for _, ev := range got.Events {
		if ev.Stage == "rcpt" && ev.Code == 550 && ev.Enhanced == "5.1.1" && ev.Asked == "answered" {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d refused recipients:\n%s", refused, stdout)
	}
}

// agreeing answers the offer: everything is wanted and answered, and all changes may come.
var agreeing = protocol.AppendOffer(nil, protocol.Offer{Version: 6, Actions: protocol.AllActions &^ protocol.ActSymList})

// TestProbeNamesWhatBreaksTheProtocol has filters that send some bytes and then nothing more.
func TestProbeNamesWhatBreaksTheProtocol(t *testing.T) {
	text := func(packets ...[]byte) (all []byte) {
		for _, p := range packets {
			all = append(all, p...)
		}
		return all
	}
	taken := protocol.AppendPacket(nil, byte(protocol.RespContinue))
	for _, c := range []struct {
		name  string
		first []byte   // what is sent to the offer
		later [][]byte // what is sent to each event
		says  []string
	}{
		{"another protocol", []byte("HTTP/1.1 400 Bad Request\r\n"), nil, []string{"breaks the protocol", "is the peer speaking the milter protocol?", "48 54 54 50", "HTTP/1.1 400"}},
		{"a letter that does not exist", protocol.AppendPacket(nil, 'z'), nil, []string{"breaks the protocol", "negotiate", "00 00 00 01 7a"}},
		{"a short negotiation", protocol.AppendPacket(nil, 'O', "\x00\x00\x00\x06"), nil, []string{"breaks the protocol", "OPTNEG has 4 bytes"}},
		{"a version that was not offered", protocol.AppendOffer(nil, protocol.Offer{Version: 9}), nil, []string{"answered version 9 to an offer of 6"}},
		{"steps that were not offered", protocol.AppendOffer(nil, protocol.Offer{Version: 6, Steps: 1 << 25}), nil, []string{"which was not offered", "02 00 00 00"}},
		{"a change before the end", agreeing, [][]byte{protocol.AppendPacket(nil, byte(protocol.RespAddHeader), "a\x00b\x00")}, []string{"reply to connect", "ADDHEADER, which is allowed only at eom", "68 61 00 62 00"}},
		{"two replies", agreeing, [][]byte{text(taken, taken)}, []string{"reply to connect", "more than one reply"}},
		{"progress too early", agreeing, [][]byte{taken, protocol.AppendPacket(nil, byte(protocol.RespProgress))}, []string{"reply to helo", "PROGRESS"}},
		{"a reply of a wrong class", agreeing, [][]byte{protocol.AppendPacket(nil, byte(protocol.RespReplyCode), "250 ok\x00")}, []string{"does not begin with a code from 400 to 599"}},
		{"silence", agreeing, nil, []string{"no answer within 200ms", "--timeout"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			socket := listen(t, func(conn net.Conn) error {
				in := protocol.NewPacketReader(conn)
				defer in.Close()
				for _, answer := range append([][]byte{c.first}, c.later...) {
					if err := nextEvent(in); err != nil {
						return err
					}
					if _, err := conn.Write(answer); err != nil {
						return err
					}
				}
				_, err := io.Copy(io.Discard, conn) // until the other end gives up
				return err
			})
			timeout := "1m"
			if c.name == "silence" {
				timeout = "200ms"
			}
			code, _, stderr := run("probe", "--timeout", timeout, socket)
			if code != 1 {
				t.Errorf("exit code %d", code)
			}
			for _, part := range c.says {
				if !strings.Contains(stderr, part) {
					t.Errorf("stderr lacks %q:\n%s", part, stderr)
				}
			}
		})
	}
}

// nextEvent reads up to an event that has to be answered.
func nextEvent(in *protocol.PacketReader) error {
	for {
		letter, _, err := in.Next()
		if err != nil || protocol.Command(letter) != protocol.CmdMacro {
			return err
		}
	}
}

func TestProbeTellsThatTheConnectionWasClosed(t *testing.T) {
	for _, c := range []struct {
		name  string
		first []byte
		says  string
	}{
		{"at once", nil, "perhaps it needs more than is offered"},
		{"later", agreeing, "reply to connect"},
	} {
		t.Run(c.name, func(t *testing.T) {
			socket := listen(t, func(conn net.Conn) error {
				in := protocol.NewPacketReader(conn)
				defer in.Close()
				if err := nextEvent(in); err != nil || c.first == nil {
					return err
				}
				if _, err := conn.Write(c.first); err != nil {
					return err
				}
				return nextEvent(in)
			})
			code, _, stderr := run("probe", socket)
			if code != 1 || !strings.Contains(stderr, "it closed the connection") || !strings.Contains(stderr, c.says) {
				t.Errorf("exit code %d, stderr:\n%s", code, stderr)
			}
		})
	}
}
