package luatest

import (
	"errors"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/luaapi/maps"
	"luamilter/luaapi/schedule"
)

// Start is what the clock of a test shows at first: Monday, 5 January 2026, 12:00 UTC.
var Start = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)

// file is a file of tests in one mode.
type file struct {
	run    *Options
	path   string
	mode   Mode
	suite  *engine.Suite
	clock  *luaapi.Clock
	world  *luaapi.Services // that scripts reach; new for each test
	kinds  kinds
	loaded map[string]*engine.Program // by scripts and settings
	maps   maps.Pool                  // what the scripts open, without servers
	dns    fakeDNS

	group *group // that is being collected
	tests []*test

	running  bool
	sessions []*session // of the running test
	timers   *schedule.Schedule
	jobs     []schedule.Job // of the timers, of all sessions
}

// open loads a file of tests, which notes its tests.
func open(path string, mode Mode, o *Options) (*file, error) {
	f := &file{run: o, path: path, mode: mode, clock: luaapi.NewClock(Start), loaded: map[string]*engine.Program{}, group: &group{}}
	f.world = &luaapi.Services{}
	f.renew()
	var err error
	f.suite, err = engine.OpenSuite(path, f.clock, f.modules())
	return f, err
}

func (f *file) close() {
	for _, p := range f.loaded {
		p.Close()
	}
	f.suite.Close()
}

// outcome is what a test came to in one mode.
type outcome struct {
	err     error                 // nil if it passed
	scripts []*engine.ScriptError // errors of the scripts under test
}

// test runs one test with what its groups have around it.
func (f *file) test(t *test) outcome {
	f.clock.Set(Start)
	f.renew()
	f.running, f.sessions = true, nil
	f.timers, f.jobs = schedule.New(f.clock.Now), nil
	defer f.maps.Unfake()
	err := f.steps(t)
	for _, fn := range t.group.afters() {
		if failed := f.suite.Call(fn); err == nil && failed != nil {
			err = f.placed(t, failed)
		}
	}
	out := outcome{err: err}
	for _, s := range f.sessions {
		if failed := s.end(); out.err == nil && failed != nil {
			out.err = f.placed(t, failed)
		}
	}
	f.running = false
	for _, s := range f.sessions {
		out.scripts = append(out.scripts, s.errs...)
	}
	if out.err == nil && len(out.scripts) > 0 {
		place := f.suite.ErrorAt(t.path, t.line, "a script failed, which the test does not expect with raises")
		out.err = &Failure{Place: place}
	}
	return out
}

// steps runs what comes before the test, and the test.
func (f *file) steps(t *test) error {
	for _, fn := range append(t.group.befores(), t.fn) {
		if err := f.suite.Call(fn); err != nil {
			return f.placed(t, err)
		}
	}
	return nil
}

// placed gives an error that is about no line of the test the line where the test begins.
func (f *file) placed(t *test, err error) error {
	var failure *Failure
	var script *engine.ScriptError
	var pending *skipped
	if errors.As(err, &failure) || errors.As(err, &script) || errors.As(err, &pending) {
		return err
	}
	return &Failure{Place: f.suite.ErrorAt(t.path, t.line, err.Error())}
}

func (f *file) fakeMap(L *lua.LState) int {
	f.inTest(L, "fake_map")
	source := textArg(L, "fake_map", 1, "source")
	entries, ok := L.Get(2).(*lua.LTable)
	if !ok {
		L.RaiseError("fake_map: entries is a %s; a table was expected", L.Get(2).Type())
	}
	f.maps.Fake(source, luaapi.MapEntries(L, "fake_map", entries))
	return 0
}
