package poll

// State is what becomes of a connection after it was served.
type State uint8

// The states.
const (
	Gone State = iota // it is closed
	Cold              // it waits, and has nothing to give back
	Warm              // it waits, and is told by Quiet when nothing came for a while
)

// Handler serves a connection. Neither method is called while another call of one of them runs.
type Handler interface {
	// Serve is called when something came, or the end. It reads until there is nothing more.
	Serve() State
	// Quiet is called when a connection that is warm has been quiet for a while.
	Quiet() State
}
