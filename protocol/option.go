package protocol

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
)

// Versions of the protocol that this package speaks.
const (
	MinVersion = 2 // sendmail 8.11
	MaxVersion = 6 // sendmail 8.14, Postfix 2.6
)

// Actions is the set of changes a filter may ask for (mfapi.h: SMFIF_*).
type Actions uint32

// The actions.
const (
	ActAddHeader  Actions = 1 << iota // SMFIF_ADDHDRS: add and insert header fields
	ActChgBody                        // SMFIF_CHGBODY: replace the body
	ActAddRcpt                        // SMFIF_ADDRCPT: add recipients
	ActDelRcpt                        // SMFIF_DELRCPT: delete recipients
	ActChgHeader                      // SMFIF_CHGHDRS: change and delete header fields
	ActQuarantine                     // SMFIF_QUARANTINE
	ActChgFrom                        // SMFIF_CHGFROM: change the envelope sender
	ActAddRcptPar                     // SMFIF_ADDRCPT_PAR: add recipients with ESMTP parameters
	ActSymList                        // SMFIF_SETSYMLIST: name the macros to send

	AllActions = ActSymList<<1 - 1
	v1Actions  = Actions(0x0F) // what an MTA means that offers none (libmilter: SMFI_V1_ACTS)
)

var actionNames = []string{"ADDHDRS", "CHGBODY", "ADDRCPT", "DELRCPT", "CHGHDRS", "QUARANTINE", "CHGFROM", "ADDRCPT_PAR", "SETSYMLIST"}

// String returns the SMFIF_ names, separated by "|".
func (a Actions) String() string { return bitNames(uint32(a), actionNames) }

// Steps is the set of protocol options (mfdef.h: SMFIP_*).
type Steps uint32

// The steps: what the MTA need not send, what the filter will not answer, and extras.
const (
	NoConnect     Steps = 1 << iota // SMFIP_NOCONNECT
	NoHelo                          // SMFIP_NOHELO
	NoMail                          // SMFIP_NOMAIL
	NoRcpt                          // SMFIP_NORCPT
	NoBody                          // SMFIP_NOBODY
	NoHeader                        // SMFIP_NOHDRS
	NoEOH                           // SMFIP_NOEOH
	NRHeader                        // SMFIP_NR_HDR
	NoUnknown                       // SMFIP_NOUNKNOWN
	NoData                          // SMFIP_NODATA
	CanSkip                         // SMFIP_SKIP: the MTA understands SMFIR_SKIP
	RcptRejected                    // SMFIP_RCPT_REJ: send recipients that the MTA itself refused
	NRConnect                       // SMFIP_NR_CONN
	NRHelo                          // SMFIP_NR_HELO
	NRMail                          // SMFIP_NR_MAIL
	NRRcpt                          // SMFIP_NR_RCPT
	NRData                          // SMFIP_NR_DATA
	NRUnknown                       // SMFIP_NR_UNKN
	NREOH                           // SMFIP_NR_EOH
	NRBody                          // SMFIP_NR_BODY
	LeadingSpace                    // SMFIP_HDR_LEADSPC: header values byte for byte after the colon
	MaxData256K   Steps = 1 << 28   // SMFIP_MDS_256K: packets up to 256 KiB
	MaxData1M     Steps = 1 << 29   // SMFIP_MDS_1M: packets up to 1 MiB
	AllSteps            = LeadingSpace<<1 - 1
	v1Steps             = Steps(0x3F)       // what an MTA means that offers none (libmilter: SMFI_V1_PROT)
	internalSteps       = Steps(0x70000000) // mfdef.h: SMFI_INTERNAL
)

var stepNames = []string{"NOCONNECT", "NOHELO", "NOMAIL", "NORCPT", "NOBODY", "NOHDRS", "NOEOH", "NR_HDR", "NOUNKNOWN", "NODATA",
	"SKIP", "RCPT_REJ", "NR_CONN", "NR_HELO", "NR_MAIL", "NR_RCPT", "NR_DATA", "NR_UNKN", "NR_EOH", "NR_BODY", "HDR_LEADSPC",
	"", "", "", "", "", "", "", "MDS_256K", "MDS_1M"}

// String returns the SMFIP_ names, separated by "|".
func (s Steps) String() string { return bitNames(uint32(s), stepNames) }

func bitNames(set uint32, names []string) string {
	if set == 0 {
		return "none"
	}
	var out []string
	for ; set != 0; set &= set - 1 {
		i := bits.TrailingZeros32(set)
		if i < len(names) && names[i] != "" {
			out = append(out, names[i])
		} else {
			out = append(out, fmt.Sprintf("%#x", uint32(1)<<i))
		}
	}
	return strings.Join(out, "|")
}

// stageSteps has, for each stage, the step that says "don't send it" and the one that says "I won't answer it".
// End of message has neither: it is always sent and always answered.
var stageSteps = [NumStages]struct{ no, nr Steps }{
	StageConnect: {NoConnect, NRConnect},
	StageHelo:    {NoHelo, NRHelo},
	StageMail:    {NoMail, NRMail},
	StageRcpt:    {NoRcpt, NRRcpt},
	StageData:    {NoData, NRData},
	StageHeader:  {NoHeader, NRHeader},
	StageEOH:     {NoEOH, NREOH},
	StageBody:    {NoBody, NRBody},
	StageUnknown: {NoUnknown, NRUnknown},
}

// NoStep returns the step that tells the MTA not to send the stage; 0 where there is none.
func (s Stage) NoStep() Steps { return stageSteps[s].no }

// NRStep returns the step that tells the MTA not to wait for a reply to the stage; 0 where there is none.
func (s Stage) NRStep() Steps { return stageSteps[s].nr }

// Offer is what the MTA offers, or what the filter answers, in SMFIC_OPTNEG.
type Offer struct {
	Version uint32
	Actions Actions
	Steps   Steps
	Macros  MacroLists // only in the filter's answer
}

// Stages is a set of stages.
type Stages uint16

// Has reports whether s is in the set.
func (set Stages) Has(s Stage) bool { return set&(1<<s) != 0 }

// With returns the set with s added.
func (set Stages) With(s Stage) Stages { return set | 1<<s }

// Want is what a filter wishes for.
type Want struct {
	Events   Stages     // stages to be told of
	Replies  Stages     // those of them that may get another reply than continue
	Actions  Actions    // without these the filter cannot work
	Optional Actions    // used where offered
	Extras   Steps      // of CanSkip, RcptRejected, LeadingSpace: used where offered
	Macros   MacroLists // macros to ask for
}

// Agreement is the result of a negotiation.
type Agreement struct {
	Offer        // what the filter answers: the agreed version, actions and steps
	Want  Stages // the stages the filter wants; others may come all the same and are answered with continue
}

// Owed reports whether the MTA waits for a reply to the stage.
func (a *Agreement) Owed(s Stage) bool {
	switch s {
	case StageAbort, StageClose, StageNegotiate:
		return false
	}
	nr := stageSteps[s].nr
	return nr == 0 || a.Steps&nr == 0
}

// A NegotiationError says why a filter cannot work with what the MTA offers.
type NegotiationError struct {
	Offer   Offer
	Missing Actions // 0: the version is too old
}

func (e *NegotiationError) Error() string {
	if e.Missing != 0 {
		return fmt.Sprintf("the MTA does not offer %v, which the scripts need (it offers %v, protocol version %d; Postfix: raise milter_protocol)",
			e.Missing, e.Offer.Actions, e.Offer.Version)
	}
	return fmt.Sprintf("the MTA offers protocol version %d; %d is the oldest that works", e.Offer.Version, MinVersion)
}

// Negotiate decides what to answer to an MTA's offer. What the filter wishes but the MTA does not offer is left out where
// it can be emulated: a stage that the MTA sends all the same, or waits on all the same, is answered with continue.
// Missing actions are an error, a *NegotiationError.
func Negotiate(offer Offer, want Want) (Agreement, error) {
	if offer.Version < MinVersion {
		return Agreement{}, &NegotiationError{Offer: offer}
	}
	offer = offer.withDefaults()
	if missing := want.Actions &^ offer.Actions; missing != 0 {
		return Agreement{}, &NegotiationError{Offer: offer, Missing: missing}
	}
	a := Agreement{Want: want.Events}
	a.Version = min(offer.Version, MaxVersion)
	a.Actions = want.Actions | want.Optional&offer.Actions
	a.Steps = want.Extras & (CanSkip | RcptRejected | LeadingSpace)
	for s := Stage(0); s < NumStages; s++ {
		switch {
		case !want.Events.Has(s):
			a.Steps |= stageSteps[s].no
		case !want.Replies.Has(s):
			a.Steps |= stageSteps[s].nr
		}
	}
	a.Steps |= MaxData1M
	if offer.Steps&MaxData1M == 0 { // libmilter: the larger of the two that the MTA offers
		a.Steps |= MaxData256K
	}
	a.Steps &= offer.Steps
	a.Actions &^= ActSymList
	if !want.Macros.Empty() && offer.Actions&ActSymList != 0 {
		a.Actions |= ActSymList
		a.Macros = want.Macros
	}
	return a, nil
}

// withDefaults returns the offer as it is meant: none at all is that of version 1.
func (o Offer) withDefaults() Offer {
	if o.Actions == 0 {
		o.Actions = v1Actions
	}
	if o.Steps&^internalSteps == 0 {
		o.Steps |= v1Steps
	}
	return o
}

// appendPayload appends the payload of an OPTNEG packet.
func (o *Offer) appendPayload(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint32(dst, o.Version)
	dst = binary.BigEndian.AppendUint32(dst, uint32(o.Actions))
	dst = binary.BigEndian.AppendUint32(dst, uint32(o.Steps))
	return o.Macros.appendPayload(dst)
}

// decode reads the payload of an OPTNEG packet. What follows the three numbers, macro lists in a filter's answer, is the rest.
func (o *Offer) decode(p []byte) (rest []byte, err error) {
	if len(p) < 12 {
		return nil, fmt.Errorf("OPTNEG has %d bytes, at least 12 expected", len(p))
	}
	*o = Offer{
		Version: binary.BigEndian.Uint32(p),
		Actions: Actions(binary.BigEndian.Uint32(p[4:])),
		Steps:   Steps(binary.BigEndian.Uint32(p[8:])),
	}
	return p[12:], nil
}
