// Package mta runs real mail servers for tests: a Postfix or a Sendmail of one's own, set up in a temporary
// directory, listening on loopback only, with luamilter as its filter and an SMTP sink as its next hop.
//
//	sink := mta.NewSink(t)
//	spec := mta.UnixSpec(t)
//	server := mta.Postfix(t, mta.Options{Filters: []mta.Filter{{Milter: spec}}, Relay: sink.Addr})
//	mta.Daemon(t, mta.Run{Listen: spec, Scripts: []string{script}})
//	client := mta.Dial(t, server.Addr)
//	client.Expect("EHLO client.example", "250")
//	...
//	got := sink.Next(t)
//
// Everything started here ends with the test that started it, by its own process id. What is needed is installed by
// tests/install.sh; a test on a machine that lacks it is skipped and says so, or fails where the environment has
// LUAMILTER_TESTS_COMPLETE=1, so that nothing is skipped unnoticed in CI.
package mta
