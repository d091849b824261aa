package url

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxLength is how long a URL may be, in bytes.
const MaxLength = 8 << 10

// URL is a URL taken apart. What is not there is "".
type URL struct {
	Scheme   string // in small letters
	User     string // what stands before the @, password included
	Host     string // in ASCII and small letters, an IPv6 address in brackets; "" for mailto: and the like
	Port     string // "" for the usual one of the scheme
	Path     string
	Query    string // without the question mark
	Fragment string // without the #
	Notes    []Note // what is odd
}

// defaultPort returns the usual port of the schemes that browsers treat as the web's; they are special.
func defaultPort(scheme string) (port string, special bool) {
	switch scheme {
	case "http", "ws":
		return "80", true
	case "https", "wss":
		return "443", true
	case "ftp":
		return "21", true
	}
	return "", false
}

// Parse takes a URL apart as a browser does. The error says why it is none.
func Parse(text string) (URL, error) {
	if len(text) > MaxLength {
		return URL{}, fmt.Errorf("the URL has %d bytes, of at most %d", len(text), MaxLength)
	}
	var u URL
	in := clean(text)
	scheme, rest, ok := cutScheme(in)
	if !ok {
		return URL{}, fmt.Errorf("%.60q has no scheme such as https", text)
	}
	u.Scheme = scheme
	rest, u.Fragment, _ = strings.Cut(rest, "#")
	_, special := defaultPort(scheme)
	if !special && !strings.HasPrefix(rest, "//") { // mailto: and the like
		u.Path, u.Query, _ = strings.Cut(rest, "?")
		return u, nil
	}
	before, query, _ := strings.Cut(rest, "?")
	u.Query = normalEscapes(query)
	if special {
		before = strings.ReplaceAll(before, `\`, "/")
		before = "//" + strings.TrimLeft(before, "/")
	}
	authority, path, slash := strings.Cut(before[2:], "/")
	if slash || special {
		u.Path = normalPath("/" + path)
	}
	if err := u.authority(authority); err != nil {
		return URL{}, fmt.Errorf("%.60q is no URL: %w", text, err)
	}
	return u, nil
}

// clean takes away what browsers do not see: blanks and control characters around it, tabs and line breaks inside.
func clean(text string) string {
	text = strings.TrimFunc(text, func(r rune) bool { return r <= ' ' })
	if !strings.ContainsAny(text, "\t\r\n") {
		return text
	}
	return strings.NewReplacer("\t", "", "\r", "", "\n", "").Replace(text)
}

// cutScheme returns the scheme of a URL and what follows the colon.
func cutScheme(text string) (scheme, rest string, ok bool) {
	i := strings.IndexByte(text, ':')
	if i < 1 {
		return "", "", false
	}
	scheme = strings.ToLower(text[:i])
	for j := range len(scheme) {
		c := scheme[j]
		if !('a' <= c && c <= 'z') && (j == 0 || !('0' <= c && c <= '9') && strings.IndexByte("+-.", c) < 0) {
			return "", "", false
		}
	}
	return scheme, text[i+1:], true
}

// authority takes user:password@host:port apart.
func (u *URL) authority(text string) error {
	if at := strings.LastIndexByte(text, '@'); at >= 0 {
		u.User, text = text[:at], text[at+1:]
		u.note(NoteUser)
	}
	host, port := text, ""
	if i := strings.LastIndexByte(text, ':'); i > strings.LastIndexByte(text, ']') {
		host, port = text[:i], text[i+1:]
	}
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return fmt.Errorf("%.20q is no port", port)
		}
		port = strconv.FormatUint(n, 10)
	}
	if usual, _ := defaultPort(u.Scheme); port != usual {
		u.Port = port
	}
	if u.Port != "" {
		u.note(NotePort)
	}
	return u.host(host)
}

// String returns the normal form, in which two spellings of a URL are the same text. It has no fragment.
func (u URL) String() string {
	var out strings.Builder
	out.WriteString(u.Scheme + ":")
	if u.Host != "" {
		out.WriteString("//")
		if u.User != "" {
			out.WriteString(u.User + "@")
		}
		out.WriteString(u.Host)
		if u.Port != "" {
			out.WriteString(":" + u.Port)
		}
	}
	out.WriteString(u.Path)
	if u.Query != "" {
		out.WriteString("?" + u.Query)
	}
	return out.String()
}
