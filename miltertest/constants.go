package miltertest

import "luamilter/protocol"

// constants returns the numbers that scripts know by name.
func constants() map[string]uint32 {
	all := map[string]uint32{
		"MT_HDRADD": headerAdded, "MT_HDRINSERT": headerInserted, "MT_HDRCHANGE": headerChanged, "MT_HDRDELETE": headerDeleted,
		"MT_RCPTADD": recipientAdded, "MT_RCPTDELETE": recipientDeleted, "MT_BODYCHANGE": bodyChanged, "MT_QUARANTINE": quarantined,
		"MT_SMTPREPLY": smtpReply,
	}
	for name, code := range map[string]protocol.Response{
		"CONTINUE": protocol.RespContinue, "ACCEPT": protocol.RespAccept, "REJECT": protocol.RespReject, "TEMPFAIL": protocol.RespTempfail,
		"DISCARD": protocol.RespDiscard, "REPLYCODE": protocol.RespReplyCode, "SKIP": protocol.RespSkip,
	} {
		all["SMFIR_"+name] = uint32(code)
	}
	for name, code := range map[string]protocol.Command{
		"CONNECT": protocol.CmdConnect, "HELO": protocol.CmdHelo, "MAIL": protocol.CmdMail, "RCPT": protocol.CmdRcpt,
	} {
		all["SMFIC_"+name] = uint32(code)
	}
	for name, step := range map[string]protocol.Steps{
		"NOCONNECT": protocol.NoConnect, "NOHELO": protocol.NoHelo, "NOMAIL": protocol.NoMail, "NORCPT": protocol.NoRcpt,
		"NOBODY": protocol.NoBody, "NOHDRS": protocol.NoHeader, "NOEOH": protocol.NoEOH, "NR_HDR": protocol.NRHeader,
		"NOHREPL": protocol.NRHeader, "NOUNKNOWN": protocol.NoUnknown, "NODATA": protocol.NoData, "SKIP": protocol.CanSkip,
		"RCPT_REJ": protocol.RcptRejected, "NR_CONN": protocol.NRConnect, "NR_HELO": protocol.NRHelo, "NR_MAIL": protocol.NRMail,
		"NR_RCPT": protocol.NRRcpt, "NR_DATA": protocol.NRData, "NR_UNKN": protocol.NRUnknown, "NR_EOH": protocol.NREOH,
		"NR_BODY": protocol.NRBody, "HDR_LEADSPC": protocol.LeadingSpace, "MDS_256K": protocol.MaxData256K, "MDS_1M": protocol.MaxData1M,
	} {
		all["SMFIP_"+name] = uint32(step)
	}
	for name, action := range map[string]protocol.Actions{
		"ADDHDRS": protocol.ActAddHeader, "CHGBODY": protocol.ActChgBody, "MODBODY": protocol.ActChgBody, "ADDRCPT": protocol.ActAddRcpt,
		"DELRCPT": protocol.ActDelRcpt, "CHGHDRS": protocol.ActChgHeader, "QUARANTINE": protocol.ActQuarantine,
		"CHGFROM": protocol.ActChgFrom, "ADDRCPT_PAR": protocol.ActAddRcptPar, "SETSYMLIST": protocol.ActSymList,
	} {
		all["SMFIF_"+name] = uint32(action)
	}
	return all
}
