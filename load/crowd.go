package load

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// pace is the time between two connections of a crowd, so that their messages do not meet.
const pace = time.Millisecond

// Crowd is many open connections that have had a message each.
type Crowd struct {
	Players []*Player
	Tally   // only what was wrong
}

// Hold opens that many connections, one after the other, and plays a message over each. They are good for the time given after
// that. The crowd is whole only if there is no error, but always has to quit.
func (g *Generator) Hold(ctx context.Context, connections int, patience time.Duration) (*Crowd, error) {
	deadline := time.Now().Add(time.Duration(connections)*2*pace + patience)
	c := &Crowd{}
	for i := range connections {
		p, err := g.one(i, deadline)
		if p != nil {
			c.Players = append(c.Players, p)
			if wrong := p.Wrong(); wrong != "" {
				c.Tally.Wrong++
				c.blame(wrong)
			}
		}
		if err = errors.Join(err, ctx.Err()); err != nil {
			return c, fmt.Errorf("connection %d: %w", i+1, err)
		}
		time.Sleep(pace)
	}
	return c, nil
}

// QuitAll ends connections.
func QuitAll(players []*Player) error {
	var err error
	for _, p := range players {
		err = errors.Join(err, p.Quit())
	}
	return err
}

// one opens a connection and plays one message over it.
func (g *Generator) one(number int, deadline time.Time) (*Player, error) {
	conn, err := Dial(g.Network, g.Address, deadline)
	if err != nil {
		return nil, err
	}
	p, err := NewPlayer(conn, g.Bag, number)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return p, p.Play(number)
}
