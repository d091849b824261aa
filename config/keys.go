package config

import (
	"slices"
	"strings"

	"luamilter/engine"
	"luamilter/luaapi/lint"
)

// Key describes one key. NAME in its name stands for a name that the file gives.
type Key struct {
	Name    string // with its table: limits.memory
	Type    string // in words
	Default string // as the file would say it; "" if there is none
	Doc     string // one sentence or two
}

// entry is a key with where its value is kept and how it is checked.
type entry struct {
	table    string // "" at the top
	key      string
	kind     string
	standard string // the default, as a flag would say it
	doc      string
	field    func(c *Config, name string) any // a pointer
	choices  []string                         // all that a string may be
	check    func(text string) error          // of a string, or of each in a list
	least    int64                            // of numbers, sizes and durations
}

// The tables that hold tables with names of their own.
const (
	tableListener = "listener"
	tableScript   = "script"
)

// The types in words.
const (
	kindString   = "string"
	kindBool     = "boolean"
	kindInteger  = "integer"
	kindDuration = "duration"
	kindSize     = "size"
	kindPercent  = "percentage"
	kindSockets  = "list of sockets"
	kindScripts  = "list of paths"
	kindPlaces   = "list of places"
	kindDomains  = "list of domains"
	kindAddress  = "socket"
	kindServers  = "list of addresses"
	kindChoice   = "one of "
)

// The choices.
var (
	verdicts = []string{"tempfail", "reject", "accept", "continue"}
	modes    = []string{string(Enforce), string(Observe)}
	levels   = []string{"debug", "info", "warn", "error"}
	tooLarge = []string{"error", "truncate", "accept", "reject", "tempfail"}
	formats  = []string{"auto", "text", "json", "journald", "syslog"}
	bodies   = []string{"keep", "mask", "none"}
)

// table is the one source of what keys there are. Nothing changes it.
var table = []entry{
	{key: "listen", kind: kindSockets, standard: engine.DefaultSpec, check: checkSpec, field: func(c *Config, _ string) any { return &c.top.listen },
		doc: "Where the MTA connects: `inet:port@host`, `inet6:port@host`, `inet:host:port`, `unix:/path` or `/path`; a path may end in `?mode=0660&owner=luamilter&group=postfix`."},
	{key: "scripts", kind: kindScripts, check: checkPath, field: func(c *Config, _ string) any { return &c.top.scripts },
		doc: "The scripts, asked in this order: paths, and patterns such as `scripts/*.lua`. A relative one begins at the folder of this file."},
	{key: "on_error", kind: kindChoice, standard: "tempfail", choices: verdicts, field: func(c *Config, _ string) any { return &c.top.onError },
		doc: "What an error in a script amounts to."},
	{key: "mode", kind: kindChoice, standard: string(Enforce), choices: modes, field: func(c *Config, _ string) any { return &c.top.mode },
		doc: "`observe` runs the scripts and logs what they would have done, but mail passes as if they had no opinion."},
	{key: "user", kind: kindString, field: func(c *Config, _ string) any { return &c.User },
		doc: "The user that the daemon becomes once its sockets are open; empty: it stays who it is."},
	{key: "group", kind: kindString, field: func(c *Config, _ string) any { return &c.Group },
		doc: "The group that goes with `user`; empty: that user's own."},
	{key: "sandbox", kind: kindBool, standard: "false", field: func(c *Config, _ string) any { return &c.Sandbox },
		doc: "Whether the kernel (Landlock) keeps the daemon from all files but those that a mail filter needs: its scripts and their folders, the folders of its sockets, and what the system's libraries read."},
	{key: "notice", kind: kindDuration, standard: "0s", field: func(c *Config, _ string) any { return &c.Notice },
		doc: "How long after SIGTERM connections are still taken, while `/readyz` already says 503: the time that a load balancer needs to notice and to go elsewhere. Then comes `drain`."},
	{key: "drain", kind: kindDuration, standard: "1m", field: func(c *Config, _ string) any { return &c.Drain },
		doc: "How long SIGTERM waits for open SMTP sessions; a second signal ends at once."},

	{table: tableListener, key: "listen", kind: kindSockets, check: checkSpec, field: func(c *Config, name string) any { return &c.listener(name).listen },
		doc: "Where the MTA connects to this listener. It must be said."},
	{table: tableListener, key: "scripts", kind: kindScripts, check: checkPath, field: func(c *Config, name string) any { return &c.listener(name).scripts },
		doc: "The scripts of this listener, as `scripts` at the top. They must be said."},
	{table: tableListener, key: "on_error", kind: kindChoice, choices: verdicts, field: func(c *Config, name string) any { return &c.listener(name).onError },
		doc: "What an error in a script of this listener amounts to; not said: as at the top."},
	{table: tableListener, key: "mode", kind: kindChoice, choices: modes, field: func(c *Config, name string) any { return &c.listener(name).mode },
		doc: "Whether this listener's verdicts count; not said: as at the top."},

	{table: tableScript, key: "on_error", kind: kindChoice, choices: verdicts, field: func(c *Config, name string) any { return &c.script(name).onError },
		doc: "What an error in this script amounts to; not said: as its listener has it."},
	{table: tableScript, key: "mode", kind: kindChoice, choices: modes, field: func(c *Config, name string) any { return &c.script(name).mode },
		doc: "Whether this script's verdicts count; not said: as its listener has it."},

	{table: "log", key: "level", kind: kindChoice, standard: "info", choices: levels, field: func(c *Config, _ string) any { return &c.Log.Level },
		doc: "The least that is logged."},
	{table: "log", key: "format", kind: kindChoice, standard: "auto", choices: formats, field: func(c *Config, _ string) any { return &c.Log.Format },
		doc: "How the log is written; `auto` finds out what reads it."},
	{table: "log", key: "messages", kind: kindBool, standard: "true", field: func(c *Config, _ string) any { return &c.Log.Messages },
		doc: "Whether each message gets one line that sums it up."},

	{table: "limits", key: "command_time", kind: kindDuration, standard: "8s", least: 1, field: func(c *Config, _ string) any { return &c.Limits.CommandTime },
		doc: "How long a call of a hook may take, `eom` aside. Postfix gives up after 30 s, Sendmail after 10 s unless its `T=` says otherwise."},
	{table: "limits", key: "message_time", kind: kindDuration, standard: "4m", least: 1, field: func(c *Config, _ string) any { return &c.Limits.MessageTime },
		doc: "How long a call of `eom` may take. Sendmail gives up after 5 minutes unless its `T=` says otherwise, Postfix after 5 minutes without a keep-alive."},
	{table: "limits", key: "instructions", kind: kindInteger, standard: "50000000", least: 1, field: func(c *Config, _ string) any { return &c.Limits.Instructions },
		doc: "How many instructions of the Lua machine a call of a hook may take."},
	{table: "limits", key: "memory", kind: kindSize, standard: "1GiB", field: func(c *Config, _ string) any { return &c.Limits.Memory },
		doc: "How much memory the daemon may take: before it takes more, it stops hooks and refuses mail for the time being; 0 for no limit."},
	{table: "limits", key: "message", kind: kindSize, standard: "100MiB", least: 1, field: func(c *Config, _ string) any { return &c.Limits.Message },
		doc: "How large the header and body may be that are collected for a script that reads them in `eom`; `too_large` says what becomes of a larger message."},
	{table: "limits", key: "too_large", kind: kindChoice, standard: "error", choices: tooLarge, field: func(c *Config, _ string) any { return &c.Limits.TooLarge },
		doc: "What becomes of a message over `message`: `error` is the verdict of `on_error`; with `truncate` scripts get the beginning of the body, and `msg.truncated` is true; the others are verdicts, and scripts are not asked."},
	{table: "limits", key: "vms", kind: kindInteger, standard: "2000", least: 1, field: func(c *Config, _ string) any { return &c.Limits.VMs },
		doc: "How many Lua machines a script may have at a time."},
	{table: "limits", key: "park_after", kind: kindDuration, standard: "50ms", least: 1, field: func(c *Config, _ string) any { return &c.Limits.ParkAfter },
		doc: "How long a connection must be quiet until it gives its Lua machine back."},

	{table: "spool", key: "dir", kind: kindString, check: checkFolder, field: func(c *Config, _ string) any { return &c.Spool.Dir },
		doc: "The folder for bodies that are too large to be kept in memory; empty: what the environment's TMPDIR says, or else `/var/tmp`. The files have no names there, and are gone when the daemon ends, however it ends."},
	{table: "spool", key: "after", kind: kindSize, standard: "1MiB", field: func(c *Config, _ string) any { return &c.Spool.After },
		doc: "How much of a body may be in memory while it is collected for a script that reads it in `eom`; a larger one goes to a file."},
	{table: "spool", key: "size", kind: kindSize, standard: "8GiB", field: func(c *Config, _ string) any { return &c.Spool.Size },
		doc: "How much the bodies in files may have together; beyond that, large messages are refused for the time being; 0 for no limit."},

	{table: "reload", key: "watch", kind: kindBool, standard: "true", field: func(c *Config, _ string) any { return &c.Reload.Watch },
		doc: "Whether changed scripts are taken up as soon as the system tells of them."},
	{table: "reload", key: "poll", kind: kindDuration, standard: "10s", field: func(c *Config, _ string) any { return &c.Reload.Poll },
		doc: "How often the daemon looks itself whether scripts have changed, for file systems that do not tell; 0 for never."},
	{table: "reload", key: "canary", kind: kindPercent, field: func(c *Config, _ string) any { return &c.Reload.Canary },
		doc: "Which share of the connections tries new scripts before all get them, such as `10%`; empty: all get them at once."},
	{table: "reload", key: "canary_time", kind: kindDuration, standard: "5m", least: 1, field: func(c *Config, _ string) any { return &c.Reload.CanaryTime },
		doc: "How long that share tries them."},

	{table: "record", key: "dir", kind: kindString, check: checkFolder, field: func(c *Config, _ string) any { return &c.Record.Dir },
		doc: "The folder for recordings of connections, which `luamilter replay` plays back; empty: nothing is recorded. It must not be reached over a symbolic link."},
	{table: "record", key: "sample", kind: kindPercent, standard: "100%", field: func(c *Config, _ string) any { return &c.Record.Sample },
		doc: "Which share of the connections is recorded."},
	{table: "record", key: "bodies", kind: kindChoice, standard: "keep", choices: bodies, field: func(c *Config, _ string) any { return &c.Record.Bodies },
		doc: "What a recording has of the bodies of messages: `keep` all, with `mask` every byte is an x but line ends, with `none` nothing."},
	{table: "record", key: "size", kind: kindSize, standard: "1GiB", field: func(c *Config, _ string) any { return &c.Record.Size },
		doc: "How much the recordings may have together; the oldest make room. One alone may have a quarter. 0 for no limit."},

	{table: "store", key: "url", kind: "URL", standard: "memory:", check: checkStore, field: func(c *Config, _ string) any { return &c.Store.URL },
		doc: "Where scripts keep what outlives a connection: `memory:`, which ends with the daemon, `file:/path`, or `redis://user:password@host:port/number` for several machines; [store.md](store.md) has all forms."},
	{table: "store", key: "size", kind: kindSize, standard: "64MiB", least: 8 << 20, field: func(c *Config, _ string) any { return &c.Store.Size },
		doc: "How much the keys and values in `memory:` or a file may have together. Then what was not used for long makes room in memory, and what ends next in a file."},
	{table: "store", key: "keys", kind: kindInteger, standard: "500000", least: 1, field: func(c *Config, _ string) any { return &c.Store.Keys },
		doc: "How many keys `memory:` may have."},
	{table: "store", key: "timeout", kind: kindDuration, standard: "500ms", least: 1, field: func(c *Config, _ string) any { return &c.Store.Timeout },
		doc: "How long a Redis server may take to answer. One that fails three times is not asked for 5 s."},

	{table: "cache", key: "size", kind: kindSize, standard: "64MiB", least: 1 << 20, field: func(c *Config, _ string) any { return &c.Cache.Size },
		doc: "How much memory the caches of all scripts may take together."},

	{table: "http", key: "allow", kind: kindPlaces, check: checkPlace, field: func(c *Config, _ string) any { return &c.HTTP.allow },
		doc: "Where the module `http` may go although it is no public address: addresses, networks such as `10.1.0.0/16`, names, and each of these but a network with a port, `127.0.0.1:8080`."},
	{table: "http", key: "proxy", kind: "URL", check: checkProxy, field: func(c *Config, _ string) any { return &c.HTTP.Proxy },
		doc: "The proxy for all requests, `http://host:port`; empty: none. The environment does not count."},
	{table: "http", key: "timeout", kind: kindDuration, standard: "5s", least: 1, field: func(c *Config, _ string) any { return &c.HTTP.Timeout },
		doc: "How long a request may take that says nothing else."},
	{table: "http", key: "max_body", kind: kindSize, standard: "1MiB", least: 1, field: func(c *Config, _ string) any { return &c.HTTP.MaxBody },
		doc: "How large an answer may be, unpacked, if the request says nothing else."},

	{table: "clamav", key: "address", kind: kindAddress, check: checkUpstream, field: func(c *Config, _ string) any { return &c.ClamAV.Address },
		doc: "Where clamd is: `unix:/run/clamav/clamd.ctl` or `host:port`; empty for none."},
	{table: "clamav", key: "timeout", kind: kindDuration, standard: "5s", least: 1, field: func(c *Config, _ string) any { return &c.ClamAV.Timeout },
		doc: "How long a scan may take. Scripts scan in `eom`, which has `limits.message_time`: there may be more."},

	{table: "rspamd", key: "url", kind: "URL", check: checkRspamd, field: func(c *Config, _ string) any { return &c.Rspamd.URL },
		doc: "Where Rspamd's normal worker or proxy is: `http://127.0.0.1:11333`; empty for none."},
	{table: "rspamd", key: "timeout", kind: kindDuration, standard: "5s", least: 1, field: func(c *Config, _ string) any { return &c.Rspamd.Timeout },
		doc: "How long a check may take."},

	{table: "spamd", key: "address", kind: kindAddress, check: checkUpstream, field: func(c *Config, _ string) any { return &c.Spamd.Address },
		doc: "Where SpamAssassin's spamd is: `127.0.0.1:783` or `unix:/path`; empty for none."},
	{table: "spamd", key: "timeout", kind: kindDuration, standard: "5s", least: 1, field: func(c *Config, _ string) any { return &c.Spamd.Timeout },
		doc: "How long a check may take. SpamAssassin asks the network itself, so it can be slow."},

	{table: "smtp", key: "relay", kind: kindAddress, check: checkUpstream, field: func(c *Config, _ string) any { return &c.SMTP.Relay },
		doc: "Which mail server takes the mail of `smtp.send`: `127.0.0.1:25`; empty for none."},
	{table: "smtp", key: "hello", kind: kindString, field: func(c *Config, _ string) any { return &c.SMTP.Hello },
		doc: "The name that luamilter says in EHLO; empty: that of the machine."},
	{table: "smtp", key: "timeout", kind: kindDuration, standard: "5s", least: 1, field: func(c *Config, _ string) any { return &c.SMTP.Timeout },
		doc: "How long `smtp.verify` may take, and each attempt to deliver."},
	{table: "smtp", key: "local_domains", kind: kindDomains, check: checkDomain, field: func(c *Config, _ string) any { return &c.SMTP.local },
		doc: "Domains that are this site's own: `smtp.verify` never asks about addresses in them."},

	{table: "outbox", key: "dir", kind: kindString, check: checkFolder, field: func(c *Config, _ string) any { return &c.Outbox.Dir },
		doc: "The folder for what `http.later` and `smtp.send` send, until it is delivered, such as `/var/lib/luamilter/outbox`; empty: these functions cannot be used."},
	{table: "outbox", key: "size", kind: kindInteger, standard: "10000", least: 1, field: func(c *Config, _ string) any { return &c.Outbox.Size },
		doc: "How many may wait there. Beyond that scripts are told that it is full."},
	{table: "outbox", key: "keep", kind: kindDuration, standard: "1d", least: 1, field: func(c *Config, _ string) any { return &c.Outbox.Keep },
		doc: "How long delivery is tried."},

	{table: "dns", key: "servers", kind: kindServers, check: checkServer, field: func(c *Config, _ string) any { return &c.servers },
		doc: "The name servers that scripts' lookups go to, such as `192.0.2.53` or `[2001:db8::53]:53`; empty: those of `/etc/resolv.conf`. They must recurse. For DNS lists have one of your own: lists refuse the large public ones."},
	{table: "dns", key: "timeout", kind: kindDuration, standard: "1500ms", least: 1, field: func(c *Config, _ string) any { return &c.DNS.Timeout },
		doc: "How long a name server has for an answer."},
	{table: "dns", key: "tries", kind: kindInteger, standard: "3", least: 1, field: func(c *Config, _ string) any { return &c.DNS.Tries },
		doc: "How many questions a lookup may take, one after another, each to the next server. Together with `timeout` this is how long a lookup takes at most."},
	{table: "dns", key: "cache", kind: kindSize, standard: "16MiB", field: func(c *Config, _ string) any { return &c.DNS.Cache },
		doc: "How much memory the answers may take that are kept, each as long as it says."},
	{table: "dns", key: "stale", kind: kindDuration, standard: "0", field: func(c *Config, _ string) any { return &c.DNS.Stale },
		doc: "How long after its end an answer is still used while no server answers; 0 for not at all."},
	{table: "dns", key: "concurrency", kind: kindInteger, standard: "200", least: 1, field: func(c *Config, _ string) any { return &c.DNS.Concurrency },
		doc: "How many lookups may ask servers at the same time; others wait for their turn."},
	{table: "dns", key: "random_case", kind: kindBool, standard: "false", field: func(c *Config, _ string) any { return &c.DNS.RandomCase },
		doc: "Whether letters of questions are made small or large at random, which whoever forges an answer must guess (0x20). For servers across a network that you do not trust; a few do not bear it."},

	{table: "geo", key: "files", kind: kindScripts, check: checkPath, field: func(c *Config, _ string) any { return &c.geo },
		doc: "Files in MaxMind's DB format that tell scripts where an IP address is and whose network it is in, such as `/var/lib/GeoIP/GeoLite2-Country.mmdb`. What the first one does not know, the next one may. A file that changes is read anew; put a new one in place by renaming it."},

	{table: "maps", key: "folders", kind: kindScripts, check: checkPath, field: func(c *Config, _ string) any { return &c.lists },
		doc: "Folders with files that scripts open with `require \"map\"`, besides those of the scripts: with `sandbox`, the daemon can read no others."},
	{table: "maps", key: "copies", kind: kindString, check: checkFolder, field: func(c *Config, _ string) any { return &c.Maps.Copies },
		doc: "The folder for copies of lists from web servers, which are used while a server does not answer; empty: the state directory that systemd gives, or else no copies."},

	{table: "admin", key: "listen", kind: "socket", standard: "unix:/run/luamilter/admin.sock", check: checkAdmin, field: func(c *Config, _ string) any { return &c.admin },
		doc: "The unix socket for the commands that talk to the running daemon, with mode 0600 unless `?mode=` says otherwise; empty for none."},

	{table: "metrics", key: "listen", kind: "host:port", check: checkMetrics, field: func(c *Config, _ string) any { return &c.Metrics.Listen },
		doc: "Where metrics can be fetched over HTTP, such as `127.0.0.1:9125`; empty for none."},
}

// Keys returns every key there is, those at the top first.
func Keys() []Key {
	c := Default()
	var keys []Key
	for i := range table {
		e := &table[i]
		k := Key{Name: e.name(), Type: e.kind, Doc: e.doc}
		if e.kind == kindChoice {
			k.Type += strings.Join(e.choices, ", ")
		}
		if !e.isWild() {
			k.Default = render(e.field(c, ""))
		}
		keys = append(keys, k)
	}
	return keys
}

// isWild reports whether the key is one of a named listener or script.
func (e *entry) isWild() bool { return isWild(e.table) }

func isWild(table string) bool { return table == tableListener || table == tableScript }

// name returns the key with its table.
func (e *entry) name() string { return e.path("NAME").String() }

// path returns where the key of a listener or a script is, of any other with "" where it is.
func (e *entry) path(instance string) path {
	switch {
	case e.table == "":
		return path{e.key}
	case e.isWild():
		return path{e.table, instance, e.key}
	}
	return path{e.table, e.key}
}

// find returns the entry of a key, and the name of the listener or script it is of; nil if there is none.
func find(p path) (e *entry, instance string) {
	inTable, key := "", p[len(p)-1]
	switch {
	case len(p) == 2 && !isWild(p[0]):
		inTable = p[0]
	case len(p) == 3 && isWild(p[0]):
		inTable, instance = p[0], p[1]
	case len(p) != 1:
		return nil, ""
	}
	at := slices.IndexFunc(table, func(e entry) bool { return e.table == inTable && e.key == key })
	if at < 0 || inTable == "" && len(p) != 1 {
		return nil, ""
	}
	return &table[at], instance
}

// isTable reports whether there are keys in a table of that name.
func isTable(name string) bool {
	return name != "" && slices.ContainsFunc(table, func(e entry) bool { return e.table == name })
}

// unknownKey says what is known instead of a key: one of the same table that is spelt alike, or one of that name in another table.
func unknownKey(p path) string {
	last := p[len(p)-1]
	inTable := ""
	if len(p) > 1 {
		inTable = p[0]
	}
	var siblings, elsewhere []string
	for i := range table {
		e := &table[i]
		switch {
		case e.table == inTable:
			siblings = append(siblings, e.key)
		case inTable == "" && !slices.Contains(siblings, e.table) && len(p) == 1:
			siblings = append(siblings, e.table)
		}
		if e.key == last && e.table != inTable && !e.isWild() {
			elsewhere = append(elsewhere, e.name())
		}
	}
	switch near := lint.Nearest(last, siblings); {
	case near != "":
		return "unknown key, did you mean " + near + "?"
	case len(elsewhere) == 1 && !strings.Contains(elsewhere[0], "."):
		return "unknown key here; " + last + " belongs at the top of the file, above the first [table]"
	case len(elsewhere) > 0:
		return "unknown key here; there is " + strings.Join(elsewhere, ", ")
	case inTable == "":
		return "unknown key; known are " + strings.Join(siblings, ", ")
	case len(siblings) == 0:
		return "unknown key"
	}
	return "unknown key; [" + inTable + "] has " + strings.Join(siblings, ", ")
}
