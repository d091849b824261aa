package protocol

import (
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// modelMTA is the MTA's end of a connection that makes up a conversation while it is read from. Whenever the filter waits for
// more, it looks whether every reply that is owed was given, and nothing else. A lawful one follows the rules that Postfix and
// Sendmail follow; another one sends commands in any order, without waiting for replies.
type modelMTA struct {
	wire
	t      *testing.T
	rnd    *rand.Rand
	offer  Offer
	lawful bool

	answer   Offer  // what the filter answered
	sent     string // letters of all commands
	owed     string // letters of commands in the last piece that are to be answered
	pieces   int    // that may still be sent
	serial   int
	expected []string // events the filter is to be told, if lawful

	connected, greeted, open, quit bool
	began                          bool // anything but UNKNOWN and ABORT was sent
	rcpts                          int
	stage                          byte // of the message: 'M' 'R' 'T' 'L' 'N' 'B'
	skipped                        bool
}

func (m *modelMTA) Read(p []byte) (int, error) {
	m.collect()
	if m.quit || m.pieces == 0 {
		return 0, io.EOF
	}
	m.pieces--
	var piece []byte
	switch {
	case m.sent == "":
		piece = frame('O', string(m.offer.appendPayload(nil)))
		m.sent, m.owed = "O", "O"
	case m.lawful:
		piece = m.lawfulPiece()
	default:
		piece = m.lawlessPiece()
	}
	if len(piece) > len(p) {
		m.t.Fatalf("a piece of %d bytes does not fit", len(piece))
	}
	return copy(p, piece), nil
}

// collect holds what the filter wrote against what it owes.
func (m *modelMTA) collect() {
	m.t.Helper()
	packets := splitFrames(m.t, m.out.Bytes())
	for _, letter := range []byte(m.owed) {
		for letter == 'E' && len(packets) > 0 && (packets[0].cmd == 'p' || neededActions[Response(packets[0].cmd)] != 0) {
			packets = packets[1:]
		}
		if len(packets) == 0 {
			m.t.Fatalf("%s: no answer to %c", m.sent, letter)
		}
		m.hear(letter, packets[0])
		packets = packets[1:]
	}
	if len(packets) > 0 {
		m.t.Fatalf("%s: %s was not asked for", m.sent, codes(packets))
	}
	m.owed = ""
	m.out.Reset()
}

// hear takes one answer.
func (m *modelMTA) hear(letter byte, p packet) {
	if letter == 'O' {
		rest, err := m.answer.decode(p.payload)
		if p.cmd != CmdOptNeg || err != nil || len(rest) > 0 || checkAnswer(m.offer, m.answer) != nil {
			m.t.Fatalf("OPTNEG is answered with %v %q", p.cmd, p.payload)
		}
		return
	}
	r, err := decodeReply(Response(p.cmd), p.payload)
	if err != nil {
		m.t.Fatalf("%s: answer to %c: %v", m.sent, letter, err)
	}
	if !m.lawful {
		return
	}
	refused := r.Verdict == Reject || r.Verdict == Tempfail
	switch {
	case letter == 'E':
		m.open = false
	case r.Verdict == Skip:
		m.skipped = true
		if letter != 'B' || m.answer.Steps&CanSkip == 0 {
			m.t.Fatalf("%s: skip is the answer to %c", m.sent, letter)
		}
	case !r.Verdict.Final(), letter == 'U', letter == 'R' && refused:
	case letter == 'C' || letter == 'H':
		m.quit = true // as Postfix closes the connection, without QUIT
	default:
		m.open = false
	}
}

// stageOf returns the stage that a command begins.
func stageOf(letter byte) Stage {
	for s := range Stage(NumStages) {
		if byte(s.Command()) == letter {
			return s
		}
	}
	return StageClose
}

// add appends a command to a piece, unless the filter does not want it.
func (m *modelMTA) add(piece []byte, letter byte) []byte {
	if strings.IndexByte("CHMRTLNBEU", letter) >= 0 && m.rnd.IntN(2) == 0 {
		piece = append(piece, frame('D', string(letter)+fmt.Sprintf("i\x00%d\x00", m.serial))...)
	}
	s := stageOf(letter)
	if m.lawful && m.answer.Steps&s.NoStep() != 0 {
		return piece
	}
	m.serial++
	n := fmt.Sprint(m.serial)
	var event string
	payload := payloads[letter]
	switch letter {
	case 'C':
		payload, event = n+"\x00U", fmt.Sprintf("connect %q unknown 0 \"\"", n)
	case 'H', 'U':
		payload, event = n+"\x00", fmt.Sprintf("%v %q", s, n)
	case 'M', 'R':
		payload, event = n+"\x00X="+n+"\x00", fmt.Sprintf("%v %q %q", s, n, "X="+n)
	case 'L':
		payload, event = n+"\x00"+n+"\x00", fmt.Sprintf("header %q %q", n, n)
	case 'B':
		payload, event = n, fmt.Sprintf("body %q", n)
	case 'Q':
		event = "quit"
	case 'K':
		event = "quit_nc"
	case 'T', 'N', 'E', 'A':
		event = s.String()
	}
	m.sent += string(letter)
	if letter == 'E' || s.NoStep() != 0 && m.answer.Steps&s.NRStep() == 0 {
		m.owed += string(letter)
	}
	if event != "quit_nc" || m.began {
		m.expected = append(m.expected, event)
	}
	m.began = letter != 'K' && (m.began || letter != 'U' && letter != 'A')
	return append(piece, frame(letter, payload)...)
}

// lawlessPiece returns some commands in any order.
func (m *modelMTA) lawlessPiece() (piece []byte) {
	for range 1 + m.rnd.IntN(6) {
		letter := "CHMMMRRRTLLNBBEEUUAAK"[m.rnd.IntN(21)]
		if m.rnd.IntN(60) == 0 {
			letter = 'Q'
		}
		if piece = m.add(piece, letter); letter == 'Q' {
			m.quit = true
			break
		}
	}
	return piece
}

// lawfulPiece returns commands up to the first that is to be answered.
func (m *modelMTA) lawfulPiece() (piece []byte) {
	for tries := 0; m.owed == "" && !m.quit && tries < 20; tries++ {
		if m.rnd.IntN(12) == 0 {
			piece = m.add(piece, 'U')
			continue
		}
		if !m.open {
			piece = m.between(piece)
			continue
		}
		piece = m.within(piece)
	}
	return piece
}

// between is what comes outside a message.
func (m *modelMTA) between(piece []byte) []byte {
	switch n := m.rnd.IntN(10); {
	case !m.connected:
		m.connected = true
		return m.add(piece, 'C')
	case !m.greeted || n == 0:
		m.greeted = true
		return m.add(piece, 'H')
	case n == 1:
		return m.unexpected(piece, 'A') // as Postfix does
	case n == 2 && m.pieces < 20:
		m.quit = true
		return m.add(piece, 'Q')
	case n == 3 && m.rnd.IntN(4) == 0:
		m.connected, m.greeted = false, false
		return m.add(piece, 'K')
	}
	m.open, m.rcpts, m.stage, m.skipped = true, 0, 'M', false
	return m.add(piece, 'M')
}

// unexpected adds a command that the filter is not told of.
func (m *modelMTA) unexpected(piece []byte, letter byte) []byte {
	piece = m.add(piece, letter)
	m.expected = m.expected[:len(m.expected)-1]
	return piece
}

// within is what comes in a message.
func (m *modelMTA) within(piece []byte) []byte {
	if m.rnd.IntN(15) == 0 {
		return m.giveUp(piece)
	}
	next := map[byte]string{'M': "RRRU", 'R': "RTTT", 'T': "LLLNN", 'L': "LLLNN", 'N': "BBE", 'B': "BBE"}[m.stage]
	letter := next[m.rnd.IntN(len(next))]
	if letter == 'U' {
		return m.add(piece, 'U')
	}
	if letter == 'B' && m.skipped {
		letter = 'E'
	}
	if m.stage = letter; letter == 'T' && m.answer.Version < 4 {
		return piece
	}
	return m.add(piece, letter)
}

// giveUp ends a message by any of the ways there are.
func (m *modelMTA) giveUp(piece []byte) []byte {
	m.open = false
	m.expected = append(m.expected, "abort")
	switch m.rnd.IntN(5) {
	case 0: // MAIL again; HELO in the middle
		m.open, m.stage, m.skipped = true, 'M', false
		return m.add(piece, 'M')
	case 1:
		if m.answer.Steps&NoHelo == 0 {
			return m.add(piece, 'H')
		}
	case 2:
		m.quit = true
		return m.add(piece, 'Q')
	}
	return m.unexpected(piece, 'A')
}

// TestModel lets MTAs and filters talk at random.
func TestModel(t *testing.T) {
	runs := 2000
	if testing.Short() {
		runs = 400
	}
	for seed := range runs {
		rnd := rand.New(rand.NewPCG(uint64(seed), 1))
		m := &modelMTA{t: t, rnd: rnd, offer: randomOffer(rnd), lawful: seed%2 == 0, pieces: 5 + rnd.IntN(60)}
		want := randomWant(rnd)
		if m.lawful {
			want.Events = want.Events.With(StageMail) // where it is not sent, the end of a message that is given up is a guess
		}
		c := NewServerConn(m)
		if err := negotiate(c, want); err != nil {
			t.Fatal(err)
		}
		log := randomFilter(t, rnd, c)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		m.collect()
		checkOrder(t, c.agreed.Steps, log)
		if m.lawful {
			m.checkExpected(want, log)
		}
		if t.Failed() {
			t.Fatalf("seed %d: %v", seed, m.sent)
		}
	}
}

// checkExpected: the filter was told all it wanted to know, and nothing else.
func (m *modelMTA) checkExpected(want Want, log []string) {
	var wanted []string
	for _, event := range m.expected {
		name, _, _ := strings.Cut(event, " ")
		s, known := StageNamed(name)
		if !known || want.Events.Has(s) || s == StageEOM || s == StageAbort {
			wanted = append(wanted, event)
		}
	}
	log = slices.DeleteFunc(log, func(event string) bool { return event == verdictGiven })
	if got, want := strings.Join(log, "\n"), strings.Join(wanted, "\n"); got != want {
		m.t.Errorf("the filter was told something else: %s", firstDifference(want, got))
	}
}
