package simulate

import "luamilter/protocol"

// Asked says whether the filter had a say in a step.
type Asked uint8

// The ways.
const (
	NotSent  Asked = iota // the filter does not want to hear of such events
	NoReply               // it hears of them and does not answer
	Answered              // it answered
	Settled               // it was not asked any more: an earlier verdict stands, which is the answer
)

// String returns not sent, no reply, answered or settled.
func (a Asked) String() string {
	return [...]string{"not sent", "no reply", "answered", "settled"}[a]
}

// Answer is what a step came to.
type Answer struct {
	Stage protocol.Stage
	About string // the name, the address, or the name of the header field
	Asked Asked
	Reply protocol.Reply
}

// OnTheWire returns a reply with the code and text that an SMTP client of Postfix gets; that of a filter has none where it leaves them
// to the MTA.
func OnTheWire(r protocol.Reply) protocol.Reply {
	switch {
	case r.Code != 0:
	case r.Verdict == protocol.Reject:
		r.Code, r.Enhanced, r.Text = 550, "5.7.1", "Command rejected"
	case r.Verdict == protocol.Tempfail:
		r.Code, r.Enhanced, r.Text = 451, "4.7.1", "Service unavailable - try again later"
	}
	return r
}
