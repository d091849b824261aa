package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"luamilter/luaapi/upstream"
	"luamilter/luaapi/web"
)

// HTTP is what [http] says.
type HTTP struct {
	Proxy   string        // URL; "" for none
	Timeout time.Duration // of a request
	MaxBody Size          // of an answer
	allow   []item
}

// Allow returns where requests may go besides public addresses.
func (h *HTTP) Allow() []string { return texts(h.allow) }

// ClamAV is what [clamav] says.
type ClamAV struct {
	Address string // host:port or unix:/path; "" for none
	Timeout time.Duration
}

// Rspamd is what [rspamd] says.
type Rspamd struct {
	URL     string // http://host:port; "" for none
	Timeout time.Duration
}

// Spamd is what [spamd] says.
type Spamd struct {
	Address string // host:port or unix:/path; "" for none
	Timeout time.Duration
}

// SMTP is what [smtp] says.
type SMTP struct {
	Relay   string // host:port or unix:/path; "" for none
	Hello   string // the name in EHLO; "" for that of the machine
	Timeout time.Duration
	local   []item
}

// LocalDomains returns the domains that are this site's own.
func (s *SMTP) LocalDomains() []string { return texts(s.local) }

// Outbox is what [outbox] says.
type Outbox struct {
	Dir  string // "" for none
	Size int64  // what may wait
	Keep time.Duration
}

func texts(list []item) []string {
	var all []string
	for _, i := range list {
		all = append(all, i.text)
	}
	return all
}

// checkPlace checks a place that HTTP requests may go to.
func checkPlace(text string) error {
	_, err := web.ParseAllow([]string{text})
	return err
}

func checkProxy(text string) error {
	_, err := web.ParseProxy(text)
	return err
}

// checkUpstream checks where a server is that scripts ask.
func checkUpstream(text string) error {
	if text == "" {
		return nil
	}
	_, _, err := upstream.ParseAddress(text)
	return err
}

func checkRspamd(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return fmt.Errorf("%q is no URL of Rspamd; write http://127.0.0.1:11333", text)
	}
	return nil
}

func checkDomain(text string) error {
	if text == "" || strings.ContainsAny(text, "@ /") {
		return errors.New("a domain is written as example.com")
	}
	return nil
}
