package upstream

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// ParseAddress reads host:port, unix:/path or /path. The network is tcp or unix.
func ParseAddress(text string) (network, address string, err error) {
	path, isUnix := strings.CutPrefix(text, "unix:")
	if isUnix || strings.HasPrefix(text, "/") {
		if !filepath.IsAbs(path) {
			return "", "", fmt.Errorf("%q is no socket: the path must begin with /, as unix:/run/clamav/clamd.ctl", text)
		}
		return "unix", path, nil
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(text, "tcp:"))
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || host == "" {
		return "", "", fmt.Errorf("%q is no address; write host:port or unix:/path", text)
	}
	return "tcp", net.JoinHostPort(host, port), nil
}
