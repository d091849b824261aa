package engine

import "syscall"

// yield lets another thread run that waits for this processor, of this process or another. Without it, Linux may leave a thread that
// computes alone for some milliseconds before one gets its turn that mail waits for.
func yield() { _, _, _ = syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0) }
