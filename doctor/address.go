package doctor

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"luamilter/engine"
	"luamilter/luaapi/lint"
)

// address is a milter's socket as an MTA's configuration names it.
type address struct {
	unix bool
	host string // "" for the machine itself
	port string
	path string
}

// misspelt is an address in another program's spelling, or in none.
type misspelt struct {
	why   string
	write string // the address in the right spelling, "" if it cannot be made out
}

// postfixAddress reads unix:path, inet:host:port and inet:port (MILTER_README). A path may be relative.
func postfixAddress(text string) (address, *misspelt) {
	kind, rest, found := strings.Cut(text, ":")
	switch {
	case strings.HasPrefix(text, "/"):
		return address{}, &misspelt{"Postfix needs unix: before a path", "unix:" + text}
	case found && kind == "local":
		return address{}, &misspelt{"local: is Sendmail's spelling, Postfix knows unix: and inet:", "unix:" + rest}
	case found && kind == "unix" && rest != "":
		path, query, found := strings.Cut(rest, "?")
		if found {
			return address{}, &misspelt{"?" + query + " is for luamilter's own --listen; to Postfix it is part of the path", "unix:" + path}
		}
		return address{unix: true, path: rest}, nil
	case found && (kind == "inet" || kind == "inet6" || kind == "tcp"):
		return postfixInet(kind, rest)
	}
	return address{}, &misspelt{"Postfix knows inet:host:port and unix:path", ""}
}

func postfixInet(kind, rest string) (address, *misspelt) {
	if port, host, found := strings.Cut(rest, "@"); found {
		return address{}, &misspelt{"port@host is Sendmail's spelling; Postfix takes it all for the name of a port", "inet:" + joinHostPort(host, port)}
	}
	if kind != "inet" {
		return address{}, &misspelt{"Postfix knows inet: and unix:, not " + kind + ":", "inet:" + rest}
	}
	host, port := cutHostPort(rest)
	switch {
	case isPort(port):
		return address{host: host, port: port}, nil
	case isPort(host):
		return address{}, &misspelt{"host and port are the wrong way round", "inet:" + joinHostPort(port, host)}
	}
	return address{}, &misspelt{fmt.Sprintf("%q is no port", port), ""}
}

// cutHostPort takes host:port apart; without a colon it is the port alone.
func cutHostPort(text string) (host, port string) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return "", text
	}
	return bareHost(text[:colon]), text[colon+1:]
}

// sendmailAddress reads local:/path, unix:/path, /path, inet:port@host and inet6:port@host (libmilter's smfi_setconn).
func sendmailAddress(text string) (address, *misspelt) {
	kind, rest, found := strings.Cut(text, ":")
	if !found {
		kind, rest = "unix", text
	}
	switch strings.ToLower(kind) {
	case "unix", "local", "":
		path, query, found := strings.Cut(rest, "?")
		if found {
			return address{}, &misspelt{"?" + query + " is for luamilter's own --listen; to Sendmail it is part of the path", "local:" + path}
		}
		if !strings.HasPrefix(rest, "/") {
			return address{}, &misspelt{"the path must begin with /", ""}
		}
		return address{unix: true, path: rest}, nil
	case "inet", "inet6":
		return sendmailInet(kind, rest)
	case "tcp", "tcp4", "tcp6":
		return address{}, &misspelt{"Sendmail knows inet:, inet6: and local:, not " + kind + ":", "inet:" + rest}
	}
	return address{}, &misspelt{"Sendmail knows inet:port@host, inet6:port@host and local:/path", ""}
}

func sendmailInet(kind, rest string) (address, *misspelt) {
	port, host, found := strings.Cut(rest, "@")
	switch {
	case !found && strings.Contains(rest, ":"):
		host, port = cutHostPort(rest)
		return address{}, &misspelt{"host:port is Postfix's spelling, Sendmail needs port@host", kind + ":" + port + "@" + host}
	case !found:
		return address{}, &misspelt{"Sendmail needs port@host", kind + ":" + rest + "@127.0.0.1"}
	case isPort(port):
		return address{host: bareHost(host), port: port}, nil
	case isPort(host):
		return address{}, &misspelt{"port and host are the wrong way round", kind + ":" + host + "@" + port}
	}
	return address{}, &misspelt{fmt.Sprintf("%q is no port", port), ""}
}

func bareHost(host string) string { return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]") }

// joinHostPort is Postfix's host:port, with brackets around an IPv6 address.
func joinHostPort(host, port string) string {
	if host == "" {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(bareHost(host), port)
}

// isPort reports whether a text is the number or the name of a port.
func isPort(text string) bool { return portNumber(text) > 0 }

// portNumber returns the number of a port, 0 if there is none.
func portNumber(text string) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 1<<16 {
		return n
	}
	if text == "" || strings.Trim(text, "0123456789") == "" || strings.ContainsAny(text, " @/:") {
		return 0
	}
	n, err := net.LookupPort("tcp", text)
	if err != nil {
		return 0
	}
	return n
}

// fit says how well an address fits a socket of luamilter's; a higher one is better.
type fit int

const (
	strange fit = iota // nothing in common
	similar            // one is probably a mistyped form of the other
	byName             // the same, but found by the name localhost
	same
)

// fitInet compares an address with a TCP socket.
func fitInet(a address, s engine.Spec) fit {
	host, port, err := net.SplitHostPort(s.Address)
	if a.unix || err != nil || s.Network == "unix" {
		return strange
	}
	sameHost := fitHost(a.host, host, s.Network)
	switch {
	case portNumber(a.port) == portNumber(port):
		return max(sameHost, similar)
	case sameHost >= byName && lint.Nearest(a.port, []string{port}) != "":
		return similar
	}
	return strange
}

// fitHost compares the host an MTA calls with the one that luamilter listens on.
func fitHost(called, listening, network string) fit {
	ip, own := net.ParseIP(called), net.ParseIP(listening)
	switch {
	case strings.EqualFold(called, listening), ip != nil && ip.Equal(own):
		return same
	case listening == "" || own != nil && own.IsUnspecified(): // every address; of one family if the socket is
		if ip != nil && (ip.To4() != nil && network == "tcp6" || ip.To4() == nil && network == "tcp4") {
			return strange
		}
		return same
	case isLocalhost(called) && own != nil && own.IsLoopback(), isLocalhost(listening) && ip != nil && ip.IsLoopback():
		return byName
	}
	return strange
}

// isLocalhost reports whether a name is this machine's; an address without a host is.
func isLocalhost(name string) bool { return name == "" || strings.EqualFold(name, "localhost") }

// postfixSpelling is how main.cf names a socket, with a path as it is seen from within base.
func postfixSpelling(s engine.Spec, base string) string {
	if s.Network == "unix" {
		return "unix:" + withinBase(s.Address, base)
	}
	host, port := callable(s)
	return "inet:" + net.JoinHostPort(host, port)
}

// sendmailSpelling is how sendmail.cf names a socket.
func sendmailSpelling(s engine.Spec) string {
	if s.Network == "unix" {
		return "local:" + s.Address
	}
	host, port := callable(s)
	kind := "inet"
	if strings.Contains(host, ":") {
		kind = "inet6"
	}
	return kind + ":" + port + "@" + host
}

// callable returns host and port that an MTA on the same machine reaches a socket by.
func callable(s engine.Spec) (host, port string) {
	host, port, err := net.SplitHostPort(s.Address)
	if err != nil {
		return s.Address, ""
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if s.Network == "tcp6" {
			host = "::1"
		}
	}
	return host, port
}

// withinBase returns a path as a process sees it whose root is base; one outside stays as it is.
func withinBase(path, base string) string {
	if base == "" || base == "/" {
		return path
	}
	if inside, found := strings.CutPrefix(path, strings.TrimSuffix(base, "/")+"/"); found {
		return "/" + inside
	}
	return path
}
