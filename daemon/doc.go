// Package daemon runs luamilter as a service: it makes programs of a configuration, serves them, takes up changed files while mail flows,
// and tells an administrator and a monitoring system what goes on.
//
// # Start and stop
//
// Run (daemon.go) opens the sockets, gives up what it does not need (package system), loads the scripts, and only then says that it
// is ready. What is wrong with the configuration or a script ends a start with an error; a running daemon never ends because of one.
// SIGTERM stops accepting and lets the open sessions end; SIGUSR2 starts the new binary with the same sockets and does the same once
// that is ready. From then on the control socket, the metrics and the watch over files are the successor's.
//
// # Reload
//
// Reload (reload.go) reads the configuration again, compiles and tries the scripts, and has new connections use them: all of
// that or nothing. It runs at SIGHUP, when luamilter reload asks for it, and when files have changed (watch.go). The system's notices say
// when to look; a slow poll looks anyway, because some file systems do not tell. What counts as a change is decided by what was
// loaded: a release with the very same text as the current one is dropped without a word. So editors may write as they like: notices are
// waited out until nothing has changed for a moment, and a file that was caught half written is an error that the next look mends.
//
// With a canary (canary.go) a new release gets a share of the connections first, and all of them or none after a while.
//
// # What shows
//
// The control socket (control.go) speaks HTTP with JSON; status.go is what it says of the daemon, client.go the other end. Metrics
// (metrics.go, and scriptmetrics.go for those of scripts' own) are read from the engine's counts when they are fetched, so nothing is
// counted twice.
package daemon
