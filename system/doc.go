// Package system is what the daemon asks of the operating system: sockets that somebody else opened, a supervisor to report to, a
// successor to hand over to, and ways to give up whatever a mail filter does not need.
//
// # Start
//
// The order matters: each step may need what the next one gives away.
//
//	supervisor, err := system.FindSupervisor()      // systemd, or nobody
//	inherited, err := system.Inherited()            // sockets from systemd or a predecessor, to match with the configured ones; open the rest
//	err = system.CheckScripts(paths, user)          // nobody but root and user may change them
//	err = system.Drop(user, group, true)            // no way back to root
//	enforced, err := system.Restrict(system.MailFilterPaths().With(paths)) // no other files from here on; enforced is for the log
//	...                                             // load the scripts: nothing of theirs ever runs as root
//	err = inherited.Ready()                         // the predecessor stops accepting; an error means that it goes on, so end
//	...                                             // accept connections
//	if !inherited.Successor {                       // else systemd knows the service as ready, and hears only the main process
//		err = supervisor.Ready()
//	}
//	go supervisor.Watchdog(ctx, healthy)
//
// Outside of systemd the supervisor is nobody and everything said to it vanishes. A process that was not started by root, or was
// given no sockets, calls the same functions; those that have nothing to do return at once.
//
// # Reload, stop, hand over
//
//	SIGHUP   supervisor.Reloading() ... supervisor.Ready()
//	SIGTERM  supervisor.Stopping(), then drain
//	SIGUSR2  pid, err := system.StartSuccessor(ctx, listeners, names, os.Args, os.Environ())
//	         error: log it and go on; else supervisor.MainPID(pid), close the listeners, drain, end without Stopping
//
// The listening sockets are the same ones in both processes, with one queue. So there is no moment at which nobody listens: what is in
// the queue when the predecessor closes its end is accepted by the successor.
//
// # Decisions
//
// LISTEN_PID says for whom sockets are meant, but the pid of a successor is not known before it runs. So StartSuccessor sets
// LUAMILTER_READY_FD instead, the number of one more descriptor: a line to the predecessor, one end of a pair of sockets. It is set for the new process alone, never in our own
// environment; Inherited takes it out of the environment, and refuses a number that is not a socket. As no pid is compared, a wrapper
// script around the program does no harm.
//
// Whether the successor is ready is decided once, on that line: a predecessor that gives up shuts it, and what was said before counts.
// Ready returns an error to a successor that comes later, at a time when it has not accepted anything yet.
//
// A successor inherits what was given up: it starts as the user that its predecessor became, below the same Landlock restrictions. So
// what only root may read must have been read by then, and privileged ports come with the sockets. Drop sees that it is that user
// already. Landlock's layers add up, sixteen at most; Restrict then says that the old ones hold.
//
// Credentials belong to threads on Linux. Go's syscall.Setuid and its like change all of them. no_new_privs and Landlock are set for all
// threads by go-landlock: by the kernel itself from its ABI 8 on, else through psx, which also works in a program without cgo.
// Landlock is worth a dependency, because its ABI grows with every other kernel; the notify protocol, forty lines, is not.
//
// Landlock covers files only here. Connections to the resolver, to Redis or to a virus scanner's socket are what filters are for, so they
// stay as free as they were.
package system
