package daemon

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"luamilter/engine"
)

// Client talks to a running daemon by its control socket.
type Client struct {
	socket string
	http   http.Client
}

// NewClient returns a client for the socket at a path.
func NewClient(socket string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "unix", socket)
	}
	return &Client{socket: socket, http: http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}}
}

// Status asks what goes on.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	return s, c.ask(ctx, http.MethodGet, "/v1/status", nil, &s)
}

// Reload has the daemon read its configuration and scripts again. The error is what is wrong with them.
func (c *Client) Reload(ctx context.Context) (Attempt, error) {
	var a Attempt
	return a, c.ask(ctx, http.MethodPost, "/v1/reload", nil, &a)
}

// LogLevel returns the least that is logged, after setting it if level is not empty.
func (c *Client) LogLevel(ctx context.Context, level string) (string, error) {
	var out LogLevel
	if level == "" {
		return out.Level, c.ask(ctx, http.MethodGet, "/v1/log-level", nil, &out)
	}
	err := c.ask(ctx, http.MethodPut, "/v1/log-level", LogLevel{level}, &out)
	return out.Level, err
}

// Trace calls show with each event of the sessions that a query (ip, sender, recipient, script) selects, until ctx is done.
func (c *Client) Trace(ctx context.Context, query url.Values, show func(engine.TraceEvent)) error {
	resp, err := c.send(ctx, http.MethodGet, "/v1/trace?"+query.Encode(), nil)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return problem(resp)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e engine.TraceEvent
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return fmt.Errorf("the daemon sent what cannot be read: %w", err)
		}
		show(e)
	}
	if ctx.Err() != nil {
		return nil
	}
	return errors.Join(errors.New("the daemon has ended"), lines.Err())
}

// send sends a request. Errors say what to do.
func (c *Client) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var text io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://luamilter"+path, text)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	switch {
	case err == nil:
		return resp, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, fmt.Errorf("no daemon listens on %s; does it run, and is admin.listen the same in its configuration?", c.socket)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return nil, fmt.Errorf("the daemon does not let you use %s; try it as root or as the daemon's user", c.socket)
	}
	return nil, fmt.Errorf("ask the daemon at %s: %w", c.socket, err)
}

// ask sends a request and reads the answer.
func (c *Client) ask(ctx context.Context, method, path string, body, out any) error {
	resp, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return problem(resp)
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("the daemon sent what cannot be read: %w", err)
	}
	return nil
}

// problem is what an answer says is wrong.
func problem(resp *http.Response) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return err
	}
	var p Problem
	if json.Unmarshal(text, &p) == nil && p.Error != "" {
		return errors.New(p.Error)
	}
	return fmt.Errorf("the daemon answers %s: %s", resp.Status, strings.TrimSpace(string(text)))
}
