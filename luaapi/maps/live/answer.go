package live

import (
	"errors"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/redis/go-redis/v9"
)

// IsAnswer reports whether an error is what a server says of one query, such as that there is no such table: the server is well, and others may
// go on asking it.
func IsAnswer(err error) bool {
	var postgres *pgconn.PgError
	var mariadb *mysql.MySQLError
	var directory *ldap.Error
	switch {
	case errors.As(err, &postgres):
		return isAboutQuery(postgres.Code)
	case errors.As(err, &mariadb):
		return isAboutQuery(string(mariadb.SQLState[:]))
	case errors.As(err, &directory):
		switch directory.ResultCode {
		case ldap.LDAPResultNoSuchAttribute, ldap.LDAPResultUndefinedAttributeType, ldap.LDAPResultInvalidAttributeSyntax, ldap.LDAPResultNoSuchObject,
			ldap.LDAPResultInvalidDNSyntax, ldap.LDAPResultInsufficientAccessRights, ldap.ErrorFilterCompile:
			return true
		}
	}
	return redis.HasErrorPrefix(err, "WRONGTYPE") || redis.HasErrorPrefix(err, "NOPERM")
}

// isAboutQuery tells by the class of an SQLSTATE: 22 is bad data, 42 a query that is wrong or not allowed.
func isAboutQuery(state string) bool {
	return strings.HasPrefix(state, "22") || strings.HasPrefix(state, "42")
}
