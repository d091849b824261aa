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

// take makes sure that there is a VM with the data in it. Before it waits for one it calls wait, which may be nil.
func (l *lease) take(stop <-chan struct{}, wait func()) (*vm, error) {
	if l.vm != nil {
		return l.vm, nil
	}
	v, err := l.pool.take(stop, wait)
	if err != nil {
		return nil, err
	}
	l.vm, l.layers = v, luaapi.Layers{}
	if l.parked != nil {
		tables := v.env.Paste(l.parked)
		l.layers.Connection, l.layers.Message = v.env.Layer(tables[0]), v.env.Layer(tables[1])
		l.keep(nil)
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
		if p := l.parked.Without(1); p == nil {
			l.keep(nil)
		} else {
			l.parked = p
		}
	}
}

// endConnection forgets everything.
func (l *lease) endConnection() {
	l.keep(nil)
	l.layers = luaapi.Layers{}
	l.stick(false)
}

// parks reports whether there is a VM to give back when the connection goes quiet.
func (l *lease) parks() bool { return l.vm != nil && !l.stuck }

// park copies the data out and gives the VM back. Data that cannot leave keeps the VM; data that is too much is lost, which is an
// error.
func (l *lease) park() error {
	if !l.parks() {
		return nil
	}
	p, err := l.copyOut()
	if errors.Is(err, luaapi.ErrNotPlain) {
		l.stick(true)
		return nil
	}
	err = errors.Join(err, l.keep(p))
	l.giveBack()
	return err
}

// keep keeps a copy of the data in the place of the one before, if there is room for it.
func (l *lease) keep(p *luaapi.Plain) error {
	if l.parked != nil {
		l.pool.memory.release(l.parked.Size())
		l.parked = nil
	}
	if p == nil {
		return nil
	}
	if !l.pool.memory.reserve(p.Size()) {
		return errors.New("there is no memory left for what conn holds")
	}
	l.parked = p
	return nil
}

// drop lets the VM go after an error, and keeps the data. An error says why that could not be kept.
func (l *lease) drop() error {
	if l.vm == nil {
		return nil
	}
	p, err := l.copyOut()
	if err == nil {
		err = l.keep(p)
	}
	l.pool.drop(l.vm)
	l.vm, l.layers = nil, luaapi.Layers{}
	l.stick(false)
	return err
}

// stick notes whether the data keeps the VM while the connection is idle.
func (l *lease) stick(stuck bool) {
	switch {
	case stuck && !l.stuck:
		l.pool.stuck.Add(1)
	case !stuck && l.stuck:
		l.pool.stuck.Add(-1)
	}
	l.stuck = stuck
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
	return l.vm.env.Copy(l.pool.memory.share(), l.layers.Connection, l.layers.Message)
}

func empty(t *lua.LTable) bool {
	if t == nil {
		return true
	}
	k, _ := t.Next(lua.LNil)
	return k == lua.LNil
}
