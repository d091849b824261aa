package luaapi

import (
	"context"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/smtp"
	"luamilter/protocol"
)

var smtpModule = Module{
	"smtp", Require,
	"Mail servers, asked and used as a client.",
	nil,
	[]Func{
		{"verify", "question: callout", "boolean?, string?", "", "Asks a mail server whether it takes mail for the recipient in `question`, by MAIL and RCPT, and leaves. True if it does; false and its reply if it refuses with 5xx; nil and why if it says 4xx, refuses the sender, or does not answer. " +
			"True is remembered for six hours, false for ten minutes. It takes 5 seconds at most (`smtp.timeout`). Addresses in `smtp.local_domains` are not asked about: the server would ask in turn. Ask servers of your own, or of those who agreed.",
			"A field of `question` is missing, not known, or of another kind; `on_error` is `\"fail\"` and the result would be nil.", "RFC 5321 section 3.3", (*Env).bindVerify},
		{"send", "notice: notice", "string?, string?", "", "Sends a `notice` through `smtp.relay`. It goes to the outbox and is on the disk when the function returns; the hook does not wait for the relay. The result is its id there; or nil and why, if the outbox is full. " +
			"What the relay refuses for good is dropped, with a line in the log; everything else is tried again for `outbox.keep`.",
			"A field of `notice` is missing, not known, or breaks the rules for addresses and header values; `smtp.relay` or `outbox.dir` is not configured.", "RFC 5321; RFC 5322", (*Env).bindSend},
	},
}

var calloutModule = Module{
	"callout", Record, "What `smtp.verify` takes.",
	[]Property{
		{"recipient", "string", "The address, without brackets.", ""},
		{"host", "string", "The server: `host` or `host:port`; the port is 25 if none is said.", ""},
		{"from", "string?", "The envelope sender, by default the null sender.", ""},
		{"timeout", "number?", "Seconds, by default and at most `smtp.timeout` of the configuration.", ""},
		{"on_error", "string?", onErrorDoc, ""},
	}, nil,
}

var noticeModule = Module{
	"notice", Record, "What `smtp.send` takes.",
	[]Property{
		{"to", "string|string[]", "The recipients.", ""},
		{"from", "string?", "The address in From, by default `postmaster@` and the name of the machine.", "RFC 5322 section 3.6.2"},
		{"sender", "string?", "The envelope sender, by default the null sender, so that nobody answers.", "RFC 5321 section 4.5.5"},
		{"subject", "string", "The subject, in UTF-8.", ""},
		{"text", "string", "The text, in UTF-8.", ""},
	}, nil,
}

func (e *Env) bindVerify() lua.LGFunction {
	const function = "smtp.verify"
	return func(L *lua.LState) int {
		e.dotted(L, function)
		var q smtp.Question
		var p patience
		takeOptions(L, function, 1, p.options(addressOption("recipient", &q.Recipient), textOption("host", &q.Host), addressOption("from", &q.From))...)
		if q.Recipient == "" || q.Host == "" {
			L.RaiseError("%s: there is no recipient or no host; write %s{ recipient = \"user@example.com\", host = \"mx.example.com\" }", function, function)
		}
		if _, _, err := net.SplitHostPort(q.Host); err != nil {
			q.Host = net.JoinHostPort(strings.Trim(q.Host, "[]"), "25")
		}
		client := e.current(L, function).Host.Services().SMTP
		if client == nil {
			raiseAbsent(L, function, "it is there in the running daemon", "fake_smtp")
		}
		var v smtp.Verdict
		if !e.ask(L, function, p, func(ctx context.Context) (err error) {
			v, err = client.Verify(ctx, &q)
			return err
		}) {
			return 2
		}
		L.Push(lua.LBool(v.Known))
		if v.Known {
			return 1
		}
		L.Push(lua.LString(v.Reply))
		return 2
	}
}

// addressOption is an option that is an address, without brackets.
func addressOption(name string, into *string) option {
	return option{name, func(L *lua.LState, function, name string, v lua.LValue) {
		s, ok := v.(lua.LString)
		if !ok {
			L.RaiseError("%s: %s is %s; a string was expected", function, name, kindOf(v))
		}
		if s != "" && !isAddress(string(s)) {
			L.RaiseError("%s: %s is %s; an address was expected, as user@example.com", function, name, valueText(s))
		}
		*into = string(s)
	}}
}

// isAddress reports whether a text can be an address in an envelope.
func isAddress(text string) bool {
	at := strings.LastIndexByte(text, '@')
	return at > 0 && at < len(text)-1 && len(text) <= 320 && !strings.ContainsAny(text, "\r\n\x00<> ")
}

// notice is mail as a script describes it.
type notice struct {
	from, sender, subject, text string
	to                          []string
}

func (e *Env) bindSend() lua.LGFunction {
	const function = "smtp.send"
	return func(L *lua.LState) int {
		e.dotted(L, function)
		var n notice
		takeOptions(L, function, 1, addressOption("from", &n.from), addressOption("sender", &n.sender), textOption("subject", &n.subject), contentOption("text", &n.text),
			option{"to", func(L *lua.LState, function, name string, v lua.LValue) { n.to = addressList(L, function, name, v) }})
		if len(n.to) == 0 || n.subject == "" || n.text == "" {
			L.RaiseError("%s: to, subject and text must be said", function)
		}
		s := e.current(L, function).Host.Services()
		if s.Relay == "" {
			raiseAbsent(L, function, "set smtp.relay in the configuration", "fake_outbox")
		}
		content, err := e.compose(&n)
		orRaise(L, function, err)
		return e.putLater(L, function, OutboxMail, &smtp.Mail{From: n.sender, To: n.to, Content: content})
	}
}

// addressList reads an address or a list of them.
func addressList(L *lua.LState, function, name string, v lua.LValue) (all []string) {
	list, ok := v.(*lua.LTable)
	if !ok {
		list = L.NewTable()
		list.Append(v)
	}
	for i := 1; i <= list.Len(); i++ {
		var one string
		addressOption(name, &one).take(L, function, name, list.RawGetInt(i))
		all = append(all, one)
	}
	return all
}

// compose writes a notice as a message.
func (e *Env) compose(n *notice) (string, error) {
	host := e.call.Conn.macro("j")
	if host == "" {
		host = "localhost"
	}
	if n.from == "" {
		n.from = "postmaster@" + host
	}
	if err := protocol.CheckHeaderValue(n.subject); err != nil {
		return "", fmt.Errorf("subject: %w", err)
	}
	now := e.Clock.Now()
	var out strings.Builder
	field := func(name, value string) { fmt.Fprintf(&out, "%s: %s\r\n", name, value) }
	field("From", (&mail.Address{Address: n.from}).String())
	field("To", strings.Join(n.to, ",\r\n\t"))
	field("Subject", encodedWord(n.subject))
	field("Date", now.Format(time.RFC1123Z))
	field("Message-ID", fmt.Sprintf("<%s.%s@%s>", now.UTC().Format("20060102150405.000000000"), randomName(), host))
	field("Auto-Submitted", "auto-generated") // RFC 3834 section 5
	field("MIME-Version", "1.0")
	field("Content-Type", "text/plain; charset=utf-8")
	field("Content-Transfer-Encoding", "base64")
	out.WriteString("\r\n")
	writeBase64(&out, strings.ReplaceAll(strings.ReplaceAll(n.text, "\r\n", "\n"), "\n", "\r\n"))
	return out.String(), nil
}

// putLater puts something into the outbox, and pushes its id, or nil and why.
func (e *Env) putLater(L *lua.LState, function, kind string, payload any) int {
	box := e.current(L, function).Host.Services().Outbox
	if box == nil {
		raiseAbsent(L, function, "set outbox.dir in the configuration", "fake_outbox")
	}
	var id string
	if !e.ask(L, function, patience{}, func(context.Context) (err error) {
		id, err = box.Put(kind, payload)
		return err
	}) {
		return 2
	}
	L.Push(lua.LString(id))
	return 1
}
