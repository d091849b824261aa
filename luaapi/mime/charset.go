package mime

import (
	"strings"
	"unicode/utf8"

	"luamilter/luaapi/charset"
)
