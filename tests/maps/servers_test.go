package maps

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql" // for what the tests write
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"luamilter/luaapi/maps"
	"luamilter/luaapi/maps/live"
	"luamilter/luaapi/store"
	"luamilter/tests/mta"
)

// bases are the databases: how they are started, how the test writes into them, and how scripts name them.
var bases = []struct {
	name  string
	param string
	start func(t *testing.T) (driver, dsn, source string, server *mta.Database)
}{
	{"sqlite", "?", func(t *testing.T) (string, string, string, *mta.Database) {
		file := filepath.Join(t.TempDir(), "users.db")
		return "sqlite", file, "sqlite:" + file, nil
	}},
	{"postgres", "$1", func(t *testing.T) (string, string, string, *mta.Database) {
		d := mta.Postgres(t)
		url := "postgres://luamilter@" + d.Addr + "/postgres?sslmode=disable"
		return "pgx", url, url, d
	}},
	{"mysql", "?", func(t *testing.T) (string, string, string, *mta.Database) {
		d := mta.MariaDB(t)
		return "mysql", "root@tcp(" + d.Addr + ")/mysql", "mysql://root@" + d.Addr + "/mysql", d
	}},
}

var statements = []string{
	"CREATE TABLE users (address VARCHAR(100) PRIMARY KEY, folder VARCHAR(100))",
	"INSERT INTO users VALUES ('alice@example.com', 'first'), ('bob@example.com', NULL), ('''; DROP TABLE users; --', 'odd')",
	"CREATE TABLE domains (name VARCHAR(100) PRIMARY KEY, action VARCHAR(100))",
	"INSERT INTO domains VALUES ('example.net', 'block'), ('.example.org', 'below')",
}

// TestDatabases asks each database for keys, and reads lists.
func TestDatabases(t *testing.T) {
	for _, base := range bases {
		t.Run(base.name, func(t *testing.T) {
			driver, dsn, source, server := base.start(t)
			fill(t, driver, dsn)
			pool := &maps.Pool{Servers: true}
			defer close(t, pool)
			byKey := func(columns, where string) live.Query {
				return live.Query{Text: "SELECT " + columns + base.param + where}
			}
			users := open(t, pool, maps.Spec{Kind: maps.Table, Source: source, Query: byKey("folder FROM users WHERE address = ", ""), TTL: time.Nanosecond})
			domains := open(t, pool, maps.Spec{Kind: maps.Domain, Source: source, Query: byKey("action FROM domains WHERE name = ", "")})
			list := open(t, pool, maps.Spec{Kind: maps.Domain, Source: source, Load: true, Query: live.Query{Text: "SELECT name, action FROM domains"}})
			if list.Len() != 2 {
				t.Errorf("the list has %d entries", list.Len())
			}
			for _, c := range []struct {
				m         *maps.Map
				key, want string
				found     bool
			}{
				{m: users, key: "alice@example.com", want: "first", found: true},
				{m: users, key: "bob@example.com", found: true},
				{m: users, key: "none@example.com"},
				{m: users, key: "'; DROP TABLE users; --", want: "odd", found: true},
				{m: users, key: ""},
				{m: domains, key: "mail.example.net", want: "block", found: true},
				{m: domains, key: "example.org"},
				{m: domains, key: "a@x.example.org", want: "below", found: true},
				{m: list, key: "mail.example.net", want: "block", found: true},
				{m: list, key: "example.org"},
			} {
				got, found, err := c.m.Find(t.Context(), c.key)
				if err != nil || found != c.found || got != c.want {
					t.Errorf("%q: %q %v %v, want %q %v", c.key, got, found, err, c.want, c.found)
				}
			}
			if server != nil {
				server.Kill(t)
				outage(t, users)
			}
		})
	}
}

// outage checks what a list says while its server is down: what it knows, or that it does not know, and soon that it does not even ask.
func outage(t *testing.T, m *maps.Map) {
	t.Helper()
	if got, found, err := m.Find(t.Context(), "alice@example.com"); err != nil || !found || got != "first" {
		t.Errorf("an answer that was kept: %q %v %v", got, found, err)
	}
	for range 10 {
		_, found, err := m.Find(t.Context(), "carol@example.com")
		switch {
		case err == nil || found:
			t.Fatalf("it is down and says %v %v", found, err)
		case strings.Contains(err.Error(), "not asked"):
			return
		}
	}
	t.Error("it is asked again and again")
}

// fill writes what the tests look up.
func fill(t *testing.T, driver, dsn string) {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for range 600 { // it takes connections before it is ready
		if err = db.Ping(); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
}

func open(t *testing.T, pool *maps.Pool, s maps.Spec) *maps.Map {
	t.Helper()
	m, err := pool.Open(context.Background(), s, "")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func close(t *testing.T, pool *maps.Pool) {
	t.Helper()
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

// TestRedis asks a Redis server for keys, and reads lists.
func TestRedis(t *testing.T) {
	server := mta.Redis(t)
	at, err := store.ParseURL("redis://" + server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	client, err := store.Connect(at, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var many []any
	for i := range 5000 {
		many = append(many, fmt.Sprintf("%d.example.net", i))
	}
	for _, command := range [][]any{
		{"SET", "user:alice@example.com", "first"}, {"SET", "user:a b", "space"}, {"HSET", "users", "alice@example.com", "hashed", "bob@example.com", ""},
		{"SADD", "blocked", "example.net", ".example.org"}, {"ZADD", "scores", "2.5", "example.net"}, append([]any{"SADD", "many"}, many...),
	} {
		if err := client.Do(t.Context(), command...).Err(); err != nil {
			t.Fatal(command[:2], err)
		}
	}
	pool := &maps.Pool{Servers: true}
	defer close(t, pool)
	list := func(kind maps.Kind, load bool, query string) *maps.Map {
		return open(t, pool, maps.Spec{Kind: kind, Source: "redis://" + server.Addr, Load: load, Query: live.Query{Text: query}, TTL: time.Nanosecond})
	}
	users := list(maps.Table, false, "get user:?")
	for _, c := range []struct {
		m         *maps.Map
		key, want string
		found     bool
	}{
		{users, "alice@example.com", "first", true},
		{users, "a b", "space", true},
		{users, "none@example.com", "", false},
		{users, "*", "", false},
		{list(maps.Set, false, "EXISTS user:?"), "alice@example.com", "", true},
		{list(maps.Set, false, "EXISTS user:?"), "none@example.com", "", false},
		{list(maps.Table, false, "HGET users ?"), "alice@example.com", "hashed", true},
		{list(maps.Table, false, "HGET users ?"), "bob@example.com", "", true},
		{list(maps.Set, false, "HEXISTS users ?"), "carol@example.com", "", false},
		{list(maps.Domain, false, "SISMEMBER blocked ?"), "user@mail.example.net", "", true},
		{list(maps.Domain, false, "SISMEMBER blocked ?"), "example.org", "", false},
		{list(maps.Table, false, "ZSCORE scores ?"), "example.net", "2.5", true},
		{list(maps.Table, true, "HGETALL users"), "alice@example.com", "hashed", true},
		{list(maps.Domain, true, "SMEMBERS blocked"), "a.example.org", "", true},
		{list(maps.Domain, true, "SMEMBERS many"), "mail.4999.example.net", "", true},
		{list(maps.Set, true, "SMEMBERS nowhere"), "example.net", "", false},
	} {
		got, found, err := c.m.Find(t.Context(), c.key)
		if err != nil || found != c.found || got != c.want {
			t.Errorf("%s, %q: %q %v %v, want %q %v", c.m.Name(), c.key, got, found, err, c.want, c.found)
		}
	}
	if n := list(maps.Domain, true, "SMEMBERS many").Len(); n != len(many) {
		t.Errorf("%d of %d elements", n, len(many))
	}
	if _, _, err := list(maps.Table, false, "HGET blocked ?").Find(t.Context(), "example.net"); err == nil || !strings.Contains(err.Error(), "WRONGTYPE") {
		t.Errorf("a command that does not suit: %v", err)
	}
	server.Kill(t)
	outage(t, users)
}

const people = `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,dc=example,dc=com
objectClass: organizationalUnit
ou: people

dn: uid=alice,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: alice
cn: Alice
sn: Example
mail: alice@example.com
departmentNumber: first

dn: uid=star,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
uid: star
cn: Star
sn: Example
mail: a*b@example.com
`

// TestDirectory asks OpenLDAP, with and without a name, through an outage.
func TestDirectory(t *testing.T) {
	server := mta.Slapd(t, people)
	pool := &maps.Pool{Servers: true}
	defer close(t, pool)
	source := "ldap://" + server.Addr + "/ou=people,dc=example,dc=com?departmentNumber?one"
	query := live.Query{Text: "(&(objectClass=inetOrgPerson)(mail=%s))"}
	m := open(t, pool, maps.Spec{Kind: maps.Table, Source: source, Query: query, TTL: time.Nanosecond})
	named, wrong := query, query
	named.User, named.Password = "cn=admin,dc=example,dc=com", "secret"
	wrong.User, wrong.Password = named.User, "wrong"
	bound := open(t, pool, maps.Spec{Kind: maps.Table, Source: source, Query: named})
	for _, c := range []struct {
		m         *maps.Map
		key, want string
		found     bool
	}{
		{m, "alice@example.com", "first", true},
		{bound, "alice@example.com", "first", true},
		{m, "a*b@example.com", "", true},
		{m, "a*", "", false},
		{m, "*", "", false},
		{m, "none)(mail=*", "", false},
		{m, "none@example.com", "", false},
	} {
		got, found, err := c.m.Find(t.Context(), c.key)
		if err != nil || found != c.found || got != c.want {
			t.Errorf("%q: %q %v %v, want %q %v", c.key, got, found, err, c.want, c.found)
		}
	}
	refused := open(t, pool, maps.Spec{Kind: maps.Table, Source: source, Query: wrong})
	if _, _, err := refused.Find(t.Context(), "alice@example.com"); err == nil || strings.Contains(err.Error(), wrong.Password+"\"") {
		t.Errorf("a wrong password: %v", err)
	}
	server.Kill(t)
	server.Start(t)
	if got, _, err := m.Find(t.Context(), "none2@example.com"); err != nil || got != "" {
		t.Errorf("after a restart, over a connection that was kept: %q %v", got, err)
	}
	server.Kill(t)
	outage(t, m)
}
