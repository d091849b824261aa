// Package upstream is a server that scripts ask something: where it is, how long it may take, and whether it is worth asking at all. It knows
// no Lua and no protocol.
//
//	s, err := upstream.New("clamd", "unix:/run/clamav/clamd.ctl", 5*time.Second)
//	err = s.Ask(ctx, func(conn net.Conn) error { ... })
//
// Each question has a connection of its own with a deadline on it: a server that hangs costs its time-out. After three failures in a row nobody
// is asked for ten seconds; then one question goes through, and the others when that was answered. So an outage costs some time-outs, and not one
// for each message. An answer that says no (Refusal) is no failure.
//
// Servers are those that scripts name themselves, with a bound on how many are remembered.
package upstream
