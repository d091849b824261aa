package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"time"
)

//go:embed rspamdgrey.lua
var rspamdGreyScript string

// rspamdGreylist is where its package has the module.
const rspamdGreylist = "/usr/share/rspamd/plugins/greylist.lua"

// rspamdGreyConf has rspamd put every message off. %[1]s is the module, %[2]s where Redis is.
const rspamdGreyConf = `lua = "FOLDER/doubt.lua";
modules { path = "%[1]s"; }
greylist { servers = "%[2]s"; timeout = 5min; }
`

// startRspamdGreylist starts rspamd with its module for greylists, which keeps its state in Redis.
func (b *bench) startRspamdGreylist(ctx context.Context, redis string) (grey, error) {
	path, err := find("rspamd", "rspamd")
	if err == nil && redis == "" {
		err = lacking("there is no redis-server")
	}
	if err != nil {
		return grey{}, err
	}
	if _, err := os.Stat(rspamdGreylist); err != nil {
		return grey{}, lacking(rspamdGreylist + " is missing")
	}
	s, _, address, err := b.launchRspamd(path, "warning", fmt.Sprintf(rspamdGreyConf, rspamdGreylist, redis), runtime.NumCPU(), map[string]string{"doubt.lua": rspamdGreyScript})
	if err != nil {
		return grey{}, err
	}
	b.later(s.stop)
	if err := s.wait(ctx, listens("tcp", address)); err != nil {
		return grey{}, err
	}
	return grey{dial: func(deadline time.Time) (session, error) {
		return &rspamdSession{http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}, Timeout: time.Until(deadline)}, "http://" + address + "/checkv2"}, nil
	}}, nil
}

// rspamdSession asks over HTTP, as rspamd's proxy for milters does.
type rspamdSession struct {
	client http.Client
	url    string
}

func (r *rspamdSession) ask(n int64) error {
	message := fmt.Sprintf("From: %[1]s\r\nTo: %[2]s\r\nSubject: %[3]d\r\n\r\nThis is number %[3]d.\r\n", sender(n), recipient(n), n)
	q, err := http.NewRequest(http.MethodPost, r.url, strings.NewReader(message))
	if err != nil {
		return err
	}
	for name, value := range map[string]string{"IP": client, "Helo": "client.example", "Hostname": "client.example", "From": sender(n), "Rcpt": recipient(n)} {
		q.Header.Set(name, value)
	}
	a, err := r.client.Do(q)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	var result struct {
		Action string `json:"action"`
	}
	if err := errors.Join(err, json.Unmarshal(text, &result)); err != nil {
		return fmt.Errorf("rspamd answers %.200q: %w", text, err)
	}
	if result.Action != "soft reject" {
		return fmt.Errorf("triplet %d is not put off: %.200q", n, text)
	}
	return nil
}

func (r *rspamdSession) close() { r.client.CloseIdleConnections() }
