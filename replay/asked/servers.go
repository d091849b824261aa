package asked

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"luamilter/luaapi"
	"luamilter/luaapi/clamav"
	"luamilter/luaapi/rspamd"
	"luamilter/luaapi/smtp"
	"luamilter/luaapi/spamd"
	"luamilter/luaapi/upstream"
	"luamilter/luaapi/web"
)

// requests are web servers.
type requests struct {
	asking
	real luaapi.HTTP // nil if nobody is asked, as in the types below
}

// Do implements luaapi.HTTP. Methods that may do something are not sent (RFC 9110 section 9.2.1).
func (r requests) Do(ctx context.Context, request *web.Request) (*web.Response, error) {
	question := request.Method + " " + request.URL
	switch {
	case r.real == nil:
		return nil, r.no("http", question, r.silence)
	case request.Method != http.MethodGet && request.Method != http.MethodHead:
		return nil, r.no("http", question, fmt.Errorf("%w: %s may change something", r.silence, request.Method))
	}
	answer, err := r.real.Do(ctx, request)
	text := ""
	if err == nil {
		text = fmt.Sprintf("%d, %d bytes", answer.Status, len(answer.Body))
	}
	r.log.done("http", question, text, err)
	return answer, err
}

// viruses is clamd.
type viruses struct {
	asking
	real luaapi.ClamAV
}

// Scan implements luaapi.ClamAV.
func (v viruses) Scan(ctx context.Context, what io.Reader) (clamav.Result, error) {
	question := ""
	if sized, ok := what.(interface{ Size() int64 }); ok {
		question = fmt.Sprintf("%d bytes", sized.Size())
	}
	if v.real == nil {
		return clamav.Result{}, v.no("clamav", question, v.silence)
	}
	result, err := v.real.Scan(ctx, what)
	text := "clean"
	if result.Infected {
		text = "infected with " + result.Name
	}
	v.log.done("clamav", question, text, err)
	return result, err
}

// spam is Rspamd.
type spam struct {
	asking
	real luaapi.Rspamd
}

// Check implements luaapi.Rspamd.
func (s spam) Check(ctx context.Context, m *rspamd.Message) (*rspamd.Result, error) {
	question := fmt.Sprintf("%d bytes", m.Size)
	if s.real == nil {
		return nil, s.no("rspamd", question, s.silence)
	}
	result, err := s.real.Check(ctx, m)
	text := ""
	if err == nil {
		text = fmt.Sprintf("%s, %.1f of %.1f", result.Action, result.Score, result.Required)
	}
	s.log.done("rspamd", question, text, err)
	return result, err
}

// junk is spamd.
type junk struct {
	asking
	real luaapi.Spamd
}

// Check implements luaapi.Spamd.
func (j junk) Check(ctx context.Context, m *spamd.Message) (*spamd.Result, error) {
	question := fmt.Sprintf("%d bytes", m.Size)
	if j.real == nil {
		return nil, j.no("spamc", question, j.silence)
	}
	result, err := j.real.Check(ctx, m)
	text := ""
	if err == nil {
		text = fmt.Sprintf("spam %t, %.1f of %.1f", result.Spam, result.Score, result.Threshold)
	}
	j.log.done("spamc", question, text, err)
	return result, err
}

// sockets are whatever is at an address.
type sockets struct {
	asking
	real luaapi.Socket
}

// Exchange implements luaapi.Socket.
func (s sockets) Exchange(ctx context.Context, address string, x *upstream.Exchange) (string, error) {
	question := fmt.Sprintf("%s %q", address, x.Send)
	if s.real == nil {
		return "", s.no("socket", question, s.silence)
	}
	answer, err := s.real.Exchange(ctx, address, x)
	s.log.done("socket", question, fmt.Sprintf("%q", answer), err)
	return answer, err
}

// recipients are mail servers that are asked about recipients.
type recipients struct {
	asking
	real luaapi.SMTP
}

// Verify implements luaapi.SMTP.
func (r recipients) Verify(ctx context.Context, q *smtp.Question) (smtp.Verdict, error) {
	question := q.Recipient + " at " + q.Host
	if r.real == nil {
		return smtp.Verdict{}, r.no("smtp", question, r.silence)
	}
	v, err := r.real.Verify(ctx, q)
	text := "known"
	if !v.Known {
		text = v.Reply
	}
	r.log.done("smtp", question, text, err)
	return v, err
}

// outbox takes what is to be sent, and sends nothing.
type outbox struct{ asking }

// errKind is the error of something that is neither a request nor a mail.
var errKind = errors.New("it cannot be sent later")

// Put implements luaapi.Outbox.
func (o outbox) Put(_ string, payload any) (id string, err error) {
	one := Lookup{Answer: "taken, but never sent from here"}
	switch p := payload.(type) {
	case *web.Request:
		one.Kind, one.Question = httpLater, p.Method+" "+p.URL
	case *smtp.Mail:
		one.Kind, one.Question = smtpSend, fmt.Sprintf("to %s, %d bytes", strings.Join(p.To, ", "), len(p.Content))
	default:
		return "", errKind
	}
	o.log.note(one)
	return "not-sent", nil
}
