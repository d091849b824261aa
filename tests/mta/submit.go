package mta

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// converse speaks SMTP with a program on its standard input and output, to hand it one message. It never speaks before
// it was answered, which Sendmail would resent.
func converse(t testing.TB, cmd *exec.Cmd, from string, to []string, message string) {
	t.Helper()
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timeout := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer timeout.Stop()
	err = dialogue(in, bufio.NewReader(out), from, to, message)
	in.Close()
	if waitErr := cmd.Wait(); err == nil {
		err = waitErr
	}
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(cmd.Args, " "), err)
	}
}

// dialogue hands over one message.
func dialogue(w io.Writer, r *bufio.Reader, from string, to []string, message string) error {
	lines := []string{"", "EHLO localhost", "MAIL FROM:<" + from + ">"}
	for _, recipient := range to {
		lines = append(lines, "RCPT TO:<"+recipient+">")
	}
	lines = append(lines, "DATA", CRLF(message)+".", "QUIT")
	for _, line := range lines {
		if line != "" {
			if _, err := io.WriteString(w, line+"\r\n"); err != nil {
				return err
			}
		}
		reply, err := readReply(r)
		if err != nil {
			return err
		}
		if reply[0] != '2' && reply[0] != '3' {
			return fmt.Errorf("%.80s: %s", line, reply)
		}
	}
	return nil
}

// readReply reads an SMTP reply of one or more lines and returns its lines separated by LF.
func readReply(r *bufio.Reader) (string, error) {
	var lines []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return strings.Join(lines, "\n"), err
		}
		line = strings.TrimRight(line, "\r\n")
		lines = append(lines, line)
		if len(line) < 4 || line[3] != '-' {
			return strings.Join(lines, "\n"), nil
		}
	}
}

// Ask sends a line to an SMTP server and returns the last line of its reply, of which there is always one.
func Ask(conn net.Conn, in *bufio.Reader, line string) (string, error) {
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, line); err != nil {
		return "", err
	}
	for range 50 {
		reply, err := in.ReadString('\n')
		if err != nil {
			return "", fmt.Errorf("no reply to %.30q: %w", line, err)
		}
		if len(reply) >= 4 && reply[3] == ' ' {
			return strings.TrimRight(reply, "\r\n"), nil
		}
	}
	return "", fmt.Errorf("a reply without end to %.30q", line)
}
