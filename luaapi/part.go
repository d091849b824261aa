package luaapi

import (
	"strings"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi/archive"
	"luamilter/luaapi/mail"
	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

var partModule = Module{
	"part", Object,
	"A part of the message, from `msg.parts` or `msg.attachments`: read only. Whatever a message is like, reading it is no error: what is wrong with it is in `problems`, and it is read as mail programs read it. " +
		"A part shows the message as it was when it was asked for.",
	[]Property{
		{"type", "string", "The type in lower case, such as `text/plain`; what RFC 2045 assumes if there is none.", "RFC 2045 section 5"},
		{"real_type", "string", "The type that the content looks like, whatever it is called: `application/octet-stream` if it looks like nothing known.", ""},
		{"filename", "string?", "The name as the sender wrote it, decoded; nil if there is none. It may hold anything: see `problems`.", "RFC 2183; RFC 2231"},
		{"filenames", "string[]", "All the different names that it has: mail programs may take another one than the first.", "RFC 2231"},
		{"visible_name", "string", "The name with what cannot be seen, or turns the direction of writing, made visible; `\"\"` if there is none.", ""},
		{"extension", "string", "What Windows takes for the extension, in lower case without the dot; `\"\"` for none.", ""},
		{"charset", "string", "The charset in lower case, `\"\"` for none.", "RFC 2046 section 4.1.2"},
		{"encoding", "string", "The transfer encoding in lower case, `7bit` for none.", "RFC 2045 section 6"},
		{"disposition", "string", "`inline`, `attachment`, another, or `\"\"` for none, in lower case.", "RFC 2183"},
		{"content_id", "string", "The Content-ID without brackets, `\"\"` for none.", "RFC 2045 section 7"},
		{"size", "integer", "Bytes of the decoded content.", ""},
		{"parts", "part[]", "The parts inside it. A new table each time.", "RFC 2046 section 5.1"},
		{"problems", "string[]", "What is not as it should be, each a few words.", ""},
		{"is_attachment", "boolean", "Whether a mail program offers it as a file.", "RFC 2183"},
		{"is_multipart", "boolean", "Whether its type says that it has parts.", "RFC 2046 section 5.1"},
		{"is_text", "boolean", "Whether its type begins with `text/`.", "RFC 2046 section 4.1"},
		{"is_archive", "boolean", "Whether the content begins like an archive or compressed file, whatever it is called.", ""},
		{"is_signed", "boolean", "Whether it is signed by OpenPGP or S/MIME, or a part in it is, as its structure says; nothing is verified. A signature is a part and signed. Of an attached message that is asked of the part inside it, `part.parts[1]`.", "RFC 1847; RFC 3156; RFC 8551"},
		{"is_encrypted", "boolean", "Whether it is encrypted by OpenPGP or S/MIME, or a part in it is, as `is_signed` has it.", "RFC 1847; RFC 3156; RFC 8551"},
		{"is_tnef", "boolean", "Whether it is an attachment in Outlook's own format (winmail.dat).", ""},
	},
	[]Func{
		{"content", "", "string", "eom", "The content, decoded.", "", "RFC 2045 section 6", (*Env).bindPartContent},
		{"text", "", "string", "eom", "The content as text in UTF-8. Bytes that are none in its charset become U+FFFD.", "", "RFC 2046 section 4.1.2", (*Env).bindPartText},
		{"sha256", "", "string", "eom", "The SHA-256 of the decoded content, in hexadecimal.", "", "FIPS 180-4", (*Env).bindPartSHA256},
		{"entries", "limits: limits?", "entry[]", "eom", "What is in the part, if it is an archive (zip, tar, 7z, rar, gzip and others), and in archives inside it: an array of tables with `path` (`a.zip!b.txt`), `name`, `size`, `packed` (bytes, -1 if not known), " +
			"`encrypted`, `dir`, `link`, `depth`, `kind` and `problems`. The array itself has `kind` (`\"\"` if it is no archive), `encrypted`, `truncated` (a limit was reached, there may be more) and `problems`. " +
			"The `limits` are `depth` (archives inside archives, default 3), `max` (entries, 10,000), `bytes` to unpack (64 MiB), `ratio` (250) and `time` (seconds, 4, and no more than the hook has left). Nothing that is wrong with an archive is an error.", "`limits` has a field of another kind or name.", "", (*Env).bindPartEntries},
		{"header", "name: string, n: integer?", "string?", "eom", "The value, on one line, of the part's field called `name` in any case; if there are several, of the `n`-th: 1 is the first and default, -1 the last. Nil if there is none.", "`n` is 0.", "RFC 2045 section 3", (*Env).bindPartHeader},
	},
}

// partValue is a part of a message.
type partValue struct {
	message *mail.Message
	tree    *mail.Tree
	part    *mime.Part
}

// openPart makes the metatable of part.
func (e *Env) openPart() {
	methods := partModule.methods(e)
	e.partMeta = e.metatable("part", map[string]lua.LGFunction{
		"__index": func(L *lua.LState) int {
			L.Push(e.partIndex(L, methods))
			return 1
		},
		"__newindex": readOnly("part", "msg's methods change the message"),
	})
}

// parts takes the message apart, if that was not done before. It counts as work.
func (e *Env) parts(L *lua.LState, m *mail.Message) *mail.Tree {
	if !m.Parsed() {
		orRaisePlainly(L, e.Budget.Spend(m.Body().Len()/parseBytes))
		p := m.Parts()
		n := 0
		for range p.Walk() {
			n++
		}
		e.Budget.Count(n * partSize)
	}
	return m.Parts()
}

const (
	parseBytes = 16  // that are parsed in the time of an instruction
	partSize   = 512 // bytes that a part takes

	realTypeBytes = 2 << 20 // that real_type decodes at most
)

func (e *Env) partList(L *lua.LState, m *mail.Message, of *mail.Tree, parts []*mime.Part) *lua.LTable {
	mt := once(&e.partMeta, e.openPart)
	t := L.CreateTable(len(parts), 0)
	e.Budget.Count(len(parts) * partSize)
	for i, p := range parts {
		t.RawSetInt(i+1, e.object(partValue{m, of, p}, mt))
	}
	return t
}

// part returns the part that something was asked of, if it is one of the running hook's message.
func (e *Env) part(L *lua.LState, what string) partValue {
	m := e.message(L, "part."+what)
	p, ok := receiver(L, "part", what).Value.(partValue)
	if !ok || p.message != m {
		L.RaiseError("part.%s of an earlier message; ask the msg that eom is given for its parts", what)
	}
	return p
}

// partIndex is a method or a field of a part.
func (e *Env) partIndex(L *lua.LState, methods *lua.LTable) lua.LValue {
	name, ok := L.Get(2).(lua.LString)
	if !ok {
		L.RaiseError("part[%s]: a part has fields with names only", kindOf(L.Get(2)))
	}
	if method := methods.RawGetString(string(name)); method != lua.LNil {
		return method
	}
	v := e.part(L, string(name))
	if field := e.partField(L, v, string(name)); field != nil {
		return field
	}
	L.RaiseError("part has no %q; part:header(%q) returns the value of that field", string(name), string(name))
	return lua.LNil
}

// partField returns a field of a part, nil if there is none of that name.
func (e *Env) partField(L *lua.LState, v partValue, name string) lua.LValue {
	p := v.part
	switch name {
	case "filename":
		if p.Filename == "" {
			return lua.LNil
		}
		return lua.LString(p.Filename)
	case "filenames":
		return e.list(p.Filenames)
	case "size":
		e.decodes(L, p)
		return lua.LNumber(p.Size())
	case "real_type":
		orRaisePlainly(L, e.Budget.Spend(min(p.Content.Len(), realTypeBytes)/parseBytes))
		return lua.LString(p.RealType())
	case "is_signed":
		e.decodes(L, p)
		return lua.LBool(p.IsSigned())
	case "is_encrypted":
		e.decodes(L, p)
		return lua.LBool(p.IsEncrypted())
	case "parts":
		return e.partList(L, v.message, v.tree, p.Parts)
	case "problems":
		var all []string
		for _, problem := range p.Problems {
			all = append(all, string(problem))
		}
		return e.list(all)
	}
	if text, ok := partText(p, name); ok {
		return lua.LString(text)
	}
	if is, ok := partIs(p, name); ok {
		return lua.LBool(is)
	}
	return nil
}

// partText returns a field that is text.
func partText(p *mime.Part, name string) (text string, ok bool) {
	switch name {
	case "type":
		return p.Type, true
	case "visible_name":
		return p.VisibleName(), true
	case "extension":
		return p.Extension, true
	case "charset":
		return p.Charset, true
	case "encoding":
		return p.Encoding, true
	case "disposition":
		return p.Disposition, true
	case "content_id":
		return p.ContentID, true
	}
	return "", false
}

// partIs returns a field that is true or false.
func partIs(p *mime.Part, name string) (is, ok bool) {
	switch name {
	case "is_attachment":
		return p.IsAttachment(), true
	case "is_multipart":
		return p.IsMultipart(), true
	case "is_text":
		return p.IsText(), true
	case "is_archive":
		return archiveKind(p) != archive.None, true
	case "is_tnef":
		return p.IsTNEF(), true
	}
	return false, false
}

// decodes counts the decoding of a part as work.
func (e *Env) decodes(L *lua.LState, p *mime.Part) {
	orRaisePlainly(L, e.Budget.Spend(p.Content.Len()/parseBytes))
}

// reads counts the memory that the content of parts takes.
func (e *Env) reads(L *lua.LState, parts []*mime.Part) {
	size := int64(0)
	for _, p := range parts {
		size += p.Content.Len()
	}
	e.grow(L, int(size))
}

// pushText pushes text that was made, if it may be.
func (e *Env) pushText(L *lua.LState, text string) int {
	e.grow(L, len(text))
	L.Push(lua.LString(text))
	return 1
}

func (e *Env) bindPartContent() lua.LGFunction {
	return func(L *lua.LState) int {
		p := e.part(L, "content").part
		e.grow(L, int(p.Content.Len()))
		return e.pushText(L, p.Decoded())
	}
}

func (e *Env) bindPartText() lua.LGFunction {
	return func(L *lua.LState) int {
		p := e.part(L, "text").part
		e.grow(L, int(p.Content.Len()))
		text, _ := p.DecodedText()
		return e.pushText(L, text)
	}
}

func (e *Env) bindPartSHA256() lua.LGFunction {
	return func(L *lua.LState) int {
		p := e.part(L, "sha256").part
		e.decodes(L, p)
		L.Push(lua.LString(p.SHA256()))
		return 1
	}
}

func (e *Env) bindPartHeader() lua.LGFunction {
	return func(L *lua.LState) int {
		p := e.part(L, "header").part
		name, n := text(L, "header", 2, "the name"), which(L, "header", 3, 1)
		h := protocol.NewHeaderEdit(p.Fields())
		return pushValue(L, h, h.Find(name, n))
	}
}

func (e *Env) bindMessageText() lua.LGFunction {
	return func(L *lua.LState) int {
		tree := e.parts(L, e.self(L, "text"))
		e.reads(L, tree.TextParts())
		return e.pushText(L, strings.ReplaceAll(tree.Text(), "\r\n", "\n"))
	}
}

func (e *Env) bindMessageHTML() lua.LGFunction {
	return func(L *lua.LState) int {
		tree := e.parts(L, e.self(L, "html"))
		e.reads(L, tree.HTMLParts())
		return e.pushText(L, tree.HTML())
	}
}
