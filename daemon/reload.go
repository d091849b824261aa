package daemon

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"luamilter/config"
	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/luaapi/spool"
	"luamilter/system"
)

// Attempt is an attempt to take up a configuration and its scripts.
type Attempt struct {
	Time    time.Time `json:"time"`
	Cause   string    `json:"cause"`             // start, signal, command, files
	Release int       `json:"release,omitempty"` // the number of what came of it; 0 if nothing did
	Canary  bool      `json:"canary,omitempty"`  // it is on trial
	Error   string    `json:"error,omitempty"`
	Notes   []string  `json:"notes,omitempty"` // what takes effect at the next start only
}

// history is what came of the attempts so far.
type history struct {
	last, good, bad Attempt
	reloads, failed int // after the start
	rolledBack      int
}

func (h *history) note(a Attempt) {
	h.last = a
	if a.Error == "" {
		h.good = a
	} else {
		h.bad = a
	}
	switch {
	case a.Cause == "start":
	case a.Error == "":
		h.reloads++
	default:
		h.failed++
	}
}

// fingerprint tells programs apart by the text of all their files.
type fingerprint [sha256.Size]byte

// sourcesOf returns the fingerprint of programs and of what is configured for their scripts.
func sourcesOf(programs map[string]*engine.Program) fingerprint {
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		fmt.Fprintf(h, "%q\n", name)
		programs[name].Digest(h)
	}
	return fingerprint(h.Sum(nil))
}

// load makes the programs of a configuration, by listener.
func (d *Daemon) load(c *config.Config, listeners []config.Listener) (map[string]*engine.Program, error) {
	programs := map[string]*engine.Program{}
	for _, l := range listeners {
		o := Options(c, l, d.memory, d.spool)
		o.Services, o.Unmet = d.services, Unmet(c, d.services)
		p, err := engine.Load(l.Scripts, o)
		if err != nil {
			closeAll(programs)
			return nil, err
		}
		programs[l.Name] = p
		if err := Configured(p, o.Unmet); err != nil {
			closeAll(programs)
			return nil, err
		}
	}
	return programs, nil
}

// warn logs what check would call an error in scripts that load all the same.
func (d *Daemon) warn(programs map[string]*engine.Program) {
	said := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		for _, f := range programs[name].Check() {
			if text := f.Detail(); f.Rank == "error" && !said[text] {
				said[text] = true
				f.Log(d.log.Warn())
			}
		}
	}
}

func closeAll(programs map[string]*engine.Program) {
	for _, p := range programs {
		p.Close()
	}
}

// Options returns what the program of a listener needs besides its scripts; memory and large may be nil.
func Options(c *config.Config, l config.Listener, memory *engine.Memory, large *spool.Dir) engine.Options {
	limits := engine.DefaultLimits
	limits.Instructions, limits.CommandTime, limits.MessageTime = c.Limits.Instructions, c.Limits.CommandTime, c.Limits.MessageTime
	limits.Message, limits.VMs = int64(c.Limits.Message), int(c.Limits.VMs)
	limits.BodyInMemory = int64(c.Spool.After)
	o := engine.Options{
		Limits: limits, OnError: l.OnError, Observe: l.Mode == config.Observe, Memory: memory, SelfTest: true,
		Spool: large, TooLarge: tooLarge[c.Limits.TooLarge],
		Scripts: map[string]engine.ScriptOptions{}, Unmet: Unmet(c, nil),
	}
	for _, path := range l.Scripts {
		s := c.Script(l, path)
		observe := s.Mode == config.Observe
		one := engine.ScriptOptions{OnError: &s.OnError, Observe: &observe, Settings: map[string]luaapi.Given{}}
		for name, setting := range s.Settings {
			one.Settings[name] = luaapi.Given{Value: setting.Value, Origin: c.At(setting.Line)}
		}
		o.Scripts[s.Name] = one
	}
	return o
}

// tooLarge has what limits.too_large says.
var tooLarge = map[string]engine.TooLarge{
	"error": engine.TooLargeIsError, "truncate": engine.Truncate, "accept": engine.AcceptTooLarge, "reject": engine.RejectTooLarge, "tempfail": engine.TempfailTooLarge,
}

// errUnchanged is why nothing is done when files were touched but say the same.
var errUnchanged = errors.New("nothing has changed")

// Reload takes up the configuration and the scripts as they are now, for new connections. If anything is wrong, nothing changes.
func (d *Daemon) Reload(cause string) (Attempt, error) { return d.reload(cause, false) }

// reload is Reload; where only changes matter, it returns errUnchanged if there are none.
func (d *Daemon) reload(cause string, changes bool) (Attempt, error) {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	a := Attempt{Time: time.Now(), Cause: cause}
	release, err := d.take(&a, changes)
	if err == errUnchanged {
		return a, err
	}
	d.mu.Lock()
	again := err != nil && d.history.last.Error == err.Error()
	if err != nil {
		a.Error = err.Error()
	}
	d.history.note(a)
	d.mu.Unlock()
	switch {
	case err == nil:
		_, listeners := d.inUse()
		d.log.Info().Str("cause", cause).Int("release", a.Release).Strs("scripts", scriptPaths(listeners)).Bool("canary", a.Canary).Msg("reloaded")
		d.judge(release, a.Canary)
	case !again || cause != causeFiles: // a file that stays broken is said once
		d.log.Error().Str("cause", cause).Msg("not reloaded, what ran before goes on: " + a.Error)
	}
	return a, err
}

// take makes a release of what is configured now, and uses it.
func (d *Daemon) take(a *Attempt, changes bool) (*engine.Release, error) {
	c, err := d.Configure()
	if err != nil {
		return nil, err
	}
	listeners, err := c.Listeners()
	if err != nil {
		return nil, err
	}
	if a.Notes, err = d.fixed(c, listeners); err != nil {
		return nil, err
	}
	if err := system.CheckScripts(trusted(c, listeners), owner(c)); err != nil {
		return nil, err
	}
	programs, err := d.load(c, listeners)
	if err != nil {
		return nil, Describe(err)
	}
	sources := sourcesOf(programs)
	d.mu.Lock()
	same := sources == d.sources && d.history.last.Error == ""
	d.mu.Unlock()
	if changes && same {
		closeAll(programs)
		return nil, errUnchanged
	}
	d.mu.Lock()
	d.config, d.listeners, d.sources = c, listeners, sources
	d.mu.Unlock()
	d.warn(programs)
	var r *engine.Release
	if a.Canary = c.Reload.Canary > 0 && c.Reload.Canary < 100; a.Canary {
		r = d.engine.Try(programs, float64(c.Reload.Canary)/100)
	} else {
		r = d.engine.Reload(programs)
	}
	a.Release = r.Number
	return r, nil
}

// fixed finds what a reload cannot change. Other sockets for the same listeners wait for the next start; other listeners are an error.
func (d *Daemon) fixed(c *config.Config, listeners []config.Listener) (notes []string, err error) {
	var names, had []string
	sockets := map[string]bool{}
	for _, l := range listeners {
		names = append(names, l.Name)
		for _, s := range l.Specs {
			sockets[l.Name+" "+s.String()] = true
		}
	}
	running, before := d.inUse()
	for _, l := range before {
		had = append(had, l.Name)
	}
	slices.Sort(names)
	slices.Sort(had)
	if !slices.Equal(names, had) {
		return nil, fmt.Errorf("the listeners were %v and are now %v: restart the daemon for that", had, names)
	}
	open := map[string]bool{}
	for _, s := range d.sockets {
		open[s.name+" "+s.spec.String()] = true
	}
	note := func(changed bool, key string) {
		if changed {
			notes = append(notes, key+" has changed, which takes effect when the daemon is restarted")
		}
	}
	note(!maps.Equal(open, sockets), "listen")
	note(c.User != running.User || c.Group != running.Group, "user or group")
	note(c.Limits.Memory != running.Limits.Memory, "limits.memory")
	note(c.Spool.Dir != running.Spool.Dir || c.Spool.Size != running.Spool.Size, "spool.dir or spool.size")
	note(c.Maps != running.Maps || c.Sandbox && !slices.Equal(c.MapFolders(), running.MapFolders()), "maps.folders or maps.copies")
	note(!sameUpstreams(c, running), "http, clamav, rspamd, spamd, smtp or outbox")
	note(c.Record != running.Record, "[record]")
	note(c.Store != running.Store, "store")
	note(c.Cache != running.Cache, "cache.size")
	note(c.DNS != running.DNS || !slices.Equal(c.NameServers(), running.NameServers()), "[dns]")
	note(!slices.Equal(c.GeoFiles(), running.GeoFiles()), "geo.files")
	note(c.Limits.ParkAfter != running.Limits.ParkAfter, "limits.park_after")
	note(c.Log.Format != running.Log.Format || c.Log.Messages != running.Log.Messages, "log.format or log.messages")
	return notes, nil
}

// hangUp reloads because of SIGHUP, and tells the supervisor.
func (d *Daemon) hangUp() {
	if err := d.supervisor.Reloading(); err != nil {
		d.log.Warn().Err(err).Msg("the supervisor cannot be told of the reload")
	}
	_, _ = d.Reload("signal") // logged
	if err := d.supervisor.Ready(); err != nil {
		d.log.Warn().Err(err).Msg("the supervisor cannot be told that the daemon is ready")
	}
}

// Describe adds the source line to an error in a script.
func Describe(err error) error {
	var script *engine.ScriptError
	if errors.As(err, &script) {
		return errors.New(script.Detail())
	}
	return err
}
