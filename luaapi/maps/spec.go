package maps

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"luamilter/luaapi/lint"
	"luamilter/luaapi/maps/format"
	"luamilter/luaapi/maps/live"
	"luamilter/luaapi/store"
)

// Spec says what a map is and where it comes from. Maps of equal specs are one map.
type Spec struct {
	Kind    Kind
	Source  string         // a path with or without a format before it, or a URL; "" for Entries
	Entries []format.Entry // that the script itself has
	Format  format.Format  // "" for what the source says
	Fold    bool           // of Set, Table and Regex: case does not matter
	Key     string         // of CSV and JSON, see format.Options
	Value   string
	Query   live.Query    // of databases and directories
	Load    bool          // of those: read everything instead of asking for each key
	Refresh time.Duration // how often what comes from a server is read anew
	TTL     time.Duration // how long an answer is kept
	Timeout time.Duration // for one question

	scheme string // of a URL, "" for a file
	given  string // the source as it was written
}

// The times of a Spec that does not say otherwise.
const (
	DefaultRefresh = 5 * time.Minute
	DefaultTTL     = time.Minute
	DefaultTimeout = 3 * time.Second
)

// schemes are the sources that are asked over the network, or by a driver.
func schemes() []string {
	return []string{"http", "https", "sqlite", "postgres", "mysql", "ldap", "ldaps", "redis", "rediss", "redis+sentinel", "rediss+sentinel",
		"redis+cluster", "rediss+cluster"}
}

// settle completes a spec and checks it. Relative paths begin at a folder.
func (s Spec) settle(folder string) (Spec, error) {
	s.given = s.Source
	if s.Refresh == 0 {
		s.Refresh = DefaultRefresh
	}
	if s.TTL == 0 {
		s.TTL = DefaultTTL
	}
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	var err error
	if s.Source != "" {
		if err = s.parse(folder); err != nil {
			return s, err
		}
	}
	return s, s.check()
}

// parse finds out what the source is.
func (s *Spec) parse(folder string) error {
	prefix, rest, found := strings.Cut(s.Source, ":")
	if !found || strings.ContainsAny(prefix, "/.") {
		s.Source = absolute(folder, s.Source)
		if s.Format == "" {
			s.Format = format.OfPath(s.Source)
		}
		return nil
	}
	for _, scheme := range schemes() {
		if prefix == scheme {
			s.scheme = scheme
			return s.parseURL(folder, rest)
		}
	}
	if f, err := format.Named(prefix); err == nil {
		s.Format, s.Source = f, absolute(folder, rest)
		return nil
	}
	return unknownSource(prefix, rest)
}

// parseURL checks a URL, and completes the path of a file in it.
func (s *Spec) parseURL(folder, rest string) error {
	if s.scheme == "sqlite" {
		s.Source = "sqlite:" + absolute(folder, strings.TrimPrefix(rest, "//"))
		return nil
	}
	if live.IsRedis(s.scheme) {
		_, err := store.ParseURL(s.Source)
		return err
	}
	u, err := url.Parse(s.Source)
	if err != nil {
		return fmt.Errorf("the source is no URL: %w", errors.Unwrap(err)) // it would show a password
	}
	if u.Host == "" && s.scheme != "postgres" && s.scheme != "mysql" {
		return fmt.Errorf("%s names no host; write %s://HOST/PATH", u.Redacted(), s.scheme)
	}
	if s.fetched() && s.Format == "" {
		s.Format = format.OfPath(u.Path)
	}
	return nil
}

// fetched reports whether the list comes over HTTP.
func (s *Spec) fetched() bool { return s.scheme == "http" || s.scheme == "https" }

// asked reports whether it comes from a database or a directory.
func (s *Spec) asked() bool { return s.scheme != "" && !s.fetched() }

// Live reports whether a server is asked for each key.
func (s *Spec) Live() bool { return s.asked() && !s.Load }

func unknownSource(prefix, rest string) error {
	switch prefix {
	case "hash", "btree", "lmdb", "dbm", "sdbm":
		return fmt.Errorf("%s: is a database that postmap writes; write texthash:%s for the text that it is made from", prefix, rest)
	case "pcre":
		return fmt.Errorf("pcre: is not supported; write regexp:%s, whose expressions are those of RE2", rest)
	case "postgresql", "pgsql":
		return errors.New("write postgres://user@host/database")
	case "sqlite3", "file":
		return fmt.Errorf("write %s", map[string]string{"sqlite3": "sqlite:" + rest, "file": rest}[prefix])
	}
	known := append(schemes(), format.Names()...)
	if near := lint.Nearest(prefix, known); near != "" {
		return fmt.Errorf("there is no source %s:; did you mean %s: instead", prefix, near)
	}
	return fmt.Errorf("there is no source %s:; there are paths, and these before a colon: %s", prefix, strings.Join(known, ", "))
}

func absolute(folder, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(folder, path)
}

// check finds what does not fit together.
func (s *Spec) check() error {
	switch {
	case s.Source != "" && s.scheme == "" && (s.Source == "/" || strings.HasSuffix(s.Source, "/")):
		return fmt.Errorf("%s is no file", s.Source)
	case s.asked() && s.Query.Text == "":
		return errors.New("say with the option query what is asked for")
	case !s.asked() && (s.Query.Text != "" || s.Load):
		return errors.New("the options query and load are for databases and directories")
	case s.Live() && (s.Kind == Net || s.Kind == Regex):
		return fmt.Errorf("map.%s cannot ask for each key; say load = true, so that everything is read", s.Kind)
	case s.Load && strings.HasPrefix(s.scheme, "ldap"):
		return errors.New("a directory is asked for each key; load = true is for databases")
	case live.IsRedis(s.scheme):
		if err := live.CheckCommand(s.Query.Text, s.Load); err != nil {
			return err
		}
	}
	if s.Timeout < 0 || s.TTL < 0 || s.Refresh < time.Second {
		return errors.New("timeout, ttl and refresh must be above 0, and refresh at least 1s")
	}
	return nil
}

// Name is how the map is called in the log and by monitoring: its source, without a password.
func (s *Spec) Name() string {
	switch {
	case s.Source == "":
		return "inline"
	case s.scheme == "" || s.scheme == "sqlite":
		return s.Source
	case live.IsRedis(s.scheme):
		at, _ := store.ParseURL(s.Source) // it was checked
		return at.String() + " " + s.Query.Text
	}
	u, err := url.Parse(s.Source)
	if err != nil {
		return s.scheme + ":"
	}
	u.RawQuery = ""
	return u.Redacted()
}

// id tells maps apart. What shows a password must not be logged.
func (s *Spec) id() string {
	same := *s
	same.given = ""
	return fmt.Sprintf("%#v", same)
}
