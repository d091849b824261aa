package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"luamilter/engine"
)

// Problem is the body of an answer that is not what was asked for.
type Problem struct {
	Error string `json:"error"`
}

// LogLevel is the body of /v1/log-level.
type LogLevel struct {
	Level string `json:"level"` // debug, info, warn, error
}

// serveAdmin serves the control socket and the metrics, as far as they are configured, until ctx is done. Who connects after leading is
// done is for the successor.
func (d *Daemon) serveAdmin(ctx, leading context.Context, failed chan<- error) {
	if d.admin != nil {
		d.serveHTTP(ctx, leading, checked{d.admin, d}, &http.Server{Handler: d.control()}, failed)
	}
	if d.metrics != nil {
		d.log.Info().Stringer("listen", d.metrics.Addr()).Msg("metrics are served")
		d.serveHTTP(ctx, leading, d.metrics, &http.Server{Handler: d.monitoring(), WriteTimeout: patience}, failed)
	}
}

// patience is how long whoever asks may take to do so, and to take an answer that has an end.
const patience = 30 * time.Second

// serveHTTP accepts until leading is done, and serves until ctx is.
func (d *Daemon) serveHTTP(ctx, leading context.Context, l net.Listener, server *http.Server, failed chan<- error) {
	server.ReadTimeout, server.IdleTimeout, server.MaxHeaderBytes = patience, patience, 64<<10
	server.BaseContext = func(net.Listener) context.Context { return ctx }
	d.background.Go(func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
	})
	d.background.Go(func() {
		<-leading.Done()
		_ = server.Shutdown(ctx) // the error is that of ctx
		_ = server.Close()
	})
}

// control is the API of the control socket.
func (d *Daemon) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, d.Status()) })
	mux.HandleFunc("POST /v1/reload", func(w http.ResponseWriter, _ *http.Request) {
		a, err := d.Reload("command")
		if err != nil {
			answer(w, http.StatusConflict, a)
			return
		}
		answer(w, http.StatusOK, a)
	})
	mux.HandleFunc("GET /v1/log-level", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, LogLevel{logLevel()}) })
	mux.HandleFunc("PUT /v1/log-level", d.setLogLevel)
	mux.HandleFunc("GET /v1/trace", d.trace)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotFound, Problem{r.Method + " " + r.URL.Path + " is not known; there are GET /v1/status, POST /v1/reload, GET /v1/trace, GET and PUT /v1/log-level"})
	})
	return mux
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // who asked is gone, then
}

// setLogLevel changes the level until the next start.
func (d *Daemon) setLogLevel(w http.ResponseWriter, r *http.Request) {
	var want LogLevel
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&want); err != nil {
		answer(w, http.StatusBadRequest, Problem{"the body is no JSON such as {\"level\": \"debug\"}: " + err.Error()})
		return
	}
	if err := SetLogLevel(want.Level); err != nil {
		answer(w, http.StatusBadRequest, Problem{err.Error()})
		return
	}
	d.log.Info().Str("level", want.Level).Msg("the log level was changed")
	answer(w, http.StatusOK, LogLevel{logLevel()})
}

// levels are those that can be asked for.
var levels = []string{"debug", "info", "warn", "error"}

// SetLogLevel sets the least that is logged, by the whole process.
func SetLogLevel(name string) error {
	for _, known := range levels {
		if name == known {
			level, err := zerolog.ParseLevel(name)
			zerolog.SetGlobalLevel(level)
			return err
		}
	}
	return fmt.Errorf("%q is no log level; there are %s", name, strings.Join(levels, ", "))
}

func logLevel() string { return zerolog.GlobalLevel().String() }

// trace streams what happens in matching sessions, a JSON object a line, until whoever asked goes away.
func (d *Daemon) trace(w http.ResponseWriter, r *http.Request) {
	filter, err := traceFilter(r)
	if err != nil {
		answer(w, http.StatusBadRequest, Problem{err.Error()})
		return
	}
	events, stop := d.engine.Trace(filter)
	defer stop()
	w.Header().Set("Content-Type", "application/x-ndjson")
	w.WriteHeader(http.StatusOK)
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	if flush.SetReadDeadline(time.Time{}) != nil || flush.Flush() != nil { // it lasts
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case e := <-events:
			if out.Encode(e) != nil || len(events) == 0 && flush.Flush() != nil {
				return
			}
		}
	}
}

// traceFilter reads what to follow from the query.
func traceFilter(r *http.Request) (engine.TraceFilter, error) {
	q := r.URL.Query()
	f := engine.TraceFilter{Sender: q.Get("sender"), Recipient: q.Get("recipient"), Script: q.Get("script")}
	for key := range q {
		switch key {
		case "ip", "sender", "recipient", "script":
		default:
			return f, fmt.Errorf("%q is no filter; there are ip, sender, recipient, script", key)
		}
	}
	ip := q.Get("ip")
	if ip == "" {
		return f, nil
	}
	if a, err := netip.ParseAddr(ip); err == nil {
		f.IP = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
		return f, nil
	}
	prefix, err := netip.ParsePrefix(ip)
	if err != nil {
		return f, fmt.Errorf("ip %q is neither an address nor a network such as 192.0.2.0/24", ip)
	}
	f.IP = prefix.Masked()
	return f, nil
}

// checked accepts only connections of those who may control the daemon.
type checked struct {
	net.Listener
	daemon *Daemon
}

// Accept waits for a connection of root or of the daemon's own user. Where the socket's mode lets others in, they are let in.
func (l checked) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		err = l.daemon.mayControl(c)
		if err == nil {
			return c, nil
		}
		l.daemon.log.Warn().Err(err).Msg("a connection to the control socket was refused")
		_ = c.Close()
	}
}
