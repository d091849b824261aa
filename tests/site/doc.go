// Package site runs a site in small: a Postfix and a Sendmail, haproxy before three filters, and a Redis with a replica and three sentinels, all with the
// files that docs/scaling.md shows. While clients send mail into both mail servers, each part is killed, stopped or replaced in turn. In
// the end each message that was accepted has been delivered once, and no other.
package site
