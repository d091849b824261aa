package daemon

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"luamilter/protocol"
)

// The script of docs/maps.md does what it says, with the list beside it and a database.
func TestDocsMaps(t *testing.T) {
	page, err := os.ReadFile("../docs/maps.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```lua\n")
	script, rest, _ := strings.Cut(rest, "```")
	_, rest, _ = strings.Cut(rest, "```\n")
	list, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("there is no script, or no list")
	}
	file := filepath.Join(t.TempDir(), "users.db")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE users (address TEXT, folder TEXT); INSERT INTO users VALUES ('b@example.com', 'first')"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	script = strings.Replace(script, "sqlite:users.db", "sqlite:"+file, 1)
	m := monitor(t, map[string]string{"lists.lua": script, "blocked.txt": list})
	for _, p := range m.engine.Current().Program("default").Check() {
		t.Errorf("check: %s", p.Text)
	}
	for sender, want := range map[string]protocol.Verdict{
		"<a@example.net>": protocol.Reject, "<a@mail.example.com>": protocol.Reject, "<a@example.com>": protocol.Continue, "<>": protocol.Continue,
	} {
		if r := m.mail(sender); r.Verdict != want {
			t.Errorf("%s: %v, want %v", sender, r, want)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	shows(t, m.page(),
		`luamilter_map_entries{kind="domain",map="`+filepath.Join(filepath.Dir(m.socket), "blocked.txt")+`"} 2`,
		`luamilter_map_lookups_total{kind="table",map="sqlite:`+file+`",result="found"} 1`,
		`luamilter_map_lookups_total{kind="table",map="sqlite:`+file+`",result="cached"} 1`,
	)
}
