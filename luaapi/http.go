package luaapi

import (
	"context"
	"net/http"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/json"
	"luamilter/luaapi/web"
)

const (
	maxAnswer     = 16 << 20 // bytes of an answer that a script may ask for
	httpErrors    = "`url` is missing; a field of `request` is not known or of another kind; `on_error` is `\"fail\"` and there is no answer."
	httpRequestIs = " `request` is a URL, or a [request](#request)."
	httpResult    = " The result is a [response](#response) of whatever status, or nil and why there is none."
)

var httpModule = Module{
	"http", Require,
	"HTTP, as a client. A request blocks this SMTP session only. It takes 5 seconds at most (`http.timeout`), redirects included, and what it brings is bounded (`http.max_body`). A server that failed three times in a row is not asked for ten seconds.\n\n" +
		"Requests go to public addresses only. `http.allow` in the configuration names what may be reached besides: services on this machine, in its network. What counts is the address that is connected to. Five redirects are followed; what `headers` says goes to the first host only.",
	nil,
	[]Func{
		{"get", "request: string|request", "response?, string?", "", "Asks with GET." + httpRequestIs + httpResult, httpErrors, "RFC 9110 section 9.3.1", bindHTTP("get", http.MethodGet)},
		{"post", "request: request", "response?, string?", "", "Sends with POST." + httpRequestIs + httpResult, httpErrors, "RFC 9110 section 9.3.3", bindHTTP("post", http.MethodPost)},
		{"request", "request: request", "response?, string?", "", "Asks with the method that `request` says." + httpResult, httpErrors, "RFC 9110 section 9", bindHTTP("request", http.MethodGet)},
		{"later", "request: request", "string?, string?", "", "Sends a `request` later, at once if nothing else waits: for webhooks, whose answer nobody needs. It goes to the outbox and is on the disk when the function returns, so it survives a restart; the hook does not wait for the server. The result is its id there; or nil and why, if the outbox is full. " +
			"An answer of 5xx, 408 or 429, and none, has it sent again, with longer and longer pauses, for `outbox.keep`; another 4xx has it dropped, with a line in the log. The server may get it twice.",
			"`url` is missing; a field of `request` is not known or of another kind; `outbox.dir` is not configured.", "", (*Env).bindLater},
	},
}

var requestModule = Module{
	"request", Record, "What the functions of [http](#http) take.",
	[]Property{
		{"url", "string", "Where to; `http://` or `https://`.", "RFC 9110 section 4.2"},
		{"method", "string?", "For `http.request`: by default `GET`, or `POST` if there is a body.", "RFC 9110 section 9"},
		{"headers", "table?", "Header fields by name: strings, or arrays of them.", "RFC 9110 section 6.3"},
		{"body", "string?", "What is sent.", ""},
		{"json", "any", "What is sent as JSON, as `json.encode` writes it, with its Content-Type.", "RFC 8259"},
		{"timeout", "number?", "Seconds for everything together, by default `http.timeout` of the configuration.", ""},
		{"max", "integer?", "Bytes that the answer's body may have, unpacked; by default `http.max_body` of the configuration.", ""},
		{"on_error", "string?", onErrorDoc, ""},
	}, nil,
}

var responseModule = Module{
	"response", Record, "What a server answers: a plain table.",
	[]Property{
		{"status", "integer", "The status, such as 200.", "RFC 9110 section 15"},
		{"headers", "table", "The header fields by name in lower case; the values of several of a name are joined by a comma and a blank.", "RFC 9110 section 5.3"},
		{"body", "string", "The body.", ""},
		{"json", "any", "The body, decoded as `json.decode` does, if its type says that it is JSON and it is.", "RFC 8259"},
	}, nil,
}

// httpRequest is a request as a script gives it.
type httpRequest struct {
	web.Request
	raises bool // where there is no answer
}

// bindHTTP binds a function that makes requests.
func bindHTTP(name, method string) func(e *Env) lua.LGFunction {
	function := "http." + name
	return func(e *Env) lua.LGFunction {
		return func(L *lua.LState) int {
			e.dotted(L, function)
			r := e.httpRequest(L, function, method)
			client := e.current(L, function).Host.Services().HTTP
			if client == nil {
				raiseAbsent(L, function, "it is there in the running daemon", "fake_http")
			}
			var answer *web.Response
			if !e.ask(L, function, patience{raises: r.raises}, func(ctx context.Context) (err error) {
				answer, err = client.Do(ctx, &r.Request)
				return err
			}) {
				return 2
			}
			L.Push(e.httpResponse(L, answer))
			return 1
		}
	}
}

// httpRequest reads what a script wants.
func (e *Env) httpRequest(L *lua.LState, function, method string) *httpRequest {
	r := &httpRequest{Request: web.Request{Method: method, Header: http.Header{}}}
	if url, ok := L.Get(1).(lua.LString); ok {
		r.URL = string(url)
		return r
	}
	takeOptions(L, function, 1, e.httpOptions(r, function == "http.request" || function == "http.later")...)
	if r.URL == "" {
		L.RaiseError("%s: there is no url; write %s{ url = \"https://...\" }", function, function)
	}
	e.grow(L, len(r.Body))
	return r
}

// httpOptions are the fields of a request.
func (e *Env) httpOptions(r *httpRequest, anyMethod bool) []option {
	said := false
	withBody := func() {
		if anyMethod && !said {
			r.Method = http.MethodPost
		}
	}
	all := []option{
		textOption("url", &r.URL),
		{"headers", func(L *lua.LState, function, name string, v lua.LValue) { readHeader(L, function, name, v, r.Header) }},
		{"body", func(L *lua.LState, function, name string, v lua.LValue) {
			contentOption(name, &r.Body).take(L, function, name, v)
			withBody()
		}},
		{"json", func(L *lua.LState, function, name string, v lua.LValue) {
			r.Body = e.jsonText(L, function, v)
			r.Header.Set("Content-Type", "application/json")
			withBody()
		}},
		secondsOption("timeout", &r.Timeout),
		sizeOption("max", maxAnswer, &r.Max),
		onErrorOption(&r.raises),
	}
	if anyMethod {
		all = append(all, option{"method", func(L *lua.LState, function, name string, v lua.LValue) {
			textOption(name, &r.Method).take(L, function, name, v)
			r.Method, said = strings.ToUpper(r.Method), true
		}})
	}
	return all
}

// jsonText writes a value as JSON.
func (e *Env) jsonText(L *lua.LState, function string, v lua.LValue) string {
	e.openJSON()
	w := jsonWriter{env: e}
	if err := w.value(v, 0); err != nil {
		orRaisePlainly(L, e.Budget.Err())
		L.RaiseError("%s: json: %s%v", function, w.place(), err)
	}
	return string(w.out)
}

// readHeader reads header fields. Those of a name that is there already stand beside it.
func readHeader(L *lua.LState, function, name string, v lua.LValue, into http.Header) {
	t, ok := v.(*lua.LTable)
	if !ok {
		L.RaiseError("%s: %s is %s; a table such as {Accept = \"text/plain\"} was expected", function, name, kindOf(v))
	}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		field, ok := k.(lua.LString)
		if !ok {
			L.RaiseError("%s: a field of %s has no name; write {Accept = \"text/plain\"}", function, name)
		}
		values := []lua.LValue{v}
		if list, ok := v.(*lua.LTable); ok {
			values = values[:0]
			for i := 1; i <= list.Len(); i++ {
				values = append(values, list.RawGetInt(i))
			}
		}
		into.Del(string(field))
		for _, v := range values {
			if v.Type() != lua.LTString && v.Type() != lua.LTNumber {
				L.RaiseError("%s: %s.%s is %s; a string was expected", function, name, cut(string(field), 60), kindOf(v))
			}
			into.Add(string(field), lua.LVAsString(v))
		}
	}
}

// httpResponse makes a table of an answer.
func (e *Env) httpResponse(L *lua.LState, r *web.Response) lua.LValue {
	e.grow(L, len(r.Body)+tableSize)
	headers := L.CreateTable(0, len(r.Header))
	for name, values := range r.Header {
		text := strings.Join(values, ", ")
		e.grow(L, len(name)+len(text)+itemSize)
		headers.RawSetString(strings.ToLower(name), lua.LString(text))
	}
	t := L.CreateTable(0, 4)
	t.RawSetString("status", lua.LNumber(r.Status))
	t.RawSetString("headers", headers)
	t.RawSetString("body", lua.LString(r.Body))
	if isJSON(r.Header.Get("Content-Type")) {
		e.openJSON()
		b := &jsonBuilder{env: e}
		if err := json.Decode(r.Body, b); err == nil {
			t.RawSetString("json", b.value)
		}
		orRaisePlainly(L, e.Budget.Err())
	}
	return t
}

// isJSON reports whether a Content-Type is one of JSON. RFC 6839 section 3.1: types that end in +json.
func isJSON(contentType string) bool {
	name, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	name = strings.TrimSpace(name)
	return name == "application/json" || strings.HasSuffix(name, "+json")
}

func (e *Env) bindLater() lua.LGFunction {
	const function = "http.later"
	return func(L *lua.LState) int {
		e.dotted(L, function)
		r := e.httpRequest(L, function, http.MethodGet)
		return e.putLater(L, function, OutboxHTTP, &r.Request)
	}
}
