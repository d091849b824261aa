package pattern

import (
	"strings"
	"sync"
)

// Pattern is a compiled pattern. It never changes, and any number of matchers may use it at the same time. Its size is some 16 times
// that of its text at worst.
type Pattern struct {
	source   string
	plain    bool
	anchored bool
	program  *program
	// global is the program for gmatch, to which a ^ at the beginning is a character like others. It is made when asked for.
	global *program
	once   sync.Once
}

// Compile compiles a pattern. It takes any text: what is malformed in it is an error of the match that gets to it. The time it takes is
// linear, about that of a step for each byte.
func Compile(source string) *Pattern {
	p := &Pattern{source: source, plain: !strings.ContainsAny(source, "^$*+?.([%-")}
	p.anchored = strings.HasPrefix(source, "^")
	if p.anchored {
		source = source[1:]
	}
	p.program = compile(source)
	return p
}

// Source returns the text of the pattern.
func (p *Pattern) Source() string {
	return p.source
}

// Anchored tells whether the pattern begins with ^.
func (p *Pattern) Anchored() bool {
	return p.anchored
}

// Captures returns how many captures the pattern has.
func (p *Pattern) Captures() int {
	return p.program.captures
}

func (p *Pattern) forGmatch() *program {
	if !p.anchored {
		return p.program
	}
	p.once.Do(func() { p.global = compile(p.source) })
	return p.global
}

func compile(source string) *program {
	p := parser{src: source}
	p.parse()
	pr := &program{ops: p.ops, texts: p.texts, captures: p.captures, open: p.open, position: p.position}
	p.analyse(pr)
	return pr
}

// Malformed returns what is wrong with a pattern, nil if nothing is. A match that ends before it gets there does not notice.
func (p *Pattern) Malformed() error {
	for _, o := range p.program.ops {
		if o.code == opRaise {
			return Error(p.program.texts[o.n])
		}
	}
	if p.program.open != 0 {
		return ErrUnfinished
	}
	return nil
}
