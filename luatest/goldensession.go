package luatest

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"luamilter/protocol"
	"luamilter/record"
	"luamilter/replay/recorded"
)

// golden is a test that is being written.
type golden struct {
	rec  *record.Recording
	then protocol.Agreement
	out  bytes.Buffer

	mails int    // so many messages have begun
	id    string // queue id of the last one, "" while it has none
}

// session writes the beginning of a test: the client, and what the MTA told of it in macros.
func (g *golden) session(turns []recorded.Turn, path string) {
	g.mails, g.id = 0, ""
	macros, changing := macrosOf(turns)
	var options []string
	option := func(name, value string) {
		if value != "" {
			options = append(options, fmt.Sprintf("%s = %s", name, luaText(value)))
		}
	}
	if own := strings.TrimSuffix(filepath.Base(path), Suffix) + ".lua"; len(g.rec.Scripts) > 0 && !slices.Equal(g.rec.Scripts, []string{own}) {
		options = append(options, "script = "+luaList(g.rec.Scripts))
	}
	ip, port, host := clientThen(turns, macros)
	if ip != "" {
		option("ip", ip)
		options = append(options, fmt.Sprintf("port = %d", port))
	}
	option("host", host)
	for _, t := range turns {
		if helo, ok := t.Event.(*protocol.Helo); ok {
			option("helo", string(helo.Name))
			break
		}
	}
	if user := macros["{auth_authen}"]; user != "" {
		options = append(options, "auth = "+luaTable("user", user, "type", macros["{auth_type}"], "author", macros["{auth_author}"]))
	}
	if version := macros["{tls_version}"]; version != "" {
		options = append(options, "tls = "+luaTable("version", version, "cipher", macros["{cipher}"], "bits", macros["{cipher_bits}"],
			"subject", macros["{cert_subject}"], "issuer", macros["{cert_issuer}"]))
	}
	if v := macros["v"]; v != "" && !strings.HasPrefix(v, "Postfix") {
		option("mta", "sendmail")
	}
	if more := otherMacros(macros, changing); more != "" {
		options = append(options, "macros = "+more)
	}
	if len(options) == 0 {
		g.out.WriteString("  local t = session()\n")
	} else {
		fmt.Fprintf(&g.out, "  local t = session{\n    %s,\n  }\n", strings.Join(options, ",\n    "))
	}
	if slices.ContainsFunc(turns, func(t recorded.Turn) bool { return t.Command == protocol.CmdEOM && t.Event != nil }) {
		g.out.WriteString("  local result\n")
	}
}

// macrosOf returns the macros that came, with the last value of each, and tells which came with several.
func macrosOf(turns []recorded.Turn) (last map[string]string, changing map[string]bool) {
	last, changing = map[string]string{}, map[string]bool{}
	for _, t := range turns {
		for i := 0; i+1 < len(t.Macros); i += 2 {
			name, value := t.Macros[i], t.Macros[i+1]
			if before, came := last[name]; came && before != value {
				changing[name] = true
			}
			last[name] = value
		}
	}
	return last, changing
}

// clientThen returns what is known of the client: by CONNECT, or else by macros.
func clientThen(turns []recorded.Turn, macros map[string]string) (ip string, port int, host string) {
	for _, t := range turns {
		if c, ok := t.Event.(*protocol.Connect); ok {
			ip, port, host = string(c.Address), int(c.Port), string(c.Host)
			break
		}
	}
	if host == "" {
		host, _, _ = strings.Cut(macros["_"], " ")
		ip = macros["{client_addr}"]
		port, _ = strconv.Atoi(macros["{client_port}"])
	}
	if _, err := netip.ParseAddr(ip); err != nil {
		ip = ""
	}
	return ip, min(max(port, 0), 65535), host
}

// otherMacros are those that the simulated MTA would not send so by itself, as a table; "" if there are none. What changes from message to message
// cannot be said.
func otherMacros(macros map[string]string, changing map[string]bool) string {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(macros)) {
		switch {
		case changing[name], name == "i", name == "v", name == "_":
		case strings.HasPrefix(name, "{auth_"), strings.HasPrefix(name, "{mail_"), strings.HasPrefix(name, "{rcpt_"), strings.HasPrefix(name, "{cipher"),
			name == "{tls_version}", name == "{cert_subject}", name == "{cert_issuer}", name == "{client_addr}", name == "{client_port}":
		default:
			pairs = append(pairs, name, macros[name])
		}
	}
	if len(pairs) == 0 {
		return ""
	}
	return luaTable(pairs...)
}

// luaTable writes names and values, which alternate, as a table; those without a value are left out.
func luaTable(pairs ...string) string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		key := pairs[i]
		if !isName(key) {
			key = "[" + luaText(key) + "]"
		}
		if pairs[i+1] != "" {
			out = append(out, key+" = "+luaText(pairs[i+1]))
		}
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

// luaList writes a list; one text is written as such.
func luaList(list []string) string {
	if len(list) == 1 {
		return luaText(list[0])
	}
	var out []string
	for _, s := range list {
		out = append(out, luaText(s))
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

// luaText writes a string so that Lua reads it as the same bytes.
func luaText(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteString(s[:n])
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\r':
			out.WriteString(`\r`)
		case r == '\t':
			out.WriteString(`\t`)
		case r == utf8.RuneError && n == 1 || !unicode.IsPrint(r):
			for _, b := range []byte(s[:n]) {
				fmt.Fprintf(&out, "\\%03d", b)
			}
		default:
			out.WriteString(s[:n])
		}
		s = s[n:]
	}
	return out.String() + `"`
}

// luaLines writes a text of several lines as an expression, a line each.
func luaLines(s string) string {
	if strings.Count(s, "\n") < 2 {
		return luaText(s)
	}
	var out strings.Builder
	out.WriteString("table.concat{\n")
	for line := range strings.Lines(s) {
		out.WriteString("    " + luaText(line) + ",\n")
	}
	return out.String() + "  }"
}

// oneLine makes a text fit for a comment.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
}
