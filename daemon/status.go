package daemon

import (
	"runtime"
	"time"

	"luamilter/engine"
	"luamilter/protocol"
)

// Status is what luamilter status shows.
type Status struct {
	Version     string           `json:"version"`
	Go          string           `json:"go"`
	Began       time.Time        `json:"began"`
	Uptime      float64          `json:"uptime_seconds"`
	Connections int              `json:"connections"`
	LogLevel    string           `json:"log_level"`
	Reload      ReloadStatus     `json:"reload"`
	Releases    []ReleaseStatus  `json:"releases"`
	Listeners   []ListenerStatus `json:"listeners"`
	Memory      MemoryStatus     `json:"memory"`
}

// ReloadStatus tells of the attempts to reload.
type ReloadStatus struct {
	Reloads    int      `json:"reloads"`
	Failed     int      `json:"failed"`
	RolledBack int      `json:"rolled_back"`
	Last       Attempt  `json:"last"`
	LastError  *Attempt `json:"last_error,omitempty"`
}

// ReleaseStatus is one set of programs.
type ReleaseStatus struct {
	Number   int       `json:"number"`
	Loaded   time.Time `json:"loaded"`
	State    string    `json:"state"` // current, canary, old
	Sessions int       `json:"sessions"`
	Calls    int64     `json:"calls"`
	Failures int64     `json:"failures"`
}

// ListenerStatus is what came in at one listener.
type ListenerStatus struct {
	Name         string            `json:"name"`
	Sockets      []string          `json:"sockets"`
	Connections  uint64            `json:"connections"`
	Negotiations uint64            `json:"failed_negotiations"`
	Messages     map[string]uint64 `json:"messages"`
	Refused      uint64            `json:"refused_for_memory"`
	Parked       uint64            `json:"parked"`
	Panics       uint64            `json:"internal_errors"`
	Scripts      []ScriptStatus    `json:"scripts"`
}

// ScriptStatus is what one script of a listener did.
type ScriptStatus struct {
	Name     string             `json:"name"`
	Path     string             `json:"path,omitempty"` // "" if it is not used any more
	Observe  bool               `json:"observe,omitempty"`
	Hooks    []HookStatus       `json:"hooks"`
	Timers   []TimerStatus      `json:"timers,omitempty"`
	Errors   []engine.LastError `json:"errors,omitempty"`
	VMs      int                `json:"vms"`
	SpareVMs int                `json:"spare_vms"`
	StuckVMs int                `json:"stuck_vms"`
	Lost     uint64             `json:"lost_data"`
	Metrics  []MetricStatus     `json:"metrics,omitempty"` // of its own
	OverCap  uint64             `json:"series_over_cap,omitempty"`
}

// HookStatus is what one hook came to.
type HookStatus struct {
	Stage    string            `json:"stage"`
	Calls    uint64            `json:"calls"`
	Verdicts map[string]uint64 `json:"verdicts"`
	Failures map[string]uint64 `json:"failures,omitempty"`
	Seconds  float64           `json:"seconds"`
}

// MemoryStatus is how much memory there is.
type MemoryStatus struct {
	Limit int64  `json:"limit"` // 0 for none
	Heap  int64  `json:"heap"`
	Kept  int64  `json:"messages_and_idle_data"`
	State string `json:"state"` // fine, short, none
}

// Status returns what goes on.
func (d *Daemon) Status() Status {
	d.mu.Lock()
	h, listeners := d.history, d.listeners
	d.mu.Unlock()
	s := Status{
		Version: d.Version, Go: runtime.Version(), Began: d.began, Uptime: time.Since(d.began).Seconds(), Connections: d.engine.Sessions(),
		LogLevel: logLevel(), Memory: d.memoryStatus(),
		Reload: ReloadStatus{Reloads: h.reloads, Failed: h.failed, RolledBack: h.rolledBack, Last: h.last},
	}
	if h.bad.Error != "" {
		s.Reload.LastError = &h.bad
	}
	for _, r := range d.engine.Releases() {
		s.Releases = append(s.Releases, d.releaseStatus(r))
	}
	counts, own, timers := d.engine.Counts(), d.engine.ScriptMetrics(), d.engine.Timers()
	for _, l := range listeners {
		c := counts[l.Name]
		one := listenerStatus(l.Name, &c, d.engine.Current().Program(l.Name))
		for _, socket := range d.sockets {
			if socket.name == l.Name {
				one.Sockets = append(one.Sockets, socket.spec.String())
			}
		}
		for i := range own {
			one.add(&own[i])
		}
		for i := range timers {
			one.addTimer(&timers[i])
		}
		s.Listeners = append(s.Listeners, one)
	}
	return s
}

func (d *Daemon) releaseStatus(r *engine.Release) ReleaseStatus {
	s := ReleaseStatus{Number: r.Number, Loaded: r.Loaded, Sessions: r.Sessions(), State: "old"}
	s.Calls, s.Failures = r.Calls()
	switch r {
	case d.engine.Current():
		s.State = "current"
	case d.engine.Trial():
		s.State = "canary"
	}
	return s
}

func listenerStatus(name string, c *engine.ListenerCounts, p *engine.Program) ListenerStatus {
	s := ListenerStatus{
		Name: name, Connections: c.Connections, Negotiations: c.Negotiations, Refused: c.Refused, Parked: c.Parked, Panics: c.Panics,
		Messages: map[string]uint64{},
	}
	for o := range engine.NumOutcomes {
		s.Messages[o.String()] = c.Messages[o]
	}
	for _, script := range c.Names() {
		s.Scripts = append(s.Scripts, scriptStatus(script, c.Scripts[script], p.Script(script)))
	}
	return s
}

func scriptStatus(name string, c *engine.ScriptCounts, script *engine.Script) ScriptStatus {
	s := ScriptStatus{Name: name, Lost: c.Lost, Errors: c.Errors}
	if script != nil {
		s.Path, s.Observe = script.Path, script.Observed()
		s.VMs, s.SpareVMs, s.StuckVMs = script.VMs()
	}
	for stage := range protocol.Stage(protocol.NumStages) {
		h := &c.Hooks[stage]
		if h.Calls() == 0 {
			continue
		}
		one := HookStatus{Stage: stage.String(), Calls: h.Calls(), Verdicts: map[string]uint64{}, Failures: map[string]uint64{}, Seconds: h.Time.Seconds()}
		for v, n := range h.Verdicts {
			if n > 0 {
				one.Verdicts[protocol.Verdict(v).String()] = n
			}
		}
		for f := range engine.NumFailures {
			if h.Failures[f] > 0 {
				one.Failures[f.String()] = h.Failures[f]
			}
		}
		s.Hooks = append(s.Hooks, one)
	}
	return s
}

func (d *Daemon) memoryStatus() MemoryStatus {
	limit, kept, state := d.memory.State()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return MemoryStatus{Limit: limit, Heap: int64(m.HeapAlloc), Kept: kept, State: state}
}
