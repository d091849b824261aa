package miltertest

import "luamilter/protocol"

// state is how far a conversation has come.
type state int

const (
	connected state = iota
	negotiated
	greeted // connection information was sent
	helloed
	hasSender
	hasRecipient
	inData
	inHeader
	afterHeader
	inBody
	finished
)

// step is a part of a conversation.
type step struct {
	name    string // in what -v tells
	refused string // the same where it says what a filter answered to it
	state   state  // that it leads to
	stage   protocol.Stage
	fill    string // the payload that is sent where a script leaves it out
}

const (
	clientHost = "test.example.com"
	clientPort = "\x30\x39" // 12345
	sender     = "<sender@example.com>"
)

// steps are the parts of a conversation between the negotiation and the end of the message.
var steps = [...]step{
	{"connection details", "connection information", greeted, protocol.StageConnect, clientHost + "\x004" + clientPort + "12.34.56.78\x00"},
	{"HELO", "HELO", helloed, protocol.StageHelo, clientHost + "\x00"},
	{"MAIL", "MAIL", hasSender, protocol.StageMail, sender + "\x00"},
	{"RCPT", "RCPT", hasRecipient, protocol.StageRcpt, "<recipient@example.com>\x00"},
	{"DATA", "DATA", inData, protocol.StageData, ""},
	{"header", "header", inHeader, protocol.StageHeader, "From\x00" + sender + "\x00"},
	{"EOH", "EOH", afterHeader, protocol.StageEOH, ""},
	{"body", "body", inBody, protocol.StageBody, "Dummy message body.\r\n"},
}

// stepOf returns the step of a stage.
func stepOf(stage protocol.Stage) *step {
	for i := range steps {
		if steps[i].stage == stage {
			return &steps[i]
		}
	}
	return &step{name: "UNKNOWN", stage: protocol.StageUnknown} // it leads nowhere
}

// bring has what is missing of a conversation up to a state sent, with answers that do not matter.
func (c *conn) bring(to state) error {
	if to >= negotiated && c.state < negotiated {
		if _, err := c.negotiate(protocol.FullOffer); err != nil {
			return err
		}
	}
	for i := range steps {
		s := &steps[i]
		if s.state > to || s.state <= c.state {
			continue
		}
		c.state = s.state
		if !c.wants(s.stage) {
			continue
		}
		owed := c.owed(s.stage)
		code, err := c.say(s.stage, s.fill)
		if err != nil {
			return err
		}
		if owed {
			c.response = code
		}
		if code != protocol.RespContinue {
			c.tell(1, "filter returned status %d to %s on fd %d", code, s.refused, c.fd)
		}
	}
	return nil
}
