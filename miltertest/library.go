package miltertest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// library is what is behind the table mt of one script.
type library struct {
	stdout, stderr io.Writer
	verbose        int
	timeout        time.Duration // for each reply
	conns          []*conn
	filter         *filter // the last one that the script started, nil if it started none

	raised, place string // the last error that a function of mt raised, and where the script was
}

const defaultTimeout = 10 * time.Second

// functions are those of mt.
func (lib *library) functions() map[string]func(arguments) int {
	return map[string]func(arguments) int{
		"abort": lib.abort, "bodyfile": lib.bodyFile, "bodyrandom": lib.bodyRandom, "bodystring": lib.bodyString, "chdir": lib.chdir,
		"connect": lib.connect, "conninfo": lib.connInfo, "data": lib.data, "disconnect": lib.disconnect, "echo": lib.echo, "eoh": lib.eoh,
		"eom": lib.eom, "eom_check": lib.eomCheck, "getcwd": lib.getcwd, "getheader": lib.getHeader, "getreply": lib.getReply,
		"header": lib.header, "helo": lib.helo, "macro": lib.macro, "mailfrom": lib.mailFrom, "negotiate": lib.negotiate,
		"rcptto": lib.rcptTo, "set_timeout": lib.setTimeout, "signal": lib.signal, "sleep": lib.sleep, "startfilter": lib.startFilter,
		"test_action": lib.testAction, "test_option": lib.testOption, "unknown": lib.unknown,
	}
}

// open puts mt and the constants into a Lua state.
func (lib *library) open(l *lua.LState) {
	mt := l.NewTable()
	for name, f := range lib.functions() {
		mt.RawSetString(name, l.NewFunction(func(l *lua.LState) int { return f(arguments{l, name, lib}) }))
	}
	l.SetGlobal("mt", mt)
	for name, value := range constants() {
		l.SetGlobal(name, lua.LNumber(value))
	}
}

// tell writes what -v shows: once given it is level 1.
func (lib *library) tell(level int, format string, args ...any) {
	if lib.verbose >= level {
		fmt.Fprintf(lib.stdout, "miltertest: "+format+"\n", args...)
	}
}

// complain writes what went wrong, or what miltertest does not write on standard output either.
func (lib *library) complain(format string, args ...any) {
	fmt.Fprintf(lib.stderr, "miltertest: "+format+"\n", args...)
}

func (lib *library) echo(a arguments) int {
	a.count(1, 1)
	fmt.Fprintln(lib.stdout, a.text(1))
	return 0
}

func (lib *library) chdir(a arguments) int {
	a.count(1, 1)
	if err := os.Chdir(a.text(1)); err != nil {
		a.raise(a.text(1) + ": " + reason(err))
	}
	if lib.verbose > 1 {
		lib.complain("now in directory %s", a.text(1))
	}
	return 0
}

func (lib *library) getcwd(a arguments) int {
	a.count(0, 0)
	dir, err := os.Getwd()
	if err != nil {
		a.raise(reason(err))
	}
	return a.answer(lua.LString(dir))
}

func (lib *library) setTimeout(a arguments) int {
	a.count(1, 1)
	lib.timeout = seconds(a.number(1))
	return 0
}

func (lib *library) sleep(a arguments) int {
	a.count(1, 1)
	d := seconds(a.number(1))
	lib.tell(2, "pausing for %f seconds", d.Seconds())
	time.Sleep(d)
	return a.answer(lua.LNil)
}

func (lib *library) startFilter(a arguments) int {
	if a.l.GetTop() < 1 {
		a.invalid()
	}
	f, err := startFilter(a.texts(1), lib.stdout, lib.stderr)
	if err != nil {
		a.raise(err.Error())
	}
	lib.filter = f
	if lib.verbose > 0 {
		lib.complain("'%s' started in process %d", a.text(1), f.cmd.Process.Pid)
	}
	return a.answer(lua.LNil)
}

func (lib *library) signal(a arguments) int {
	a.count(1, 1)
	number := syscall.Signal(a.number(1))
	if lib.filter == nil {
		a.raise("Filter not running")
	}
	if err := lib.filter.cmd.Process.Signal(number); err != nil {
		a.raise("kill(): " + reason(err))
	}
	if lib.verbose > 0 {
		lib.complain("sent signal %d", int(number))
	}
	return a.answer(lua.LNil)
}

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

// reason returns the system's word for an error without what was being done, which the caller says.
func reason(err error) string {
	var number syscall.Errno
	if errors.As(err, &number) {
		return number.Error()
	}
	return err.Error()
}
