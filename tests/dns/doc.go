// Package dns has luamilter ask a real name server, unbound, which knows two zones of the tests and asks nobody else.
package dns
