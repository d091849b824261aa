// Package scripts has the scripts that come with luamilter, each a file to read, copy or use, and below templates those that
// "luamilter new" begins one with.
package scripts
