// Package clamav asks clamd whether something is infected. It knows no Lua.
//
//	s, err := clamav.New("unix:/run/clamav/clamd.ctl", 5*time.Second)
//	result, err := s.Scan(ctx, reader)
//
// What is scanned is streamed (INSTREAM), so clamd needs no access to files, may run elsewhere, and nothing is copied to memory. Clamd takes
// streams up to its StreamMaxLength, 25 MiB unless clamd.conf says otherwise; a larger one is an upstream.Refusal that says so.
package clamav
