// Package scanners holds tests of what scripts ask about mail: real clamd, rspamd and spamd, with rules of our own, behind real Postfix.
//
// services_test.go starts them, on loopback, and has a gate in front of each that makes it fail in some way. scanners_test.go has what they
// answer, and what becomes of mail while they do not. outbox_test.go has what is delivered later, over a restart.
package scanners
