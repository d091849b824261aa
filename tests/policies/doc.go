// Package policies holds tests of what becomes of mail while something that a script asks is away: real Postfix, the templates of
// scripts/templates as they are, and the real services, each behind a gate that the test shuts in mid-traffic.
//
//   - gate_test.go, udpgate_test.go: what stands between luamilter and a service, and lets it fail in several ways.
//   - services_test.go: the services.
//   - cases_test.go: the templates, what mail is for each, and what becomes of it while all is well and while it is not.
//   - site_test.go: Postfix, the daemons, and who writes mail.
//   - policies_test.go: the course of a test, and what is checked afterwards.
package policies
