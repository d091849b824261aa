// Package url finds URLs in text and HTML, takes them apart as browsers do, and says what is odd about them. It knows no Lua.
//
//   - parse.go: Parse, URL, and the one spelling that all spellings of a URL have in common.
//   - host.go: hosts: names in any script, and IP addresses in any notation.
//   - path.go: percent signs and dots.
//   - notes.go: what is odd: another name beside the host, letters of another script that look like ASCII.
//   - text.go: Find, and what precedes it: leftovers of quoted-printable, URLs that were made unclickable.
//   - html.go: FindHTML: what a click, a picture or a form leads to, and the text that is shown instead.
//
// It follows the URL standard of browsers (url.spec.whatwg.org) where that differs from RFC 3986, because what matters is where a click
// leads: backslashes are slashes, 0x7f.1 is 127.0.0.1, line breaks inside do not count. The normal form leaves out the fragment, which servers do not
// see.
//
// All of it takes linear time; how much is found, and how long one URL may be, is bounded.
package url
