package clamav

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"luamilter/luaapi/outage"
	"luamilter/luaapi/upstream"
)

// chunkSize is what is sent at a time.
const chunkSize = 64 << 10

// maxAnswer is longer than any answer of clamd.
const maxAnswer = 4 << 10

// Result is what clamd found.
type Result struct {
	Infected bool
	Name     string // of the signature; "" if it is clean
}

// Scanner is a clamd. It is safe for use by several goroutines.
type Scanner struct {
	server     *upstream.Server
	complaints outage.Outage // of scans that clamd says it cannot do: it is asked on, as a message may be the cause, but somebody should know
}

// New describes a clamd. The address is unix:/path or host:port; the timeout is for a whole scan.
func New(address string, timeout time.Duration) (*Scanner, error) {
	server, err := upstream.New("clamd", address, timeout)
	if err != nil {
		return nil, err
	}
	return &Scanner{server: server, complaints: outage.Outage{What: "clamd at " + server.Address()}}, nil
}

// Counts returns what it was asked so far.
func (s *Scanner) Counts() upstream.Counts { return s.server.Counts() }

// Watch is that of upstream.Server. It is also told when clamd answers only that it cannot scan.
func (s *Scanner) Watch(tell func(outage.Note)) {
	s.server.Watch(tell)
	s.complaints.Tell = tell
}

// Scan asks about what r reads. An error says why it is not known, as upstream.Server.Ask has it.
func (s *Scanner) Scan(ctx context.Context, r io.Reader) (Result, error) {
	var result Result
	err := s.server.Ask(ctx, func(conn net.Conn) error {
		sent, sending := send(conn, r)
		answer, err := readAnswer(conn)
		if err != nil {
			if sending != nil && errors.Is(err, io.EOF) {
				err = sending
			}
			return fmt.Errorf("after %d bytes: %w", sent, err)
		}
		result, err = parse(answer)
		if err == nil && sending != nil && !result.Infected { // it has not seen all
			return fmt.Errorf("after %d bytes: %w", sent, sending)
		}
		return err
	})
	var complaint complaint
	switch {
	case err == nil:
		s.complaints.Worked()
	case errors.As(err, &complaint):
		s.complaints.Failed(err)
	}
	return result, err
}

// complaint is what clamd says when it cannot scan: a refusal, which does not have it left alone.
type complaint struct{ upstream.Refusal }

// Unwrap returns the refusal.
func (c complaint) Unwrap() error { return c.Refusal }

// send streams r. Clamd may have said what it has to say before the end; so its answer matters more than the error.
func send(conn net.Conn, r io.Reader) (sent int64, err error) {
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return 0, err
	}
	buf := make([]byte, 4+chunkSize)
	for {
		n, end := io.ReadFull(r, buf[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(buf, uint32(n))
			if _, err := conn.Write(buf[:4+n]); err != nil {
				return sent, err
			}
			sent += int64(n)
		}
		if end != nil {
			break
		}
	}
	_, err = conn.Write([]byte{0, 0, 0, 0})
	return sent, err
}

// readAnswer reads an answer up to its NUL.
func readAnswer(conn net.Conn) (string, error) {
	answer, err := bufio.NewReader(io.LimitReader(conn, maxAnswer)).ReadString(0)
	if answer != "" && errors.Is(err, io.EOF) {
		err = fmt.Errorf("an answer that is none of clamd: %.60q", answer)
	}
	return strings.TrimSuffix(answer, "\x00"), err
}

// parse reads an answer: "stream: OK", "stream: NAME FOUND", or what ends in ERROR.
func parse(answer string) (Result, error) {
	text, isStream := strings.CutPrefix(answer, "stream: ")
	name, found := strings.CutSuffix(text, " FOUND")
	problem, failed := strings.CutSuffix(answer, " ERROR")
	switch {
	case isStream && text == "OK":
		return Result{}, nil
	case isStream && found && name != "":
		return Result{Infected: true, Name: strings.ToValidUTF8(name, "?")}, nil
	case strings.Contains(problem, "size limit exceeded"):
		return Result{}, upstream.Refusal("it is larger than clamd takes; StreamMaxLength in clamd.conf is the limit")
	case failed:
		return Result{}, complaint{upstream.Refusal(fmt.Sprintf("clamd says: %.200q", problem))}
	}
	return Result{}, fmt.Errorf("an answer that is none of clamd: %.60q", answer)
}
