package engine

import "time"

// Limits bound what one call of a hook may use.
type Limits struct {
	Instructions int64         // of the VM
	CommandTime  time.Duration // wall time of every hook but eom
	MessageTime  time.Duration // wall time of eom
	Message      int64         // bytes of header and body that are collected for msg
	BodyInMemory int64         // bytes of the body that are in memory, if there is a spool; a larger one goes there
	String       int           // bytes of the longest string that a script may make
	VMs          int           // of one script at a time
}

// DefaultLimits stay below the time-outs of the MTAs: 30 s for a command, 300 s for the end of the message in Postfix. A string holds
// the largest message, and a little more.
var DefaultLimits = Limits{Instructions: 50_000_000, CommandTime: 8 * time.Second, MessageTime: 4 * time.Minute, Message: 100 << 20, BodyInMemory: 1 << 20, String: 128 << 20, VMs: 2000}
