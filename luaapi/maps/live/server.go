package live

import (
	"context"
	"fmt"
	"strings"
)

// Query is what is asked.
type Query struct {
	Text     string // SQL with one parameter, a filter of a directory in which %s is the key, or a command of Redis in which ? is
	User     string // of a directory: the name to bind with; "" for none
	Password string
}

// Server is a database or a directory. It is safe for use by several goroutines.
type Server interface {
	// Lookup asks for a key. The value is the first column, or attribute, of the first answer; "" if that is NULL or not there.
	Lookup(ctx context.Context, q Query, key string) (value string, found bool, err error)
	// All gives everything that a query without a parameter finds: keys, and values if there is a second column.
	All(ctx context.Context, q Query, add func(key, value string) error) error
	// Close ends all connections.
	Close() error
}

// Open returns the server of a URL: sqlite:/path, postgres://, mysql://, ldap://, ldaps://, redis:// and what else store.ParseURL takes of Redis. It
// does not connect yet.
func Open(url string) (Server, error) {
	scheme, _, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(url)
	case "postgres":
		return openPostgres(url)
	case "mysql":
		return openMySQL(url)
	case "ldap", "ldaps":
		return openLDAP(url)
	}
	if IsRedis(scheme) {
		return openRedis(url)
	}
	return nil, fmt.Errorf("there is no driver for %s", scheme)
}
