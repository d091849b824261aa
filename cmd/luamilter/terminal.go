package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/mattn/go-isatty"
)

// terminal is where a verb writes.
type terminal struct {
	stdout, stderr io.Writer
	buffers        []*logBuffer // lines of logs that are still to be written
}

// harmless shows what a script logs of a foreign message without the characters that would command the terminal.
func harmless(message any) string {
	if message == nil {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, fmt.Sprint(message))
}

// writeBelow puts values of several lines below the log line.
func writeBelow(fields map[string]any, out *bytes.Buffer) error {
	for _, name := range []string{"excerpt", "stack"} {
		if text, ok := fields[name].(string); ok {
			fmt.Fprintf(out, "\n%s", strings.TrimRight(text, "\n"))
		}
	}
	return nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
