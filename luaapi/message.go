package luaapi

import (
	"slices"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/lint"
	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

var messageModule = Module{
	"msg", Object,
	"The message, the second argument of `eom`. Reading shows the edits made so far, also those of earlier scripts. The changes go to the MTA together, when every script has spoken, and only if the message is not " +
		"refused.\n\nA header value is text: numbers are taken, CRLF becomes LF, and a line break must be followed by a blank or tab. What is not ASCII is encoded by RFC 2047, in fields like From and To as RFC 5322 wants it for " +
		"names and comments, unless the message came with SMTPUTF8; in Content-Type and Content-Disposition, where RFC 2231 applies instead, it is an error. Lines over 998 bytes are folded at blanks; a value has at most 1 MiB. `raw(bytes)` as the value goes out " +
		"as it is. A header name is up to 100 bytes of printable ASCII without blank and colon. Reading does not decode: a subject may read `=?utf-8?q?Gr=C3=BC=C3=9Fe?=`; `headers:decoded(name)` does.\n\n" +
		"An address is `user@example.com`, one at a time; angle brackets around it are taken off. It may have other characters than ASCII if the message came with SMTPUTF8. `params` are ESMTP parameters: " +
		"a string (`\"RET=HDRS ENVID=x\"`), an array of strings, or a table by name (`{RET = \"HDRS\"}`), `true` for one without a value.",
	[]Property{
		{"headers", "headers", "The header fields.", "RFC 5322 section 2.2"},
		{"body", "body", "The body, with CRLF line ends.", "RFC 5322 section 2.3"},
		{"truncated", "boolean", "Whether the body goes on behind what `msg` has of it, because it is larger than `limits.message` allows and `limits.too_large` is `truncate`. The body cannot be changed then.", ""},
		{"sender", "string", "The envelope sender without brackets, `\"\"` for the null sender.", "RFC 5321 section 4.1.1.2"},
		{"parts", "part[]", "All parts: the message itself first, then what is in it, each before what is inside that. A new table each time.", "RFC 2045; RFC 2046"},
		{"attachments", "part[]", "The parts that a mail program offers as files.", "RFC 2183"},
		{"is_signed", "boolean", "Whether the message or a part is signed by OpenPGP or S/MIME, as its structure says; nothing is verified.", "RFC 1847; RFC 3156; RFC 8551"},
		{"is_encrypted", "boolean", "Whether the message or a part is encrypted, as its structure says.", "RFC 1847; RFC 3156; RFC 8551"},
		{"recipients", "string[]", "The envelope recipients without brackets. A new table each time: changing it changes nothing.", "RFC 5321 section 4.1.1.3"},
	},
	[]Func{
		{"header", "name: string, n: integer?", "string?", "eom", "The value, on one line, of the field called `name` in any case; if there are several, of the `n`-th: 1 is the first and default, -1 the last. Nil if there is none.", "`n` is 0.", "RFC 5322 section 2.2.3", (*Env).bindHeader},
		{"text", "", "string", "eom", "The text that a mail program shows where it shows plain text, in UTF-8 with LF line ends: of alternatives the plain one, of several texts all.", "", "RFC 2046 section 5.1.4", (*Env).bindMessageText},
		{"html", "", "string", "eom", "The HTML that a mail program shows, in UTF-8; `\"\"` if there is none.", "", "RFC 2046 section 5.1.4", (*Env).bindMessageHTML},
		{"add_header", "name: string, value: string|number|raw", "", "eom", "Adds a field `name` with that `value` at the end of the header.", badField, "mfapi.h: smfi_addheader", (*Env).bindAddHeader},
		{"insert_header", "index: integer, name: string, value: string|number|raw", "", "eom", "Inserts a field `name` with that `value` at `index`: 0 is above the MTA's own Received, 1 directly below it, k+1 after the k-th field; beyond the end it is added.", "`index` is below 0; " + badField, "mfapi.h: smfi_insheader", (*Env).bindInsertHeader},
		{"change_header", "name: string, value: string|number|raw, n: integer?", "boolean", "eom", "Gives the field called `name`, or the `n`-th of that name (default 1, -1 the last), another `value` and returns true. If there is none, adds it and returns false.", "`n` is 0; " + badField, "mfapi.h: smfi_chgheader", (*Env).bindChangeHeader},
		{"prepend_header", "name: string, value: string|number|raw", "", "eom", "Inserts a field `name` with that `value` above everything, also above the MTA's own Received: `msg:insert_header(0, name, value)`. Trace fields, such as Authentication-Results, belong there.", badField, "mfapi.h: smfi_insheader; RFC 5322 section 3.6.7", (*Env).bindPrependHeader},
		{"set_header", "name: string, value: string|number|raw", "boolean", "eom", "Makes the message have exactly one field `name`, with that `value`: changes the first one where it is, deletes the others, and adds one at the end if there is none. Returns whether there was any.", badField, "mfapi.h: smfi_chgheader", (*Env).bindSetHeader},
		{"prefix_subject", "text: string", "boolean", "eom", "Puts `text` and a blank in front of the subject and returns true; adds a Subject if there is none. Returns false, and does nothing, if readers of mail see the text there already: first, or with nothing before it but marks like `Re:` and `Fwd:` and other tags in " +
			"brackets, so that an answer to a marked message is not marked again. What the subject had stays as it was, encoded-words too.", "`text` is empty or breaks the rules for header values.", "", (*Env).bindPrefixSubject},
		{"delete_header", "what: string|string[]|function, n: integer?", "boolean", "eom", "Deletes fields and returns whether there was any: `what` is a name, with `n` only the `n`-th of it (-1 the last), without it all; or an array of names; or a function that is called with each [field](#field) and returns true for those to delete. " +
			"They go when it has been asked about all.", "`n` is 0, or given without a name; `what` is an array of something else than strings.", "mfapi.h: smfi_chgheader", (*Env).bindDeleteHeader},
		{"change_sender", "address: string, params: string|table?", "", "eom", "Makes `address` the envelope sender, `\"\"` the null sender, with the ESMTP parameters `params`; Postfix takes RET and ENVID only.", badAddress, "mfapi.h: smfi_chgfrom; RFC 5321 section 4.1.1.2", (*Env).bindChangeSender},
		{"add_recipient", "address: string, params: string|table?", "boolean", "eom", "Adds `address` to the envelope, with the ESMTP parameters `params` (Postfix takes NOTIFY and ORCPT only), and returns true. Returns false, and does nothing, if it is there already.", badAddress, "mfapi.h: smfi_addrcpt, smfi_addrcpt_par; RFC 5321 section 4.1.1.3", (*Env).bindAddRecipient},
		{"delete_recipient", "address: string", "boolean", "eom", "Removes `address` from the envelope and returns true; false if it is not there. Case counts before the @, not after it.", "`address` is not there and no address at all.", "mfapi.h: smfi_delrcpt", (*Env).bindDeleteRecipient},
		{"replace_body", "content: string|body|string[]", "", "eom", "Makes `content` the whole body: a string, or an array of strings that are joined as they are; the last call wins. Line ends become CRLF. Fields that describe the old body, such as Content-Type, are the script's to change.", "The message is truncated; an item of the array is no string; more than 512 MiB.", "mfapi.h: smfi_replacebody", (*Env).bindReplaceBody},
		{"add_footer", "footer: footer", "boolean, string?", "eom", "Adds `footer` to the end of what mail programs show, in all alternatives or in none: `footer.text` to plain text, `footer.html` to HTML; if one is missing, it is made from the other. " +
			"With `once`, not where it is already; `marker` is then a text that tells. The charset and the transfer encoding of each text are kept, and every other byte of the message. " +
			"What is signed or encrypted is left alone unless `force` is true. True if it was added; else false and why: `signed`, `encrypted`, `already there`, `no text`, and others.", badEdit, "RFC 2046 section 5.1; RFC 3676", (*Env).bindAddFooter},
		{"add_banner", "banner: footer", "boolean, string?", "eom", "Adds `banner` to the beginning of what mail programs show, as `msg:add_footer` does to the end.", badEdit, "RFC 2046 section 5.1", (*Env).bindAddBanner},
		{"remove_part", "part: part, note: string|note?", "boolean, string?", "eom", "Takes `part` out of the message, or puts `note` in its place: a text, or a table with `text`, `type` (default `text/plain`), `filename` and `force`. Every other byte stays. " +
			"A part of an earlier look at the message is found again. True if it is gone; else false and why, as `msg:add_footer` does.", badEdit, "RFC 2046 section 5.1", (*Env).bindRemovePart},
		{"replace_part", "part: part, content: string, options: table?", "boolean, string?", "eom", "Gives `part` the `content`, which is encoded as the part was if that can be. The `options` are `type`, another Content-Type, and `force`. Every other byte stays. True, or false and why.", badEdit, "RFC 2045 section 6", (*Env).bindReplacePart},
		{"quarantine", "reason: string", "", "eom", "Has the MTA hold the message instead of delivering it; `reason` goes to its log or queue. The last call wins.", "`reason` is empty, longer than 900 bytes, or has control characters; see `printable`.", "mfapi.h: smfi_quarantine", (*Env).bindQuarantine},
		{"progress", "", "", "eom", "Tells the MTA at once that the hook is still at work. It is also sent by itself while an `eom` hook runs long.", "The MTA is gone.", "mfapi.h: smfi_progress", (*Env).bindProgress},
	},
}

const (
	badField   = "`name` or `value` breaks the rules above."
	badAddress = "`address` or `params` breaks the rules above."
)

// openMessage makes the metatable of msg.
func (e *Env) openMessage() {
	methods := messageModule.methods(e)
	e.messageMeta = e.metatable("msg", map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			L.Push(e.messageIndex(L, methods))
			return 1
		},
		"__newindex": readOnly("msg", "its methods change the message, such as msg:change_header, msg:change_sender, msg:replace_body"),
	})
}

// Message is a message with the msg of the first script that sees it, which thus needs no memory of its own.
type Message struct {
	mail.Message
	first lua.LUserData
}

// NewMessage is mail.NewMessage.
func NewMessage(header *protocol.HeaderEdit, sender string, recipients []mail.Recipient, body *mail.Body) *Message {
	m := &Message{}
	m.Begin(header, sender, recipients, body)
	return m
}

// NewMessage returns the msg for one call of an eom hook.
func (e *Env) NewMessage(m *Message) *lua.LUserData {
	mt := once(&e.messageMeta, e.openMessage)
	if m.first.Value != nil {
		return e.object(&m.Message, mt)
	}
	m.first = lua.LUserData{Value: &m.Message, Env: e.L.Env, Metatable: mt}
	return &m.first
}

// self returns the message that an action was called on. The same check serves for a msg kept from an earlier call.
func (e *Env) self(L *lua.LState, action string) *mail.Message {
	m := e.message(L, action)
	value := receiver(L, "msg", action).Value
	if _, ok := value.(partValue); ok { // the first argument is in the place of msg
		raiseNoMethod(L, "msg", action)
	}
	if value != any(m) {
		L.RaiseError("%s on a msg kept from an earlier message; use the msg that eom is given", action)
	}
	return m
}

// messageIndex is a method or a field of msg.
func (e *Env) messageIndex(L *lua.LState, methods *lua.LTable) lua.LValue {
	name, ok := L.Get(2).(lua.LString)
	if !ok {
		L.RaiseError("msg[%s]: msg has fields with names only", kindOf(L.Get(2)))
	}
	if method := methods.RawGetString(string(name)); method != lua.LNil {
		return method
	}
	m := e.message(L, "msg."+string(name))
	if L.Get(1).(*lua.LUserData).Value != any(m) {
		L.RaiseError("msg.%s of an earlier message; use the msg that eom is given", name)
	}
	switch name {
	case "headers":
		return e.NewHeaders(m.Header)
	case "body":
		return e.newBody(m.Body())
	case "parts":
		tree := e.parts(L, m)
		return e.partList(L, m, tree, slices.Collect(tree.Walk()))
	case "attachments":
		tree := e.parts(L, m)
		return e.partList(L, m, tree, tree.Attachments())
	case "is_signed":
		return lua.LBool(e.parts(L, m).IsSigned())
	case "is_encrypted":
		return lua.LBool(e.parts(L, m).IsEncrypted())
	case "truncated":
		return lua.LBool(m.Truncated)
	case "sender":
		return lua.LString(m.Sender())
	case "recipients":
		var addresses []string
		for _, r := range m.Recipients() {
			addresses = append(addresses, r.Address)
		}
		return e.list(addresses)
	}
	if near := lint.Nearest(string(name), e.memberNames("msg")); near != "" {
		L.RaiseError("msg has no %q; did you mean %s?", string(name), near)
	}
	L.RaiseError("msg has no %q; msg:header(%q) returns the value of that field", string(name), string(name))
	return lua.LNil
}

// memberNames are the methods and the fields of an object.
func (e *Env) memberNames(object string) []string {
	var names []string
	for i := range e.modules {
		m := &e.modules[i]
		if m.Name != object || m.Kind != Object {
			continue
		}
		for _, f := range m.Funcs {
			names = append(names, f.Name)
		}
		for _, f := range m.Fields {
			names = append(names, f.Name)
		}
	}
	return names
}

func (e *Env) bindHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		m := e.self(L, "header")
		return pushValue(L, m.Header, m.Header.Find(text(L, "header", 2, "the name"), which(L, "header", 3, 1)))
	}
}
