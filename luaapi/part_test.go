package luaapi

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"luamilter/luaapi/mail"
	"luamilter/protocol"
)

// message returns a message from its text with LF line ends.
func textMessage(text string) *Message {
	header, body, _ := strings.Cut(text, "\n\n")
	var fields []protocol.Field
	for line := range strings.SplitSeq(header, "\n") {
		name, value, _ := strings.Cut(line, ": ")
		fields = append(fields, protocol.Field{Name: name, Value: value})
	}
	b := &mail.Body{}
	_ = b.Copy([]byte(strings.ReplaceAll(body, "\n", "\r\n"))) // without a spool it does not fail
	return NewMessage(protocol.NewHeaderEdit(fields), "a@example.com", nil, b)
}

const mixed = `Subject: hello
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe
--inner
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PGI+R3LDvMOfZTwvYj4=
--inner--
--outer
Content-Type: application/octet-stream; name="report.pdf.exe"
Content-Disposition: attachment; filename*=utf-8''r%C3%A9port.pdf.exe
Content-Transfer-Encoding: base64

TVqQAAMAAAAEAAAA
--outer--
`

func TestParts(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.begin(textMessage(mixed))
	for _, tt := range []struct{ script, want string }{
		{`local s = {} for i, p in ipairs(msg.parts) do s[i] = p.type end return table.concat(s, " ")`, "multipart/mixed multipart/alternative text/plain text/html application/octet-stream"},
		{`return msg:text()`, "Grüße"},
		{`return msg:html()`, "<b>Grüße</b>"},
		{`return #msg.attachments`, "1"},
		{`return msg.attachments[1].filename`, "réport.pdf.exe"},
		{`return table.concat(msg.attachments[1].filenames, " | ")`, "réport.pdf.exe | report.pdf.exe"},
		{`return msg.attachments[1].extension`, "exe"},
		{`return msg.attachments[1].disposition`, "attachment"},
		{`return msg.attachments[1].size`, "12"},
		{`return msg.attachments[1]:content():sub(1, 2)`, "MZ"},
		{`return msg.attachments[1]:sha256()`, fmt.Sprintf("%x", sha256.Sum256([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00")))},
		{`return msg.attachments[1].is_attachment`, "true"},
		{`return msg.parts[3].charset .. " " .. msg.parts[3].encoding`, "iso-8859-1 quoted-printable"},
		{`return msg.parts[3]:text()`, "Grüße"},
		{`return msg.parts[3]:content()`, "Gr\xfc\xdfe"},
		{`return msg.parts[3]:header("content-type")`, "text/plain; charset=iso-8859-1"},
		{`return tostring(msg.parts[3]:header("subject"))`, "nil"},
		{`return #msg.parts[1].parts`, "2"},
		{`return msg.parts[1].is_multipart`, "true"},
		{`return tostring(msg.parts[3].filename)`, "nil"},
		{`return msg.is_signed`, "false"},
		{`return msg.is_encrypted`, "false"},
	} {
		v.want(tt.script, tt.want)
	}
}

// Parts show the edits made so far.
func TestPartsAfterEdits(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.begin(textMessage(mixed))
	v.want(`local old = msg.parts msg:replace_body("plain") msg:change_header("Content-Type", "text/plain") return #old .. " " .. #msg.parts .. " " .. msg:text()`, "5 1 plain\n")
}

const signed = `Content-Type: multipart/mixed; boundary=outer

--outer
Content-Type: multipart/signed; boundary=inner; protocol="application/pgp-signature"

--inner
Content-Type: text/plain

what is signed
--inner
Content-Type: application/pgp-signature; name=signature.asc

-----BEGIN PGP SIGNATURE-----
--inner--
--outer
Content-Type: text/plain

-----BEGIN PGP MESSAGE-----
--outer
Content-Type: message/rfc822

Content-Type: application/pkcs7-mime; smime-type=enveloped-data

x
--outer--
`

// Each part says for itself, and for what is in it, whether it is signed or encrypted.
func TestPartsSigned(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.begin(textMessage(signed))
	v.want(`
	local said = {}
	for i, p in ipairs(msg.parts) do
	  said[i] = p.type .. (p.is_signed and " signed" or "") .. (p.is_encrypted and " encrypted" or "")
	end
	return table.concat(said, ", ")`,
		"multipart/mixed signed encrypted, multipart/signed signed, text/plain, application/pgp-signature signed, text/plain encrypted, message/rfc822, application/pkcs7-mime encrypted")
}

// Whatever a message is like, reading it is no error.
func TestPartsOfNonsense(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":           "",
		"no body":           "Subject: x",
		"no boundary":       "Content-Type: multipart/mixed\n\ntext\n",
		"boundary missing":  "Content-Type: multipart/mixed; boundary=x\n\ntext\n",
		"broken base64":     "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n=!!==\n",
		"unknown charset":   "Content-Type: text/plain; charset=klingon\n\ntext\n",
		"unknown encoding":  "Content-Transfer-Encoding: rot13\n\ntext\n",
		"bytes in a header": "Content-Type: \xff\xfe\n\n\xff\n",
	} {
		t.Run(name, func(t *testing.T) {
			v := newVM(t, protocol.StageEOM)
			v.begin(textMessage(text))
			if _, err := v.run(`
			local n = 0
			for _, p in ipairs(msg.parts) do
			  for _, f in ipairs{"type", "real_type", "filename", "filenames", "visible_name", "extension", "charset", "encoding", "disposition", "content_id", "size", "parts", "problems", "is_attachment", "is_multipart", "is_text", "is_signed", "is_encrypted", "is_tnef"} do
			    local value = p[f]
			  end
			  n = n + #p:content() + #p:text() + #p:sha256()
			end
			return n + #msg:text() + #msg:html() + #msg.attachments`); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestPartErrors(t *testing.T) {
	v := newVM(t, protocol.StageEOM)
	v.begin(textMessage(mixed))
	if _, err := v.run(`kept = msg.parts[1]`); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ script, want string }{
		{`return msg.parts[1].nothing`, `part has no "nothing"; part:header("nothing") returns the value of that field`},
		{`return msg.parts[1][1]`, "part[a number]: a part has fields with names only"},
		{`msg.parts[1].type = "x"`, "part is read only; msg's methods change the message"},
		{`return msg.parts[1].content()`, "content is a method: write part:content(...), with a colon"},
		{`return msg.parts[1]:header("x", 0)`, "header: there is no field 0"},
	} {
		if _, err := v.run(tt.script); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %s", tt.script, err, tt.want)
		}
	}
	v.begin(textMessage(mixed))
	if _, err := v.run(`return kept.type`); err == nil || !strings.Contains(err.Error(), "part.type of an earlier message") {
		t.Error(err)
	}
}
