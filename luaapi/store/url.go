package store

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"luamilter/luaapi/lint"
)

// Kind says what a store is.
type Kind uint8

// The kinds of store.
const (
	KindMemory Kind = iota
	KindFile
	KindRedis
	KindSentinel // of Redis: the servers named know which one is the master
	KindCluster  // of Redis
)

// Location is what a URL says.
type Location struct {
	Kind     Kind
	Path     string   // of the file
	Servers  []string // host:port
	Master   string   // the name that the sentinels have for it
	Database int
	User     string
	Password string
	TLS      bool
	CA       string // a file with the certificates that TLS trusts; "" for the system's
}

// schemes are the kinds by what URLs begin with. Nothing changes it.
var schemes = map[string]Location{
	"memory": {Kind: KindMemory}, "file": {Kind: KindFile},
	"redis": {Kind: KindRedis}, "rediss": {Kind: KindRedis, TLS: true},
	"redis+sentinel": {Kind: KindSentinel}, "rediss+sentinel": {Kind: KindSentinel, TLS: true},
	"redis+cluster": {Kind: KindCluster}, "rediss+cluster": {Kind: KindCluster, TLS: true},
}

// ParseURL reads the URL of a store:
//
//	memory:
//	file:/path
//	redis://user:password@host:port/number
//	redis+sentinel://user:password@host:port,host:port/master/number
//	redis+cluster://user:password@host:port,host:port
//
// All but the host may be left out of those of Redis; rediss for redis means TLS, and ?ca=/path which certificates it trusts. Errors do not show the
// password.
func ParseURL(text string) (Location, error) {
	const known = "write memory:, file:/path or redis://host:port/number"
	scheme, rest, found := strings.Cut(text, ":")
	if !found {
		return Location{}, fmt.Errorf("%q is no URL; %s", text, known)
	}
	l, ok := schemes[scheme]
	if !ok {
		return Location{}, fmt.Errorf("%q is no kind of store%s", scheme, nearest(scheme, known))
	}
	switch l.Kind {
	case KindMemory:
		if rest != "" {
			return Location{}, fmt.Errorf("%q: write memory: and nothing after it", text)
		}
		return l, nil
	case KindFile:
		if !filepath.IsAbs(rest) || strings.HasSuffix(rest, "/") || strings.ContainsRune(rest, 0) {
			return Location{}, fmt.Errorf("%q: file: wants the absolute path of a file, as file:/var/lib/luamilter/state.db", text)
		}
		l.Path = filepath.Clean(rest)
		return l, nil
	}
	if err := l.server(rest); err != nil {
		return Location{}, fmt.Errorf("the %s URL %w", scheme, err)
	}
	return l, nil
}

// nearest says which scheme was meant, or all that are known.
func nearest(scheme, known string) string {
	var all []string
	for name := range schemes {
		all = append(all, name)
	}
	if near := lint.Nearest(scheme, all); near != "" {
		return ", did you mean " + near + ":?"
	}
	return "; " + known
}

// server reads what follows the scheme of a Redis URL: //user:password@host,host/path?query.
func (l *Location) server(rest string) error {
	rest, query, _ := strings.Cut(rest, "?")
	rest, ok := strings.CutPrefix(rest, "//")
	if !ok {
		return errors.New("has no // behind its scheme; write redis://host:port/number")
	}
	at := strings.LastIndexByte(rest, '@')
	if err := l.login(rest[:max(0, at)]); err != nil {
		return err
	}
	hosts, path, _ := strings.Cut(rest[at+1:], "/")
	if err := l.hosts(hosts); err != nil {
		return err
	}
	if err := l.path(path); err != nil {
		return err
	}
	return l.query(query)
}

// login reads user:password, in which what is special in a URL is written as %40.
func (l *Location) login(text string) (err error) {
	user, password, _ := strings.Cut(text, ":")
	if l.User, err = url.PathUnescape(user); err == nil {
		l.Password, err = url.PathUnescape(password)
	}
	if err != nil {
		return errors.New("has a % in its user or password that begins no code; write %25 for it")
	}
	return nil
}

// hosts reads host:port,host:port.
func (l *Location) hosts(text string) error {
	port := "6379"
	if l.Kind == KindSentinel {
		port = "26379"
	}
	for server := range strings.SplitSeq(text, ",") {
		host, p, err := net.SplitHostPort(server)
		if err != nil {
			host, p, err = net.SplitHostPort(server + ":" + port)
		}
		if n, numErr := strconv.ParseUint(p, 10, 16); err != nil || host == "" || numErr != nil || n == 0 || strings.ContainsAny(host, " \t") {
			return errors.New("has no host that can be read; write redis://host:port/number")
		}
		l.Servers = append(l.Servers, net.JoinHostPort(host, p))
	}
	if l.Kind == KindRedis && len(l.Servers) > 1 {
		return errors.New("has several hosts; write redis+sentinel: or redis+cluster: for that")
	}
	return nil
}

// path reads the database, behind the name of the master with sentinels.
func (l *Location) path(text string) error {
	number := text
	if l.Kind == KindSentinel {
		l.Master, number, _ = strings.Cut(text, "/")
		if l.Master == "" {
			return errors.New("has no name of a master; write redis+sentinel://host:port,host:port/master")
		}
	}
	if number == "" {
		return nil
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		return fmt.Errorf("has %q where the number of a database belongs; write redis://host:port/0", number)
	}
	if l.Kind == KindCluster && n != 0 {
		return errors.New("has the number of a database; a cluster has only 0")
	}
	l.Database = int(n)
	return nil
}

func (l *Location) query(text string) error {
	q, err := url.ParseQuery(text)
	if err != nil {
		return fmt.Errorf("has a ? whose rest cannot be read: %w", err)
	}
	for name := range q {
		if name != "ca" {
			return fmt.Errorf("has ?%s=, which is unknown; there is ?ca=/path", name)
		}
	}
	l.CA = q.Get("ca")
	switch {
	case l.CA == "":
	case !l.TLS:
		return errors.New("has ?ca= but no TLS; write rediss for redis")
	case !filepath.IsAbs(l.CA):
		return fmt.Errorf("has ?ca=%s, which is no absolute path", l.CA)
	}
	return nil
}

// String returns the URL without the user and the password.
func (l Location) String() string {
	switch l.Kind {
	case KindMemory:
		return "memory:"
	case KindFile:
		return "file:" + l.Path
	}
	scheme := "redis"
	if l.TLS {
		scheme = "rediss"
	}
	kind := map[Kind]string{KindSentinel: "+sentinel", KindCluster: "+cluster"}[l.Kind]
	path := "/" + strconv.Itoa(l.Database)
	switch l.Kind {
	case KindSentinel:
		path = "/" + l.Master + path
	case KindCluster:
		path = ""
	}
	return scheme + kind + "://" + strings.Join(l.Servers, ",") + path
}
