package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"luamilter/daemon"
	"luamilter/record"
	"luamilter/replay/recorded"
)

// playRecordings plays recordings and shows what is answered otherwise than it was then.
func (c *replayCmd) playRecordings(t *terminal, paths []string, others bool) error {
	if err := c.fitsRecordings(others); err != nil {
		return usageError{err}
	}
	loaded, reached, err := c.player(t)
	if err != nil {
		return daemon.Describe(err)
	}
	defer reached.Close()
	defer loaded.Close()
	player := recorded.NewPlayer(loaded.Program, loaded.Log)
	player.Timing, player.Asker = c.Timing, reached.Asker
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	total := recordedSummary{out: t.stdout, all: c.All}
	enc := json.NewEncoder(t.stdout)
	enc.SetEscapeHTML(false)
	for _, path := range paths {
		r := playRecording(ctx, player, path)
		if ctx.Err() != nil {
			break
		}
		if total.add(r); c.JSON {
			err = errors.Join(err, enc.Encode(r))
		} else {
			total.show(r)
		}
	}
	switch err = errors.Join(err, player.Close(), ctx.Err()); {
	case err != nil:
		return err
	case c.JSON:
		err = enc.Encode(struct {
			Summary recordedSummary `json:"summary"`
		}{total})
	default:
		total.last()
	}
	if err == nil && (total.Problems > 0 || total.Errors > 0 || c.FailOnDifference && total.Differ > 0) {
		return errFound
	}
	return err
}

// fitsRecordings refuses flags that make no sense for recordings.
func (c *replayCmd) fitsRecordings(others bool) error {
	switch {
	case others:
		return errors.New("some of the paths are recordings and some are not; play them one after the other")
	case len(c.Compare) > 0:
		return errors.New("--compare is for stored mail: recordings are compared with what was answered then")
	case c.HTML != "":
		return errors.New("--html is for stored mail: a page of recordings cannot be made")
	case c.From != nil || len(c.To) > 0 || c.IP != "" || c.Host != "" || c.Helo != "" || c.Auth != "":
		return errors.New("--from, --to, --ip, --host, --helo and --auth are for stored mail: a recording has all of that")
	}
	return nil
}

// playRecording plays one recording. That it cannot be played is in the result.
func playRecording(ctx context.Context, player *recorded.Player, path string) *recorded.Result {
	rec, err := record.Load(path)
	if err != nil {
		return &recorded.Result{Recording: path, Problem: err.Error()}
	}
	r, err := player.Play(ctx, rec)
	if err != nil {
		return &recorded.Result{Recording: path, Conn: rec.Conn, Began: rec.Began, Problem: err.Error()}
	}
	return r
}

// recordedSummary is what recordings came to.
type recordedSummary struct {
	Recordings int `json:"recordings"`
	Messages   int `json:"messages"`
	Differ     int `json:"differ"` // recordings
	Errors     int `json:"errors"` // of scripts
	Problems   int `json:"problems"`

	out io.Writer
	all bool // show those too in which nothing differs
}

// add counts a recording.
func (s *recordedSummary) add(r *recorded.Result) {
	s.Recordings++
	s.Messages += r.Messages
	s.Errors += len(r.Errors)
	if len(r.Differences) > 0 {
		s.Differ++
	}
	if r.Problem != "" {
		s.Problems++
	}
}

// show writes what came of a recording.
func (s *recordedSummary) show(r *recorded.Result) {
	if r.Problem != "" {
		fmt.Fprintf(s.out, "%s: not played: %s\n", harmless(r.Recording), harmless(r.Problem))
		return
	}
	if !s.all && len(r.Differences)+len(r.Warnings)+len(r.Errors) == 0 {
		return
	}
	what := "the same answers"
	if n := len(r.Differences); n > 0 {
		what = number(n, "difference")
	}
	fmt.Fprintf(s.out, "%s: %s, %s\n", harmless(r.Recording), number(r.Messages, "message"), what)
	for _, d := range r.Differences {
		s.difference(&d)
	}
	for i := range r.Lookups {
		fmt.Fprintf(s.out, "  asked %s\n", harmless(r.Lookups[i].String()))
	}
	for _, e := range r.Errors {
		fmt.Fprintf(s.out, "  error in %s: %s\n%s", e.Hook, harmless(errorText(&e)), indented(e.Excerpt))
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(s.out, "  warning: %s\n", harmless(w))
	}
}

// difference writes what is answered otherwise, and where.
func (s *recordedSummary) difference(d *recorded.Difference) {
	where := strings.TrimSpace(d.Stage + " " + shorten(d.About, 60))
	if d.Message > 0 {
		where = fmt.Sprintf("message %d, %s", d.Message, where)
	}
	fmt.Fprintf(s.out, "  %s (packet %d, after %s)\n", harmless(where), d.Packet, short(d.At))
	if d.Then != d.Now {
		fmt.Fprintf(s.out, "    then %s\n    now  %s\n", harmless(d.Then), harmless(d.Now))
	}
	fmt.Fprint(s.out, indented(d.Changes))
}

// last writes the totals.
func (s *recordedSummary) last() {
	text := fmt.Sprintf("played %s with %s", number(s.Recordings-s.Problems, "recording"), number(s.Messages, "message"))
	switch {
	case s.Differ == 1:
		text += "; 1 differs"
	case s.Differ > 0:
		text += fmt.Sprintf("; %d differ", s.Differ)
	case s.Recordings > s.Problems:
		text += "; the answers are the same"
	}
	fmt.Fprintln(s.out, text)
}

// number counts things.
func number(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
