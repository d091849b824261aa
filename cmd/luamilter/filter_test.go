package main

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"luamilter/protocol"
)

// listen accepts connections on a unix socket of the test until it ends, and has each served; it returns the socket's path.
func listen(t *testing.T, serve func(net.Conn) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var sessions sync.WaitGroup
	sessions.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			sessions.Go(func() {
				defer conn.Close()
				if err := serve(conn); err != nil && !errors.Is(err, io.EOF) {
					t.Error(err)
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		sessions.Wait()
	})
	return path
}

// smallFilter refuses recipients whose name begins with "bad" and changes a message in several ways.
func smallFilter(conn net.Conn) error {
	c := protocol.NewServerConn(conn)
	defer c.Close()
	offer, err := c.ReadOffer()
	if err != nil {
		return err
	}
	var events, replies protocol.Stages
	for _, s := range []protocol.Stage{protocol.StageMail, protocol.StageRcpt, protocol.StageHeader, protocol.StageBody} {
		events = events.With(s)
	}
	lists := protocol.MacroLists{}
	if err := lists.Request(protocol.StageRcpt, []string{"rcpt_addr", "test"}); err != nil {
		return err
	}
	agreed, err := protocol.Negotiate(offer, protocol.Want{
		Events: events, Replies: replies.With(protocol.StageRcpt).With(protocol.StageBody), Macros: lists,
		Actions: protocol.ActAddHeader | protocol.ActChgHeader | protocol.ActChgBody | protocol.ActQuarantine,
	})
	if err != nil {
		return err
	}
	if err := c.Agree(agreed); err != nil {
		return err
	}
	for {
		ev, err := c.Next()
		if err != nil {
			return err
		}
		if done, err := answer(c, ev); done || err != nil {
			return err
		}
	}
}

// answer answers an event for smallFilter.
func answer(c *protocol.ServerConn, ev protocol.Event) (done bool, err error) {
	switch ev := ev.(type) {
	case *protocol.Quit:
		return true, nil
	case *protocol.Abort:
		return false, nil
	case *protocol.Rcpt:
		if string(ev.Recipient[:4]) == "<bad" {
			return false, c.Reply(protocol.Reply{Verdict: protocol.Reject, Code: 550, Enhanced: "5.1.1", Text: "nobody of that name"})
		}
	case *protocol.EndOfMessage:
		test, _ := c.Macros().Get("test")
		changes := []protocol.Change{
			{Response: protocol.RespAddHeader, Name: "X-Test", Value: string(test)},
			{Response: protocol.RespChgHeader, Name: "Subject", Index: 1, Value: "changed"},
			protocol.Quarantine("for a look"),
		}
		body := strings.NewReader("Goodbye.\r\n")
		return false, c.Finish(append(changes, protocol.ReplaceBody(io.NewSectionReader(body, 0, body.Size()))), protocol.Reply{})
	}
	return false, c.Reply(protocol.Reply{})
}
