package protocol

import "fmt"

// Command is the first byte of a packet from the MTA (mfdef.h: SMFIC_*).
type Command byte

// The commands of protocol versions 2 to 6.
const (
	CmdAbort   Command = 'A' // SMFIC_ABORT: forget the message
	CmdBody    Command = 'B' // SMFIC_BODY: body chunk
	CmdConnect Command = 'C' // SMFIC_CONNECT: connection information
	CmdMacro   Command = 'D' // SMFIC_MACRO: macros for the command that follows
	CmdEOM     Command = 'E' // SMFIC_BODYEOB: end of the message
	CmdHelo    Command = 'H' // SMFIC_HELO: HELO or EHLO
	CmdQuitNC  Command = 'K' // SMFIC_QUIT_NC: end of this connection, another follows
	CmdHeader  Command = 'L' // SMFIC_HEADER: one header field
	CmdMail    Command = 'M' // SMFIC_MAIL: MAIL FROM
	CmdEOH     Command = 'N' // SMFIC_EOH: end of the header
	CmdOptNeg  Command = 'O' // SMFIC_OPTNEG: option negotiation
	CmdQuit    Command = 'Q' // SMFIC_QUIT: end of the connection
	CmdRcpt    Command = 'R' // SMFIC_RCPT: RCPT TO
	CmdData    Command = 'T' // SMFIC_DATA: DATA, since version 4
	CmdUnknown Command = 'U' // SMFIC_UNKNOWN: unknown SMTP command, since version 3
)

var commandNames = map[Command]string{
	CmdAbort: "ABORT", CmdBody: "BODY", CmdConnect: "CONNECT", CmdMacro: "MACRO", CmdEOM: "BODYEOB",
	CmdHelo: "HELO", CmdQuitNC: "QUIT_NC", CmdHeader: "HEADER", CmdMail: "MAIL", CmdEOH: "EOH",
	CmdOptNeg: "OPTNEG", CmdQuit: "QUIT", CmdRcpt: "RCPT", CmdData: "DATA", CmdUnknown: "UNKNOWN",
}

// String returns the command's name in mfdef.h without SMFIC_.
func (c Command) String() string {
	if name, ok := commandNames[c]; ok {
		return name
	}
	return fmt.Sprintf("command %q", byte(c))
}

// Response is the first byte of a packet to the MTA (mfdef.h: SMFIR_*).
type Response byte

// The responses of protocol versions 2 to 6.
const (
	RespAddRcpt    Response = '+' // SMFIR_ADDRCPT
	RespDelRcpt    Response = '-' // SMFIR_DELRCPT
	RespAddRcptPar Response = '2' // SMFIR_ADDRCPT_PAR: with ESMTP parameters
	RespShutdown   Response = '4' // SMFIR_SHUTDOWN: between MTAs and their own filters only
	RespAccept     Response = 'a' // SMFIR_ACCEPT
	RespReplBody   Response = 'b' // SMFIR_REPLBODY
	RespContinue   Response = 'c' // SMFIR_CONTINUE
	RespDiscard    Response = 'd' // SMFIR_DISCARD
	RespChgFrom    Response = 'e' // SMFIR_CHGFROM
	RespConnFail   Response = 'f' // SMFIR_CONN_FAIL: no MTA implements it
	RespAddHeader  Response = 'h' // SMFIR_ADDHEADER
	RespInsHeader  Response = 'i' // SMFIR_INSHEADER
	RespChgHeader  Response = 'm' // SMFIR_CHGHEADER
	RespProgress   Response = 'p' // SMFIR_PROGRESS
	RespQuarantine Response = 'q' // SMFIR_QUARANTINE
	RespReject     Response = 'r' // SMFIR_REJECT
	RespSkip       Response = 's' // SMFIR_SKIP
	RespTempfail   Response = 't' // SMFIR_TEMPFAIL
	RespReplyCode  Response = 'y' // SMFIR_REPLYCODE
)

var responseNames = map[Response]string{
	RespAddRcpt: "ADDRCPT", RespDelRcpt: "DELRCPT", RespAddRcptPar: "ADDRCPT_PAR", RespShutdown: "SHUTDOWN",
	RespAccept: "ACCEPT", RespReplBody: "REPLBODY", RespContinue: "CONTINUE", RespDiscard: "DISCARD",
	RespChgFrom: "CHGFROM", RespConnFail: "CONN_FAIL", RespAddHeader: "ADDHEADER", RespInsHeader: "INSHEADER",
	RespChgHeader: "CHGHEADER", RespProgress: "PROGRESS", RespQuarantine: "QUARANTINE", RespReject: "REJECT",
	RespSkip: "SKIP", RespTempfail: "TEMPFAIL", RespReplyCode: "REPLYCODE",
}

// String returns the response's name in mfdef.h without SMFIR_.
func (r Response) String() string {
	if name, ok := responseNames[r]; ok {
		return name
	}
	return fmt.Sprintf("response %q", byte(r))
}

// Stage is a point of an SMTP conversation at which a filter may be asked; its String is the name of the hook.
type Stage uint8

// The stages in the order of a conversation.
const (
	StageNegotiate Stage = iota
	StageConnect
	StageHelo
	StageMail
	StageRcpt
	StageData
	StageHeader
	StageEOH
	StageBody
	StageEOM
	StageAbort
	StageClose
	StageUnknown

	NumStages = iota // how many stages there are
)

var stages = [NumStages]struct {
	name    string
	command Command
}{
	StageNegotiate: {"negotiate", CmdOptNeg},
	StageConnect:   {"connect", CmdConnect},
	StageHelo:      {"helo", CmdHelo},
	StageMail:      {"mail", CmdMail},
	StageRcpt:      {"rcpt", CmdRcpt},
	StageData:      {"data", CmdData},
	StageHeader:    {"header", CmdHeader},
	StageEOH:       {"eoh", CmdEOH},
	StageBody:      {"body", CmdBody},
	StageEOM:       {"eom", CmdEOM},
	StageAbort:     {"abort", CmdAbort},
	StageClose:     {"close", CmdQuit},
	StageUnknown:   {"unknown", CmdUnknown},
}

// String returns the stage's name, which is that of the hook.
func (s Stage) String() string {
	if int(s) < NumStages {
		return stages[s].name
	}
	return fmt.Sprintf("stage %d", uint8(s))
}

// Command returns the command that begins the stage.
func (s Stage) Command() Command { return stages[s].command }

// StageNamed returns the stage with that name.
func StageNamed(name string) (Stage, bool) {
	for s := range stages {
		if stages[s].name == name {
			return Stage(s), true
		}
	}
	return 0, false
}

// InMessage reports whether the stage belongs to one message rather than to the connection.
func (s Stage) InMessage() bool { return s >= StageMail && s <= StageAbort }
