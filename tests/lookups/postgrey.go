package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"time"
)

// startPostgrey starts postgrey, which knows nobody.
func (b *bench) startPostgrey(ctx context.Context, _ string) (grey, error) {
	path, err := find("postgrey", "postgrey")
	if err != nil {
		return grey{}, err
	}
	dir, err := b.folder("postgrey")
	if err != nil {
		return grey{}, err
	}
	nobody, err := b.write("nobody", "")
	if err != nil {
		return grey{}, err
	}
	me, err := user.Current()
	if err != nil {
		return grey{}, err
	}
	group, err := user.LookupGroupId(me.Gid)
	if err != nil {
		return grey{}, err
	}
	socket := filepath.Join(dir, "socket")
	cmd := exec.Command(path, "--unix="+socket, "--dbdir="+dir, "--user="+me.Username, "--group="+group.Name, "--delay=300", "--quiet", "--quiet",
		"--whitelist-clients="+nobody, "--whitelist-recipients="+nobody, "--hostname=mx.site.example", "--pidfile="+filepath.Join(dir, "pid"))
	if _, err := b.start(ctx, cmd, listens("unix", socket)); err != nil {
		return grey{}, err
	}
	return grey{dial: func(deadline time.Time) (session, error) { return dialPolicy(socket, deadline) }}, nil
}

// policySession asks a policy server as Postfix does (SMTPD_POLICY_README).
type policySession struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

func dialPolicy(socket string, deadline time.Time) (session, error) {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &policySession{conn: conn, in: bufio.NewReader(conn)}, nil
}

func (p *policySession) ask(n int64) error {
	p.out = fmt.Appendf(p.out[:0], "request=smtpd_access_policy\nprotocol_state=RCPT\nprotocol_name=ESMTP\nclient_address="+client+
		"\nclient_name=client.example\nhelo_name=client.example\nsender=%s\nrecipient=%s\ninstance=%x\n\n", sender(n), recipient(n), n)
	if _, err := p.conn.Write(p.out); err != nil {
		return err
	}
	action, err := p.in.ReadString('\n')
	if err != nil {
		return err
	}
	if _, err := p.in.ReadString('\n'); err != nil { // an empty line
		return err
	}
	if !strings.HasPrefix(action, "action=DEFER_IF_PERMIT ") {
		return fmt.Errorf("triplet %d is not put off: %q", n, action)
	}
	return nil
}

func (p *policySession) close() { _ = p.conn.Close() }
