package luaapi

import (
	"testing"

	"luamilter/protocol"
)

const useURL = `local url = require "url" `

func TestURL(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	for script, want := range map[string]string{
		`url.find("See https://Example.com/a.")[1].url`:                              "https://example.com/a",
		`url.find("See https://Example.com/a.")[1].raw`:                              "https://Example.com/a",
		`#url.find("a@example.com example.org", {bare = true})`:                      "1",
		`#url.find("hxxp://a.example http://b.example", {defanged = true, max = 1})`: "1",
		`#url.find(nil)`:      "0",
		`#url.find(msg.body)`: "0",
		`url.find_html('<a href="https://x.example/">www.example.com</a>')[1].notes[1]`: "shown",
		`url.find_html('<a href="https://x.example/">www.example.com</a>')[1].text`:     "www.example.com",
		`url.find_html('<img src="https://x.example/">')[1].source`:                     "load",
		`url.find_html('<img src="https://x.example/">')[1].text`:                       "nil",
		`url.parse("https://u@mail.example.co.uk:8443/a?b#c").domain`:                   "example.co.uk",
		`url.parse("https://u@mail.example.co.uk:8443/a?b#c").fragment`:                 "c",
		`url.parse("https://example.com").port`:                                         "nil",
		`url.parse("https://аррӏе.example").looks_like`:                                 "apple.example",
		`url.parse("https://bücher.example").unicode`:                                   "bücher.example",
		`select(2, url.parse("example"))`:                                               `"example" has no scheme such as https`,
		`select(2, url.parse(nil))`:                                                     "there is no URL: the text is nil",
		`url.normalize("HTTP://EXAMPLE.com:80/a/../b#c")`:                               "http://example.com/b",
		`url.refang("hxxp://example[.]com")`:                                            "http://example.com",
		`url.escape("a b")`:                                                             "a%20b",
		`url.unescape("a%20b")`:                                                         "a b",
	} {
		v.want(useURL+`return `+script, want)
	}
	for script, want := range map[string]string{
		`url.find()`:                     "url.find: there is no text",
		`url:find("x")`:                  "url.find is a function: write url.find(...), with a dot",
		`url.find({})`:                   "url.find: the text is a table; a string was expected",
		`url.find("x", {max = 0})`:       "url.find: options.max is 0; a whole number from 1 on was expected",
		`url.find("x", {defang = true})`: "url.find: there is no option defang, did you mean defanged?",
	} {
		v.fails(useURL+script, want)
	}
}
