package edit

import (
	"strings"

	"luamilter/luaapi/mime"
)

// bodies returns the parts that a footer goes into; see doc.go.
func bodies(p *mime.Part) []*mime.Part {
	switch {
	case p.IsMessage() || p.Type == "multipart/encrypted":
		return nil
	case !p.IsMultipart():
		if isBody(p) {
			return []*mime.Part{p}
		}
		return nil
	case p.Type == "multipart/alternative":
		var out []*mime.Part
		for _, child := range p.Parts {
			out = append(out, bodies(child)...)
		}
		return out
	case p.Type == "multipart/related":
		return firstOf([]*mime.Part{relatedRoot(p)})
	case p.Type == "multipart/signed":
		return firstOf(p.Parts[:min(1, len(p.Parts))])
	}
	return firstOf(p.Parts)
}

func firstOf(parts []*mime.Part) []*mime.Part {
	for _, part := range parts {
		if part == nil {
			continue
		}
		if out := bodies(part); len(out) > 0 {
			return out
		}
	}
	return nil
}

// isBody reports whether text can be added to a part: other types, such as text/rtf, have a syntax of their own.
func isBody(p *mime.Part) bool {
	switch p.Type {
	case "text/plain", "text/markdown", "text/html", "application/xhtml+xml":
		return !p.IsAttachment()
	}
	return false
}

func isHTML(p *mime.Part) bool {
	return strings.HasSuffix(p.Type, "html") || strings.HasSuffix(p.Type, "xhtml+xml")
}

// relatedRoot returns the part of a multipart/related that is shown: the one that start names, or the first (RFC 2387 section 3.2).
func relatedRoot(p *mime.Part) *mime.Part {
	start := strings.Trim(p.Param("start"), " <>")
	for _, part := range p.Parts {
		if start != "" && part.ContentID == start {
			return part
		}
	}
	if len(p.Parts) == 0 {
		return nil
	}
	return p.Parts[0]
}
