package pattern

// MaxCaptures is how many captures a pattern can have.
const MaxCaptures = 32

// parser makes ops of a pattern.
type parser struct {
	src     string
	i       int
	ops     []op
	texts   []string
	pending []byte        // bytes that become one opText
	sets    []set         // by number, each once
	numbers map[set]int32 // of those behind the first few
	// captures begun so far; those of them that are not closed yet, or are positions.
	captures       int
	open, position uint32
	failure        Error // of the rest of the pattern
}

// parse reads the pattern up to its end, or to where it is malformed: PUC finds that out when a match gets there, so it becomes an op.
func (p *parser) parse() {
	for p.i < len(p.src) && p.failure == "" {
		p.item()
	}
	p.flush()
	if p.failure != "" {
		p.ops = append(p.ops, op{code: opRaise, n: int32(len(p.texts))})
		p.texts = append(p.texts, string(p.failure))
		return
	}
	p.ops = append(p.ops, op{code: opEnd})
}

// item reads one part of a pattern: most are one character, maybe repeated.
func (p *parser) item() {
	switch rest := p.src[p.i:]; {
	case rest[0] == '(':
		p.openCapture()
	case rest[0] == ')':
		p.closeCapture()
	case rest == "$":
		p.emit(op{code: opAtEnd})
		p.i++
	case rest[0] == '%' && len(rest) > 1 && rest[1] == 'b':
		p.balance()
	case rest[0] == '%' && len(rest) > 1 && rest[1] == 'f':
		p.frontier()
	case rest[0] == '%' && len(rest) > 1 && '0' <= rest[1] && rest[1] <= '9':
		p.back(int(rest[1]) - '1')
	default:
		p.character()
	}
}

func (p *parser) openCapture() {
	if p.captures == MaxCaptures {
		p.failure = ErrCaptures
		return
	}
	k := uint8(p.captures)
	p.captures++
	p.i++
	if p.i < len(p.src) && p.src[p.i] == ')' {
		p.i++
		p.position |= 1 << k
		p.emit(op{code: opPosition, k: k})
		return
	}
	p.open |= 1 << k
	p.emit(op{code: opOpen, k: k})
}

func (p *parser) closeCapture() {
	for k := p.captures - 1; k >= 0; k-- {
		if p.open>>k&1 != 0 {
			p.open &^= 1 << k
			p.i++
			p.emit(op{code: opClose, k: uint8(k)})
			return
		}
	}
	p.failure = ErrClose
}

func (p *parser) balance() {
	if p.i+3 >= len(p.src) {
		p.failure = ErrBalance
		return
	}
	p.emit(op{code: opBalance, c: p.src[p.i+2], k: p.src[p.i+3]})
	p.i += 4
}

func (p *parser) frontier() {
	start := p.i + 2
	if start >= len(p.src) || p.src[start] != '[' {
		p.failure = ErrFrontier
		return
	}
	end, ok := setEnd(p.src, start)
	if !ok {
		p.failure = ErrSet
		return
	}
	p.emit(op{code: opFrontier, n: p.number(parseSet(p.src[start:end]))})
	p.i = end
}

// back is a back reference. A position never equals anything.
func (p *parser) back(k int) {
	if k < 0 || k >= p.captures || p.open>>k&1 != 0 {
		p.failure = ErrIndex
		return
	}
	p.emit(op{code: opBack, k: uint8(k)})
	p.i += 2
}

// character reads a single character, class or set with what says how often.
func (p *parser) character() {
	s, ok := p.single()
	if !ok {
		return
	}
	var how byte
	if p.i < len(p.src) {
		how = p.src[p.i]
	}
	switch how {
	case '*':
		p.emit(op{code: opMax, n: p.number(s)})
	case '+':
		p.emit(op{code: opMax, least: 1, n: p.number(s)})
	case '-':
		p.emit(op{code: opMin, n: p.number(s)})
	case '?':
		p.emit(op{code: opOptional, n: p.number(s)})
	default:
		p.once(s)
		return
	}
	p.i++
}

// single reads what one byte of a subject is held against.
func (p *parser) single() (s set, ok bool) {
	switch c := p.src[p.i]; c {
	case '.':
		s = anyByte
	case '%':
		p.i++
		if p.i == len(p.src) {
			p.failure = ErrEscape
			return s, false
		}
		s = class(p.src[p.i])
	case '[':
		end, ok := setEnd(p.src, p.i)
		if !ok {
			p.failure = ErrSet
			return s, false
		}
		s = parseSet(p.src[p.i:end])
		p.i = end - 1
	default:
		s = single(c)
	}
	p.i++
	return s, true
}

// once is a set that stands for one byte.
func (p *parser) once(s set) {
	switch s.size() {
	case 1:
		p.pending = append(p.pending, s.first())
	case 256:
		p.emit(op{code: opAny})
	default:
		p.emit(op{code: opSet, n: p.number(s)})
	}
}

func (p *parser) emit(o op) {
	p.flush()
	p.ops = append(p.ops, o)
}

// flush makes an op of the bytes that are to match as they are.
func (p *parser) flush() {
	switch len(p.pending) {
	case 0:
		return
	case 1:
		p.ops = append(p.ops, op{code: opByte, c: p.pending[0]})
	default:
		p.ops = append(p.ops, op{code: opText, n: int32(len(p.texts))})
		p.texts = append(p.texts, string(p.pending))
	}
	p.pending = p.pending[:0]
}

// few is up to how many sets are looked for one by one.
const few = 16

// number returns the number of a set.
func (p *parser) number(s set) int32 {
	for n := range p.sets[:min(few, len(p.sets))] {
		if p.sets[n] == s {
			return int32(n)
		}
	}
	if n, ok := p.numbers[s]; ok {
		return n
	}
	n := int32(len(p.sets))
	p.sets = append(p.sets, s)
	if n >= few {
		if p.numbers == nil {
			p.numbers = make(map[set]int32)
		}
		p.numbers[s] = n
	}
	return n
}
