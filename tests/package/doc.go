// Package deployment tests what an administrator installs: the Debian package from its building to its last trace, the manual page, and the
// completions, each with the programs that will read it.
package deployment
