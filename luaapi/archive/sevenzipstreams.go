package archive

// sevenZipMostCoders is how many coders, inputs or outputs a folder has at most: 7-zip has the same limit.
const sevenZipMostCoders = 32

// streams reads where contents are.
func (c *sevenZipCursor) streams() (sevenZipStreams, error) {
	s := sevenZipStreams{}
	var offset int64
	var packed []int64
	id := c.byte()
	if id == sevenZipPack {
		offset, packed = c.pack()
		id = c.byte()
	}
	if id == sevenZipUnpack {
		if err := c.unpack(&s); err != nil {
			return s, err
		}
		id = c.byte()
	}
	s.locate(offset, packed)
	if id == sevenZipSub {
		if c.sub(&s) != sevenZipEnd {
			return s, errSevenZip
		}
		id = c.byte()
	} else {
		for _, f := range s.folders {
			s.sizes = append(s.sizes, f.size)
		}
	}
	if id != sevenZipEnd || c.short {
		return s, errSevenZip
	}
	return s, nil
}

// pack reads the sizes of packed streams.
func (c *sevenZipCursor) pack() (offset int64, sizes []int64) {
	offset = sizeOf(c.number())
	sizes = make([]int64, c.count())
	for id := c.byte(); id != sevenZipEnd && !c.short; id = c.byte() {
		switch id {
		case sevenZipSizes:
			for i := range sizes {
				sizes[i] = sizeOf(c.number())
			}
		case sevenZipSums:
			c.sums(len(sizes))
		default:
			c.short = true
		}
	}
	return offset, sizes
}

// unpack reads how folders are packed.
func (c *sevenZipCursor) unpack(s *sevenZipStreams) error {
	if c.byte() != sevenZipFolders {
		return errSevenZip
	}
	folders := c.count()
	if folders > c.most {
		return flawf("has %d folders", folders)
	}
	s.folders = make([]sevenZipFolder, folders)
	if c.byte() != 0 { // they are elsewhere, which no program does
		return errSevenZip
	}
	for i := range s.folders {
		if s.folders[i] = c.folder(); c.short {
			return errSevenZip
		}
	}
	if c.byte() != sevenZipUnpackSizes {
		return errSevenZip
	}
	for i := range s.folders {
		for output := range s.folders[i].outputs {
			if size := sizeOf(c.number()); output == s.folders[i].main {
				s.folders[i].size = size
			}
		}
	}
	id := c.byte()
	if id == sevenZipSums {
		for i, summed := range c.sums(len(s.folders)) {
			s.folders[i].summed = summed
		}
		id = c.byte()
	}
	if id != sevenZipEnd || c.short {
		return errSevenZip
	}
	return nil
}

// folder reads how a folder is packed.
func (c *sevenZipCursor) folder() sevenZipFolder {
	const idSize, complex, properties = 0x0f, 0x10, 0x20
	f := sevenZipFolder{streams: 1}
	inputs := uint64(0)
	outputs := uint64(0)
	coders := c.count()
	for range min(coders, sevenZipMostCoders+1) {
		flags := c.byte()
		coder := sevenZipCoder{method: string(c.take(uint64(flags & idSize)))}
		in, out := uint64(1), uint64(1)
		if flags&complex != 0 {
			in, out = c.number(), c.number()
		}
		if flags&properties != 0 {
			coder.properties = c.take(c.number())
		}
		f.coders = append(f.coders, coder)
		inputs, outputs = inputs+min(in, sevenZipMostCoders+1), outputs+min(out, sevenZipMostCoders+1)
	}
	if coders > sevenZipMostCoders || inputs > sevenZipMostCoders || outputs > sevenZipMostCoders || outputs == 0 || inputs < outputs-1 {
		c.short = true
		return f
	}
	f.outputs = int(outputs)
	var bound [sevenZipMostCoders]bool
	for range outputs - 1 {
		c.number()
		if out := c.number(); out < outputs {
			bound[out] = true
		}
	}
	for f.main < f.outputs-1 && bound[f.main] {
		f.main++
	}
	f.inputs = int(inputs - (outputs - 1))
	if f.inputs > 1 {
		for range f.inputs {
			c.number()
		}
	}
	return f
}

// locate finds where the packed data of folders begins.
func (s *sevenZipStreams) locate(offset int64, packed []int64) {
	next := 0
	for i := range s.folders {
		f := &s.folders[i]
		f.offset = offset
		for range f.inputs {
			if next >= len(packed) || packed[next] < 0 || offset < 0 || packed[next] > 1<<62-offset {
				offset, f.offset = -1, -1
				break
			}
			f.packed += packed[next]
			offset += packed[next]
			next++
		}
	}
}

// sub reads how folders are divided, and returns what comes then.
func (c *sevenZipCursor) sub(s *sevenZipStreams) byte {
	id := c.byte()
	if id == sevenZipUnpackStreams {
		for i := range s.folders {
			s.folders[i].streams = c.divided()
		}
		id = c.byte()
	}
	given := id == sevenZipSizes
	sums := 0
	for _, f := range s.folders {
		if c.short || f.streams > 1 && !given {
			c.short = true
			return id
		}
		if f.streams != 1 || !f.summed {
			sums += f.streams
		}
		left := f.size
		for n := range f.streams {
			size := left
			if n < f.streams-1 {
				size = sizeOf(c.number())
			}
			if size < 0 || size > left {
				c.short = true
				return id
			}
			left -= size
			s.sizes = append(s.sizes, size)
		}
	}
	if given {
		id = c.byte()
	}
	if id == sevenZipSums {
		c.sums(sums)
		id = c.byte()
	}
	return id
}

// divided reads into how many contents a folder is divided, each but the last of which has a size of at least a byte.
func (c *sevenZipCursor) divided() int {
	n := c.number()
	if n > uint64(len(c.b))+1 {
		c.b, c.short = nil, true
		return 0
	}
	return int(n)
}
