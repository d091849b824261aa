package protocol

import "io"

// PacketReader cuts what the other end sends into packets and does not look into them: for tools that want to see everything.
type PacketReader struct{ in *frameReader }

// NewPacketReader returns a reader of packets from a connection. Close gives its buffers back.
func NewPacketReader(src io.Reader) *PacketReader { return &PacketReader{newFrameReader(src)} }

// Next returns the letter and the payload of the next packet. The payload is valid until the next call. An end of the input between
// two packets is io.EOF, within one io.ErrUnexpectedEOF.
func (p *PacketReader) Next() (code byte, payload []byte, err error) {
	for {
		code, payload, ok, err := p.in.frame()
		if ok || err != nil {
			return code, payload, err
		}
		if err := p.in.fill(); err != nil {
			return 0, nil, err
		}
	}
}

// Partial reports whether bytes have come that no call of Next has returned.
func (p *PacketReader) Partial() bool { return p.in.partial() }

// Close gives the buffers back. Nothing can be read after that.
func (p *PacketReader) Close() { p.in.release() }

// AppendPacket appends a packet whose payload consists of some pieces.
func AppendPacket(dst []byte, code byte, payload ...string) []byte {
	dst, start := beginFrame(dst, code)
	for _, piece := range payload {
		dst = append(dst, piece...)
	}
	return endFrame(dst, start)
}

// AppendOffer appends the OPTNEG packet of an offer as it is, whatever is in it.
func AppendOffer(dst []byte, o Offer) []byte {
	dst, start := beginFrame(dst, byte(CmdOptNeg))
	return endFrame(o.appendPayload(dst), start)
}

// DecodeOffer reads the payload of an OPTNEG packet. It does not hold it to anything but its form.
func DecodeOffer(payload []byte) (Offer, error) {
	var o Offer
	rest, err := o.decode(payload)
	if err == nil {
		err = o.Macros.decode(rest)
	}
	return o, err
}
