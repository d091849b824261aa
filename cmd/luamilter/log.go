package main

import (
	"fmt"
	"io"
	"log/syslog"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// logWriter returns what writes lines in a format.
func (t *terminal) logWriter(format string) (io.Writer, error) {
	if format == "auto" {
		switch {
		case isTerminal(t.stderr):
			format = "text"
		case toJournal(t.stderr, os.Getenv("JOURNAL_STREAM")):
			format = "journald"
		}
	}
	switch format {
	case "text":
		return t.console(), nil
	case "syslog":
		w, err := syslog.New(syslog.LOG_MAIL|syslog.LOG_INFO, "luamilter")
		if err != nil {
			return nil, fmt.Errorf("log.format: open syslog: %w; choose another format, or start a syslog daemon", err)
		}
		return zerolog.SyslogLevelWriter(w), nil
	}
	b := &logBuffer{to: t.stderr, priorities: format == "journald"}
	t.buffers = append(t.buffers, b)
	return b, nil
}

// flush writes what the logs hold.
func (t *terminal) flush() {
	for _, b := range t.buffers {
		b.flush()
	}
}

// logBuffer collects lines that can wait, so that a busy server does not write to its log for every message. What somebody should look at
// is written at once, and what came before it too.
type logBuffer struct {
	to         io.Writer
	priorities bool // each line begins with its priority, which the journal takes off (sd-daemon(3))

	mu    sync.Mutex
	lines []byte
	timer *time.Timer // nil, or set to write what there is
}

const (
	logRoom  = 32 << 10
	logDelay = 100 * time.Millisecond
)

// Write implements io.Writer, for lines without a level.
func (b *logBuffer) Write(line []byte) (int, error) { return b.WriteLevel(zerolog.InfoLevel, line) }

// WriteLevel implements zerolog.LevelWriter.
func (b *logBuffer) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.priorities {
		b.lines = fmt.Appendf(b.lines, "<%d>", priority(level))
	}
	b.lines = append(b.lines, line...)
	switch {
	case level >= zerolog.WarnLevel || len(b.lines) >= logRoom:
		b.write()
	case b.timer == nil:
		b.timer = time.AfterFunc(logDelay, b.flush)
	}
	return len(line), nil
}

func (b *logBuffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.write()
}

// write writes everything. There is nobody to tell when that is impossible.
func (b *logBuffer) write() {
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if len(b.lines) > 0 {
		_, _ = b.to.Write(b.lines)
		b.lines = b.lines[:0]
	}
}

// priority is a level's as syslog counts (RFC 5424 section 6.2.1).
func priority(l zerolog.Level) int {
	switch {
	case l >= zerolog.ErrorLevel:
		return 3
	case l == zerolog.WarnLevel:
		return 4
	case l == zerolog.InfoLevel:
		return 6
	}
	return 7
}

// console writes lines for people.
func (t *terminal) console() io.Writer {
	return zerolog.ConsoleWriter{
		Out:           t.stderr,
		TimeFormat:    time.TimeOnly,
		NoColor:       os.Getenv("NO_COLOR") != "" || !isTerminal(t.stderr),
		FieldsExclude: []string{"excerpt", "stack"},
		FormatMessage: harmless,
		FormatExtra:   writeBelow,
	}
}
