package upstream

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
)

// Exchange is one question and its answer on a connection of their own.
type Exchange struct {
	Send   string
	Line   bool  // the answer ends with a line feed, which is taken off with a carriage return before it
	Length int   // bytes of the number that stands before the question and before the answer and says how long it is, the highest byte first; 0 for none
	Max    int64 // bytes that the answer may have
}

// Exchange sends and reads an answer. Without Line and Length the answer ends with the connection, and the server is told that there is no
// more to come.
func (s *Server) Exchange(ctx context.Context, x *Exchange) (answer string, err error) {
	question, err := x.question()
	if err != nil {
		return "", err
	}
	err = s.Ask(ctx, func(conn net.Conn) (err error) {
		if _, err := io.WriteString(conn, question); err != nil {
			return err
		}
		if half, ok := conn.(interface{ CloseWrite() error }); ok && !x.Line && x.Length == 0 {
			if err := half.CloseWrite(); err != nil {
				return err
			}
		}
		answer, err = x.read(conn)
		return err
	})
	return answer, err
}

// question is what is sent.
func (x *Exchange) question() (string, error) {
	if x.Length == 0 {
		return x.Send, nil
	}
	if x.Length < 8 && uint64(len(x.Send)) >= 1<<(8*x.Length) {
		return "", Refusal(fmt.Sprintf("%d bytes are too many for a length of %d bytes", len(x.Send), x.Length))
	}
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(len(x.Send)))
	return string(number[8-x.Length:]) + x.Send, nil
}

func (x *Exchange) read(conn io.Reader) (string, error) {
	switch {
	case x.Length > 0:
		return x.readLength(conn)
	case x.Line:
		text, err := bufio.NewReader(io.LimitReader(conn, x.Max+2)).ReadString('\n')
		line, ended := strings.CutSuffix(text, "\n")
		line = strings.TrimSuffix(line, "\r")
		if int64(len(line)) > x.Max {
			return "", x.tooLong()
		}
		if ended {
			err = nil
		} else if err == io.EOF && text != "" {
			err = io.ErrUnexpectedEOF
		}
		return line, err
	}
	text, err := io.ReadAll(io.LimitReader(conn, x.Max+1))
	if int64(len(text)) > x.Max {
		return "", x.tooLong()
	}
	return string(text), err
}

func (x *Exchange) readLength(conn io.Reader) (string, error) {
	var number [8]byte
	if _, err := io.ReadFull(conn, number[8-x.Length:]); err != nil {
		return "", err
	}
	n := binary.BigEndian.Uint64(number[:])
	if n > uint64(x.Max) {
		return "", x.tooLong()
	}
	text, err := io.ReadAll(io.LimitReader(conn, int64(n)))
	if err == nil && uint64(len(text)) < n {
		err = io.ErrUnexpectedEOF
	}
	return string(text), err
}

func (x *Exchange) tooLong() error {
	return fmt.Errorf("the answer is longer than %d bytes; max allows more", x.Max)
}
