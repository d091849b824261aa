package main

import (
	"os/exec"
	"syscall"
)

// ownGroup starts a command in a process group of its own, so that killGroup reaches what it starts, and Ctrl-C does not.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// killGroup ends what is left of a command's group.
func killGroup(cmd *exec.Cmd) { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // an error means that nothing is left
