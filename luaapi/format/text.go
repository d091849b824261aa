package format

// AppendString appends s as %s or %q says. %s takes as many bytes as the precision allows, and brings them to the width; %q
// ignores both, and appends Lua that means s.
func (d Directive) AppendString(dst []byte, s string) []byte {
	if d.Verb == 'q' {
		return appendQuoted(dst, s)
	}
	start := len(dst)
	if d.Precision >= 0 {
		s = s[:min(d.Precision, len(s))]
	}
	d.Zero = false
	return d.pad(append(dst, s...), start, start)
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\\', '\n':
			dst = append(dst, '\\', c)
		case '\r':
			dst = append(dst, `\r`...)
		case 0:
			dst = append(dst, `\000`...)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
