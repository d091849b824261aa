package corpus

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"luamilter/luaapi/address"
)

var from = []byte("From ")

// readMbox cuts an mbox into messages and calls each for every one, until that returns false.
func readMbox(in *bufio.Reader, each func(Message) bool) error {
	var m Message
	afterEmpty := true // where a message may begin
	for {
		line, err := readLine(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		begins := afterEmpty && isFromLine(line)
		if (begins || len(line) == 0) && m.Number > 0 {
			m.Text = unescape(withoutLastEmpty(m.Text))
			if !each(m) {
				return nil
			}
		}
		switch {
		case len(line) == 0:
			return nil
		case begins:
			m = Message{Number: m.Number + 1}
			m.Sender, m.Stored = fromSender(line)
		default:
			m.Text = append(m.Text, line...)
		}
		afterEmpty = isEmpty(line)
	}
}

// readLine returns the next line with its end, of any length; an empty one at the end of the file.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = in.ReadSlice('\n')
		long = append(long, line...)
	}
	return long, err
}

func isEmpty(line []byte) bool { return len(line) == 1 || len(line) == 2 && line[0] == '\r' }

// isFromLine reports whether a line begins a message: it has a time of day and a year, in whatever spelling.
func isFromLine(line []byte) bool {
	if !bytes.HasPrefix(line, from) {
		return false
	}
	clock, year := false, false
	for _, word := range bytes.Fields(line[len(from):]) {
		clock = clock || len(word) >= 4 && bytes.IndexByte(word[1:len(word)-1], ':') >= 0 && isDigits(bytes.ReplaceAll(word, []byte(":"), nil))
		year = year || len(word) == 4 && isDigits(word)
	}
	return clock && year
}

func isDigits(word []byte) bool {
	for _, b := range word {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(word) > 0
}

// fromSender returns the sender that a "From " line tells; MAILER-DAEMON stands for the null sender.
func fromSender(line []byte) (sender string, told bool) {
	words := bytes.Fields(line[len(from):])
	if len(words) == 0 {
		return "", false
	}
	switch sender = address.Trim(string(words[0])); sender {
	case "MAILER-DAEMON":
		return "", true
	case "-", "???":
		return "", false
	}
	return sender, true
}

// withoutLastEmpty removes the empty line that an mbox has between messages.
func withoutLastEmpty(text []byte) []byte {
	for _, end := range []string{"\r\n\r\n", "\n\n"} {
		if bytes.HasSuffix(text, []byte(end)) {
			return text[:len(text)-len(end)/2]
		}
	}
	return text
}

// unescape takes the marks off the "From " lines, in place.
func unescape(text []byte) []byte {
	if !bytes.Contains(text, []byte(">From ")) {
		return text
	}
	out := text[:0]
	depth := 0 // of the line before
	for len(text) > 0 {
		line := text
		if end := bytes.IndexByte(text, '\n'); end >= 0 {
			line = text[:end+1]
		}
		text = text[len(line):]
		n := quoted(line)
		quotation := n > 1 && (depth == n || quoted(text) == n)
		if n > 0 && bytes.HasPrefix(line[n:], from) && !quotation {
			line = line[1:]
		}
		out = append(out, line...)
		depth = n
	}
	return out
}

// quoted returns how many ">" a text begins with.
func quoted(text []byte) int { return len(text) - len(bytes.TrimLeft(text, ">")) }
