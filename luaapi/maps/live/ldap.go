package live

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// directory is a Server that speaks LDAP. It keeps connections that are not in use, each bound as one user.
type directory struct {
	dial      string // the URL without what is searched
	base      string
	attribute string // whose value is wanted; "" for none
	scope     int

	mu     sync.Mutex
	idle   []bound
	closed bool
}

// bound is a connection that has said who it is.
type bound struct {
	*ldap.Conn
	user, password string
}

// maxIdle is how many connections are kept.
const maxIdle = 4

var errNoList = errors.New("a directory is not read as a whole")

// openLDAP takes ldap://host/base?attribute?scope (RFC 4516); the filter is the query.
func openLDAP(source string) (Server, error) {
	u, err := url.Parse(source)
	if err != nil {
		return nil, errors.New("the source is no URL; write ldap://host/base?attribute?scope, and the filter as the option query")
	}
	d := &directory{dial: u.Scheme + "://" + u.Host, base: strings.TrimPrefix(u.Path, "/"), scope: ldap.ScopeWholeSubtree}
	attribute, rest, _ := strings.Cut(u.RawQuery, "?")
	if d.attribute, err = url.QueryUnescape(attribute); err != nil {
		return nil, fmt.Errorf("the attribute in the URL: %w", err)
	}
	scope, _, _ := strings.Cut(rest, "?")
	switch scope {
	case "", "sub":
	case "one":
		d.scope = ldap.ScopeSingleLevel
	case "base":
		d.scope = ldap.ScopeBaseObject
	default:
		return nil, fmt.Errorf("there is no scope %q in LDAP; there are base, one and sub", scope)
	}
	return d, nil
}

// Lookup implements Server. A kept connection may have ended meanwhile: then a new one is tried at once.
func (d *directory) Lookup(ctx context.Context, q Query, key string) (value string, found bool, err error) {
	filter := strings.ReplaceAll(q.Text, "%s", ldap.EscapeFilter(key))
	for {
		c, kept, err := d.take(ctx, q)
		if err != nil {
			return "", false, err
		}
		value, found, err := d.search(ctx, c, filter)
		if err == nil {
			d.put(c)
			return value, found, nil
		}
		c.Close()
		if !kept || ctx.Err() != nil || !ldap.IsErrorWithCode(err, ldap.ErrorNetwork) {
			return "", false, err
		}
	}
}

// search asks over a connection. The library has a time-out of its own and no context.
func (d *directory) search(ctx context.Context, c bound, filter string) (value string, found bool, err error) {
	if deadline, ok := ctx.Deadline(); ok {
		c.SetTimeout(max(time.Until(deadline), time.Millisecond))
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	attributes := []string{"1.1"} // none: RFC 4511 section 4.5.1.8
	if d.attribute != "" {
		attributes = []string{d.attribute}
	}
	answer, err := c.Search(ldap.NewSearchRequest(d.base, d.scope, ldap.NeverDerefAliases, 2, 0, false, filter, attributes, nil))
	if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) {
		return "", false, nil
	}
	if err != nil && !(ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded) && answer != nil) {
		return "", false, err
	}
	if len(answer.Entries) == 0 {
		return "", false, nil
	}
	return answer.Entries[0].GetAttributeValue(d.attribute), true, nil
}

// take returns a connection that is bound as the query wants, and whether it was kept from before.
func (d *directory) take(ctx context.Context, q Query) (c bound, kept bool, err error) {
	d.mu.Lock()
	for i := len(d.idle) - 1; i >= 0; i-- {
		if c := d.idle[i]; c.user == q.User && c.password == q.Password {
			d.idle = append(d.idle[:i], d.idle[i+1:]...)
			d.mu.Unlock()
			return c, true, nil
		}
	}
	d.mu.Unlock()
	c, err = d.connect(ctx, q)
	return c, false, err
}

func (d *directory) connect(ctx context.Context, q Query) (bound, error) {
	dialer := &net.Dialer{}
	if deadline, ok := ctx.Deadline(); ok {
		dialer.Deadline = deadline
	}
	conn, err := ldap.DialURL(d.dial, ldap.DialWithDialer(dialer))
	if err != nil {
		return bound{}, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		conn.SetTimeout(max(time.Until(deadline), time.Millisecond))
	}
	if q.User != "" {
		if err := conn.Bind(q.User, q.Password); err != nil {
			conn.Close()
			return bound{}, fmt.Errorf("bind as %s: %w", q.User, err)
		}
	}
	return bound{conn, q.User, q.Password}, nil
}

// put keeps a connection for later.
func (d *directory) put(c bound) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || len(d.idle) >= maxIdle || c.IsClosing() {
		c.Close()
		return
	}
	d.idle = append(d.idle, c)
}

// All implements Server.
func (d *directory) All(context.Context, Query, func(key, value string) error) error {
	return errNoList
}

// Close implements Server.
func (d *directory) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, c := range d.idle {
		c.Close()
	}
	d.idle = nil
	return nil
}
