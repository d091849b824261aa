package edit

import (
	"strings"

	"luamilter/luaapi/mime"
	"luamilter/protocol"
)

// setFields sets fields of the header of a part: in the source if it is there, else in Fields. Of a field that is there, only the bytes that
// differ are replaced; others come last.
func (e *Edit) setFields(p *mime.Part, fields ...protocol.Field) {
	if p.Parent == nil && len(fields) > 0 && findField(p, "MIME-Version") == nil {
		fields = append(fields, protocol.Field{Name: "MIME-Version", Value: "1.0"})
	}
	if !hasHeader(p) {
		e.Fields = append(e.Fields, fields...)
		return
	}
	e.endOuter(p)
	header, eol := p.Header.Of(p.Source), eolAround(p)
	added := ""
	for _, f := range fields {
		tail := " " + strings.ReplaceAll(f.Value, "\n", eol)
		if start, end, ok := tailIn(header, f.Name); ok {
			at := p.Header.Start
			e.replace(p.Source, mime.Range{Start: at + int64(start), End: at + int64(end)}, strings.ReplaceAll(f.Value, "\n", eol))
		} else {
			added += f.Name + ":" + tail + eol
		}
	}
	if added != "" {
		end := p.Header.End
		rest, ended := cutBlank(header)
		switch {
		case ended:
			end = p.Header.Start + int64(len(rest))
		case !endsInLine(header) && header != "":
			added = eol + added
			fallthrough
		default:
			header += added
		}
		e.Splices = append(e.Splices, Splice{mime.Range{Start: end, End: end}, added})
	}
	e.endHeader(p, header)
}

// endHeader adds the empty line that a header lacks, so that what is added behind it does not become header. So do the messages around.
func (e *Edit) endHeader(p *mime.Part, header string) {
	if !hasHeader(p) {
		return
	}
	if _, ended := cutBlank(header); ended {
		return
	}
	eol := eolAround(p)
	if at := p.Header.End; at > 0 && (mime.Range{Start: at - 1, End: at}).Of(p.Source) == "\r" {
		eol = "\r\n" // LF alone would only complete the line end that is there
	}
	if header != "" && !endsInLine(header) {
		eol += eol
	}
	e.Splices = append(e.Splices, Splice{mime.Range{Start: p.Header.End, End: p.Header.End}, eol})
}

// endOuter ends what is before a part: the header of the message that it is in, or the line of a boundary at the end of everything.
func (e *Edit) endOuter(p *mime.Part) {
	if q := p.Parent; q != nil && q.IsMessage() {
		e.endOuter(q)
		e.endHeader(q, q.Header.Of(q.Source))
	}
	if p.Boundary.Len() > 0 && !endsInLine(p.Boundary.Of(p.Source)) {
		e.Splices = append(e.Splices, Splice{mime.Range{Start: p.Boundary.End, End: p.Boundary.End}, eolAround(p)})
	}
}

// cutBlank returns a header without the empty line at its end, and whether there was one.
func cutBlank(header string) (rest string, ended bool) {
	rest = withoutEOL(header)
	return rest, len(rest) < len(header) && (rest == "" || endsInLine(rest))
}

// findField returns the first field of a name, nil if there is none.
func findField(p *mime.Part, name string) *protocol.Field {
	for _, f := range p.Fields() {
		if strings.EqualFold(f.Name, name) {
			return &f
		}
	}
	return nil
}

// tailIn returns where the value of the first field of a name is in a header, without the blank after the colon and the line end.
func tailIn(header, name string) (start, end int, ok bool) {
	for at := 0; at < len(header); {
		line, n := cutLine(header[at:])
		if line == "" {
			break
		}
		switch {
		case line[0] == ' ' || line[0] == '\t':
			if ok {
				end = at + len(line)
			}
		case ok:
			return start, end, true
		default:
			before, _, colon := strings.Cut(line, ":")
			if colon && strings.EqualFold(strings.TrimRight(before, " \t"), name) {
				start, end, ok = at+len(before)+1, at+len(line), true
				if start < end && header[start] == ' ' {
					start++
				}
			}
		}
		at += n
	}
	return start, end, ok
}

// cutLine returns the first line without its line end, and how long it is with it.
func cutLine(s string) (line string, n int) {
	i := strings.IndexAny(s, "\r\n")
	switch {
	case i < 0:
		return s, len(s)
	case strings.HasPrefix(s[i:], "\r\n"):
		return s[:i], i + 2
	}
	return s[:i], i + 1
}

// eolAround returns the line end that is used where a part is.
func eolAround(p *mime.Part) string {
	for q := p; q != nil; q = q.Parent {
		for _, r := range []mime.Range{q.Boundary, q.Header, {Start: q.Content.Start, End: min(q.Content.End, q.Content.Start+1000)}} {
			if eol := eolIn(r.Of(q.Source)); eol != "" {
				return eol
			}
		}
	}
	return "\r\n"
}

// eolIn returns the first line end, "" if there is none.
func eolIn(s string) string {
	i := strings.IndexByte(s, '\n')
	switch {
	case i < 0:
		return ""
	case i > 0 && s[i-1] == '\r':
		return "\r\n"
	}
	return "\n"
}
