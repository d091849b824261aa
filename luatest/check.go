package luatest

import "luamilter/engine"

// Check returns what looks wrong in a file of tests and its modules, and how many tests it has. An error means that it cannot be loaded.
func Check(path string) (found []*engine.ScriptError, tests int, err error) {
	f, err := open(path, Fresh, &Options{})
	if err != nil {
		return nil, 0, err
	}
	defer f.close()
	return f.suite.Check(), len(f.tests), nil
}
