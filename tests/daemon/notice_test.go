package daemontest

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"luamilter/tests/mta"
)

// After SIGTERM, /readyz says that the daemon is about to go, while connections are still taken for as long as notice says. A second SIGTERM ends that.
func TestNotice(t *testing.T) {
	page := "http://" + mta.FreeAddr(t)
	s := configured(t, `
notice = "1h"
listen = ["unix:FOLDER/milter.sock"]
scripts = ["says.lua"]
[metrics]
listen = "`+strings.TrimPrefix(page, "http://")+`"`, map[string]string{"says.lua": says})
	s.wait("readiness", func() bool { return get(t, page+"/readyz") == "200 ready" })
	s.daemon.Signal(t, syscall.SIGTERM)
	s.daemon.WaitLine(t, `"message":"stopping"`, `"wait_up_to":"1h1m0s"`)
	s.wait("the end of readiness", func() bool { return get(t, page+"/readyz") == "503 not serving" })
	for range 20 {
		if r := s.helo(filepath.Join(s.folder, "milter.sock")); r.Text != "default" {
			t.Errorf("it says %v", r)
		}
	}
	if got := get(t, page+"/healthz"); got != "200 alive" {
		t.Errorf("/healthz says %s", got)
	}
	s.daemon.Signal(t, syscall.SIGTERM)
	s.daemon.Ended(t)
}

// get returns the status and the text of a page.
func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	must(t, err)
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	must(t, err)
	return r.Status[:3] + " " + strings.TrimSpace(string(text))
}
