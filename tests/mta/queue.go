package mta

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Queued is a message in a server's queue.
type Queued struct {
	ID     string
	Sender string // without brackets; empty for the null sender
	Held   bool   // quarantined: in Postfix's hold queue, or a quarantined file of Sendmail
	Reason string // why it is held, as far as the server tells (Sendmail only)
}

// sendmailQueue reads the envelope files of a queue directory: qfID, or hfID if quarantined. The first letter of a
// line tells what is on it: S the sender, q why the message is held; "." ends the file.
func sendmailQueue(t testing.TB, dir string) []Queued {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []Queued
	for _, entry := range entries {
		kind, id := entry.Name()[:2], entry.Name()[2:]
		if kind != "qf" && kind != "hf" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if os.IsNotExist(err) {
			continue // delivered in the meantime
		}
		if err != nil {
			t.Fatal(err)
		}
		q := Queued{ID: id, Held: kind == "hf"}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimRight(line, "\n")
			switch {
			case strings.HasPrefix(line, "S"):
				q.Sender = strings.Trim(line[1:], "<>")
			case strings.HasPrefix(line, "q"):
				q.Reason = line[1:]
			}
		}
		list = append(list, q)
	}
	return list
}

// postfixQueue reads the output of postqueue -j: a JSON object per line.
func postfixQueue(t testing.TB, listing string) []Queued {
	t.Helper()
	var list []Queued
	for line := range strings.Lines(listing) {
		var entry struct {
			Queue  string `json:"queue_name"`
			ID     string `json:"queue_id"`
			Sender string `json:"sender"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("postqueue -j: %v: %s", err, line)
		}
		sender := entry.Sender
		if sender == "MAILER-DAEMON" {
			sender = ""
		}
		list = append(list, Queued{ID: entry.ID, Sender: sender, Held: entry.Queue == "hold"})
	}
	return list
}
