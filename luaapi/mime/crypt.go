package mime

import "strings"

// IsSigned reports whether a change would break a signature in the message itself: PGP/MIME (RFC 3156), S/MIME (RFC 8551), or OpenPGP in a
// text. Attached messages do not count, nor does DKIM.
func (m *Message) IsSigned() bool { return m.Root.IsSigned() }

// IsEncrypted reports whether the message itself is encrypted, wholly or in a part, in one of the ways of IsSigned.
func (m *Message) IsEncrypted() bool { return m.Root.IsEncrypted() }

// IsSigned reports whether a part is signed, or one in it, in one of the ways in which messages are. A part is not if only the multipart
// around it says so; an attached message is asked by its own part.
func (p *Part) IsSigned() bool { return within(p, (*Part).isSigned) }

// IsEncrypted reports whether a part is encrypted, or one in it, in one of the ways in which messages are.
func (p *Part) IsEncrypted() bool { return within(p, (*Part).isEncrypted) }

// within reports whether something is so of a part or of what is in it; attached messages are left out.
func within(p *Part, is func(*Part) bool) bool {
	if is(p) {
		return true
	}
	if p.IsMessage() {
		return false
	}
	for _, child := range p.Parts {
		if within(child, is) {
			return true
		}
	}
	return false
}

func (p *Part) isSigned() bool {
	switch p.Type {
	case "multipart/signed", "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature":
		return true
	}
	return p.isPKCS7() && p.smimeType() == "signed-data" || p.hasArmor("-----BEGIN PGP SIGNED MESSAGE-----")
}

func (p *Part) isEncrypted() bool {
	switch p.Type {
	case "multipart/encrypted", "application/pgp-encrypted":
		return true
	}
	if p.isPKCS7() {
		kind := p.smimeType()
		return kind != "signed-data" && kind != "certs-only" && kind != "compressed-data"
	}
	return p.hasArmor("-----BEGIN PGP MESSAGE-----")
}

func (p *Part) isPKCS7() bool {
	switch p.Type {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return true
	}
	return p.Type == "application/octet-stream" && p.Extension == "p7m"
}

// smimeType returns the parameter of that name. Where it is missing the content says what it is: its object identifier is among the first bytes.
func (p *Part) smimeType() string {
	if kind := strings.ToLower(p.Param("smime-type")); kind != "" {
		return kind
	}
	// RFC 5652 section 5.1: id-signedData, 1.2.840.113549.1.7.2.
	if strings.Contains(p.head(64), "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02") {
		return "signed-data"
	}
	return ""
}

// head returns the first bytes of the decoded content.
func (p *Part) head(n int) string {
	buf := make([]byte, n)
	have := 0
	r := p.Reader()
	for have < n {
		k, err := r.Read(buf[have:])
		have += k
		if err != nil {
			break
		}
	}
	return string(buf[:have])
}

// hasArmor reports whether a line of a text is that.
func (p *Part) hasArmor(line string) bool {
	if !p.IsText() || !p.IsLeaf() {
		return false
	}
	is := false
	p.search(line, func(_ int64, before byte) bool {
		is = before == 0 || before == '\n' || before == '\r' || before == '>' // the last in HTML
		return !is
	})
	return is
}

// IsTNEF reports whether a part is Outlook's winmail.dat, whose attachments other readers do not see.
func (p *Part) IsTNEF() bool {
	switch {
	case p.Type == "application/ms-tnef" || p.Type == "application/vnd.ms-tnef":
		return true
	case p.IsMultipart() || p.IsMessage():
		return false
	case strings.EqualFold(p.Filename, "winmail.dat"):
		return true
	}
	return !p.IsText() && p.head(4) == "\x78\x9f\x3e\x22"
}
