package mime

import "slices"

// Problem is something that is not as it should be. Each is named once in a part, and in plain words: scripts compare them.
type Problem string

// What can be wrong with the structure of a message.
const (
	Truncated         Problem = "truncated"                       // a limit was reached: what is inside is not looked at
	NoBoundary        Problem = "no boundary"                     // a multipart without one
	SameBoundary      Problem = "boundary of an outer multipart"  // so its own parts are those of the outer one
	LongBoundary      Problem = "overlong boundary"               // more than the 70 bytes of RFC 2046 section 5.1.1
	NoParts           Problem = "no boundary line"                // a multipart that begins with none
	NoEnd             Problem = "missing end boundary"            // a multipart that was not closed
	AfterEnd          Problem = "boundary line after the end"     // readers differ in whether they show such parts
	BadHeader         Problem = "header line without colon"       // or with a name that is none
	NoHeader          Problem = "no header"                       // text began where a header should
	NoEmptyLine       Problem = "no empty line behind the header" // a boundary line followed at once
	NULByte           Problem = "NUL in header"                   // readers differ in whether they read on
	DuplicateField    Problem = "duplicate header field"          // of those that MIME is about; the first counts
	BadType           Problem = "invalid content type"            // text/plain is assumed
	DuplicateParam    Problem = "duplicate parameter"             // of those that MIME is about; the first counts
	UnknownEncoding   Problem = "unknown encoding"                // nothing is decoded
	EncodedMultipart  Problem = "encoded multipart"               // RFC 2045 section 6.4 forbids it; read as it stands
	EncodedMessage    Problem = "encoded message"                 // forbidden too; read decoded, so it cannot be edited
	FragmentOfMessage Problem = "message/partial"                 // the rest comes in other messages, unseen
	ExternalBody      Problem = "message/external-body"           // the content is fetched from elsewhere
)

// What can be wrong with a file name.
const (
	NoName          Problem = "missing filename"              // an attachment without one
	DifferentNames  Problem = "different filenames"           // readers differ in which they take
	PathName        Problem = "path in filename"              // a slash or a backslash
	ControlName     Problem = "control character in filename" // NUL too: Windows stops there
	BidiName        Problem = "bidi control in filename"      // exe.gpj can be made to look like jpg.exe
	InvisibleName   Problem = "invisible character in filename"
	TrailingName    Problem = "trailing dot or blank in filename" // Windows takes them away
	DoubleExtension Problem = "double extension"                  // invoice.pdf.exe
	LongName        Problem = "overlong filename"                 // more than 255 bytes
	BrokenName      Problem = "broken filename encoding"          // a piece is missing or there twice, the charset is none, or bytes mean nothing in it
)

// flag adds a problem.
func (p *Part) flag(what Problem) {
	if !slices.Contains(p.Problems, what) {
		p.Problems = append(p.Problems, what)
	}
}

// Has reports whether a part has that problem itself; for those of the whole tree see Message.Problems.
func (p *Part) Has(what Problem) bool { return slices.Contains(p.Problems, what) }
