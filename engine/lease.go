package engine

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
	"luamilter/protocol"
)

// lease is a session's hold on a VM, and its scripts' data tables with or without one. A session takes a VM when an event needs
// one and keeps it while events keep coming; when the connection goes quiet, the tables are copied out and the VM goes back.
// Tables never move between VMs alive.
type lease struct {
	pool   *pool
	vm     *vm             // nil: none
	layers []luaapi.Layers // by script, in vm
	parked []*luaapi.Plain // by script, while there is no vm; nil for empty ones
	stuck  bool            // the data cannot leave the VM
}

func newLease(p *pool, scripts int) lease {
	return lease{pool: p, layers: make([]luaapi.Layers, scripts), parked: make([]*luaapi.Plain, scripts)}
}

// take makes sure that there is a VM with the data in it.
func (l *lease) take() (*vm, error) {
	if l.vm != nil {
		return l.vm, nil
	}
	v, err := l.pool.take()
	if err != nil {
		return nil, err
	}
	l.vm = v
	for i, p := range l.parked {
		l.layers[i] = luaapi.Layers{}
		if p == nil {
			continue
		}
		tables := v.env.Paste(p)
		if tables[0] != nil {
			l.layers[i].Connection = v.env.Layer(tables[0])
		}
		if tables[1] != nil {
			l.layers[i].Message = v.env.Layer(tables[1])
		}
		l.parked[i] = nil
	}
	return v, nil
}

// table returns the data table of a script that a hook is given. There must be a VM.
func (l *lease) table(script int, inMessage bool) *lua.LTable {
	layers := &l.layers[script]
	if layers.Connection == nil {
		layers.Connection = l.vm.env.NewLayer()
	}
	if !inMessage {
		return layers.Connection
	}
	if layers.Message == nil {
		layers.Message = l.vm.env.NewLayer()
	}
	return layers.Message
}

// endMessage forgets the message's data.
func (l *lease) endMessage() {
	for i := range l.layers {
		l.layers[i].Message = nil
		if p := l.parked[i]; p != nil {
			l.parked[i] = p.Without(1)
		}
	}
}

// endConnection forgets everything.
func (l *lease) endConnection() {
	clear(l.layers)
	clear(l.parked)
	l.stuck = false
}

// park copies the data out and gives the VM back. A script whose data cannot leave keeps the VM.
func (l *lease) park() {
	if l.vm == nil || l.stuck {
		return
	}
	for i := range l.layers {
		p, err := l.copyOut(i)
		if err != nil {
			l.stuck = errors.Is(err, luaapi.ErrNotPlain)
			clear(l.parked)
			return
		}
		l.parked[i] = p
	}
	l.giveBack()
}

// drop lets the VM go after an error and keeps what data can be copied. It returns the scripts whose data was lost.
func (l *lease) drop() (lost []int) {
	if l.vm == nil {
		return nil
	}
	for i := range l.layers {
		p, err := l.copyOut(i)
		if err != nil {
			lost = append(lost, i)
		}
		l.parked[i] = p
	}
	clear(l.layers)
	l.vm.close()
	l.vm, l.stuck = nil, false
	return lost
}

// release gives the VM back at the end of the session.
func (l *lease) release() {
	if l.vm != nil {
		l.giveBack()
	}
}

func (l *lease) giveBack() {
	clear(l.layers)
	l.vm.budget.Tick = nil
	l.pool.put(l.vm)
	l.vm = nil
}

// copyOut copies a script's data, nil if there is none.
func (l *lease) copyOut(script int) (*luaapi.Plain, error) {
	layers := l.layers[script]
	if empty(layers.Connection) && empty(layers.Message) {
		return nil, nil
	}
	return l.vm.env.Copy(layers.Connection, layers.Message)
}

func empty(t *lua.LTable) bool {
	if t == nil {
		return true
	}
	k, _ := t.Next(lua.LNil)
	return k == lua.LNil
}

// hook returns a script's hook, nil if it has none; there must be a VM.
func (l *lease) hook(script int, s protocol.Stage) *lua.LFunction {
	return l.vm.scripts[script].hooks[s]
}
