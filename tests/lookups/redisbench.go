package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// command is what a client sends to Redis, its name first.
type command []string

// listen has something done, and returns the last command that Redis was sent for it, as its MONITOR tells.
func listen(ctx context.Context, address string, do func() error) (command, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return nil, err
	}
	in := bufio.NewReader(conn)
	if _, err := fmt.Fprint(conn, "MONITOR\r\n"); err != nil {
		return nil, err
	}
	if line, err := in.ReadString('\n'); err != nil || line != "+OK\r\n" {
		return nil, errors.Join(fmt.Errorf("redis answers %q to MONITOR", line), err)
	}
	if err := errors.Join(do(), ctx.Err()); err != nil {
		return nil, err
	}
	const mark = "lookups-mark"
	other, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer other.Close()
	if _, err := fmt.Fprintf(other, "ECHO %s\r\n", mark); err != nil {
		return nil, err
	}
	var last command
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("read what redis was sent: %w", err)
		}
		if strings.Contains(line, mark) {
			return last, nil
		}
		if c := parseMonitored(line); len(c) > 0 {
			last = c
		}
	}
}

var monitored = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// parseMonitored reads a line of MONITOR: +TIME [DATABASE CLIENT] "COMMAND" "ARGUMENT"...; nothing for what a script sends.
func parseMonitored(line string) (c command) {
	head, _, _ := strings.Cut(line, `"`)
	if strings.Contains(head, " lua]") {
		return nil
	}
	for _, quoted := range monitored.FindAllString(line[len(head):], -1) {
		text, err := strconv.Unquote(quoted)
		if err != nil {
			return nil
		}
		c = append(c, text)
	}
	return c
}

// anyKey returns the command for keys that redis-benchmark chooses: 12 digits behind the last colon of the key.
func (c command) anyKey() command {
	at := 1
	if strings.EqualFold(c[0], "evalsha") {
		at = 3
	}
	out := append(command{}, c...)
	if at < len(out) {
		out[at] = out[at][:strings.LastIndexByte(out[at], ':')+1] + "__rand_int__"
	}
	return out
}

// redisBenchmark is redis-benchmark sending what our client sent. The number of requests follows from a first, short run.
func (b *bench) redisBenchmark(address string, sent command, clients int) *doer {
	const name = "redis-benchmark"
	path, err := find(name, "redis-tools")
	if err == nil && address == "" {
		err = lacking("there is no redis-server")
	}
	if err != nil {
		return beside("redis", absent(name, err))
	}
	run := func(ctx context.Context, requests int) (float64, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return 0, err
		}
		args := []string{"-h", "127.0.0.1", "-p", port, "--csv", "-c", strconv.Itoa(clients), "-n", strconv.Itoa(requests), "-r", strconv.Itoa(max(10, keyCount/b.scale))}
		out, err := exec.CommandContext(ctx, path, append(args, sent.anyKey()...)...).CombinedOutput()
		if err != nil {
			return 0, fmt.Errorf("%s: %w: %s", name, err, out)
		}
		return requestRate(string(out))
	}
	requests := 0
	return beside("redis", rate(name, func(ctx context.Context) (float64, error) {
		if requests == 0 {
			first, err := run(ctx, 1000)
			if err != nil {
				return 0, err
			}
			requests = max(1000, int(first*b.length.Seconds()))
		}
		return run(ctx, requests)
	}))
}

var requestsPerSecond = regexp.MustCompile(`","([0-9.]+)",`)

// requestRate finds the requests per second in what redis-benchmark prints with --csv: the first number behind the name of the test.
func requestRate(out string) (float64, error) {
	found := requestsPerSecond.FindStringSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("redis-benchmark prints no rate: %q", out)
	}
	return strconv.ParseFloat(found[1], 64)
}
