package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestIsAnswer(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"PostgreSQL: no such table", &pgconn.PgError{Code: "42P01"}, true},
		{"PostgreSQL: not allowed", &pgconn.PgError{Code: "42501"}, true},
		{"PostgreSQL: bad data", fmt.Errorf("look up: %w", &pgconn.PgError{Code: "22P02"}), true},
		{"PostgreSQL: it is starting up", &pgconn.PgError{Code: "57P03"}, false},
		{"PostgreSQL: a wrong password", &pgconn.PgError{Code: "28P01"}, false},
		{"PostgreSQL: too many connections", &pgconn.PgError{Code: "53300"}, false},
		{"MariaDB: no such table", &mysql.MySQLError{Number: 1146, SQLState: [5]byte([]byte("42S02"))}, true},
		{"MariaDB: too many connections", &mysql.MySQLError{Number: 1040, SQLState: [5]byte([]byte("08004"))}, false},
		{"LDAP: a bad filter", ldap.NewError(ldap.ErrorFilterCompile, errors.New("x")), true},
		{"LDAP: busy", ldap.NewError(ldap.LDAPResultBusy, errors.New("x")), false},
		{"LDAP: no connection", ldap.NewError(ldap.ErrorNetwork, io.EOF), false},
		{"time", context.DeadlineExceeded, false},
		{"none", nil, false},
	} {
		if got := IsAnswer(c.err); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
