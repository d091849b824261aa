package mta

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Database is a running database or directory, which ends with the test.
type Database struct {
	Addr string // host:port on loopback

	command func() *exec.Cmd
	process *process
	out     bytes.Buffer
}

// Start starts it, and waits until it takes connections.
func (d *Database) Start(t testing.TB) {
	t.Helper()
	cmd := d.command()
	cmd.Stdout, cmd.Stderr = &d.out, &d.out
	p, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	d.process = p
	answers := func() bool {
		conn, err := net.Dial("tcp", d.Addr)
		if err != nil {
			return !p.running()
		}
		conn.Close()
		return true
	}
	if !eventually(patience, answers) || !p.running() {
		d.Kill(t)
		t.Fatalf("%s does not listen on %s:\n%s", cmd.Path, d.Addr, tail(d.out.String(), 20))
	}
}

// Kill ends it at once, and waits until it is gone. Calling it again does nothing.
func (d *Database) Kill(t testing.TB) {
	t.Helper()
	if d.process == nil {
		return
	}
	_ = d.process.cmd.Process.Kill() // an error means that it has ended
	<-d.process.done
	d.process = nil
}

// launch starts a database that was prepared, and ends it with the test.
func launch(t testing.TB, addr string, command func() *exec.Cmd) *Database {
	t.Helper()
	d := &Database{Addr: addr, command: command}
	t.Cleanup(func() { d.Kill(t) })
	d.Start(t)
	return d
}

// Postgres starts a PostgreSQL, in which the user luamilter may do everything without a password.
func Postgres(t testing.TB) *Database {
	t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if len(found) == 0 {
		absent(t, "PostgreSQL is not installed")
	}
	bin := filepath.Dir(found[len(found)-1])
	dir := ownedDir(t, "postgres")
	run(t, as("postgres", dir, filepath.Join(bin, "initdb"), "-D", dir, "-U", "luamilter", "-A", "trust", "--no-sync", "-E", "UTF8"))
	addr := loopback(t)
	host, port, _ := net.SplitHostPort(addr)
	return launch(t, addr, func() *exec.Cmd {
		return as("postgres", dir, filepath.Join(bin, "postgres"), "-D", dir, "-h", host, "-p", port, "-k", "", "-F")
	})
}

// MariaDB starts a MariaDB, in which root may do everything without a password.
func MariaDB(t testing.TB) *Database {
	t.Helper()
	server, install := NeedProgram(t, "mariadbd"), NeedProgram(t, "mariadb-install-db")
	dir := ownedDir(t, "mysql")
	run(t, as("mysql", dir, install, "--no-defaults", "--datadir="+dir, "--auth-root-authentication-method=normal", "--skip-test-db"))
	addr := loopback(t)
	host, port, _ := net.SplitHostPort(addr)
	return launch(t, addr, func() *exec.Cmd {
		return as("mysql", dir, server, "--no-defaults", "--datadir="+dir, "--bind-address="+host, "--port="+port, "--socket="+filepath.Join(dir, "sock"))
	})
}

// Slapd starts an OpenLDAP with the entries of an LDIF below dc=example,dc=com, whose cn=admin has the password secret.
func Slapd(t testing.TB, ldif string) *Database {
	t.Helper()
	server, load := NeedProgram(t, "slapd"), NeedProgram(t, "slapadd")
	dir := Dir(t)
	write(t, ldif, dir, "entries.ldif")
	config := filepath.Join(dir, "slapd.conf")
	write(t, `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile `+dir+`/pid
database mdb
suffix "dc=example,dc=com"
rootdn "cn=admin,dc=example,dc=com"
rootpw secret
directory `+dir+`
`, config)
	run(t, exec.Command(load, "-f", config, "-l", filepath.Join(dir, "entries.ldif")))
	addr := loopback(t)
	return launch(t, addr, func() *exec.Cmd { return exec.Command(server, "-d", "0", "-h", "ldap://"+addr, "-f", config) })
}

// as is a command run in a directory as a user that gives up root, or as whoever runs the test.
func as(user, dir string, args ...string) *exec.Cmd {
	if os.Getuid() == 0 {
		args = append([]string{"setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"}, args...)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	return cmd
}

// ownedDir returns a new directory that belongs to a user, or to whoever runs the test.
func ownedDir(t testing.TB, user string) string {
	t.Helper()
	dir := filepath.Join(Dir(t), "data")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() == 0 {
		run(t, exec.Command("chown", user+":"+user, dir))
	}
	return dir
}
