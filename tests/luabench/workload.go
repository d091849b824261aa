package main

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"strings"
)

//go:embed workloads/*.lua material.lua driver.lua
var sources embed.FS

// source returns a Lua file of this program.
func source(name string) string {
	text, err := sources.ReadFile(name)
	if err != nil {
		panic(err) // it was there when this was compiled
	}
	return string(text)
}

// workload is one piece of work in plain Lua 5.1. Its file is a function of the material that returns run(n), which does the
// work n times and returns the sum of what came out: for an even n, n/2 times what it returns for 2.
type workload struct {
	name string // of the file, without .lua
	what string // its first line, without the name
	text string
}

// workloads returns all workloads, by name.
func workloads() []*workload {
	files, err := sources.ReadDir("workloads")
	if err != nil {
		panic(err) // it was there when this was compiled
	}
	var all []*workload
	for _, f := range files {
		w := &workload{name: strings.TrimSuffix(f.Name(), ".lua")}
		w.text = source(w.file())
		first, _, _ := strings.Cut(w.text, "\n")
		w.what = strings.TrimPrefix(first, "-- "+w.name+": ")
		all = append(all, w)
	}
	return all
}

// file returns where the workload is among the sources.
func (w *workload) file() string { return path.Join("workloads", w.name+".lua") }

// title is how tables call the workload.
func (w *workload) title() string { return w.name + ": " + w.what }

// matching returns the workloads whose title the expression matches.
func matching(only *regexp.Regexp) []*workload {
	var some []*workload
	for _, w := range workloads() {
		if only.MatchString(w.title()) {
			some = append(some, w)
		}
	}
	return some
}

// sumMark begins the error that a script hands its sum to the outside with.
const sumMark = "luabench sum "

// script returns a Lua script that does the work n times and raises the sum as an error. It is the only thing that comes out of
// a script whose file level luamilter runs. The lines are those of the workload's file.
func (w *workload) script(n int) string {
	return fmt.Sprintf("local run = (function(...) %s\nend)((function() %s\nend)())\nerror(%q .. string.format('%%.0f', run(%d)), 0)\n",
		w.text, source("material.lua"), sumMark, n)
}
