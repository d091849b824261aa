package protocol

import (
	"math"
	"slices"
	"strings"
)

// atTheEnd is a position behind any header; both MTAs append then.
const atTheEnd = math.MaxInt32

// sendmailHidden is how many lines that Sendmail never shows stand between its own Received and the first field of the
// message: the H lines of the default sendmail.cf. Positions below that all mean "directly below Received".
const sendmailHidden = 8

// sendmailLines are the fields that Sendmail keeps hidden lines for: an added one would take the line's place.
var sendmailLines = []string{"return-path", "received", "resent-date", "date", "resent-from", "from", "full-name", "resent-message-id", "message-id"}

// sendmailMakes are those that it makes up for a message that lacks them.
var sendmailMakes = []string{"date", "from", "message-id"}

// Changes returns the packets that turn the original header into the edited one on that MTA, plain ones where they do.
//
// The order is one that means the same to an MTA that renumbers at once (Postfix) and to one that keeps deleted fields
// counted (Sendmail), and to one that no longer knows its own Received once something stands above it (Postfix): changes by
// original number, deletions from the highest number down, insertions from the bottom up, additions.
//
// One thing cannot be the same. Sendmail makes up a Date, From or Message-Id that a message lacks; a new one takes the place
// of that, directly below Received, wherever it was to go. Otherwise there would be two.
func (h *HeaderEdit) Changes(mta MTA) []Change {
	if !h.touched {
		return nil
	}
	p := headerPlan{HeaderEdit: h, mta: mta, kept: make([]bool, len(h.original)), out: h.oneChange[:0]}
	p.changeAndDelete()
	p.replaceMadeUp()
	p.insert()
	p.add()
	return p.out
}

type headerPlan struct {
	*HeaderEdit
	mta  MTA
	kept []bool // original fields that stay where they are
	nth  []uint32
	done []*edited // new fields that need no more packets
	out  []Change
}

// changeAndDelete changes fields in place and removes those that are gone. CHGHEADER with an empty value deletes, so a field
// that is to become empty is deleted and inserted anew.
func (p *headerPlan) changeAndDelete() {
	for _, f := range p.fields {
		if f.origin < 0 || f.changed && f.Value == "" && p.original[f.origin].Value != "" {
			continue
		}
		p.kept[f.origin] = true
		if f.Value != p.original[f.origin].Value {
			p.change(f.origin, f.Value)
		}
	}
	for i, kept := range slices.Backward(p.kept) {
		if !kept {
			p.change(i, "")
		}
	}
}

// change gives the i-th original field another value; an empty one deletes it.
func (p *headerPlan) change(i int, value string) {
	if p.nth == nil {
		p.nth = numberByName(p.original)
	}
	p.out = append(p.out, Change{Response: RespChgHeader, Index: p.nth[i], Name: p.original[i].Name, Value: value})
}

// numberByName returns for each field which one of its name it is, from 1.
func numberByName(fields []Field) []uint32 {
	seen := make(map[string]uint32, len(fields))
	nth := make([]uint32, len(fields))
	for i, f := range fields {
		name := strings.ToLower(f.Name)
		seen[name]++
		nth[i] = seen[name]
	}
	return nth
}

// replaceMadeUp adds those fields that Sendmail would otherwise make up. Where the message's own fields are not known, it most
// likely has them.
func (p *headerPlan) replaceMadeUp() {
	if p.mta != Sendmail || !p.known {
		return
	}
	for _, name := range sendmailMakes {
		if p.hadOriginally(name) {
			continue
		}
		if f := p.firstNew(name); f != nil {
			p.done = append(p.done, f)
			p.out = append(p.out, Change{Response: RespAddHeader, Name: f.Name, Value: f.Value})
		}
	}
}

func (p *headerPlan) hadOriginally(name string) bool {
	return slices.ContainsFunc(p.original, func(f Field) bool { return strings.EqualFold(f.Name, name) })
}

func (p *headerPlan) firstNew(name string) *edited {
	for i := range p.Len() {
		if f := p.at(i); f.origin < 0 && strings.EqualFold(f.Name, name) {
			return f
		}
	}
	return nil
}

// insert puts new fields among the kept ones, the lowest first so that no insertion moves the place of another.
func (p *headerPlan) insert() {
	stay, all := 0, 0 // kept and original fields above
	var places []Change
	for i := range p.fields {
		switch f := &p.fields[i]; {
		case f.origin == appended || slices.Contains(p.done, f):
		case f.origin >= 0 && p.kept[f.origin]:
			stay, all = stay+1, f.origin+1
		default:
			places = append(places, Change{Response: RespInsHeader, Index: p.position(stay, all), Name: f.Name, Value: f.Value})
		}
	}
	slices.Reverse(places)
	p.out = append(p.out, places...)
	for i := range slices.Backward(p.above) {
		if f := &p.above[i]; !slices.Contains(p.done, f) {
			p.out = append(p.out, Change{Response: RespInsHeader, Name: f.Name, Value: f.Value})
		}
	}
}

// position returns the INSHEADER index below that many fields: kept ones, or original ones where deleted ones still count.
func (p *headerPlan) position(stay, all int) uint32 {
	if p.mta == Sendmail && all > 0 {
		return uint32(sendmailHidden + all)
	}
	return uint32(1 + stay)
}

// add appends the new fields at the end.
func (p *headerPlan) add() {
	taken := p.takenNames()
	for i := range p.fields {
		f := &p.fields[i]
		if f.origin == appended && !slices.Contains(p.done, f) {
			c := Change{Response: RespAddHeader, Name: f.Name, Value: f.Value}
			if p.mta == Sendmail && (!p.known || taken[strings.ToLower(f.Name)]) {
				c.Response, c.Index = RespInsHeader, atTheEnd
			}
			p.out = append(p.out, c)
		}
		if taken != nil {
			taken[strings.ToLower(f.Name)] = true
		}
	}
}

// takenNames returns the names for which ADDHEADER does not append: Sendmail puts an added field above the first one of its
// name, be it deleted, and uses its hidden lines.
func (p *headerPlan) takenNames() map[string]bool {
	if p.mta != Sendmail {
		return nil
	}
	taken := map[string]bool{}
	for _, name := range sendmailLines {
		taken[name] = true
	}
	for _, f := range p.original {
		taken[strings.ToLower(f.Name)] = true
	}
	for _, f := range p.above {
		taken[strings.ToLower(f.Name)] = true
	}
	return taken
}
