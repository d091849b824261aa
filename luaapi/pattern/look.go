package pattern

import (
	"math"
	"math/bits"
)

// analyse finds out what makes the program quick. It goes through the ops from the last to the first with the set of bytes that the rest
// can begin with, and the length that the rest has at least.
//
// The end and a malformed rest do not look at the next byte, so any will do for them; $ wants none.
func (p *parser) analyse(pr *program) {
	follow, shortest := anyByte, 0
	follows := make([]int32, len(p.ops))
	for i := len(p.ops) - 1; i >= 0; i-- {
		o := &p.ops[i]
		if o.repeats() {
			follows[i] = p.number(follow)
			p.choose(o, follow, shortest)
		}
		follow = p.begins(o, follow)
		shortest = min(shortest+p.consumes(o), math.MaxInt32)
	}
	pr.shortest = shortest
	begin := p.number(follow)
	tables := p.tables()
	for i := range p.ops {
		p.link(i, tables, follows[i])
	}
	pr.start()
	if pr.prefix == "" && follow != anyByte {
		pr.beginTable, pr.beginBit = &tables[begin/8], 1<<(begin%8)
	}
}

func (o *op) repeats() bool {
	return o.code == opMax || o.code == opMin || o.code == opOptional
}

// choose settles how a repetition runs over its bytes, by what follows it.
func (p *parser) choose(o *op, follow set, shortest int) {
	in := p.sets[o.n]
	switch {
	case in == anyByte && o.code == opMin && follow.size() == 1:
		o.scan, o.c = scanByte, follow.first()
	case in == anyByte:
		o.scan = scanAny
	case in.size() == 255:
		o.scan, o.c = scanNot, in.complement().first()
	}
	o.sole = in.common(follow) == noByte
	if shortest > 0 {
		o.rest = 1
	}
}

// tables puts the sets into tables, the one with number n into bit n%8 of table n/8.
func (p *parser) tables() []table {
	tables := make([]table, (len(p.sets)+7)/8)
	for n, s := range p.sets {
		t, bit := &tables[n/8], uint8(1)<<(n%8)
		for i, word := range s {
			for ; word != 0; word &= word - 1 {
				t[i*64+bits.TrailingZeros64(word)] |= bit
			}
		}
	}
	return tables
}

// link gives op i its sets in place of their numbers, and a text to look for if it is to.
func (p *parser) link(i int, tables []table, follow int32) {
	o := &p.ops[i]
	if !o.repeats() && o.code != opSet && o.code != opFrontier {
		return
	}
	o.inTable, o.inBit = &tables[o.n/8], 1<<(o.n%8)
	o.followTable, o.followBit = &tables[follow/8], 1<<(follow%8)
	if o.scan != scanByte {
		return
	}
	if next := &p.ops[skipMarks(p.ops, i+1)]; next.code == opText {
		o.scan, o.n = scanText, next.n
	}
}

// skipMarks returns the first op from i on that is not just the beginning or the end of a capture.
func skipMarks(ops []op, i int) int {
	for ops[i].code == opOpen || ops[i].code == opClose || ops[i].code == opPosition {
		i++
	}
	return i
}

// start finds out how a match begins: with a text, or with a repetition that search may skip.
func (pr *program) start() {
	i := skipMarks(pr.ops, 0)
	switch o := &pr.ops[i]; o.code {
	case opText:
		pr.prefix = pr.texts[o.n]
	case opByte:
		pr.prefix = string([]byte{o.c})
	case opMax, opMin:
		o.lead = !pr.looksBack()
		pr.lead = o.lead
	}
	if pr.prefix != "" && i == 0 {
		pr.resume = 1
		pr.whole = pr.ops[1].code == opEnd
	}
}

// looksBack tells whether a match depends on what was captured.
func (pr *program) looksBack() bool {
	for i := range pr.ops {
		if pr.ops[i].code == opBack {
			return true
		}
	}
	return false
}

// begins returns the bytes an op and what follows it can begin with.
func (p *parser) begins(o *op, follow set) set {
	switch o.code {
	case opAtEnd:
		return noByte
	case opByte, opBalance:
		return single(o.c)
	case opText:
		return single(p.texts[o.n][0])
	case opSet:
		return p.sets[o.n]
	case opMax:
		if o.least > 0 {
			return p.sets[o.n]
		}
		return p.sets[o.n].union(follow)
	case opMin, opOptional:
		return p.sets[o.n].union(follow)
	case opFrontier:
		return p.sets[o.n].common(follow)
	case opOpen, opClose, opPosition:
		return follow
	default:
		return anyByte
	}
}

// consumes returns how many bytes an op takes at least.
func (p *parser) consumes(o *op) int {
	switch o.code {
	case opByte, opAny, opSet:
		return 1
	case opText:
		return len(p.texts[o.n])
	case opBalance:
		return 2
	case opMax:
		return int(o.least)
	default:
		return 0
	}
}
