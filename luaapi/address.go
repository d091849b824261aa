package luaapi

import (
	"fmt"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/address"
	"luamilter/luaapi/fieldvalue"
	"luamilter/luaapi/mail"
)

const noAddress = "`text` is neither a string nor nil."

var addressModule = Module{
	"address", Require,
	"Addresses, and fields such as From and To that have them, as real mail writes them. Bad data never raises an error: functions return nil, and a text that says why. So they do for nil, which `msg:header` " +
		"returns for a field that is not there.\n\n" +
		"An address is a table: `address` as an envelope takes it (`\"\"` for `<>`), `localpart` without quotes, `domain` in lower case, `name` and `comment` decoded (RFC 2047), `group`; what is not there is nil. " +
		"`first` and `last` say where all of it is in the text, `address_first` and `address_last` where the address alone is, so that `text:sub(a.first, a.last)` is it; " +
		"an address that is not there, as in `<>`, has its `address_last` before its `address_first`. `problems` is an array of what was odd: `\"" + strings.Join(address.ProblemTexts(), "\"`, `\"") + "\"`. " +
		"Only the first three say that the address cannot be used as it is.\n\n" +
		"Where a function takes an address, it takes one with a name or brackets as well.",
	nil,
	[]Func{
		{"parse", "text: string?", "mailbox?, string?", "", "The address that `text` has: a table. Nil, and why, if it has none, several, or one that is no valid address. `address.parse(msg:header(\"From\"))` is who wrote a message.",
			noAddress, "RFC 5322 section 3.4", (*Env).bindAddressParse},
		{"list", "text: string?", "mailbox[]", "", fmt.Sprintf("The addresses that `text` has: an array of tables, empty if there are none, at most %d in %d bytes. Its `problems` are those of all, and of what stands between; one that is not valid has its place in the array too. "+
			"Its `groups` is an array of tables with `name`, `first` and `last`, also of groups without addresses such as `undisclosed-recipients:;`.", address.MaxMailboxes, address.MaxText),
			noAddress, "RFC 5322 section 3.4", (*Env).bindAddressList},
		{"format", "name: string?, addr: string?", "string?, string?", "", "The `name` and the address `addr` as a header field has them, with quotes and encoded-words where they are needed: `\"Doe, Jane\" <jane@example.com>`. Without a name, or with an empty one, the address alone. " +
			"Nil, and why, if the address is not valid or the name has a control character.", "`name` or `addr` is neither a string nor nil.", "RFC 5322 section 3.4, RFC 2047 section 5", (*Env).bindAddressFormat},
		{"domain", "text: string?", "string?, string?", "", "The domain of the address in `text`, in lower case. Nil, and why, if there is none.", noAddress, "RFC 5321 section 4.1.2", (*Env).bindAddressDomain},
		{"localpart", "text: string?", "string?, string?", "", "What stands before the @ of the address in `text`, without quotes. Nil, and why, if there is no address.", noAddress, "RFC 5321 section 4.1.2", (*Env).bindAddressLocalpart},
		{"without_extension", "text: string?, delimiters: string?", "string?, string?", "", "The address in `text` without what follows the first of the characters in `delimiters` (`+`) in its local part: `user@example.com` for `user+lists@example.com`. " +
			"As Postfix does, it leaves postmaster, mailer-daemon and double-bounce alone, at a hyphen owner-list and list-request, and what would lose everything. Nil, and why, if there is no address.",
			noAddress, "Postfix, recipient_delimiter", (*Env).bindAddressWithoutExtension},
		{"organizational_domain", "text: string?", "string?, string?", "", "The domain that somebody registered, of which the domain or address in `text` is a part: `example.co.uk` for `mail.example.co.uk`. It goes by the public suffix list, its private part included, as of the build. " +
			"Nil, and why, for an IP address, a public suffix itself, and what ends in a top level that the list does not know.", noAddress, "RFC 7489 section 3.2, publicsuffix.org", (*Env).bindAddressOrganizationalDomain},
		{"ascii", "text: string?", "string?, string?", "", "The domain or address in `text` with the domain in ASCII: `user@xn--bcher-kva.example`. Nil, and why, if it is no domain, or its local part is not ASCII.", noAddress, "RFC 5890, UTS 46", (*Env).bindAddressASCII},
		{"unicode", "text: string?", "string?, string?", "", "The domain or address in `text` with the domain for people to read: `user@bücher.example`. Nil, and why, if it is no domain.", noAddress, "RFC 5890, UTS 46", (*Env).bindAddressUnicode},
		{"same", "a: string?, b: string?", "boolean", "", "Whether the addresses `a` and `b` are one mailbox: domains compare without case and whether or not they are in ASCII, local parts with case and without their quotes. Brackets do not count; nil is the same as nothing.",
			"`a` or `b` is neither a string nor nil.", "RFC 5321 section 2.4", (*Env).bindAddressSame},
		{"is_valid", "addr: string?, options: table?", "boolean, string?", "", "Whether `addr`, with or without brackets, may be an envelope's address; if not, false and why. `options` may be `{utf8 = true}`, which allows UTF-8 in it. A local part alone is valid, since mail servers add their domain.",
			"`addr` is neither a string nor nil; `options` has another key, or `utf8` is neither true nor false.", "RFC 5321 section 4.1.2, RFC 6531", (*Env).bindAddressIsValid},
	},
}

// bytesPerStep is how much of a text counts as one instruction.
const bytesPerStep = 8

// foreign returns an argument that came out of a message: given is false if it is nil.
func (e *Env) foreign(L *lua.LState, function string, arg int, what string) (s string, given bool) {
	if L.GetTop() == 0 {
		L.RaiseError("%s: there is no %s", function, strings.TrimPrefix(what, "the "))
	}
	e.dotted(L, function)
	s, given = optionalText(L, function, arg, what)
	e.spend(L, len(s)/bytesPerStep)
	return s, given
}

// decodeName decodes the encoded-words of a name.
func decodeName(text string) string {
	decoded, _ := fieldvalue.Text(text)
	return decoded
}

// pushWhy pushes nil and a reason.
func pushWhy(L *lua.LState, why string) int {
	L.Push(lua.LNil)
	L.Push(lua.LString(why))
	return 2
}

// pushOr pushes a text, or nil and why there is none.
func pushOr(L *lua.LState, s string, err error) int {
	if err != nil {
		return pushWhy(L, err.Error())
	}
	L.Push(lua.LString(s))
	return 1
}

const nothingThere = "there is no address: the text is nil"

// bindMailbox makes a function of one address.
func (e *Env) bindMailbox(function string, push func(L *lua.LState, m address.Mailbox) int) lua.LGFunction {
	return func(L *lua.LState) int {
		text, given := e.foreign(L, function, 1, "the text")
		if !given {
			return pushWhy(L, nothingThere)
		}
		m, err := address.Parse(text, decodeName)
		if err != nil {
			return pushWhy(L, err.Error())
		}
		return push(L, owned(m, text))
	}
}

func (e *Env) bindAddressParse() lua.LGFunction {
	return e.bindMailbox("address.parse", func(L *lua.LState, m address.Mailbox) int {
		L.Push(e.mailboxTable(m))
		return 1
	})
}

func (e *Env) bindAddressDomain() lua.LGFunction {
	return e.bindMailbox("address.domain", func(L *lua.LState, m address.Mailbox) int {
		if m.Domain == "" {
			return pushWhy(L, fmt.Sprintf("there is no domain in %q", m.Address))
		}
		L.Push(lua.LString(m.Domain))
		return 1
	})
}

func (e *Env) bindAddressLocalpart() lua.LGFunction {
	return e.bindMailbox("address.localpart", func(L *lua.LState, m address.Mailbox) int {
		L.Push(lua.LString(m.Local))
		return 1
	})
}

func (e *Env) bindAddressWithoutExtension() lua.LGFunction {
	return e.bindMailbox("address.without_extension", func(L *lua.LState, m address.Mailbox) int {
		delimiters, given := optionalText(L, "address.without_extension", 2, "the delimiters")
		if !given {
			delimiters = "+"
		}
		L.Push(lua.LString(address.WithoutExtension(m.Address, delimiters)))
		return 1
	})
}

func (e *Env) bindAddressList() lua.LGFunction {
	return func(L *lua.LState) int {
		text, _ := e.foreign(L, "address.list", 1, "the text")
		list := address.ParseList(text, decodeName)
		e.Budget.Count(len(list.Mailboxes) * mailboxBytes)
		e.spend(L, len(list.Mailboxes)*mailboxSteps)
		t := L.CreateTable(len(list.Mailboxes), 2)
		for i, m := range list.Mailboxes {
			t.RawSetInt(i+1, e.mailboxTable(owned(m, text)))
		}
		groups := L.CreateTable(len(list.Groups), 0)
		for i, g := range list.Groups {
			group := L.CreateTable(0, 3)
			group.RawSetString("name", lua.LString(strings.Clone(g.Name)))
			setSpan(group, "first", "last", g.At)
			groups.RawSetInt(i+1, group)
		}
		t.RawSetString("groups", groups)
		t.RawSetString("problems", e.problemTable(list.Problems))
		L.Push(t)
		return 1
	}
}

// What an address costs as a table.
const (
	mailboxBytes = 2 << 10
	mailboxSteps = 40
)

// owned returns a mailbox that does not keep a large text alive.
func owned(m address.Mailbox, text string) address.Mailbox {
	if len(text) < largeText {
		return m
	}
	for _, s := range []*string{&m.Name, &m.Address, &m.Local, &m.Domain, &m.Comment} {
		*s = strings.Clone(*s)
	}
	return m
}

// mailboxTable returns an address as scripts see it.
func (e *Env) mailboxTable(m address.Mailbox) *lua.LTable {
	t := e.L.CreateTable(0, 12)
	t.RawSetString("address", lua.LString(m.Address))
	t.RawSetString("localpart", lua.LString(m.Local))
	setIfAny(t, "domain", m.Domain)
	setIfAny(t, "name", m.Name)
	setIfAny(t, "comment", m.Comment)
	setIfAny(t, "group", m.Group)
	setSpan(t, "first", "last", m.At)
	setSpan(t, "address_first", "address_last", m.AddrAt)
	t.RawSetString("problems", e.problemTable(m.Problems))
	return t
}

func setIfAny(t *lua.LTable, key, value string) {
	if value != "" {
		t.RawSetString(key, lua.LString(value))
	}
}

// setSpan says where something is, as string.sub counts.
func setSpan(t *lua.LTable, first, last string, s address.Span) {
	t.RawSetString(first, wholeNumber(s.Start+1))
	t.RawSetString(last, wholeNumber(s.End))
}

func (e *Env) problemTable(p address.Problems) *lua.LTable {
	texts := p.Strings()
	t := e.L.CreateTable(len(texts), 0)
	for i, s := range texts {
		t.RawSetInt(i+1, lua.LString(s))
	}
	return t
}

func (e *Env) bindAddressFormat() lua.LGFunction {
	return func(L *lua.LState) int {
		name, _ := e.foreign(L, "address.format", 1, "the name")
		addr, given := e.foreign(L, "address.format", 2, "the address")
		if !given {
			return pushWhy(L, "the address is nil")
		}
		out, err := address.Format(name, addr, mail.EncodePhrase)
		return pushOr(L, out, err)
	}
}

// bindDomainOrAddress makes a function of a domain, or an address with or without a name.
func (e *Env) bindDomainOrAddress(function string, convert func(string) (string, error)) lua.LGFunction {
	return func(L *lua.LState) int {
		text, given := e.foreign(L, function, 1, "the text")
		if !given {
			return pushWhy(L, "there is neither a domain nor an address: the text is nil")
		}
		if strings.IndexByte(text, '@') >= 0 {
			m, err := address.Parse(text, nil)
			if err != nil {
				return pushWhy(L, err.Error())
			}
			text = m.Address
		}
		out, err := convert(text)
		return pushOr(L, out, err)
	}
}

func (e *Env) bindAddressASCII() lua.LGFunction {
	return e.bindDomainOrAddress("address.ascii", address.ToASCII)
}

func (e *Env) bindAddressUnicode() lua.LGFunction {
	return e.bindDomainOrAddress("address.unicode", address.ToUnicode)
}

func (e *Env) bindAddressOrganizationalDomain() lua.LGFunction {
	return e.bindDomainOrAddress("address.organizational_domain", func(text string) (string, error) {
		if _, domain, isAddress := address.Split(text); isAddress {
			text = domain
		}
		return address.OrganizationalDomain(text)
	})
}

func (e *Env) bindAddressSame() lua.LGFunction {
	return func(L *lua.LState) int {
		a, givenA := e.foreign(L, "address.same", 1, "a")
		b, givenB := e.foreign(L, "address.same", 2, "b")
		L.Push(lua.LBool(givenA && givenB && address.Same(address.Trim(a), address.Trim(b))))
		return 1
	}
}

func (e *Env) bindAddressIsValid() lua.LGFunction {
	return func(L *lua.LState) int {
		addr, given := e.foreign(L, "address.is_valid", 1, "the address")
		utf8OK := validOptions(L)
		why := "the address is nil"
		if given {
			err := address.Check(address.Trim(addr), utf8OK)
			if err == nil {
				L.Push(lua.LTrue)
				return 1
			}
			why = err.Error()
		}
		L.Push(lua.LFalse)
		L.Push(lua.LString(why))
		return 2
	}
}

// validOptions returns what the options of is_valid say about UTF-8.
func validOptions(L *lua.LState) (utf8OK bool) {
	options, ok := L.Get(2).(*lua.LTable)
	if !ok {
		if L.Get(2) != lua.LNil {
			L.RaiseError("address.is_valid: options is %s; a table was expected", kindOf(L.Get(2)))
		}
		return false
	}
	for k, v := options.Next(lua.LNil); k != lua.LNil; k, v = options.Next(k) {
		b, isBool := v.(lua.LBool)
		switch {
		case k != lua.LString("utf8"):
			L.RaiseError("address.is_valid: options has %q; utf8 is the only one", k.String())
		case !isBool:
			L.RaiseError("address.is_valid: options.utf8 is %s; true or false was expected", kindOf(v))
		}
		utf8OK = bool(b)
	}
	return utf8OK
}
