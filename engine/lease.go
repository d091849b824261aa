package engine

import (
	"errors"

	lua "github.com/yuin/gopher-lua"

	"luamilter/luaapi"
)

// lease is a session's hold on a VM of one script, and the script's data tables with or without one. A session takes a VM when an
// event needs one and keeps it while events keep coming; when the connection goes quiet, the tables are copied out and the VM
// goes back. Tables never move between VMs alive.
type lease struct {
	pool   *pool
	vm     *vm           // nil: none
	layers luaapi.Layers // in vm
	parked *luaapi.Plain // while there is no vm; nil for empty tables
	stuck  bool          // the data cannot leave the VM
}

// take makes sure that there is a VM with the data in it.
func (l *lease) take(stop <-chan struct{}) (*vm, error) {
	if l.vm != nil {
		return l.vm, nil
	}
	v, err := l.pool.take(stop)
	if err != nil {
		return nil, err
	}
	l.vm, l.layers = v, luaapi.Layers{}
	if l.parked != nil {
		tables := v.env.Paste(l.parked)
		l.layers.Connection, l.layers.Message = v.env.Layer(tables[0]), v.env.Layer(tables[1])
		l.parked = nil
	}
	return v, nil
}

// table returns the data table that a hook is given. There must be a VM.
func (l *lease) table(inMessage bool) *lua.LTable {
	if l.layers.Connection == nil {
		l.layers.Connection = l.vm.env.NewLayer()
	}
	if !inMessage {
		return l.layers.Connection
	}
	if l.layers.Message == nil {
		l.layers.Message = l.vm.env.NewLayer()
	}
	return l.layers.Message
}

// endMessage forgets the message's data.
func (l *lease) endMessage() {
	l.layers.Message = nil
	if l.parked != nil {
		l.parked = l.parked.Without(1)
	}
}

// endConnection forgets everything.
func (l *lease) endConnection() {
	l.layers, l.parked, l.stuck = luaapi.Layers{}, nil, false
}

// parks reports whether there is a VM to give back when the connection goes quiet.
func (l *lease) parks() bool { return l.vm != nil && !l.stuck }

// park copies the data out and gives the VM back. Data that cannot leave keeps the VM.
func (l *lease) park() {
	if !l.parks() {
		return
	}
	p, err := l.copyOut()
	if err != nil {
		l.stuck = errors.Is(err, luaapi.ErrNotPlain)
		return
	}
	l.parked = p
	l.giveBack()
}

// drop lets the VM go after an error, and keeps the data. It reports whether that could be copied.
func (l *lease) drop() (kept bool) {
	if l.vm == nil {
		return true
	}
	p, err := l.copyOut()
	l.parked = p
	l.pool.drop(l.vm)
	l.vm, l.layers, l.stuck = nil, luaapi.Layers{}, false
	return err == nil
}

// release gives the VM back at the end of the session.
func (l *lease) release() {
	if l.vm != nil {
		l.giveBack()
	}
}

func (l *lease) giveBack() {
	l.layers = luaapi.Layers{}
	l.pool.put(l.vm)
	l.vm = nil
}

// copyOut copies the data, nil if there is none.
func (l *lease) copyOut() (*luaapi.Plain, error) {
	if empty(l.layers.Connection) && empty(l.layers.Message) {
		return nil, nil
	}
	return l.vm.env.Copy(l.layers.Connection, l.layers.Message)
}

func empty(t *lua.LTable) bool {
	if t == nil {
		return true
	}
	k, _ := t.Next(lua.LNil)
	return k == lua.LNil
}
