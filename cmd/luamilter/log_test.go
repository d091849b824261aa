package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rs/zerolog"
)

// lockedBuffer is a log's end.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// Lines that can wait are collected; what somebody should see is written at once, in order.
func TestLogBuffer(t *testing.T) {
	out := &lockedBuffer{}
	b := &logBuffer{to: out}
	log := zerolog.New(b)
	log.Info().Msg("one")
	log.Info().Msg("two")
	log.Warn().Msg("three")
	want := "{\"level\":\"info\",\"message\":\"one\"}\n{\"level\":\"info\",\"message\":\"two\"}\n{\"level\":\"warn\",\"message\":\"three\"}\n"
	if got := out.String(); got != want {
		t.Errorf("got %q; want %q", got, want)
	}
	log.Info().Msg("four")
	waitFor(t, func() bool { return strings.Contains(out.String(), "four") }) // by itself
	for range 2 * logRoom / 40 {
		log.Info().Msg("many")
	}
	if n := strings.Count(out.String(), "many"); n == 0 {
		t.Error("a full buffer was not written")
	}
	b.flush()
	if n := strings.Count(out.String(), "many"); n != 2*logRoom/40 {
		t.Errorf("%d lines were written", n)
	}
}

func TestLogPriorities(t *testing.T) {
	defer zerolog.SetGlobalLevel(zerolog.GlobalLevel()) // which a daemon of another test may have changed
	zerolog.SetGlobalLevel(zerolog.DebugLevel)
	out := &lockedBuffer{}
	b := &logBuffer{to: out, priorities: true}
	log := zerolog.New(b)
	log.Debug().Msg("d")
	log.Info().Msg("i")
	log.Warn().Msg("w")
	log.Error().Msg("e")
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, line[:3])
	}
	if fmt.Sprint(got) != "[<7> <6> <4> <3>]" {
		t.Error(got)
	}
}

func TestToJournal(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		t.Skip("no inodes here")
	}
	if !toJournal(f, fmt.Sprintf("%d:%d", st.Dev, st.Ino)) {
		t.Error("the journal was not found")
	}
	for _, stream := range []string{"", "1:2", fmt.Sprintf("%d:%d", st.Dev, st.Ino+1)} {
		if toJournal(f, stream) {
			t.Errorf("%q was taken for the journal", stream)
		}
	}
}
