package address

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// plain returns the tokens without comments.
func (l *list) plain(tokens []token) []token {
	l.steps += len(tokens)
	isComment := func(t token) bool { return t.kind == comment }
	if !slices.ContainsFunc(tokens, isComment) {
		return tokens
	}
	return slices.DeleteFunc(slices.Clone(tokens), isComment)
}

func (l *list) hasAt(tokens []token) bool {
	l.steps += len(tokens)
	return slices.ContainsFunc(tokens, func(t token) bool { return l.is(t, '@') })
}

// adjoined reports whether two tokens are parts of one dot-atom, between which blanks and comments may stand (RFC 5322 section 4.4).
func (l *list) adjoined(a, b token) bool {
	return a.kind == atom && l.text[a.end-1] == '.' || b.kind == atom && l.text[b.start] == '.'
}

// bareAddress returns where the first address among the words is; to is 0 if there is none.
func (l *list) bareAddress(words []token) (from, to int) {
	at := slices.IndexFunc(words, func(t token) bool { return l.is(t, '@') })
	if at < 0 {
		l.steps += len(words)
		return 0, 0
	}
	from = max(0, at-1)
	for from > 0 && l.adjoined(words[from-1], words[from]) {
		from--
	}
	to = at
	for to < len(words) && l.is(words[to], '@') {
		for to < len(words) && l.is(words[to], '@') {
			to++
		}
		to = min(to+1, len(words))
		for to < len(words) && words[to].kind != special && l.adjoined(words[to-1], words[to]) {
			to++
		}
		if to < len(words) && words[to].start > words[to-1].end {
			break // a@b @c
		}
	}
	l.steps += to
	return from, to
}

// resolve makes an address of tokens.
func (l *list) resolve(tokens []token) Mailbox {
	if len(tokens) == 0 {
		return Mailbox{Problems: Empty}
	}
	tokens = l.withoutPrefix(tokens)
	at := -1
	for i, t := range tokens {
		if l.is(t, '@') {
			at = i
		}
	}
	l.steps += len(tokens)
	span := Span{tokens[0].start, tokens[len(tokens)-1].end}
	if at < 0 {
		m := mailbox(l.spelled(tokens), "", false, span.Of(l.text))
		m.AddrAt = span
		return m
	}
	before := at
	for before > 0 && l.is(tokens[before-1], '@') {
		l.odd |= StrayCharacter
		before--
	}
	local, domain := l.spelled(tokens[:before]), l.spelled(tokens[at+1:])
	if d, ok := strings.CutSuffix(domain, "."); ok {
		l.odd |= StrayCharacter
		domain = d
	}
	if strings.HasPrefix(local, "'") && strings.HasSuffix(domain, "'") {
		l.odd |= QuotedAddress
		local, domain = local[1:], domain[:len(domain)-1]
	}
	m := mailbox(local, domain, true, span.Of(l.text))
	m.AddrAt = span
	return m
}

// withoutPrefix leaves out a route, or something like mailto:.
func (l *list) withoutPrefix(tokens []token) []token {
	colon, at := -1, -1
	for i, t := range tokens {
		if l.is(t, ':') {
			colon = i
		}
		if l.is(t, '@') {
			at = i
		}
	}
	if colon < 0 || at < colon {
		return tokens
	}
	l.odd |= Prefix
	if l.is(tokens[0], '@') {
		l.odd = l.odd&^Prefix | Route
	}
	return tokens[colon+1:]
}

// spelled returns what tokens mean as one half of an address.
func (l *list) spelled(tokens []token) string {
	if len(tokens) == 1 {
		return l.part(tokens[0])
	}
	var out strings.Builder
	for i, t := range tokens {
		if i > 0 && t.start > tokens[i-1].end && !l.adjoined(tokens[i-1], t) {
			out.WriteByte(' ')
		}
		out.WriteString(l.part(t))
	}
	return out.String()
}

func (l *list) part(t token) string {
	switch t.kind {
	case quoted:
		return l.content(t)
	case literal:
		return strings.Join(strings.Fields(l.raw(t)), "")
	}
	return Unescape(l.raw(t))
}

// mailbox makes a Mailbox of the halves of an address, which stand in written; that is not copied if they stand there as they are.
func mailbox(local, domain string, hasDomain bool, written string) Mailbox {
	m := Mailbox{Address: spellLocal(local), Local: local, Domain: strings.ToLower(domain)}
	valid := validLocal(m.Address)
	if hasDomain {
		m.Address = joined(m.Address, domain, written)
		valid = valid && validDomain(domain)
	} else {
		m.Problems |= NoDomain
	}
	if !valid || len(m.Address) > maxAddress || !utf8.ValidString(m.Address) {
		m.Problems |= Invalid
	}
	if !isASCII(m.Address) {
		m.Problems |= NotASCII
	}
	return m
}

// joined returns local@domain, without a copy if that is what is written.
func joined(local, domain, written string) string {
	if len(written) == len(local)+1+len(domain) && written[len(local)] == '@' && strings.HasPrefix(written, local) && strings.HasSuffix(written, domain) {
		return written
	}
	return local + "@" + domain
}

// spellLocal puts a local part into quotes if an envelope needs them.
func spellLocal(local string) string {
	if local == "" || local[0] != '"' && validLocal(local) {
		return local
	}
	return quote(local)
}

// phrase returns what the words of a name mean.
func (l *list) phrase(words []token) string {
	l.steps += len(words)
	if len(words) == 1 && words[0].kind == atom {
		return l.oneLine(l.decoded(Unescape(l.raw(words[0]))))
	}
	var out strings.Builder
	for i := 0; i < len(words); {
		if i > 0 && words[i-1].end < words[i].start {
			out.WriteByte(' ')
		}
		n := 1
		if words[i].kind == quoted {
			text := l.content(words[i])
			if l.decode != nil && strings.Contains(text, "=?") {
				l.odd |= EncodedInQuotes
			}
			out.WriteString(l.decoded(text))
		} else {
			for i+n < len(words) && words[i+n].kind != quoted {
				n++
			}
			out.WriteString(l.decoded(l.unquoted(words[i : i+n])))
		}
		i += n
	}
	return l.oneLine(out.String())
}

// unquoted returns words without quotes, with one blank where there are any.
func (l *list) unquoted(words []token) string {
	var out strings.Builder
	for i, t := range words {
		if i > 0 && words[i-1].end < t.start {
			out.WriteByte(' ')
		}
		switch raw := l.raw(t); {
		case t.kind == atom && !strings.HasPrefix(raw, "=?"):
			out.WriteString(Unescape(raw))
		case t.kind == special:
			l.odd |= UnquotedName
			fallthrough
		default:
			out.WriteString(raw)
		}
	}
	return out.String()
}

// comments returns the content of the comments among the tokens.
func (l *list) comments(tokens []token) string {
	var out string
	for i, t := range tokens {
		if t.kind != comment {
			continue
		}
		if out == "" {
			out = l.oneLine(l.decoded(l.content(t)))
			continue
		}
		return l.allComments(out, tokens[i:])
	}
	return out
}

func (l *list) allComments(first string, tokens []token) string {
	var out strings.Builder
	out.WriteString(first)
	for _, t := range tokens {
		if t.kind == comment {
			out.WriteString(" " + l.oneLine(l.decoded(l.content(t))))
		}
	}
	return out.String()
}

// content returns what is between quotes or parentheses, unfolded and without backslashes.
func (l *list) content(t token) string {
	text := l.inner(t)
	if strings.IndexByte(text, '\n') >= 0 {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", ""), "\n", "")
	}
	return Unescape(text)
}

// decoded decodes what is not plain: encoded-words, and bytes that are no UTF-8.
func (l *list) decoded(text string) string {
	if l.decode == nil || utf8.ValidString(text) && !strings.Contains(text, "=?") {
		return text
	}
	return l.decode(text)
}

// oneLine puts blanks for control characters.
func (l *list) oneLine(text string) string {
	if indexControl(text) < 0 {
		return text
	}
	l.odd |= Control
	out := []byte(text)
	for i, c := range out {
		if c < ' ' || c == 0x7f {
			out[i] = ' '
		}
	}
	return string(out)
}

// indexControl returns where the first control character of ASCII is, -1 if there is none.
func indexControl(text string) int {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c < ' ' || c == 0x7f {
			return i
		}
	}
	return -1
}
