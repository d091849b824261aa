package engine

import "luamilter/protocol"

// TooLarge says what becomes of a message of which more would have to be collected than Limits.Message.
type TooLarge uint8

// What becomes of it.
const (
	TooLargeIsError  TooLarge = iota // the verdict of an error
	Truncate                         // scripts see the beginning of its body
	AcceptTooLarge                   // it passes, and scripts are not asked about the whole message
	RejectTooLarge                   // 552 5.3.4
	TempfailTooLarge                 // 452 4.3.4
)

// RFC 3463: X.3.4 is a message that is too big for the system.
var tooLargeReplies = map[TooLarge]protocol.Reply{
	AcceptTooLarge:   {Verdict: protocol.Accept},
	RejectTooLarge:   {Verdict: protocol.Reject, Code: 552, Enhanced: "5.3.4", Text: "the message is too large for the mail filter"},
	TempfailTooLarge: {Verdict: protocol.Tempfail, Code: 452, Enhanced: "4.3.4", Text: "the message is too large for the mail filter"},
}

// whenTooLarge returns the verdict for a message that is too large.
func (p *Program) whenTooLarge() *protocol.Reply {
	if r, ok := tooLargeReplies[p.tooLarge]; ok {
		return &r
	}
	return &p.onError
}
