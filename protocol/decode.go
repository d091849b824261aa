package protocol

import "fmt"

// Packets by themselves, as a recording has them: the payload is what follows the length and the command or response.

// DecodeEvent returns what a packet from an MTA tells. There is none in MACRO and OPTNEG. The event keeps parts of the payload. Of a BODYEOB, the
// payload itself is the last part of the body.
func DecodeEvent(cmd Command, payload []byte) (Event, error) {
	ev, ok := map[Command]Event{
		CmdConnect: &Connect{}, CmdHelo: &Helo{}, CmdMail: &Mail{}, CmdRcpt: &Rcpt{}, CmdData: &Data{}, CmdHeader: &Header{}, CmdEOH: &EndOfHeader{},
		CmdBody: &Body{}, CmdEOM: &EndOfMessage{}, CmdUnknown: &Unknown{}, CmdAbort: &Abort{}, CmdQuit: &Quit{}, CmdQuitNC: &QuitNC{},
	}[cmd]
	if !ok {
		return nil, fmt.Errorf("%v is no event", cmd)
	}
	if err := ev.decode(payload); err != nil {
		return nil, fmt.Errorf("%v: %w", cmd, err)
	}
	return ev, nil
}

// DecodeMacros returns the names and values, which alternate, of a MACRO packet, and the command that they belong to.
func DecodeMacros(payload []byte) (cmd Command, namesAndValues []string, err error) {
	if len(payload) == 0 {
		return 0, nil, fmt.Errorf("%v without a command", CmdMacro)
	}
	for rest := payload[1:]; len(rest) > 0; {
		text, after, found := cutNUL(rest)
		if !found {
			return 0, nil, fmt.Errorf("%v: a text does not end in NUL", CmdMacro)
		}
		namesAndValues, rest = append(namesAndValues, string(text)), after
	}
	return Command(payload[0]), namesAndValues, nil
}

// DecodeReply returns the verdict that a packet from a filter tells.
func DecodeReply(code Response, payload []byte) (Reply, error) { return decodeReply(code, payload) }

// DecodeChange returns the change that a packet from a filter asks for, and false if it asks for none.
func DecodeChange(code Response, payload []byte) (Change, bool, error) {
	if neededActions[code] == 0 {
		return Change{}, false, nil
	}
	c, err := decodeChange(code, payload)
	return c, true, err
}

// StageOf returns the stage that a command begins.
func StageOf(cmd Command) (Stage, bool) {
	for s := range stages {
		if stages[s].command == cmd {
			return Stage(s), true
		}
	}
	return 0, false
}
