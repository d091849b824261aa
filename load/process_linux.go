package load

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Tree returns a process and all that descend from it.
func Tree(pid int) []int {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	for _, path := range stats {
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		if f := statFields(child); len(f) > 1 {
			parent, _ := strconv.Atoi(f[1])
			children[parent] = append(children[parent], child)
		}
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// statFields returns what stands behind the name in /proc/PID/stat: the state is field 0.
func statFields(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil { // it has ended
		return nil
	}
	return strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
}

// CPUTime returns what processes have used, with those of their children that have ended.
func CPUTime(pids []int) (time.Duration, error) {
	const tick = time.Second / 100 // what /proc counts in, everywhere
	var sum time.Duration
	for _, pid := range pids {
		own, err := processClock(pid)
		if err != nil {
			if pid == pids[0] {
				return 0, err
			}
			continue // a child that has ended since
		}
		sum += own
		if f := statFields(pid); len(f) > 14 {
			user, _ := strconv.Atoi(f[13])
			system, _ := strconv.Atoi(f[14])
			sum += time.Duration(user+system) * tick
		}
	}
	return sum, nil
}

// processClock returns the CPU time of all threads of a process, also of those that have ended, to the nanosecond.
func processClock(pid int) (time.Duration, error) {
	const scheduler = 2 // of the three clocks of a process (clock_getcpuclockid(3))
	clock := ^pid<<3 | scheduler
	var ts syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&ts)), 0)
	if errno != 0 {
		return 0, fmt.Errorf("CPU time of process %d: %w", pid, errno)
	}
	return time.Duration(ts.Nano()), nil
}

// Memory returns how many bytes processes have in memory; what they share counts once.
func Memory(pids []int) int64 {
	var sum int64
	for _, pid := range pids {
		kib, ok := kibibytes(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:")
		if !ok {
			kib, _ = kibibytes(fmt.Sprintf("/proc/%d/status", pid), "VmRSS:")
		}
		sum += kib << 10
	}
	return sum
}

// PeakMemory returns how many bytes processes have had in memory at most; what they share counts for each.
func PeakMemory(pids []int) int64 {
	var sum int64
	for _, pid := range pids {
		kib, _ := kibibytes(fmt.Sprintf("/proc/%d/status", pid), "VmHWM:")
		sum += kib << 10
	}
	return sum
}

// kibibytes returns the number behind a name in a file.
func kibibytes(path, name string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == name {
			n, err := strconv.ParseInt(f[1], 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// OwnCPU returns the CPU time of this process.
func OwnCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// AllowFiles lets this process and the filters open as many connections as the system permits.
func AllowFiles() {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) == nil {
		limit.Cur = limit.Max
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit) // if not, opening a connection says so
	}
}
