package edit

// Reason says in plain words why nothing was changed; scripts compare it. "" means that it was.
type Reason string

// Why a message stays as it is.
const (
	Signed        Reason = "signed"                  // and would not be any more; Force does it
	Encrypted     Reason = "encrypted"               // Force does what can be done in the open
	AlreadyThere  Reason = "already there"           // Once was asked for
	NoText        Reason = "no text"                 // nothing that a reader shows
	NothingToAdd  Reason = "nothing to add"          // the footer is empty
	Truncated     Reason = "too many or large parts" // a limit of package mime was reached
	UTF7          Reason = "utf-7"                   // nothing should be added to what few can read
	BadCharset    Reason = "broken utf-16"           // or UTF-32
	OtherEncoding Reason = "unknown encoding"        // neither base64 nor quoted-printable
	NotInBody     Reason = "inside an encoded part"  // a part of a message that was attached in base64
	NotAPart      Reason = "no part of the message"  // but of another one
	TooLarge      Reason = "text too large"          // to be changed, being in a file
	BadType       Reason = "invalid content type"    // that was asked for
)
