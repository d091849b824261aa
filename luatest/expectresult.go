package luatest

import (
	"slices"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/protocol"
	"luamilter/simulate"
)

// of makes a method of an expectation about a result.
func (f *file) of(name string, check func(L *lua.LState, r *result)) lua.LGFunction {
	return f.about(name, func(L *lua.LState, v lua.LValue) {
		if ud, ok := v.(*lua.LUserData); ok {
			if r, ok := ud.Value.(*result); ok {
				check(L, r)
				return
			}
		}
		L.RaiseError("expect:%s: the value is %s; the result of a session's step, or of send, was expected", name, kind(v))
	})
}

// verdicts makes a method that expects one of some verdicts, and of a refusal perhaps a code or a text.
func (f *file) verdicts(name, meaning string, any ...protocol.Verdict) lua.LGFunction {
	return f.of(name, func(L *lua.LState, r *result) {
		if !slices.Contains(any, r.verdict) {
			f.fail(L, Failure{Expected: meaning, Got: r.String()}, "the verdict is another one")
		}
		if L.Get(2) == lua.LNil {
			return
		}
		want := textArg(L, "expect:"+name, 2, "reply")
		if code, err := strconv.Atoi(want); err == nil && code == r.reply.Code {
			return
		}
		if want != r.reply.Enhanced && !strings.Contains(r.reply.Text, want) {
			f.fail(L, Failure{Expected: meaning + " with the code, or in the text, " + quote(want), Got: r.String()}, "the reply is another one")
		}
	})
}

// whole returns the message that was delivered. Without one, the test fails.
func (f *file) whole(L *lua.LState, r *result) *simulate.Delivered {
	d := r.delivered()
	if d == nil {
		f.fail(L, Failure{Expected: "a message that is delivered", Got: r.String()}, "there is no message")
	}
	return d
}

// header is expect(result):header(name, value).
func (f *file) header(L *lua.LState, r *result) {
	d, name := f.whole(L, r), textArg(L, "expect:header", 2, "name")
	want, any := "", L.Get(3) == lua.LNil
	if !any {
		want = textArg(L, "expect:header", 3, "value")
	}
	var got []string
	for _, field := range d.Header {
		if strings.EqualFold(field.Name, name) {
			if any || field.Value == want {
				return
			}
			got = append(got, field.Name+": "+quote(field.Value))
		}
	}
	failure := Failure{Expected: name + ": " + quote(want), Got: "no " + name}
	if any {
		failure.Expected = "a field " + name
	}
	if len(got) > 0 {
		failure.Got = orNothing(got)
		f.fail(L, failure, "the field has another value")
	}
	failure.Got += "; the header has " + names(d)
	f.fail(L, failure, "the message lacks a header field")
}

// names are those of the fields of a message.
func names(d *simulate.Delivered) string {
	var list []string
	for _, field := range d.Header {
		list = append(list, field.Name)
	}
	if len(list) == 0 {
		return "no fields"
	}
	return strings.Join(list, ", ")
}

// noHeader is expect(result):no_header(name).
func (f *file) noHeader(L *lua.LState, r *result) {
	d, name := f.whole(L, r), textArg(L, "expect:no_header", 2, "name")
	for _, field := range d.Header {
		if strings.EqualFold(field.Name, name) {
			f.fail(L, Failure{Expected: "no field " + name, Got: field.Name + ": " + quote(field.Value)}, "the message has a header field")
		}
	}
}

// bodyIs is expect(result):body(text).
func (f *file) bodyIs(L *lua.LState, r *result) {
	d, want := f.whole(L, r), textArg(L, "expect:body", 2, "text")
	want, got := ended(readable([]byte(want))), ended(readable(d.Body))
	if want != got {
		f.fail(L, Failure{Diff: differences(want, got)}, "the body is another one")
	}
}

// ended ends a text in a line end.
func ended(text string) string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}

// recipients is expect(result):recipients(list).
func (f *file) recipients(L *lua.LState, r *result) {
	want, got := listArg(L, "expect:recipients", L.Get(2), "list"), addresses(f.whole(L, r))
	if slices.Equal(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))) {
		return
	}
	f.fail(L, Failure{Expected: orNothing([]string{strings.Join(want, ", ")}), Got: strings.Join(got, ", ")}, "the recipients are others")
}

// sender is expect(result):sender(address).
func (f *file) sender(L *lua.LState, r *result) {
	d, want := f.whole(L, r), textArg(L, "expect:sender", 2, "address")
	if d.Sender != want {
		f.fail(L, Failure{Expected: quote(want), Got: quote(d.Sender)}, "the sender is another one")
	}
}

// quarantined is expect(result):quarantined(reason).
func (f *file) quarantined(L *lua.LState, r *result) {
	d, want := f.whole(L, r), ""
	if L.Get(2) != lua.LNil {
		want = textArg(L, "expect:quarantined", 2, "reason")
	}
	if d.Quarantine == "" || !strings.Contains(d.Quarantine, want) {
		f.fail(L, Failure{Expected: "a quarantine" + with(want), Got: orNothing(nonEmpty(d.Quarantine))}, "the message is not held for that")
	}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{quote(s)}
}

// unchanged is expect(result):unchanged().
func (f *file) unchanged(L *lua.LState, r *result) {
	d := f.whole(L, r)
	if changes := r.changes(); len(changes) > 0 {
		before := simulate.Delivered{Header: r.sent.Header, Body: r.sent.Body}
		failure := Failure{Expected: "no changes", Got: strings.Join(changes, "; ")}
		failure.Diff = differences(readable(before.Text()), readable(d.Text()))
		f.fail(L, failure, "the message is changed: "+failure.Got)
	}
}

// accepted is expect(result):accepted().
func (f *file) accepted(L *lua.LState, r *result) {
	if r.verdict != protocol.Accept && (r.message == nil || r.verdict != protocol.Continue) {
		f.fail(L, Failure{Expected: "accept", Got: r.String()}, "the verdict is another one")
	}
}
