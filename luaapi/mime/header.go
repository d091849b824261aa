package mime

import (
	"strings"

	"luamilter/luaapi/fieldvalue"
)

// fieldName returns the name of the header field that a line begins, "" if it begins none. Blanks before the colon are forgiven.
func fieldName(text string) string {
	name, _, ok := strings.Cut(text, ":")
	if !ok {
		return ""
	}
	name = strings.TrimRight(name, " \t")
	for i := 0; i < len(name); i++ {
		if name[i] <= ' ' || name[i] > '~' {
			return ""
		}
	}
	return name
}

// eachField calls a function with the name of each field and what is behind the colon, folded as it is.
func eachField(header string, do func(name, tail string)) {
	var name string
	var start, end int64
	s := newScanner(Text(header))
	flush := func() {
		if name != "" {
			do(name, header[start:end])
		}
		name = ""
	}
	for {
		ln, ok := s.next()
		if !ok || ln.eol == ln.start {
			break
		}
		if ln.text[0] == ' ' || ln.text[0] == '\t' {
			end = ln.eol
			continue
		}
		flush()
		name = fieldName(ln.text)
		start, end = ln.start+int64(strings.IndexByte(ln.text, ':'))+1, ln.eol
	}
	flush()
}

// toLF makes all line ends LF.
func toLF(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// unfold takes line ends away.
func unfold(s string) string {
	if strings.IndexByte(s, '\n') >= 0 {
		s = strings.ReplaceAll(s, "\n", "")
	}
	if strings.IndexByte(s, '\r') >= 0 {
		s = strings.ReplaceAll(s, "\r", "")
	}
	return strings.Trim(s, " \t")
}

// mimeFields are the fields that MIME is about. The first of each counts.
type mimeFields struct {
	contentType, encoding, disposition, id *string
}

func (f *mimeFields) add(part *Part, name, value string) {
	var to **string
	switch {
	case len(name) < len("Content-ID") || !strings.EqualFold(name[:8], "Content-"):
		return
	case strings.EqualFold(name, "Content-Type"):
		to = &f.contentType
	case strings.EqualFold(name, "Content-Transfer-Encoding"):
		to = &f.encoding
	case strings.EqualFold(name, "Content-Disposition"):
		to = &f.disposition
	case strings.EqualFold(name, "Content-ID"):
		to = &f.id
	default:
		return
	}
	if *to != nil {
		part.flag(DuplicateField)
		return
	}
	value = unfold(value)
	*to = &value
}

// describe fills in what the header says, and returns how many bytes that were.
func (p *Part) describe() int64 {
	var f mimeFields
	steps := int64(0)
	if p.fields != nil {
		for i := range p.fields {
			field := &p.fields[i]
			steps += int64(len(field.Name) + len(field.Value))
			if strings.IndexByte(field.Value, 0) >= 0 {
				p.flag(NULByte)
			}
			f.add(p, strings.TrimRight(field.Name, " \t"), field.Value)
		}
	} else {
		header := p.Header.Of(p.Source)
		steps = int64(len(header))
		if strings.IndexByte(header, 0) >= 0 {
			p.flag(NULByte)
		}
		eachField(header, func(name, tail string) { f.add(p, name, tail) })
	}
	p.describeType(f.contentType)
	p.describeEncoding(f.encoding)
	var disposition []Param
	if f.disposition != nil {
		p.Disposition, disposition = p.parseValue(*f.disposition)
		p.Disposition = strings.ToLower(p.Disposition)
	}
	if f.id != nil {
		p.ContentID = strings.TrimSuffix(strings.TrimPrefix(*f.id, "<"), ">")
	}
	p.describeName(disposition)
	return steps
}

// describeType sets the type, or that of RFC 2045 section 5.2 and RFC 2046 section 5.1.5 if there is none.
func (p *Part) describeType(value *string) {
	p.Type = "text/plain"
	if p.Parent != nil && p.Parent.Type == "multipart/digest" {
		p.Type = "message/rfc822"
	}
	if value == nil {
		return
	}
	main, params := p.parseValue(*value)
	p.Params = params
	if validType(main) {
		p.Type = strings.ToLower(main)
	} else {
		p.Type = "text/plain"
		p.flag(BadType)
	}
	charset, _ := param(params, "charset")
	p.Charset = strings.ToLower(strings.Trim(charset, " '\""))
	switch p.Type {
	case "message/partial":
		p.flag(FragmentOfMessage)
	case "message/external-body":
		p.flag(ExternalBody)
	}
}

// validType reports whether s is type/subtype.
func validType(s string) bool {
	main, sub, ok := strings.Cut(s, "/")
	return ok && main != "" && sub != "" && !strings.ContainsAny(s, " \t\"<>()@,=\x00") && !strings.Contains(sub, "/")
}

func (p *Part) describeEncoding(value *string) {
	p.Encoding = "7bit"
	if value == nil {
		return
	}
	word := firstWord(fieldvalue.Parse(*value).Main)
	if word == "" {
		return
	}
	p.Encoding = strings.ToLower(strings.Trim(word, `"`))
	if !p.isEncoded() && p.Encoding != "7bit" && p.Encoding != "8bit" && p.Encoding != "binary" {
		p.flag(UnknownEncoding)
	}
}

// boundary returns the boundary, without blanks at its end: none has any (RFC 2046 section 5.1.1).
func (p *Part) boundary() (string, bool) {
	boundary, ok := param(p.Params, "boundary")
	return strings.TrimRight(boundary, " \t"), ok
}
