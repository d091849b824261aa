package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"luamilter/replay"
	replayreport "luamilter/replay/report"
)

// replayPage is the report of a replay while it is written: a file of another name beside it, so that there is no half of one. A nil
// replayPage writes none.
type replayPage struct {
	path string
	file *os.File // nil when it is done with
	page *replayreport.Page
}

// newReplayPage begins a report, or returns nil if the path is "".
func newReplayPage(path string) (*replayPage, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("--html: %w", err)
	}
	p := &replayPage{path: path, file: file}
	if p.page, err = replayreport.New(file); err != nil {
		p.discard()
		return nil, err
	}
	return p, nil
}

// also returns a function that calls each and adds the message to the report.
func (p *replayPage) also(each func(*replay.Message) error) func(*replay.Message) error {
	if p == nil {
		return each
	}
	return func(m *replay.Message) error {
		if err := p.page.Add(m); err != nil {
			return err
		}
		return each(m)
	}
}

// finish puts the report in its place. Only its owner may read it, as the mail.
func (p *replayPage) finish(s *replay.Summary) error {
	if p == nil {
		return nil
	}
	if err := p.page.Finish(s, time.Now()); err != nil {
		return err
	}
	if err := p.file.Close(); err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	if err := os.Rename(p.file.Name(), p.path); err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	p.file = nil
	return nil
}

// discard removes what was written of a report that was not finished.
func (p *replayPage) discard() {
	if p == nil || p.file == nil {
		return
	}
	_ = p.file.Close()
	_ = os.Remove(p.file.Name())
	p.file = nil
}
