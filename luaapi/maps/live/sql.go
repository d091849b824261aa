package live

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver of that name
)

// The connections of a database. Servers close those that are idle for long; ours are gone before.
const (
	maxConnections = 8
	maxIdleTime    = time.Minute
	maxLifetime    = 5 * time.Minute
)

// database is a Server that speaks SQL.
type database struct {
	*sql.DB
	file string // of SQLite, "" for others
}

func pooled(db *sql.DB, file string) *database {
	db.SetMaxOpenConns(maxConnections)
	db.SetConnMaxIdleTime(maxIdleTime)
	db.SetConnMaxLifetime(maxLifetime)
	return &database{db, file}
}

// openSQLite opens a file for reading only. Writers may use it meanwhile.
func openSQLite(source string) (Server, error) {
	file := strings.TrimPrefix(source, "sqlite:")
	u := url.URL{Scheme: "file", Path: file, RawQuery: "mode=ro&_pragma=busy_timeout(1000)&_pragma=query_only(1)"}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, err
	}
	return pooled(db, file), nil
}

// openPostgres takes what libpq takes as a URL. Statements are not prepared, so that PgBouncer may stand between.
func openPostgres(source string) (Server, error) {
	c, err := pgx.ParseConfig(source)
	if err != nil {
		return nil, errors.New("the source is no URL of PostgreSQL; write postgres://user:password@host:5432/database?sslmode=require")
	}
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	c.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend { return pgproto3.NewFrontend(&bounded{Reader: r}, w) }
	return pooled(stdlib.OpenDB(*c), ""), nil
}

// openMySQL takes mysql://user:password@host:3306/database, with ?socket=/path for a unix socket and ?tls=true for TLS.
func openMySQL(source string) (Server, error) {
	u, err := url.Parse(source)
	if err != nil {
		return nil, errors.New("the source is no URL; write mysql://user:password@host:3306/database")
	}
	c := mysql.NewConfig()
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.DBName = strings.TrimPrefix(u.Path, "/")
	c.Net, c.Addr = "tcp", u.Host
	if u.Port() == "" {
		c.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	c.TLSConfig = u.Query().Get("tls")
	if socket := u.Query().Get("socket"); socket != "" {
		c.Net, c.Addr = "unix", socket
	}
	c.Logger = &mysql.NopLogger{} // the error says it too
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return pooled(sql.OpenDB(connector), ""), nil
}

// present says in words that a file of SQLite is not there.
func (d *database) present() error {
	if d.file == "" {
		return nil
	}
	_, err := os.Stat(d.file)
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w; with sandbox = true its folder must be in maps.folders", err)
	}
	return err
}

// Lookup implements Server.
func (d *database) Lookup(ctx context.Context, q Query, key string) (value string, found bool, err error) {
	if err := d.present(); err != nil {
		return "", false, err
	}
	rows, err := d.QueryContext(ctx, q.Text, key)
	if err != nil {
		return "", false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return "", false, rows.Err()
	}
	_, value, err = first(rows)
	return value, err == nil, err
}

// All implements Server.
func (d *database) All(ctx context.Context, q Query, add func(key, value string) error) error {
	if err := d.present(); err != nil {
		return err
	}
	rows, err := d.QueryContext(ctx, q.Text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for n := 1; rows.Next(); n++ {
		second, key, err := first(rows)
		if err == nil {
			err = add(key, second)
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", n, err)
		}
	}
	return rows.Err()
}

// first returns the second and the first column of a row; "" for NULL and for what is not there.
func first(rows *sql.Rows) (second, value string, err error) {
	columns, err := rows.Columns()
	if err != nil {
		return "", "", err
	}
	texts := make([]sql.NullString, max(len(columns), 2))
	into := make([]any, len(columns))
	for i := range into {
		into[i] = &texts[i]
	}
	err = rows.Scan(into...)
	return texts[1].String, texts[0].String, err
}
