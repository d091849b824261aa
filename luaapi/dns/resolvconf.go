package dns

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// SystemFile is where the system's name servers are.
const SystemFile = "/etc/resolv.conf"

// localServer is who is asked where nothing is configured, as by the C library.
const localServer = "127.0.0.1:53"

// maxServers is how many name servers of a file are used. The C library takes 3.
const maxServers = 8

// SystemServers reads the name servers of a file such as /etc/resolv.conf, as ADDRESS:PORT. One that is not there, or names none, means the
// one on this machine.
func SystemServers(path string) ([]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []string{localServer}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the name servers: %w; or set dns.servers in the configuration", err)
	}
	defer f.Close()
	servers, err := readServers(f)
	if err != nil {
		return nil, fmt.Errorf("find the name servers in %s: %w", path, err)
	}
	return servers, nil
}

// readServers reads the lines that say "nameserver ADDRESS". Others, and addresses that are none, it passes over, as the C library does.
func readServers(from io.Reader) ([]string, error) {
	var servers []string
	lines := bufio.NewScanner(from)
	for lines.Scan() && len(servers) < maxServers {
		words := strings.Fields(lines.Text())
		if len(words) < 2 || words[0] != "nameserver" {
			continue
		}
		if ip, err := netip.ParseAddr(words[1]); err == nil {
			servers = append(servers, net.JoinHostPort(ip.String(), "53"))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(servers) == 0 {
		return []string{localServer}, nil
	}
	return servers, nil
}

// ParseServer reads a name server as the configuration has it: ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT.
func ParseServer(text string) (string, error) {
	host, port := strings.Trim(text, "[]"), "53"
	if _, err := netip.ParseAddr(host); err != nil {
		if host, port, err = net.SplitHostPort(text); err != nil {
			host = ""
		}
	}
	ip, err := netip.ParseAddr(host)
	n, portErr := strconv.ParseUint(port, 10, 16)
	if err != nil || portErr != nil || n == 0 {
		return "", fmt.Errorf("%q is no name server; write its address, as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53", text)
	}
	return net.JoinHostPort(ip.String(), strconv.FormatUint(n, 10)), nil
}
