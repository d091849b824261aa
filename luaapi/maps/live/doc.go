// Package live asks databases and directories for keys. The drivers are here, and only here: modernc.org/sqlite, github.com/jackc/pgx,
// github.com/go-sql-driver/mysql, github.com/go-ldap/ldap; that of Redis is in package store as well.
//
//   - server.go: Server, Query, and Open.
//   - sql.go: the three databases.
//   - redis.go: Redis and Valkey.
//   - ldap.go: directories.
//
// All of them take their deadline from a context. None keeps an answer or counts failures: package maps does.
package live
