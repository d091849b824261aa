package pattern

type opcode uint8

// What a program consists of. Nothing in a Lua pattern repeats but a single character, and there are no alternatives: so a program
// is run from the first op to the last, each op once, and only opMax, opMin and opOptional leave a choice behind.
const (
	opEnd      opcode = iota
	opAtEnd           // $ at the end of the pattern
	opRaise           // the malformed rest of a pattern: message
	opOpen            // ( of capture k
	opClose           // ) of capture k
	opPosition        // () as capture k
	opByte            // the byte c
	opText            // two bytes and more: texts[n]
	opAny             // .
	opSet
	opMax      // the most of a set, least at least: * and +
	opMin      // the fewest of a set: -
	opOptional // ?
	opFrontier // %f
	opBalance  // %b, from c to k
	opBack     // %1: capture k
)

// table holds eight sets, one in each bit.
type table [256]uint8

// scan is the way to run over the bytes of a set.
type scan uint8

const (
	scanTable scan = iota
	scanAny        // to the end
	scanNot        // to the byte c
	scanByte       // opMin only: to the byte c, whatever lies between
	scanText       // opMin only: to texts[n], whatever lies between
)

type op struct {
	code opcode
	c    byte
	k    uint8
	scan scan
	// least is how many of its set an opMax needs; rest is 1 if what follows an opMin cannot match an empty text.
	least, rest uint8
	// lead marks the repetition that a program begins with, if skipping its bytes is sound: see search.
	lead bool
	// sole marks an opMax that can have only one end: what follows never begins with a byte of the set.
	sole bool
	// inBit of inTable is the op's set; followBit of followTable are the bytes that what follows can begin with.
	inBit, followBit uint8
	// n is the number of a text; while compiling, that of the op's set.
	n int32

	inTable, followTable *table
}

// in tells whether c is in the op's set.
func (o *op) in(c byte) bool {
	return o.inTable[c]&o.inBit != 0
}

// follows tells whether what follows the op can begin with c.
func (o *op) follows(c byte) bool {
	return o.followTable[c]&o.followBit != 0
}

// program is a compiled pattern, or for gmatch one whose ^ is ordinary.
type program struct {
	ops   []op
	texts []string
	// captures is how many there are at the end; open and position have a bit for each that was not closed or is a ().
	captures       int
	open, position uint32
	// shortest is the length of the shortest match.
	shortest int
	// prefix begins every match, if not empty; resume is the op behind it, or the first where captures open before it: then the
	// prefix is held against the subject again.
	prefix string
	resume int
	// begin are the bytes a match can begin with, where that is worth a look: without a prefix and not all.
	beginBit   uint8
	beginTable *table
	// whole says that prefix is all of the pattern.
	whole bool
	// lead is true if an op is marked so.
	lead bool
}
