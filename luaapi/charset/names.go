package charset

import (
	"strings"
	"sync"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// ascii and utf8Name are the charsets that are looked at byte by byte here.
const (
	ascii    = "us-ascii"
	utf8Name = "utf-8"
)

// charset is one charset under all its names.
type charset struct {
	names string            // the canonical one first, then others; case, blanks and punctuation don't matter
	read  encoding.Encoding // nil for those that this package does itself
	write encoding.Encoding // where it is another one
}

// charsets are those that mail uses: those of the IANA registry that golang.org/x/text has, with what senders call them.
var charsets = []charset{
	{ascii + " ascii ansi_x3.4-1968 ansi_x3.4-1986 iso646-us iso_646.irv:1991 iso-ir-6 cp367 ibm367 csascii us 646 ansi7 7bit", nil, nil},
	{utf8Name + " utf8mb4 unicode-1-1-utf-8 x-utf-8 cp65001 csutf8", nil, nil},
	{"utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 cp65000 csutf7", nil, nil},
	{"utf-16 ucs-2 iso-10646-ucs-2 csunicode unicode csutf16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil},
	{"utf-16be unicodefffe cp1201 csutf16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), nil},
	{"utf-16le unicodefeff cp1200 csutf16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), nil},
	{"utf-32 ucs-4 iso-10646-ucs-4 csutf32", utf32.UTF32(utf32.BigEndian, utf32.UseBOM), nil},
	{"utf-32be csutf32be", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), nil},
	{"utf-32le csutf32le", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM), nil},

	{"iso-8859-1 latin1 latin l1 8859-1 iso_8859-1:1987 iso-ir-100 cp819 ibm819 csisolatin1", charmap.Windows1252, charmap.ISO8859_1},
	{"iso-8859-2 latin2 l2 8859-2 iso_8859-2:1987 iso-ir-101 csisolatin2", charmap.ISO8859_2, nil},
	{"iso-8859-3 latin3 l3 8859-3 iso_8859-3:1988 iso-ir-109 csisolatin3", charmap.ISO8859_3, nil},
	{"iso-8859-4 latin4 l4 8859-4 iso_8859-4:1988 iso-ir-110 csisolatin4", charmap.ISO8859_4, nil},
	{"iso-8859-5 cyrillic 8859-5 iso_8859-5:1988 iso-ir-144 csisolatincyrillic", charmap.ISO8859_5, nil},
	{"iso-8859-6 arabic iso-8859-6-i iso-8859-6-e 8859-6 iso_8859-6:1987 iso-ir-127 asmo-708 ecma-114 csisolatinarabic", charmap.ISO8859_6, nil},
	{"iso-8859-7 greek greek8 8859-7 iso_8859-7:1987 iso-ir-126 ecma-118 elot_928 csisolatingreek", charmap.ISO8859_7, nil},
	{"iso-8859-8 hebrew iso-8859-8-i iso-8859-8-e logical visual 8859-8 iso_8859-8:1988 iso-ir-138 csisolatinhebrew csiso88598i csiso88598e", charmap.ISO8859_8, nil},
	{"iso-8859-9 latin5 l5 8859-9 iso_8859-9:1989 iso-ir-148 csisolatin5", charmap.Windows1254, charmap.ISO8859_9},
	{"iso-8859-10 latin6 l6 iso_8859-10:1992 iso-ir-157 csisolatin6", charmap.ISO8859_10, nil},
	{"iso-8859-11 tis-620 thai cstis620", charmap.Windows874, nil},
	{"iso-8859-13 latin7 l7", charmap.ISO8859_13, nil},
	{"iso-8859-14 latin8 l8 iso_8859-14:1998 iso-ir-199", charmap.ISO8859_14, nil},
	{"iso-8859-15 latin9 latin-0 l9 csisolatin9", charmap.ISO8859_15, nil},
	{"iso-8859-16 latin10 l10 iso_8859-16:2001 iso-ir-226", charmap.ISO8859_16, nil},

	{"windows-874 cp874 dos-874", charmap.Windows874, nil},
	{"windows-1250 cp1250 win-1250 x-cp1250 cswindows1250", charmap.Windows1250, nil},
	{"windows-1251 cp1251 win-1251 x-cp1251 cswindows1251 ansi-1251 1251", charmap.Windows1251, nil},
	{"windows-1252 cp1252 win-1252 x-cp1252 cswindows1252 ansi x-ansi 1252", charmap.Windows1252, nil},
	{"windows-1253 cp1253 win-1253 x-cp1253 cswindows1253", charmap.Windows1253, nil},
	{"windows-1254 cp1254 win-1254 x-cp1254 cswindows1254", charmap.Windows1254, nil},
	{"windows-1255 cp1255 win-1255 x-cp1255 cswindows1255", charmap.Windows1255, nil},
	{"windows-1256 cp1256 win-1256 x-cp1256 cswindows1256", charmap.Windows1256, nil},
	{"windows-1257 cp1257 win-1257 x-cp1257 cswindows1257", charmap.Windows1257, nil},
	{"windows-1258 cp1258 win-1258 x-cp1258 cswindows1258", charmap.Windows1258, nil},

	{"koi8-r koi8 koi cskoi8r", charmap.KOI8R, nil},
	{"koi8-u koi8-ru cskoi8u", charmap.KOI8U, nil},
	{"macintosh mac x-mac-roman macroman csmacintosh", charmap.Macintosh, nil},
	{"x-mac-cyrillic x-mac-ukrainian maccyrillic", charmap.MacintoshCyrillic, nil},
	{"ibm437 cp437 437 cspc8codepage437", charmap.CodePage437, nil},
	{"ibm850 cp850 850 cspc850multilingual", charmap.CodePage850, nil},
	{"ibm852 cp852 852 cspcp852", charmap.CodePage852, nil},
	{"ibm855 cp855 855 csibm855", charmap.CodePage855, nil},
	{"ibm858 cp858 858 ibm00858 cp00858", charmap.CodePage858, nil},
	{"ibm862 cp862 862", charmap.CodePage862, nil},
	{"ibm866 cp866 866 csibm866", charmap.CodePage866, nil},

	{"iso-2022-jp csiso2022jp iso-2022-jp-1 iso-2022-jp-ms cp50220 cp50221", japanese.ISO2022JP, nil},
	{"euc-jp x-euc-jp ujis cseucpkdfmtjapanese cp51932 eucjp-ms", japanese.EUCJP, nil},
	{"shift_jis sjis x-sjis ms_kanji csshiftjis windows-31j cp932 ms932 cswindows31j", japanese.ShiftJIS, nil},
	{"euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 korean windows-949 cp949 uhc ms949 iso-ir-149 cseuckr csksc56011987 x-windows-949", korean.EUCKR, nil},
	{"iso-2022-kr csiso2022kr", nil, nil},
	{"gbk gb2312 gb_2312-80 csgb2312 chinese x-gbk cp936 ms936 windows-936 euc-cn x-euc-cn iso-ir-58 csiso58gb231280 csgbk", simplifiedchinese.GBK, nil},
	{"gb18030 gb18030-2000 gb18030-2005 csgb18030", simplifiedchinese.GB18030, nil},
	{"hz-gb-2312 hz", simplifiedchinese.HZGB2312, nil},
	{"big5 cn-big5 x-x-big5 big5-hkscs cp950 ms950 windows-950 csbig5 big5-eten", traditionalchinese.Big5, nil},
}

// index finds a charset by any of its names as squash leaves them.
var index = sync.OnceValue(func() map[string]*charset {
	out := map[string]*charset{}
	for i := range charsets {
		for name := range strings.FieldsSeq(charsets[i].names) {
			out[squash(name)] = &charsets[i]
		}
	}
	return out
})

// maxName is more than any name of a charset has.
const maxName = 64

// squash keeps letters, as small ones, and digits: senders disagree about all the rest.
func squash(name string) string {
	out := make([]byte, 0, min(len(name), maxName))
	for i := 0; i < len(name) && i < maxName; i++ {
		switch c := name[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z':
			out = append(out, c)
		case c >= 'A' && c <= 'Z':
			out = append(out, c|0x20)
		}
	}
	return string(out)
}

// find returns the charset of that name, nil if it is not known. No name at all means US-ASCII (RFC 2045 section 5.2).
func find(name string) *charset {
	key := squash(name)
	if key == "" && strings.Trim(name, " \t\"'") == "" {
		key = squash(ascii)
	}
	return index()[key]
}

// canonical is the first of the names.
func (c *charset) canonical() string {
	name, _, _ := strings.Cut(c.names, " ")
	return name
}

// Known reports whether text of that charset can be read, under whatever name mail gives it. No name is US-ASCII.
func Known(name string) bool { return find(name) != nil }

// Canonical returns the name that this package has for a charset, in small letters: "utf-8" for "UTF8". One that is not known only gets
// small letters, and loses blanks and quotes around it.
func Canonical(name string) string {
	if c := find(name); c != nil {
		return c.canonical()
	}
	return strings.ToLower(strings.Trim(name, " \t\"'"))
}
