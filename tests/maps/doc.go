// Package maps tests the lists of scripts against real programs: the formats against Postfix's postmap, and what servers are asked against
// PostgreSQL, MariaDB, SQLite and OpenLDAP, which it starts on loopback.
package maps
