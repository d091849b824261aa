package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
)

// terminal is where a verb writes.
type terminal struct{ stdout, stderr io.Writer }

// logger returns a log that is readable on a terminal and JSON elsewhere, unless format says which.
func (t *terminal) logger(level, format string) (zerolog.Logger, error) {
	l, err := zerolog.ParseLevel(level)
	if err != nil {
		return zerolog.Logger{}, err
	}
	out := t.stderr
	if format == "text" || format == "auto" && isTerminal(out) {
		out = zerolog.ConsoleWriter{
			Out:           out,
			TimeFormat:    time.TimeOnly,
			NoColor:       os.Getenv("NO_COLOR") != "" || !isTerminal(out),
			FieldsExclude: []string{"excerpt", "stack"},
			FormatMessage: harmless,
			FormatExtra:   writeBelow,
		}
	}
	return zerolog.New(out).Level(l).With().Timestamp().Logger(), nil
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
