// Package web makes HTTP requests for scripts, within rules. It knows no Lua.
//
//	c, err := web.New(web.Options{Allow: []string{"10.1.2.3"}, Timeout: 5 * time.Second, MaxBody: 1 << 20})
//	response, err := c.Do(ctx, &web.Request{Method: "GET", URL: "https://api.example.com/"})
//
// # Where requests may go
//
// Not to addresses of this machine and its network: loopback, private, link-local and what else is not public. A script asks for what mail
// says, and mail comes from strangers. What is checked is the address that is connected to, at that moment; so a name that means another address
// every time, and a redirect, come no further. Allow makes exceptions, by network, by name, or by host and port.
//
// With a proxy it is the proxy who connects. Then only addresses that stand in the URL can be checked; the rest is the proxy's to refuse.
//
// # What a server may do
//
// It gets Timeout for everything together, redirects included. Of its answer, 64 KiB of header and Max of body are read, unpacked; more is an
// error. Five redirects are followed, never from https to http, and what the script said in header fields goes to the first host only.
// A server that does not answer is left alone for a while, as package upstream has it. Certificates are always checked.
package web
