// Package doctor reads the configuration of Postfix or Sendmail and tells what is wrong between it and luamilter: a filter that is
// never asked, a socket that nobody can reach, a time limit that ends before a script's does.
//
//	findings, err := doctor.Postfix("/etc/postfix", filter, "")
//	findings, err := doctor.Sendmail("/etc/mail/sendmail.cf", filter, "")
//
// It only reads files; neither mail server needs to be installed, and none of its programs is run. All paths are taken below a root, so
// that a container's image or a test's folder can be examined as well.
//
// # The way of an examination
//
//  1. lines.go reads a file and joins continued lines; what follows can tell the line of each word.
//  2. maincf.go, mastercf.go and expand.go know what a Postfix parameter is worth for one service: its -o, else main.cf, else the default.
//     sendmailcf.go and sendmailmc.go make the same sendmail value of sendmail.cf and of the m4 text that it is generated from.
//  3. address.go takes the MTA's spelling of a socket apart and compares it with luamilter's own.
//  4. postfix.go finds the services that receive mail and what each asks of whom; milters.go, settings.go, services.go and sendmail.go hold the
//     checks. permission.go answers whether a user may write to a socket.
//  5. report drops what is said twice, as several services share a line of main.cf.
//
// # Decisions
//
// A check speaks only of filters that are luamilter, or would be but for a mistake: others in the same list are none of our business.
// Therefore sockets come first, and settings are looked at for the services that ask luamilter, or were meant to.
//
// The line to write keeps the parameters that the administrator has: where luamilter's address is in one of its own, that one is mended. The
// tests write each line into the file that it is about, and then there must be no finding.
//
// luamilter asks the MTA for macros that scripts name and that the MTA does not send by itself. So only what the MTA's own lists have is
// missed in a shorter one.
//
// What is not to be seen in files is not guessed: tables in databases, m4 files that are included, names in DNS.
package doctor
