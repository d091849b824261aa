package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"luamilter/luaapi/dns"
)

// DefaultPath is where the daemon's configuration is when nobody says otherwise.
const DefaultPath = "/etc/luamilter/luamilter.toml"

// Config is a configuration: what a file and flags say, over the defaults. Keys says what each key means. Sockets and scripts come from
// Listeners, AdminSocket and Script.
type Config struct {
	User, Group string        // to become after the sockets are open; "" to stay
	Sandbox     bool          // no files but those that a mail filter needs
	Notice      time.Duration // how long before that new ones are still taken
	Drain       time.Duration // how long open sessions may take to end at a stop
	Log         Log
	Limits      Limits
	Spool       Spool
	Reload      Reload
	Record      Record
	Store       Store
	Cache       Cache
	DNS         DNS
	Metrics     Metrics
	Maps        Maps
	HTTP        HTTP
	ClamAV      ClamAV
	Rspamd      Rspamd
	Spamd       Spamd
	SMTP        SMTP
	Outbox      Outbox

	servers []item // dns.servers
	geo     []item
	lists   []item
	admin   string
	top     listener // listen, scripts, on_error and mode at the top
	named   map[string]*listener
	scripts map[string]*script
	origins map[string]origin // of the keys that are not as in Default
	file    string            // that was read, "" if none
}

// Log is what [log] says.
type Log struct {
	Level    string // debug, info, warn or error
	Format   string // auto, text, json, journald or syslog
	Messages bool   // one line for each message
}

// Limits are what [limits] says.
type Limits struct {
	CommandTime  time.Duration // wall time of a call of every hook but eom
	MessageTime  time.Duration // wall time of eom
	Instructions int64         // of a call of a hook
	Memory       Size          // of the process; 0 for no limit
	Message      Size          // header and body that are collected
	TooLarge     string        // what becomes of larger ones: error, truncate, accept, reject or tempfail
	VMs          int64         // at most, of each script
	ParkAfter    time.Duration // how long a connection must be quiet until it gives its VM back
}

// Spool is what [spool] says.
type Spool struct {
	Dir   string // where large bodies go; "" for TMPDIR, or else /var/tmp
	After Size   // how much of a body may be in memory
	Size  Size   // of all that are in files; 0 for no limit
}

// Reload is what [reload] says.
type Reload struct {
	Watch      bool          // be told by the system when a script changes
	Poll       time.Duration // look at the scripts this often; 0 never
	Canary     Percent       // share of the connections that try new scripts first; 0 for none
	CanaryTime time.Duration // how long they try them
}

// Record is what [record] says.
type Record struct {
	Dir    string  // where recordings go; "" for none
	Sample Percent // share of the connections that are recorded
	Bodies string  // keep, mask or none
	Size   Size    // of all recordings; 0 for no limit
}

// Store is what [store] says.
type Store struct {
	URL     string        // as store.ParseURL reads it
	Size    Size          // of what is in memory or a file
	Keys    int64         // in memory
	Timeout time.Duration // of Redis
}

// Cache is what [cache] says.
type Cache struct {
	Size Size // of all caches
}

// DNS is what [dns] says, besides NameServers.
type DNS struct {
	Timeout     time.Duration // how long a name server has for an answer
	Tries       int64         // how many questions a lookup may take
	Cache       Size          // of the answers that are kept
	Stale       time.Duration // how long after its end an answer is used when no server answers
	Concurrency int64         // lookups that ask at the same time
	RandomCase  bool          // letters of questions are made small or large at random
}

// Maps are what [maps] says, besides MapFolders.
type Maps struct {
	Copies string // where copies of lists from web servers are kept; "" for systemd's state directory, or nowhere
}

// Metrics are what [metrics] says.
type Metrics struct {
	Listen string // host:port, "" for none
}

// listener is a list of sockets with a list of scripts.
type listener struct {
	listen, scripts []item
	onError, mode   string // "" for those at the top
}

// script is what [script.NAME] says.
type script struct {
	onError, mode string // "" for those of the listener
	settings      map[string]Setting
}

// Setting is a setting of a script, which the script checks.
type Setting struct {
	Value any // string, int64, float64, bool, []any of these, or map[string]any of these
	Line  int // in the file
}

// item is an element of a list.
type item struct {
	text string
	from origin
}

// origin is where a value was written.
type origin struct {
	name string // the file, a flag
	line int    // 0 if it is not from a file
}

// File returns the file that was read, "" if none.
func (c *Config) File() string { return c.file }

// At returns how an error names a line of the file.
func (c *Config) At(line int) string { return origin{c.file, line}.String() }

// NameServers returns dns.servers as ADDRESS:PORT; none means those of the system.
func (c *Config) NameServers() []string {
	var all []string
	for _, i := range c.servers {
		server, err := dns.ParseServer(i.text)
		if err != nil {
			panic(err) // it was checked when it was read
		}
		all = append(all, server)
	}
	return all
}

// Patterns returns the scripts of all listeners as they are written, but with absolute paths: some are patterns.
func (c *Config) Patterns() []string {
	var all []string
	for _, i := range c.top.scripts {
		all = append(all, i.text)
	}
	for _, name := range slices.Sorted(maps.Keys(c.named)) {
		for _, i := range c.named[name].scripts {
			all = append(all, i.text)
		}
	}
	return all
}

// MapFolders returns the folders of files that scripts open as lists.
func (c *Config) MapFolders() []string {
	var paths []string
	for _, i := range c.lists {
		paths = append(paths, i.text)
	}
	return paths
}

// GeoFiles returns the files that tell where IP addresses are.
func (c *Config) GeoFiles() []string {
	var paths []string
	for _, i := range c.geo {
		paths = append(paths, i.text)
	}
	return paths
}

// OriginDefault is the origin of what nobody wrote.
const OriginDefault = "default"

// String returns file:line, or the flag.
func (o origin) String() string {
	if o.line == 0 {
		return o.name
	}
	return fmt.Sprintf("%s:%d", o.name, o.line)
}

// Default returns the configuration of a daemon that nobody has configured. It has no scripts.
func Default() *Config {
	c := &Config{named: map[string]*listener{}, scripts: map[string]*script{}, origins: map[string]origin{}}
	for i := range table {
		e := &table[i]
		if e.isWild() {
			continue
		}
		var texts []string
		if e.standard != "" {
			texts = []string{e.standard}
		}
		value, problem := e.fromTexts(c, "", texts)
		errs := Errors{}
		if problem == "" {
			errs = c.assign(e, "", value, source{origin: origin{name: OriginDefault}})
		}
		if problem != "" || len(errs) > 0 {
			panic(fmt.Sprintf("default of %s: %s %v", e.name(), problem, errs)) // a bug that any test shows
		}
	}
	c.origins = map[string]origin{}
	return c
}

// Set sets a key, such as limits.memory, to a value written as a flag has it, 2GiB. A list gets this one element. The checks are those
// of Load; the error begins with origin, the name of the flag.
func (c *Config) Set(key, value, origin string) error { return c.SetList(key, []string{value}, origin) }

// SetList sets a key to several values, as Set does. What is no list takes exactly one.
func (c *Config) SetList(key string, values []string, from string) error {
	p := path(strings.Split(key, "."))
	e, instance := find(p)
	if e == nil {
		return fault(origin{name: from}, key, "%s", unknownKey(p))
	}
	if problem := checkName(instance); e.table == tableListener && problem != "" {
		return fault(origin{name: from}, key, "%s", problem)
	}
	for _, v := range values {
		if !utf8.ValidString(v) {
			return fault(origin{name: from}, key, "%q is not UTF-8", v)
		}
	}
	folder, err := os.Getwd()
	if err != nil {
		return fmt.Errorf("%s: find the current folder: %w", from, err)
	}
	value, problem := e.fromTexts(c, instance, values)
	if problem != "" {
		return fault(origin{name: from}, key, "%s", problem)
	}
	return c.assign(e, instance, value, source{origin: origin{name: from}, folder: folder}).orNil()
}

// Origin tells where a key's value comes from: "default", file:line, or a flag. A named listener's on_error and mode that are not
// said come from those at the top.
func (c *Config) Origin(key string) string { return c.origin(key).String() }

func (c *Config) origin(key string) origin {
	if o, ok := c.origins[key]; ok {
		return o
	}
	for _, inherited := range []string{"on_error", "mode"} {
		if o, ok := c.origins[inherited]; ok && strings.HasPrefix(key, tableListener+".") && strings.HasSuffix(key, "."+inherited) {
			return o
		}
	}
	return origin{name: OriginDefault}
}

// listener returns a named listener, which it makes if there is none; "" is the one at the top.
func (c *Config) listener(name string) *listener {
	if name == "" {
		return &c.top
	}
	if c.named[name] == nil {
		c.named[name] = &listener{}
	}
	return c.named[name]
}

// script returns what is said of a script, which it makes if nothing is.
func (c *Config) script(name string) *script {
	if c.scripts[name] == nil {
		c.scripts[name] = &script{settings: map[string]Setting{}}
	}
	return c.scripts[name]
}
