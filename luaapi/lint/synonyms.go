package lint

import "strings"

// synonyms are what hooks are called in libmilter and its bindings. A function
// with such a name was meant to be the hook.
var synonyms = map[string]string{
	"envfrom": "mail", "mailfrom": "mail", "envelopefrom": "mail",
	"envrcpt": "rcpt", "rcptto": "rcpt", "enveloperecipient": "rcpt", "envto": "rcpt",
	"ehlo":         "helo",
	"endofheaders": "eoh", "endofheader": "eoh", "endheaders": "eoh",
	"endofmessage": "eom", "endmessage": "eom", "endofdata": "eom", "endofbody": "eom", "eod": "eom",
	"bodychunk":  "body",
	"disconnect": "close", "optneg": "negotiate", "unknowncommand": "unknown",
}

// likely are names a hook may have been meant by, but a helper as well: they
// count only if nothing in the script uses the function.
var likely = map[string]string{
	"sender": "mail", "from": "mail", "returnpath": "mail",
	"recipient": "rcpt", "recipients": "rcpt", "to": "rcpt",
	"hello": "helo", "headers": "header", "headerfield": "header",
	"message": "eom", "finish": "eom", "done": "eom",
	"chunk": "body", "quit": "close", "closed": "close", "disconnected": "close",
	"negotiation": "negotiate", "options": "negotiate",
	"connection": "connect", "connected": "connect", "client": "connect",
	"aborted": "abort", "reset": "abort", "rset": "abort", "cancel": "abort",
}

// lacking are the parts of Lua that a script cannot have, so that the message
// does not suggest a typing error.
var lacking = map[string]bool{
	"io": true, "debug": true, "package": true, "channel": true, "dofile": true,
	"loadfile": true, "loadstring": true, "collectgarbage": true, "setfenv": true,
	"getfenv": true, "module": true, "newproxy": true,
	"os.execute": true, "os.exit": true, "os.getenv": true, "os.remove": true,
	"os.rename": true, "os.setenv": true, "os.setlocale": true, "os.tmpname": true,
	"string.dump": true, "string.pack": true, "string.unpack": true,
	"string.packsize": true, "math.type": true,
	"math.tointeger": true, "coroutine.close": true,
}

// instead says what scripts have in the place of a lacking part of Lua, "" for nothing.
func instead(name string) string {
	switch name {
	case "loadstring":
		return "write load"
	case "dofile", "loadfile", "package", "module":
		return "put the code into a file beside the script and write require"
	case "io":
		return "scripts have no files; log.info writes to the log, settings reads the configuration"
	case "os.getenv":
		return "settings reads the configuration"
	case "os.execute", "os.exit", "os.remove", "os.rename", "os.tmpname", "os.setenv":
		return "scripts reach neither files, programs nor the environment"
	}
	return ""
}

// synonym returns the hook that goes by this name elsewhere; sure says that
// the name means nothing else.
func synonym(name string) (hook string, sure bool) {
	for _, n := range []string{plain(name), undecorated(name)} {
		if hook := synonyms[n]; hook != "" {
			return hook, true
		}
		if hook := likely[n]; hook != "" {
			return hook, false
		}
	}
	return "", false
}

// elsewhereCalled says how to write what other languages and libraries have a function for, by its name; "" if nothing is known.
func elsewhereCalled(name string) string {
	return map[string]string{
		"log.warning": "did you mean log.warn?", "log.err": "did you mean log.error?", "log.notice": "did you mean log.info?",
		"string.trim":       `write s:match("^%s*(.-)%s*$")`,
		"string.strip":      `write s:match("^%s*(.-)%s*$")`,
		"string.split":      `write for part in s:gmatch("[^,]+") do`,
		"string.contains":   "write s:find(text, 1, true)",
		"string.includes":   "write s:find(text, 1, true)",
		"string.startswith": "write s:sub(1, #text) == text",
		"string.endswith":   "write s:sub(-#text) == text",
		"string.replace":    "write s:gsub(pattern, text)",
		"string.tolower":    "did you mean string.lower?",
		"string.toupper":    "did you mean string.upper?",
		"table.size":        "write #t",
		"table.length":      "write #t",
		"table.push":        "write table.insert(t, value)",
		"table.contains":    "go over it with ipairs, or keep the values as keys",
	}[strings.ToLower(strings.ReplaceAll(name, "_", ""))]
}
