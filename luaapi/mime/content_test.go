package mime

import (
	"bytes"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"luamilter/protocol"
)

func TestDecoded(t *testing.T) {
	const begin = "begin 644 cat.txt\r\n#0V%T\r\n`\r\nend\r\n"
	tests := []struct{ name, encoding, raw, want string }{
		{"base64", "base64", "aGVs\r\nbG8=\r\n", "hello"},
		{"case", "BASE64", "aGVsbG8=", "hello"},
		{"comment", "base64 (really)", "aGVsbG8=", "hello"},
		{"more than a word", `"base64" really`, "aGVsbG8=", "hello"},
		{"no padding", "base64", "aGVsbG8", "hello"},
		{"half a padding", "base64", "aGVsbA=", "hell"},
		{"a character too many", "base64", "aGVsb", "hel"},
		{"junk", "base64", "a-G!V\x00s b\xffG\t8=", "hello"},
		{"concatenated", "base64", "aGVsbA==\r\nbG8=\r\n", "helllo"},
		{"padding at the beginning", "base64", "==aGVsbG8=", "hello"},
		{"only junk", "base64", "!!!", ""},
		{"quoted-printable", "quoted-printable", "h=C3=A9=\r\nllo =3d\r\n", "h\xc3\xa9llo =\r\n"},
		{"small letters", "quoted-printable", "=c3=a9", "\xc3\xa9"},
		{"blanks behind the equals sign", "quoted-printable", "a= \t\r\nb", "ab"},
		{"equals sign at the end", "quoted-printable", "a=", "a"},
		{"not two digits", "quoted-printable", "a=ZZ =4 ==3D = b", "a=ZZ =4 == = b"},
		{"LF and CR", "quoted-printable", "a=\nb=\rc", "abc"},
		{"blanks at the end of the line", "quoted-printable", "a  \r\nb", "a  \r\nb"},
		{"8-bit in it", "quoted-printable", "\xe9=E9", "\xe9\xe9"},
		{"7bit", "7bit", "a=3D", "a=3D"},
		{"8bit", "8bit", "\xe9", "\xe9"},
		{"binary", "binary", "\x00\r", "\x00\r"},
		{"unknown", "x-rot13", "uryyb", "uryyb"},
		{"uuencode", "x-uuencode", "text\r\n" + begin + "after", "Cat"},
		{"uuencode without end", "uuencode", "begin 644 x\n#0V%T", "Cat"},
		{"yEnc", "x-yenc", "=ybegin line=128 size=3 name=x\r\n\x6d=\xcb\x9e\r\n=yend size=3\r\n", "Cat"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parsed(t, "Content-Transfer-Encoding: "+tt.encoding+"\r\n\r\n"+tt.raw).Root
			if got := p.Decoded(); got != tt.want {
				t.Errorf("Decoded() = %q, want %q", got, tt.want)
			}
			got, err := io.ReadAll(iotest.OneByteReader(p.Reader()))
			if string(got) != tt.want || err != nil {
				t.Errorf("Reader gives %q, %v; want %q", got, err, tt.want)
			}
			if p.Size() != int64(len(tt.want)) {
				t.Errorf("Size() = %d, want %d", p.Size(), len(tt.want))
			}
		})
	}
}

// file writes a message to a file and returns it as a source.
type file struct {
	*os.File
	size int64
}

func (f file) Len() int64 { return f.size }

func inFile(t testing.TB, raw string) Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), "message")
	if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return file{f, int64(len(raw))}
}

// TestFile checks that a message in a file is read as the same in memory, with lines and encoded pieces across all windows.
func TestFile(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	binary := make([]byte, 1<<20)
	for i := range binary {
		binary[i] = byte(r.IntN(256))
	}
	messages := map[string]string{
		"base64 in one line": "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString(binary) + "\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
			strings.Repeat("a=3D=   \r\n", 50_000) + "--b--",
		"binary":               "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + string(binary) + "\r\n--b--",
		"CRs":                  "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("\r", windowSize+3) + "\n--b\r\n\r\n--b--",
		"CRLF at a window":     "\r\n" + strings.Repeat("x", windowSize-3) + "\r\n--b\r\n" + strings.Repeat("y", windowSize) + "\r\n",
		"header of a megabyte": "Content-Type: multipart/mixed; boundary=b\r\nX: " + strings.Repeat("y", 1<<20-100) + "\r\n\r\n--b\r\n\r\nhi\r\n--b--",
	}
	for name, raw := range messages {
		t.Run(name, func(t *testing.T) {
			memory, disk := parsed(t, raw), ParseRaw(inFile(t, raw))
			tiles(t, disk.Root)
			if got, want := outline(disk.Root), outline(memory.Root); got != want {
				t.Fatal("the trees differ")
			}
			all := slices.Collect(memory.Walk())
			i := 0
			for p := range disk.Walk() {
				if p.SHA256() != all[i].SHA256() || p.Whole() != all[i].Whole() || p.Size() != all[i].Size() {
					t.Errorf("part %d differs", i)
				}
				got, _ := io.ReadAll(p.Reader())
				if !bytes.Equal(got, []byte(p.Decoded())) {
					t.Errorf("part %d: Reader and Decoded differ", i)
				}
				i++
			}
		})
	}
}

// TestWindowEdge puts a boundary line behind a long line at each place around the end of a window.
func TestWindowEdge(t *testing.T) {
	fields := []protocol.Field{{Name: "Content-Type", Value: "multipart/mixed; boundary=b"}}
	for length := windowSize - 12; length <= windowSize+2; length++ {
		raw := strings.Repeat("x", length) + "\r\n--b\r\n\r\nhi\r\n--b--\r\n"
		m := Parse(fields, inFile(t, raw))
		tiles(t, m.Root)
		if len(m.Root.Parts) != 1 || m.Root.Parts[0].Decoded() != "hi" || m.Root.Preamble.Len() != int64(length) {
			t.Errorf("behind %d bytes: %s", length, outline(m.Root))
		}
	}
}

// TestShortFile reads a file that ends before its time.
func TestShortFile(t *testing.T) {
	for _, encoding := range []string{"7bit", "base64", "quoted-printable", "x-uuencode"} {
		raw := "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + strings.Repeat("YWJj\r\n", 20_000)
		src := inFile(t, raw).(file)
		src.size *= 3
		m := ParseRaw(src)
		tiles(t, m.Root)
		askEverything(m)
		if len(m.Root.Parts) != 1 || !m.Root.Has(NoEnd) {
			t.Errorf("%s: got %s with %d parts, want one that is not ended", encoding, m.Root.Type, len(m.Root.Parts))
		}
	}
}

func TestInline(t *testing.T) {
	text := crlf("hello", "begin 644 cat.exe", "#0V%T", "`", "end", "begin 100 miles away", "from here",
		"=ybegin line=128 size=1 name=dog.zip", "\x6d", "=yend size=1", "bye")
	for _, encoding := range []string{"8bit", "base64"} {
		t.Run(encoding, func(t *testing.T) {
			body := text
			if encoding == "base64" {
				body = base64.StdEncoding.EncodeToString([]byte(text))
			}
			m := parsed(t, "Content-Transfer-Encoding: "+encoding+"\r\n\r\n"+body)
			files := m.Attachments()
			if len(files) != 2 {
				t.Fatalf("%d files, want 2", len(files))
			}
			cat, dog := files[0], files[1]
			if cat.Filename != "cat.exe" || cat.Extension != "exe" || cat.Decoded() != "Cat" || cat.InBody() != (encoding == "8bit") {
				t.Errorf("got %q with %q, in the body: %v", cat.Filename, cat.Decoded(), cat.InBody())
			}
			if dog.Filename != "dog.zip" || dog.Decoded() != "C" {
				t.Errorf("got %q with %q", dog.Filename, dog.Decoded())
			}
			if got, want := cat.Content.Of(cat.Source), crlf("begin 644 cat.exe", "#0V%T", "`", "end", ""); got != want {
				t.Errorf("its lines are %q, want %q", got, want)
			}
		})
	}
}

func TestDecodedText(t *testing.T) {
	tests := []struct {
		name, charset, raw, want string
		ok                       bool
	}{
		{"none", "", "abc", "abc", true},
		{"none, and UTF-8", "", "\xc3\xa9", "é", false},
		{"utf-8", "UTF-8", "\xc3\xa9", "é", true},
		{"in quotes", `"'utf-8'"`, "\xc3\xa9", "é", true},
		{"latin 1", "iso-8859-1", "\xe9", "é", true},
		{"Cyrillic", "koi8-r", "\xd0\xd2\xc9", "при", true},
		{"unknown", "x-none", "abc", "abc", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := parsed(t, "Content-Type: text/plain; charset="+tt.charset+"\r\n\r\n"+tt.raw).Root
			if got, ok := p.DecodedText(); got != tt.want || ok != tt.ok {
				t.Errorf("got %q, %v; want %q, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestSHA256(t *testing.T) {
	p := parsed(t, "Content-Transfer-Encoding: base64\r\n\r\nYWJj").Root
	if got, want := p.SHA256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; got != want { // FIPS 180-2, appendix B.1
		t.Errorf("got %s, want %s", got, want)
	}
}
