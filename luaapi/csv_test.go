package luaapi

import (
	"strings"
	"testing"

	"luamilter/protocol"
)

const useTexts = `local csv, toml, time = require "csv", require "toml", require "time" `

func TestCSV(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`csv.decode('a,"b ""x""",c\n1\n\n2,3')[1][2]`:                     `b "x"`,
		`#csv.decode('a,b\n1\n\n2,3')`:                                    "3",
		`csv.decode("\239\187\191a;b", {separator = ";"})[1][1]`:          "a",
		`csv.decode("# no\na;b", {separator = ";", comment = "#"})[1][2]`: "b",
		`csv.decode("name,delay\nx,5\ny,6,7", {header = true})[2].delay`:  "6",
		`#csv.decode("name,delay", {header = true})`:                      "0",
		`#csv.decode("")`:                                   "0",
		`select(2, csv.decode('a"b'))`:                      `no CSV in line 1, column 2: bare " in non-quoted-field`,
		`select(2, csv.decode(nil))`:                        "there are no rows: the text is nil",
		`csv.encode({{"a", 'b "x"', 1.5}, {true, "c\nd"}})`: "a,\"b \"\"x\"\"\",1.5\r\ntrue,\"c\r\nd\"\r\n",
		`csv.encode({{"a", "b;c"}}, {separator = ";"})`:     "a;\"b;c\"\r\n",
		`csv.encode({})`:                                    "",
	} {
		v.want(useTexts+`return `+script, want)
	}
	for script, want := range map[string]string{
		`csv.decode("a", {separator = "ab"})`:               "csv.decode: options.separator is ab; one character was expected that is no quote and no line break",
		`csv.decode("a", {separator = 5})`:                  "csv.decode: options.separator is 5; one character was expected that is no quote and no line break",
		`csv.decode("a", {separator = "#", comment = "#"})`: "csv.decode: options.separator and options.comment are the same",
		`csv.decode("a", {headers = true})`:                 "csv.decode: there is no option headers, did you mean header?",
		`csv.encode({"a"})`:                                 "csv.encode: row 1 is a string; an array was expected",
		`csv.encode({{{}}})`:                                "csv.encode: row 1, value 1 is a table; a string was expected",
		`csv.encode("a")`:                                   "csv.encode: rows is a string; an array of arrays was expected",
	} {
		v.fails(useTexts+script, want)
	}
}

func TestTOML(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`toml.decode('a = "x"').a`:                               "x",
		`toml.decode("[b]\nc = [1, 2.5, true]").b.c[2]`:          "2.5",
		`toml.decode("[[r]]\nn = 1\n[[r]]\nn = 2").r[2].n`:       "2",
		`toml.decode("a = 2026-11-26T18:21:42Z").a`:              "2026-11-26T18:21:42Z",
		`toml.decode("a = 2026-11-26").a`:                        "2026-11-26",
		`toml.decode("a = 9007199254740993").a`:                  "9007199254740993",
		`type(toml.decode(""))`:                                  "table",
		`select(2, toml.decode("a = \n"))`:                       "no TOML in line 1, column 5: unexpected character U+000A at start of value",
		`select(2, toml.decode(nil))`:                            "there is no TOML: the text is nil",
		`select(2, toml.decode(("#"):rep(2^20 + 1)))`:            "the TOML has 1048577 bytes, of at most 1048576",
		`select(2, toml.decode("a" .. (".a"):rep(100) .. "=1"))`: "the TOML has more than 100 tables inside each other",
	} {
		v.want(useTexts+`return `+script, want)
	}
}

func TestTimeTexts(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`time.parse("Thu, 26 Nov 2026 18:21:42 +0200")`:                    "1795710102",
		`select(2, time.parse("Thu, 26 Nov 2026 18:21:42 +0200"))`:         "7200",
		`time.parse("2026-11-26T18:21:42+02:00")`:                          "1795710102",
		`time.parse("2026-11-26T16:21:42.5Z", "rfc3339") % 60`:             "42.5",
		`time.parse("26/Nov/2026:18:21:42 +0200", "%d/%b/%Y:%H:%M:%S %z")`: "1795710102",
		`time.parse("2026-11-26 18:21:42", "%F %T", "+0200")`:              "1795710102",
		`time.parse("Thu, 26 Nov 2026 18:21:42 +0200", "rfc5322")`:         "1795710102",
		`select(2, time.parse("26.11.2026", "%F"))`:                        `"26.11.2026" does not fit "%F": '-' was expected at ".11.2026"`,
		`select(2, time.parse("x", "rfc3339"))`:                            `"x" is no time such as 2026-11-26T18:21:42Z`,
		`select(2, time.parse(nil))`:                                       "there is no time: the text is nil",
		`time.format(1795710102)`:                                          "2026-11-26T16:21:42Z",
		`time.format(1795710102, "rfc3339", "+0200")`:                      "2026-11-26T18:21:42+02:00",
		`time.format(1795710102, "rfc5322", "+02:00")`:                     "Thu, 26 Nov 2026 18:21:42 +0200",
		`time.format(1795710102.9, "%d.%m.%Y")`:                            "26.11.2026",
		`time.format(-0.5)`:                                                "1969-12-31T23:59:59Z",
		`type(time.format(0, "%c", "local"))`:                              "string",
		`time.parse_duration("1h30m")`:                                     "5400",
		`time.parse_duration("500ms")`:                                     "0.5",
		`select(2, time.parse_duration("soon"))`:                           `"soon" is no duration; write 500ms, 30s, 5m, 2h, 1d, 1w or 1h30m`,
		`select(2, time.parse_duration(nil))`:                              "there is no duration: the text is nil",
		`time.format_duration(5400)`:                                       "1h30m",
		`time.format_duration(-0.5)`:                                       "-500ms",
	} {
		v.want(useTexts+`return `+script, want)
	}
	for script, want := range map[string]string{
		`time.parse("x", nil, "Mars")`: `time.parse: there is no zone Mars; write "utc", "local" or an offset such as "+0200"`,
		`time.format(0/0)`:             "time.format: seconds is nan, which no calendar has",
		`time.format("x")`:             "time.format: seconds is a string; a number was expected",
		`time.format_duration(1/0)`:    "time.format_duration: seconds is inf; less than 290 years were expected",
		`time.parse_duration({})`:      "time.parse_duration: the text is a table; a string was expected",
	} {
		v.fails(useTexts+script, want)
	}
	v.Budget.MaxString = 100
	if _, err := v.run(useTexts + `time.format(0, ("%c"):rep(10))`); err == nil || !strings.Contains(err.Error(), "longer than the 100") {
		t.Errorf("a layout that makes a long string: %v", err)
	}
}
