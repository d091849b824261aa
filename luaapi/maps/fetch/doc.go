// Package fetch gets lists from web servers, if they have changed (RFC 9110 section 13), and keeps the last good copy of each in a file, for
// the time when the server does not answer.
package fetch
