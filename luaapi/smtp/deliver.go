package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strings"

	"luamilter/luaapi/upstream"
)

// ErrRefused is the error of mail that will never be taken.
var ErrRefused = errors.New("refused for good")

// Deliver hands a mail to a server, for all recipients or none. The error is ErrRefused if there is no use in trying again.
func (c *Client) Deliver(ctx context.Context, relay string, m *Mail) error {
	server, err := c.servers.At(relay)
	if err != nil {
		return err
	}
	var refused error
	err = server.Ask(ctx, func(conn net.Conn) error {
		err := c.deliver(conn, m)
		var reply *textproto.Error
		switch {
		case !errors.As(err, &reply):
			return err
		case reply.Code >= 500:
			refused = fmt.Errorf("%s at %s: %w: %s", "smtp", relay, ErrRefused, line(reply))
		}
		return upstream.Refusal(line(reply))
	})
	if refused != nil {
		return refused
	}
	return err
}

func (c *Client) deliver(conn net.Conn, m *Mail) error {
	s, err := c.greet(conn)
	if err != nil {
		return err
	}
	if err := s.Mail(m.From); err != nil {
		return err
	}
	for _, to := range m.To {
		if err := s.Rcpt(to); err != nil {
			return err
		}
	}
	w, err := s.Data()
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, strings.NewReader(m.Content)); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_ = s.Quit() // it was taken
	return nil
}
