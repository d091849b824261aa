package miltertest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// Program is a script to run, and how.
type Program struct {
	Name      string // of the script, for messages
	Text      string
	Variables []Variable
	Verbose   int  // 1: a line for each event, 2: one for each packet
	NoWait    bool // do not wait for the end of a filter that the script started
	Stdout    io.Writer
	Stderr    io.Writer
}

// Variable is a global variable that a script finds set.
type Variable struct {
	Name  string
	Value string
	Given bool // false: the value is the number 1
}

// ParseVariable reads NAME or NAME=VALUE.
func ParseVariable(text string) (Variable, error) {
	name, value, given := strings.Cut(text, "=")
	if name == "" {
		return Variable{}, fmt.Errorf("%q has no name before the =", text)
	}
	return Variable{name, value, given}, nil
}

// ErrFailed means that the script or its filter failed; Run has written how.
var ErrFailed = errors.New("the script failed")

// Run runs the script, and ends the filter that it started. It returns ErrFailed where miltertest would exit with 1.
func (p *Program) Run() error {
	lib := &library{stdout: p.Stdout, stderr: p.Stderr, verbose: p.Verbose, timeout: defaultTimeout}
	failed := p.interpret(lib) != nil
	for _, c := range lib.conns {
		c.close()
	}
	if lib.filter != nil && !p.endFilter(lib) {
		failed = true
	}
	if failed {
		return ErrFailed
	}
	return nil
}

// interpret runs the script and writes what goes wrong in it.
func (p *Program) interpret(lib *library) error {
	l := lua.NewState()
	defer l.Close()
	lib.open(l)
	addNewer(l)
	for _, v := range p.Variables {
		if v.Given {
			l.SetGlobal(v.Name, lua.LString(v.Value))
		} else {
			l.SetGlobal(v.Name, lua.LNumber(1))
		}
	}
	f, err := l.Load(strings.NewReader(p.Text), p.Name)
	if err == nil {
		l.Push(f)
		err = l.PCall(0, lua.MultRet, nil)
	}
	if err != nil {
		lib.complain("%s:%s", p.Name, strings.TrimPrefix(" "+lib.describe(err), " "+p.Name+":"))
	}
	return err
}

// describe returns the message of an error with the place where it was raised.
func (lib *library) describe(err error) string {
	var raised *lua.ApiError
	if !errors.As(err, &raised) {
		return err.Error()
	}
	switch raised.Object.Type() {
	case lua.LTString, lua.LTNumber:
	case lua.LTNil: // it is no error of Lua code but one before that
		return strings.TrimSpace(raised.Error())
	default:
		return "an error that is a " + raised.Object.Type().String()
	}
	message := strings.TrimSpace(raised.Object.String())
	if message == lib.raised && lib.place != "" {
		return lib.place + " " + message
	}
	return message
}

// endFilter ends the filter and reports whether it ended well.
func (p *Program) endFilter(lib *library) bool {
	if p.NoWait {
		_ = lib.filter.terminate() // whether it has ended already is not asked
		return true
	}
	lib.tell(2, "waiting for process %d", lib.filter.cmd.Process.Pid)
	if err := lib.filter.end(); err != nil {
		lib.complain("%v", err)
		return false
	}
	return true
}
