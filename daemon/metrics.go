package daemon

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"luamilter/engine"
	"luamilter/luaapi/outbox"
	"luamilter/protocol"
)

// Metric describes one of the daemon's metrics. The documentation is checked against this list.
type Metric struct {
	Name   string
	Type   prometheus.ValueType // UntypedValue for a histogram
	Labels []string
	Doc    string
}

const histogram = prometheus.UntypedValue

// The metrics, in the order of the documentation.
var (
	metricConnections  = Metric{"luamilter_connections_total", prometheus.CounterValue, []string{"listener"}, "Connections of MTAs."}
	metricOpen         = Metric{"luamilter_connections_open", prometheus.GaugeValue, nil, "Connections that are open now."}
	metricNegotiations = Metric{"luamilter_negotiation_failures_total", prometheus.CounterValue, []string{"listener"}, "Connections that ended because luamilter and the MTA did not agree."}
	metricEvents       = Metric{"luamilter_events_total", prometheus.CounterValue, []string{"listener", "stage"}, "Events from MTAs."}
	metricMessages     = Metric{"luamilter_messages_total", prometheus.CounterValue, []string{"listener", "outcome"}, "Messages, by how they ended: accepted, rejected, tempfailed, discarded, or aborted by the client or the MTA."}
	metricRefused      = Metric{"luamilter_messages_refused_for_memory_total", prometheus.CounterValue, []string{"listener"}, "Messages refused for the time being because memory was short."}
	metricVerdicts     = Metric{"luamilter_hook_verdicts_total", prometheus.CounterValue, []string{"listener", "script", "stage", "verdict"}, "Calls of hooks, by what they came to; of scripts that are only observed, by what they would have come to."}
	metricFailures     = Metric{"luamilter_hook_failures_total", prometheus.CounterValue, []string{"listener", "script", "stage", "reason"}, "Calls of hooks that failed: error, result (no verdict), time, instructions, memory, vm (none was free)."}
	metricTimes        = Metric{"luamilter_hook_seconds", histogram, []string{"listener", "script", "stage"}, "How long hooks took. Of those that end soon, one of 16 is timed and counts for all; those that run long are timed all."}
	metricLost         = Metric{"luamilter_data_lost_total", prometheus.CounterValue, []string{"listener", "script"}, "Connections in which the data of a script was lost, after an error or because it was too much."}
	metricOverCap      = Metric{"luamilter_script_series_over_cap_total", prometheus.CounterValue, []string{"listener", "script"}, "Values that a script gave to its own metrics and that did not go where they should, because there are too many series or names."}
	metricHidden       = Metric{"luamilter_script_metrics_hidden", prometheus.GaugeValue, []string{"listener", "script"}, "Metrics of a script that are not shown, because the same name has another kind in another script or in a later text of this one."}
	metricParked       = Metric{"luamilter_parks_total", prometheus.CounterValue, []string{"listener"}, "Times that a quiet connection gave its VMs back."}
	metricPanics       = Metric{"luamilter_internal_errors_total", prometheus.CounterValue, []string{"listener"}, "Bugs of luamilter itself that cost a connection something."}
	metricVMs          = Metric{"luamilter_vms", prometheus.GaugeValue, []string{"listener", "script", "state"}, "VMs of the current scripts: busy, spare, or stuck with an idle connection whose data cannot leave them."}
	metricHeap         = Metric{"luamilter_heap_bytes", prometheus.GaugeValue, nil, "Memory in use, garbage included."}
	metricLimit        = Metric{"luamilter_memory_limit_bytes", prometheus.GaugeValue, nil, "limits.memory; 0 for none."}
	metricKept         = Metric{"luamilter_kept_bytes", prometheus.GaugeValue, nil, "Memory reserved for messages and for the data of idle connections."}
	metricSpool        = Metric{"luamilter_spool_bytes", prometheus.GaugeValue, nil, "Bodies of large messages that are in files now."}
	metricMapEntries   = Metric{"luamilter_map_entries", prometheus.GaugeValue, []string{"map", "kind"}, "Entries in memory of a list that scripts opened with `require \"map\"`. `map` is its source, `inline` for all tables in scripts together."}
	metricMapBytes     = Metric{"luamilter_map_bytes", prometheus.GaugeValue, []string{"map", "kind"}, "Memory that those take, about."}
	metricMapLoads     = Metric{"luamilter_map_loads_total", prometheus.CounterValue, []string{"map", "kind", "result"}, "Times that a list was read: ok, or failed, and then the old one stays."}
	metricMapBroken    = Metric{"luamilter_map_broken", prometheus.GaugeValue, []string{"map", "kind"}, "1 while the list that is used is not the newest, because that could not be read."}
	metricMapLookups   = Metric{"luamilter_map_lookups_total", prometheus.CounterValue, []string{"map", "kind", "result"}, "Keys that a server is asked for: found, absent, cached (the answer was kept), stale (the server did not answer, an old answer was kept), error."}
	metricAsked        = Metric{"luamilter_service_requests_total", prometheus.CounterValue, []string{"service", "result"}, "What scripts asked others, by module: answered, failed (no answer, or nonsense), or paused (not asked, after failures in a row)."}
	metricDown         = Metric{"luamilter_service_down", prometheus.GaugeValue, []string{"service"}, "1 while a server of that service is not asked because it failed three times in a row."}
	metricTimerTurns   = Metric{"luamilter_timer_turns_total", prometheus.CounterValue, []string{"listener", "script", "timer", "result"}, "Turns of the timers of the current scripts: ok, failed, elsewhere (another daemon ran it), or skipped (the store in Redis could not be asked, or memory was short)."}
	metricTimerTook    = Metric{"luamilter_timer_last_seconds", prometheus.GaugeValue, []string{"listener", "script", "timer"}, "How long the last run of a timer took; 0 before the first."}
	metricOutbox       = Metric{"luamilter_outbox_waiting", prometheus.GaugeValue, nil, "What waits in the outbox for its delivery."}
	metricOutboxDone   = Metric{"luamilter_outbox_total", prometheus.CounterValue, []string{"result"}, "What happened in the outbox: put, delivered, failed (it is tried again), dropped, bad (a file that cannot be read)."}
	metricRecordings   = Metric{"luamilter_recordings_total", prometheus.CounterValue, []string{"outcome"}, "Recordings of connections that are complete, or that stopped before their connection ended."}
	metricLookups      = Metric{"luamilter_dns_lookups_total", prometheus.CounterValue, []string{"result"}, "Lookups in DNS: cached; or, after asking, found, empty (no such record), missing (no such name), failed; failed_before was not asked for, because it failed just now."}
	metricStale        = Metric{"luamilter_dns_stale_total", prometheus.CounterValue, nil, "Failed lookups that were answered all the same, by what was known before."}
	metricLookupTimes  = Metric{"luamilter_dns_seconds", histogram, nil, "How long lookups took that the cache did not answer."}
	metricDNSCache     = Metric{"luamilter_dns_cache_bytes", prometheus.GaugeValue, nil, "Answers of name servers that are kept now."}
	metricServers      = Metric{"luamilter_dns_servers", prometheus.GaugeValue, []string{"state"}, "Name servers: up, or down because they answer nothing now."}
	metricShort        = Metric{"luamilter_memory_short", prometheus.GaugeValue, nil, "0 while memory is fine, 1 while new messages are refused, 2 while hooks are not called either."}
	metricStore        = Metric{"luamilter_store_steps_total", prometheus.CounterValue, nil, "What scripts asked of their store."}
	metricStoreFails   = Metric{"luamilter_store_failures_total", prometheus.CounterValue, nil, "What the store could not do, because it does not answer or is full."}
	metricStoreKeys    = Metric{"luamilter_store_keys", prometheus.GaugeValue, nil, "Keys in the store; in memory only."}
	metricStoreBytes   = Metric{"luamilter_store_bytes", prometheus.GaugeValue, nil, "How much the keys and values in the store take; in memory only."}
	metricStoreEvicted = Metric{"luamilter_store_evicted_total", prometheus.CounterValue, nil, "Values in the store that made room before their time; in memory only."}
	metricCacheHits    = Metric{"luamilter_cache_lookups_total", prometheus.CounterValue, []string{"result"}, "Times that a script looked into a cache: hit or miss."}
	metricCacheBytes   = Metric{"luamilter_cache_bytes", prometheus.GaugeValue, nil, "How much the caches of all scripts take."}
	metricCacheEvicted = Metric{"luamilter_cache_evicted_total", prometheus.CounterValue, nil, "Values in caches that made room before their time."}
	metricReloads      = Metric{"luamilter_reloads_total", prometheus.CounterValue, []string{"result"}, "Reloads: ok, failed, or rolled_back after a canary."}
	metricBroken       = Metric{"luamilter_reload_broken", prometheus.GaugeValue, nil, "1 while the files on disk cannot be used and what ran before goes on."}
	metricRelease      = Metric{"luamilter_release", prometheus.GaugeValue, nil, "Number of the release that new connections get, counted from the start."}
	metricAge          = Metric{"luamilter_release_age_seconds", prometheus.GaugeValue, nil, "How long ago that was loaded."}
	metricSessions     = Metric{"luamilter_release_connections", prometheus.GaugeValue, []string{"state"}, "Open connections by the release they use: current, canary, old."}
	metricUptime       = Metric{"luamilter_uptime_seconds", prometheus.GaugeValue, nil, "How long ago the daemon began."}
	metricBuild        = Metric{"luamilter_build_info", prometheus.GaugeValue, []string{"version", "go"}, "Always 1."}
)

// Metrics returns all metrics of the daemon. Those of Go and of the process come on top.
func Metrics() []Metric {
	return []Metric{
		metricConnections, metricOpen, metricNegotiations, metricEvents, metricMessages, metricRefused,
		metricVerdicts, metricFailures, metricTimes, metricLost, metricOverCap, metricHidden, metricParked, metricPanics, metricVMs,
		metricHeap, metricLimit, metricKept, metricSpool, metricMapEntries, metricMapBytes, metricMapLoads, metricMapBroken, metricMapLookups, metricRecordings, metricShort, metricTimerTurns, metricTimerTook, metricAsked, metricDown, metricOutbox, metricOutboxDone, metricLookups, metricStale, metricLookupTimes, metricDNSCache, metricServers,
		metricStore, metricStoreFails, metricStoreKeys, metricStoreBytes, metricStoreEvicted, metricCacheHits, metricCacheBytes, metricCacheEvicted,
		metricReloads, metricBroken, metricRelease, metricAge, metricSessions,
		metricUptime, metricBuild,
	}
}

// TypeName returns the metric's type as Prometheus calls it.
func (m *Metric) TypeName() string {
	switch m.Type {
	case prometheus.CounterValue:
		return "counter"
	case prometheus.GaugeValue:
		return "gauge"
	}
	return "histogram"
}

func (m *Metric) desc() *prometheus.Desc { return prometheus.NewDesc(m.Name, m.Doc, m.Labels, nil) }

// monitoring serves /metrics, /healthz and /readyz.
func (d *Daemon) monitoring() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collector{d}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: 4, ErrorHandling: promhttp.ContinueOnError, ErrorLog: pageErrors{d},
	}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, true, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { d.readyz(w) })
	return mux
}

// pageErrors is where it goes that a metric was left out, which is a bug of ours.
type pageErrors struct{ daemon *Daemon }

// Println implements promhttp.Logger.
func (e pageErrors) Println(v ...any) {
	e.daemon.log.Error().Msg(strings.TrimSpace(fmt.Sprintln(v...)))
}

func plain(w http.ResponseWriter, good bool, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !good {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write([]byte(text + "\n"))
}

// readyz says whether mail is taken.
func (d *Daemon) readyz(w http.ResponseWriter) {
	_, _, memory := d.memory.State()
	switch {
	case !d.serving.Load():
		plain(w, false, "not serving")
	case memory != "fine":
		plain(w, false, "memory is short")
	default:
		plain(w, true, "ready")
	}
}

// collector reads the metrics when they are fetched.
type collector struct{ daemon *Daemon }

// Describe implements prometheus.Collector.
func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, m := range Metrics() {
		out <- m.desc()
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(out chan<- prometheus.Metric) {
	d := c.daemon
	p := page{out}
	current := d.engine.Current()
	for name, counts := range d.engine.Counts() {
		p.listener(name, &counts, current.Program(name))
	}
	for _, s := range d.engine.ScriptMetrics() {
		p.own(&s)
	}
	p.number(metricOpen, float64(d.engine.Sessions()))
	c.memory(p)
	c.services(p)
	p.dns(c.daemon.dns.Counts())
	c.releases(p, current)
	p.maps(d.maps.Status())
	p.timers(d.engine.Timers())
	c.upstreams(p)
	p.number(metricUptime, time.Since(d.began).Seconds())
	p.number(metricBuild, 1, d.Version, runtime.Version())
}

func (c collector) memory(p page) {
	m := c.daemon.memoryStatus()
	p.number(metricHeap, float64(m.Heap))
	p.number(metricLimit, float64(m.Limit))
	p.number(metricKept, float64(m.Kept))
	p.number(metricSpool, float64(c.daemon.spool.Used()))
	counts := c.daemon.recorded()
	p.number(metricRecordings, float64(counts.Complete), "complete")
	p.number(metricRecordings, float64(counts.Stopped), "stopped")
	p.number(metricShort, map[string]float64{"short": 1, "none": 2}[m.State])
}

func (c collector) upstreams(p page) {
	u := c.daemon.upstreams
	for name, counts := range u.counts {
		n := counts()
		p.number(metricAsked, float64(n.Answered), name, "answered")
		p.number(metricAsked, float64(n.Failed), name, "failed")
		p.number(metricAsked, float64(n.Paused), name, "paused")
		down := 0.0
		if n.Down {
			down = 1
		}
		p.number(metricDown, down, name)
	}
	var n outbox.Counts
	if u.box != nil {
		n = u.box.Counts()
	}
	p.number(metricOutbox, float64(n.Waiting))
	for result, count := range map[string]uint64{"put": n.Put, "delivered": n.Delivered, "failed": n.Failed, "dropped": n.Dropped, "bad": n.Bad} {
		p.number(metricOutboxDone, float64(count), result)
	}
}

func (c collector) services(p page) {
	s := c.daemon.store
	counts := s.Counts()
	p.number(metricStore, float64(counts.Steps))
	p.number(metricStoreFails, float64(counts.Failures))
	if u, known := s.Usage(); known {
		p.number(metricStoreKeys, float64(u.Keys))
		p.number(metricStoreBytes, float64(u.Bytes))
		p.number(metricStoreEvicted, float64(u.Evicted))
	}
	u := c.daemon.services.Cache.Usage()
	p.number(metricCacheHits, float64(u.Hits), "hit")
	p.number(metricCacheHits, float64(u.Misses), "miss")
	p.number(metricCacheBytes, float64(u.Bytes))
	p.number(metricCacheEvicted, float64(u.Evicted))
}

func (c collector) releases(p page, current *engine.Release) {
	d := c.daemon
	d.mu.Lock()
	h := d.history
	d.mu.Unlock()
	p.number(metricReloads, float64(h.reloads), "ok")
	p.number(metricReloads, float64(h.failed), "failed")
	p.number(metricReloads, float64(h.rolledBack), "rolled_back")
	broken := 0.0
	if h.last.Error != "" {
		broken = 1
	}
	p.number(metricBroken, broken)
	p.number(metricRelease, float64(current.Number))
	p.number(metricAge, time.Since(current.Loaded).Seconds())
	sessions := map[string]int{"current": 0, "canary": 0, "old": 0}
	for _, r := range d.engine.Releases() {
		sessions[d.releaseStatus(r).State] += r.Sessions()
	}
	for state, n := range sessions {
		p.number(metricSessions, float64(n), state)
	}
}

// page is where metrics go.
type page struct{ out chan<- prometheus.Metric }

func (p page) number(m Metric, value float64, labels ...string) {
	p.out <- prometheus.MustNewConstMetric(m.desc(), m.Type, value, fit(labels)...)
}

// listener writes what came in at one listener.
func (p page) listener(name string, c *engine.ListenerCounts, program *engine.Program) {
	p.number(metricConnections, float64(c.Connections), name)
	p.number(metricNegotiations, float64(c.Negotiations), name)
	p.number(metricRefused, float64(c.Refused), name)
	p.number(metricParked, float64(c.Parked), name)
	p.number(metricPanics, float64(c.Panics), name)
	for stage := range protocol.Stage(protocol.NumStages) {
		p.number(metricEvents, float64(c.Events[stage]), name, stage.String())
	}
	for o := range engine.NumOutcomes {
		p.number(metricMessages, float64(c.Messages[o]), name, o.String())
	}
	for _, script := range c.Names() {
		p.script(name, script, c.Scripts[script], program.Script(script))
	}
}

// script writes what one script did. Hooks that were never called are left out.
func (p page) script(listener, name string, c *engine.ScriptCounts, script *engine.Script) {
	p.number(metricLost, float64(c.Lost), listener, name)
	for stage := range protocol.Stage(protocol.NumStages) {
		h := &c.Hooks[stage]
		if h.Calls() == 0 {
			continue
		}
		for v, n := range h.Verdicts {
			p.number(metricVerdicts, float64(n), listener, name, stage.String(), protocol.Verdict(v).String())
		}
		for f := range engine.NumFailures {
			p.number(metricFailures, float64(h.Failures[f]), listener, name, stage.String(), f.String())
		}
		p.times(h, listener, name, stage.String())
	}
	if script == nil {
		return
	}
	made, spare, stuck := script.VMs()
	p.number(metricVMs, float64(made-spare-stuck), listener, name, "busy")
	p.number(metricVMs, float64(spare), listener, name, "spare")
	p.number(metricVMs, float64(stuck), listener, name, "stuck")
}

func (p page) times(h *engine.HookCounts, labels ...string) {
	p.classes(metricTimes, engine.HookTimes[:], h.Times[:], h.Time, labels...)
}

// classes writes a histogram of times: how many there were up to each bound, and beyond the last, and all of them together.
func (p page) classes(m Metric, bounds []time.Duration, counts []uint64, sum time.Duration, labels ...string) {
	buckets := map[float64]uint64{}
	total := uint64(0)
	for i, n := range counts {
		total += n
		if i < len(bounds) {
			buckets[bounds[i].Seconds()] = total
		}
	}
	p.out <- prometheus.MustNewConstHistogram(m.desc(), total, sum.Seconds(), buckets, fit(labels)...)
}
