package config

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"

	"luamilter/engine"
	"luamilter/luaapi/dns"
	"luamilter/luaapi/store"
)

// checkSpec checks a socket that the MTA connects to.
func checkSpec(text string) error {
	_, err := engine.ParseSpec(text)
	return err
}

// checkPath checks the path or the pattern of scripts. What it stands for is found by Listeners.
func checkPath(text string) error {
	if text == "" {
		return errors.New("a path is empty")
	}
	if strings.ContainsRune(text, 0) {
		return fmt.Errorf("the path %q has a NUL in it", text)
	}
	return nil
}

// checkFolder checks the path of a folder that may be left out. The daemon has no folder of its own that a relative one could begin at.
func checkFolder(text string) error {
	switch {
	case text == "":
		return nil
	case !filepath.IsAbs(text):
		return fmt.Errorf("%q is not an absolute path: it must begin with /", text)
	}
	return checkPath(text)
}

// checkAdmin checks the socket for the administrator. Whoever can connect commands the daemon, so it is no port.
func checkAdmin(text string) error {
	if text == "" {
		return nil
	}
	spec, err := engine.ParseSpec(text)
	if err != nil {
		return err
	}
	if spec.Network != "unix" {
		return fmt.Errorf("socket %q: it must be a unix socket, as unix:/run/luamilter/admin.sock", text)
	}
	return nil
}

// checkMetrics checks host:port. The host may be missing.
func checkMetrics(text string) error {
	if text == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%q is not host:port; write 127.0.0.1:9125", text)
	}
	return nil
}

// checkServer checks the address of a name server.
func checkServer(text string) error {
	_, err := dns.ParseServer(text)
	return err
}

// checkStore checks the URL of a store.
func checkStore(text string) error {
	_, err := store.ParseURL(text)
	return err
}
