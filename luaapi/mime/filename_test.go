package mime

import (
	"slices"
	"strings"
	"testing"
)

func TestFilename(t *testing.T) {
	long := strings.Repeat("x", 300)
	tests := []struct {
		name, disposition, contentType string
		want                           []string
		extension                      string
		problems                       []Problem
	}{
		{"plain", `attachment; filename="a.PDF"`, "", []string{"a.PDF"}, "pdf", nil},
		{"without quotes", `attachment; filename=my file (1).doc ; size=3`, "", []string{"my file (1).doc"}, "doc", nil},
		{"blanks around the equals sign", `attachment; FileName = "a.doc"`, "", []string{"a.doc"}, "doc", nil},
		{"of the type", "", `a/b; name="a.doc"`, []string{"a.doc"}, "doc", nil},
		{"both the same", `attachment; filename=a.doc`, `a/b; name=a.doc`, []string{"a.doc"}, "doc", nil},
		{"both different", `attachment; filename=a.txt`, `a/b; name=a.exe`, []string{"a.txt", "a.exe"}, "txt", []Problem{DifferentNames}},
		{"extended", `attachment; filename*=utf-8'en'%e2%82%ac.txt`, "", []string{"€.txt"}, "txt", nil},
		{"extended, in latin 1", `attachment; filename*=iso-8859-1''%e9.txt`, "", []string{"é.txt"}, "txt", nil},
		{"extended and plain", `attachment; filename="a.txt"; filename*=utf-8''a.exe`, "", []string{"a.exe", "a.txt"}, "exe", []Problem{DifferentNames}},
		{"extended without charset", `attachment; filename*=a%20b.txt`, "", []string{"a b.txt"}, "txt", nil},
		{"percent sign", `attachment; filename*=utf-8''100%.txt`, "", []string{"100%.txt"}, "txt", nil},
		{"sections", `attachment; filename*1*=%20b; filename*0*=utf-8''a; filename*2=".txt"`, "", []string{"a b.txt"}, "txt", nil},
		{"encoded-word in sections", `attachment; filename*0="=?utf-8?q?a="; filename*1="20b.txt?="`, "", []string{"a b.txt"}, "txt", nil},
		{"a section is missing", `attachment; filename*0="a.txt"; filename*2=".exe"`, "", []string{"a.txt"}, "txt", []Problem{BrokenName}},
		{"charset that is none", `attachment; filename*=x-none''a.txt`, "", []string{"a.txt"}, "txt", []Problem{BrokenName}},
		{"a section is there twice", `attachment; filename*0="a."; filename*0="b."; filename*1="txt"`, "", []string{"a.txt"}, "txt", []Problem{BrokenName}},
		{"no first section", `attachment; filename*1="a.txt"`, "", nil, "", []Problem{BrokenName, NoName}},
		{"sections, extended and plain", `attachment; filename=a.txt; filename*0=b.; filename*1=pdf; filename*=''c.exe`, "", []string{"c.exe", "b.pdf", "a.txt"}, "exe", []Problem{DifferentNames}},
		{"latin 1 without charset", `attachment; filename*=%e9.txt`, "", []string{"é.txt"}, "txt", []Problem{BrokenName}},
		{"encoded-word of a charset that is none", `attachment; filename="=?x-none?q?a.exe?="`, "", []string{"a.exe"}, "exe", []Problem{BrokenName}},
		{"encoded-word with question mark", `attachment; filename="=?utf-8?q?what?.txt?="`, "", []string{"what?.txt"}, "txt", nil},
		{"base64 cut anywhere", `attachment; filename="=?utf-8?b?YS5l?= =?utf-8?b?eGU?="`, "", []string{"a.exe"}, "exe", nil},
		{"base64 behind padding", `attachment; filename="=?utf-8?b?YQ==LmV4ZQ==?="`, "", []string{"a.exe"}, "exe", nil},
		{"raw bytes beside an encoded-word", "attachment; filename=\"\xe9=?utf-8?q?=C3=A9?=.txt\"", "", []string{"éé.txt"}, "txt", nil},
		{"a comment behind it", `attachment; filename=a.exe (b.txt)`, "", []string{"a.exe"}, "exe", nil},
		{"no semicolon before it", `attachment filename=a.exe`, "", []string{"a.exe"}, "exe", nil},
		{"no semicolon between two", `attachment; size="3" filename="a.exe"`, "", []string{"a.exe"}, "exe", nil},
		{"encoded-words", `attachment; filename="=?utf-8?B?4oKs?= =?utf-8?q?=2Etxt?="`, "", []string{"€.txt"}, "txt", nil},
		{"a character in two words", `attachment; filename="=?utf-8?B?4oI=?= =?utf-8?q?=AC.txt?="`, "", []string{"€.txt"}, "txt", nil},
		{"a word in the middle", `attachment; filename="a=?utf-8?q?_b?=.txt"`, "", []string{"a b.txt"}, "txt", nil},
		{"no word", `attachment; filename="=?utf-8?x?a?=.txt"`, "", []string{"=?utf-8?x?a?=.txt"}, "txt", nil},
		{"UTF-8", "attachment; filename=\"\xe2\x82\xac.txt\"", "", []string{"€.txt"}, "txt", nil},
		{"latin 1", "attachment; filename=\"\xe9.txt\"", "", []string{"é.txt"}, "txt", nil},
		{"quotes in it", `attachment; filename="a \"b\".txt"`, "", []string{`a "b".txt`}, "txt", nil},
		{"quote is not closed", `attachment; filename="a.txt`, "", []string{"a.txt"}, "txt", nil},
		{"no semicolon", `attachment; filename="a.txt" size=3`, "", []string{"a.txt"}, "txt", nil},
		{"path of Windows", `attachment; filename="C:\dir\a.exe"`, "", []string{`C:\dir\a.exe`}, "exe", []Problem{PathName}},
		{"way up", `attachment; filename="../../etc/passwd"`, "", []string{"../../etc/passwd"}, "", []Problem{PathName}},
		{"NUL", "attachment; filename=\"a.exe\x00.txt\"", "", []string{"a.exe\x00.txt"}, "exe", []Problem{NULByte, ControlName}},
		{"encoded NUL", "attachment; filename*=utf-8''a.exe%00.txt", "", []string{"a.exe\x00.txt"}, "exe", []Problem{ControlName}},
		{"bidi", "attachment; filename*=utf-8''a%e2%80%aegpj.exe", "", []string{"a\u202egpj.exe"}, "exe", []Problem{BidiName}},
		{"zero width", "attachment; filename=\"a.e\u200bxe\"", "", []string{"a.e\u200bxe"}, "exe", []Problem{InvisibleName}},
		{"no-break space", "attachment; filename=\"a.pdf\u00a0\u00a0.exe\"", "", []string{"a.pdf\u00a0\u00a0.exe"}, "exe", []Problem{DoubleExtension, InvisibleName}},
		{"dots and blanks at the end", `attachment; filename="a.exe. ."`, "", []string{"a.exe. ."}, "exe", []Problem{TrailingName}},
		{"two extensions", `attachment; filename="a.pdf.exe"`, "", []string{"a.pdf.exe"}, "exe", []Problem{DoubleExtension}},
		{"many blanks between", `attachment; filename="a.pdf        .exe"`, "", []string{"a.pdf        .exe"}, "exe", []Problem{DoubleExtension}},
		{"archive", `attachment; filename="a.tar.gz"`, "", []string{"a.tar.gz"}, "gz", nil},
		{"stream", `attachment; filename="a.exe:b.txt"`, "", []string{"a.exe:b.txt"}, "exe", nil},
		{"only an extension", `attachment; filename=".htaccess"`, "", []string{".htaccess"}, "htaccess", nil},
		{"overlong", "attachment; filename=" + long, "", []string{long}, "", []Problem{LongName}},
		{"twice", `attachment; filename=a.txt; filename=b.exe`, "", []string{"a.txt"}, "txt", []Problem{DuplicateParam}},
		{"missing", `attachment`, "", nil, "", []Problem{NoName}},
		{"empty", `attachment; filename=""`, "", nil, "", []Problem{NoName}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			header := ""
			if tt.disposition != "" {
				header += "Content-Disposition: " + tt.disposition + "\r\n"
			}
			if tt.contentType != "" {
				header += "Content-Type: " + tt.contentType + "\r\n"
			}
			p := parsed(t, header+"\r\n").Root
			if !slices.Equal(p.Filenames, tt.want) {
				t.Errorf("names %q, want %q", p.Filenames, tt.want)
			}
			if p.Extension != tt.extension {
				t.Errorf("extension %q, want %q", p.Extension, tt.extension)
			}
			if !slices.Equal(p.Problems, tt.problems) {
				t.Errorf("problems %q, want %q", p.Problems, tt.problems)
			}
		})
	}
}

func TestVisibleName(t *testing.T) {
	p := parsed(t, "Content-Disposition: attachment; filename*=utf-8''%c3%a9%e2%80%aegpj%00%e2%80%8b.exe\r\n\r\n").Root
	if got, want := p.VisibleName(), "é<U+202E>gpj<U+0000><U+200B>.exe"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
