// Package report writes what became of replayed messages as one page of HTML that needs nothing else: no network, no other file.
//
// A Page is begun with New, is given each message with Add as it comes, and ends with Finish, which adds the summary. The page is written
// as it grows, so that memory does not bound how many messages there are.
//
// # Hostile content
//
// Everything in a message is hostile. No part of it is ever markup: messages are JSON in a script element that is not run, in which <, >
// and & are escaped, and page.js puts texts into the page with textContent only. A Content-Security-Policy allows the script and the style
// of the page, by their digests, and nothing else, so that a mistake of ours could not run or load anything. Characters that nobody sees or
// that turn the direction of a text around are spelled out (visible.go); lines and diffs are cut where nobody reads on.
//
// # Ten thousand messages
//
// The table of messages has rows only for what is in view: page.js makes them when it is scrolled.
package report
