package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"time"

	wire "github.com/miekg/dns"
)

// What is where in a message of DNS (RFC 1035 section 4.1.1).
const (
	headerSize = 12
	flagsAt    = 2
	answersAt  = 6
	firstLabel = headerSize + 1
)

// addressRecord is an answer about the name of the question: A, class IN, an hour, 192.0.2.1.
var addressRecord = []byte{0xc0, headerSize, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4, 192, 0, 2, 1} // read only

// startAuthority starts a name server in this process that knows an address of every name. It does as little as it can, since it shares the machine
// with those that it is asked by.
func (b *bench) startAuthority() (address string, err error) {
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return "", err
	}
	done := make(chan struct{})
	b.later(func() error {
		err := conn.Close()
		<-done
		return err
	})
	go func() {
		defer close(done)
		message := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFromUDPAddrPort(message)
			if err != nil { // it was closed
				return
			}
			if reply := answer(message[:n]); reply != nil {
				_, _ = conn.WriteToUDPAddrPort(reply, from) // who gets no answer says so
			}
		}
	}()
	return conn.LocalAddr().String(), nil
}

// answer makes the reply of a message in its place; nil if it is no question.
func answer(message []byte) []byte {
	end := headerSize
	for end < len(message) && message[end] != 0 {
		end += int(message[end]) + 1
	}
	end += 5 // the root, type and class
	if end > len(message) {
		return nil
	}
	binary.BigEndian.PutUint16(message[flagsAt:], 0x8580) // an answer with authority; what recurses asks for no more
	clear(message[answersAt:headerSize])
	if binary.BigEndian.Uint16(message[end-4:]) != wire.TypeA {
		return message[:end]
	}
	message[answersAt+1] = 1
	return append(message[:end], addressRecord...)
}

// udpClient asks a name server for addresses of the zone's names.
type udpClient struct {
	conn     net.Conn
	question []byte
	reply    []byte
	id       uint16
}

// dialUDP makes a client that works until the deadline.
func dialUDP(address string, deadline time.Time) (*udpClient, error) {
	conn, err := net.Dial("udp4", address)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	question, err := new(wire.Msg).SetQuestion(zoneName(0)+".", wire.TypeA).Pack()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &udpClient{conn: conn, question: question, reply: make([]byte, 2048)}, nil
}

func (c *udpClient) close() { _ = c.conn.Close() }

// ask asks for the n-th name and waits for its address.
func (c *udpClient) ask(n int64) error {
	c.id++
	binary.BigEndian.PutUint16(c.question, c.id)
	copy(c.question[firstLabel:], zoneName(n)[:digits+1])
	if _, err := c.conn.Write(c.question); err != nil {
		return err
	}
	for {
		size, err := c.conn.Read(c.reply)
		if err != nil {
			return err
		}
		if size < headerSize || binary.BigEndian.Uint16(c.reply) != c.id {
			continue // of a question before
		}
		if records := binary.BigEndian.Uint16(c.reply[answersAt:]); records != 1 {
			return fmt.Errorf("%s has %d records", zoneName(n), records)
		}
		return nil
	}
}
