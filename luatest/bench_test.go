package luatest

import (
	"testing"
)

// BenchmarkTests is the cost of a simple test, which is a session and a message in each mode.
func BenchmarkTests(b *testing.B) {
	b.Chdir("../scripts")
	for b.Loop() {
		Run([]string{"rcpt_count_test.lua"}, Options{Jobs: 1})
	}
}
