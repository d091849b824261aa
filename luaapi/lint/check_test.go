package lint

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// testAPI is much like the real one.
func testAPI() API {
	words := strings.Fields
	return API{
		Hooks: words("negotiate connect helo mail rcpt data header eoh body eom abort close unknown"),
		Globals: words(`_G _VERSION assert error getmetatable ipairs next pairs pcall rawequal rawget rawset
			require select setmetatable tonumber tostring type unpack xpcall string table math os coroutine
			utf8 bit32 load accept reject tempfail discard skip continue printable raw`),
		Members: map[string][]string{
			"string": words("byte char find format gmatch gsub len lower match rep reverse sub upper"),
			"table":  words("concat insert maxn remove sort pack unpack"),
			"os":     words("time clock date difftime"),
			"math":   words("abs ceil floor huge max min pi random"),
		},
		Actions: words(`add_header insert_header change_header delete_header change_sender add_recipient
			delete_recipient replace_body quarantine progress`),
		Modules: words("store dns log json time spf"),
		Methods: words(`id stage ip port family host helo tls auth daemon mta queue_id sender recipients rejected
			macros connection get all count headers body text offered request_macros request_rejected reply leading_space`),
		Params: map[string][]string{
			"negotiate": words("neg"), "connect": words("conn"), "helo": words("conn name"), "mail": words("conn sender params"),
			"rcpt": words("conn recipient params"), "data": words("conn"), "header": words("conn name value"), "eoh": words("conn headers"),
			"body": words("conn chunk"), "eom": words("conn msg"), "abort": words("conn"), "close": words("conn"), "unknown": words("conn command"),
		},
		Types:     testTypes(),
		Functions: testFunctions(),
	}
}

// testTypes are some of the real ones.
func testTypes() map[string]Type {
	field := []Param{{"name", "string", false}, {"value", "string|number|raw", false}}
	text := Param{"text", "string", false}
	return map[string]Type{
		"conn": {Fields: map[string]string{"ip": "string?", "port": "integer?", "helo": "string?", "id": "string", "sender": "string?", "queue_id": "string?",
			"recipients": "string[]", "tls": "tls?", "macros": "macros", "connection": "table", "stage": "string", "auth": "auth?"}},
		"msg": {Fields: map[string]string{"headers": "headers", "body": "body", "sender": "string", "recipients": "string[]", "attachments": "part[]"},
			Methods: map[string]Function{"add_header": {field, "", []string{"eom"}}, "delete_header": {field[:1], "boolean", []string{"eom"}},
				"insert_header": {append([]Param{{"index", "integer", false}}, field...), "", []string{"eom"}},
				"change_header": {append(field[:2:2], Param{"n", "integer", true}), "boolean", []string{"eom"}}, "set_header": {field, "boolean", []string{"eom"}},
				"header": {[]Param{field[0], {"n", "integer", true}}, "string?", []string{"eom"}}, "quarantine": {[]Param{text}, "", []string{"eom"}},
				"replace_body": {[]Param{{"content", "string|body|string[]", false}}, "", []string{"eom"}}, "progress": {nil, "", []string{"eom"}}}},
		"headers": {Methods: map[string]Function{"get": {[]Param{field[0], {"n", "integer", true}}, "string?", []string{"eoh", "eom"}},
			"count": {[]Param{{"name", "string", true}}, "integer", []string{"eoh", "eom"}}, "all": {field[:1], "string[]", []string{"eoh", "eom"}}, "each": {nil, "iterator", []string{"eoh", "eom"}}}},
		"field": {Fields: map[string]string{"name": "string", "value": "string"}, Methods: map[string]Function{"delete": {nil, "boolean", []string{"eom"}}}},
		"part":  {Fields: map[string]string{"type": "string", "size": "integer", "extension": "string"}, Methods: map[string]Function{"text": {nil, "string", nil}}},
		"tls":   {Fields: map[string]string{"version": "string", "bits": "string"}},
		"string": {Methods: map[string]Function{"lower": {nil, "string", nil}, "upper": {nil, "string", nil}, "sub": {[]Param{{"i", "integer", false}, {"j", "integer", true}}, "string", nil},
			"find": {[]Param{{"pattern", "string", false}, {"init", "integer", true}, {"plain", "boolean", true}}, "integer?", nil}, "match": {[]Param{{"pattern", "string", false}}, "string?", nil},
			"gsub":   {[]Param{{"pattern", "string", false}, {"by", "string|table|function", false}, {"n", "integer", true}}, "string", nil},
			"gmatch": {[]Param{{"pattern", "string", false}}, "iterator", nil}, "len": {nil, "integer", nil}, "rep": {[]Param{{"n", "integer", false}}, "string", nil}, "format": {[]Param{{"...", "any", false}}, "string", nil}}},
	}
}

// testFunctions are some of the real ones.
func testFunctions() map[string]Function {
	any := []Param{{"v", "any", false}}
	text := []Param{{"s", "string", false}}
	reply := []Param{{"code", "integer", true}, {"status", "string", true}, {"text", "string", true}}
	all := map[string]Function{
		"reject": {reply, "verdict", nil}, "tempfail": {reply, "verdict", nil}, "accept": {nil, "verdict", nil}, "skip": {nil, "verdict", nil},
		"tostring": {any, "string", nil}, "tonumber": {any, "number?", nil}, "error": {any, "", nil}, "ipairs": {[]Param{{"t", "table", false}}, "function", nil},
		"log.debug": {append(any[:1:1], Param{"fields", "table", true}), "", nil}, "log.info": {append(any[:1:1], Param{"fields", "table", true}), "", nil}, "time.now": {nil, "number", nil},
		"string.format": {[]Param{{"layout", "string", false}, {"...", "any", false}}, "string", nil},
	}
	for name, method := range testTypes()["string"].Methods {
		if name != "format" {
			all["string."+name] = Function{append(text[:1:1], method.Params...), method.Result, nil}
		}
	}
	return all
}

func mustParse(t testing.TB, name, text string) *Source {
	t.Helper()
	s, err := Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func readFiles(t testing.TB, pattern string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files match %s: %v", pattern, err)
	}
	files := map[string]string{}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		files[p] = string(b)
	}
	return files
}

func report(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

func TestGoodScriptsHaveNoFindings(t *testing.T) {
	for path, text := range readFiles(t, "testdata/good/*.lua") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			s := mustParse(t, path, text)
			if got := report(s.Check(testAPI())); got != "" {
				t.Errorf("findings in a good script:\n%s", got)
			}
			if path != filepath.Join("testdata", "good", "module.lua") && len(s.Computed()) > 0 {
				t.Errorf("computed access at lines %v", s.Computed())
			}
		})
	}
}

func TestBadScripts(t *testing.T) {
	for path, text := range readFiles(t, "testdata/bad/*.lua") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got := report(mustParse(t, path, text).Check(testAPI()))
			golden := strings.TrimSuffix(path, ".lua") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestFindingsHaveColumns(t *testing.T) {
	got := mustParse(t, "x.lua", "function eom(conn, msg) --[[ acept ]] if 'acept' then return acept end end").Check(testAPI())
	if len(got) != 1 || got[0].Line != 1 || got[0].Column != 62 {
		t.Errorf("got %+v", got)
	}
}

func TestFindingsAreLimited(t *testing.T) {
	got := mustParse(t, "x.lua", strings.Repeat("a = nowhere\n", 2*maxFindings)).Check(testAPI())
	if len(got) != maxFindings {
		t.Errorf("got %d findings", len(got))
	}
}
