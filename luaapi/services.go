package luaapi

import (
	"context"
	"io"

	"luamilter/luaapi/clamav"
	"luamilter/luaapi/web"
)

// Services are what scripts reach besides the message. The daemon has one of each for all scripts and VMs; one that is nil is not there, and
// the module that needs it raises an error that says so. Each is safe for use by several goroutines.
type Services struct {
	HTTP   HTTP
	ClamAV ClamAV
}

// HTTP makes HTTP requests; web.Client does.
type HTTP interface {
	Do(ctx context.Context, r *web.Request) (*web.Response, error)
}

// ClamAV tells whether something is infected; clamav.Scanner does.
type ClamAV interface {
	Scan(ctx context.Context, r io.Reader) (clamav.Result, error)
}
