package replay

import (
	"fmt"
	"strings"
	"sync"

	"github.com/rs/zerolog"

	"luamilter/engine"
	"luamilter/luaapi"
	"luamilter/replay/asked"
	"luamilter/replay/corpus"
	"luamilter/replay/diff"
	"luamilter/simulate"
)

// Player plays stored mail to scripts.
type Player struct {
	Program *engine.Program
	Older   *engine.Program // to compare with; nil for none
	Given   Given
	Jobs    int          // how many messages are played at the same time, at least 1
	Detail  bool         // outcomes have steps and diffs
	Asker   *asked.Asker // what scripts reach, and what of it is asked; nil for the services of the programs
	Log     zerolog.Logger

	newer, older *simulate.Filter
	mu           sync.Mutex
	explained    map[fault]Error
}

// Message is a stored message and what became of it.
type Message struct {
	Name       string   `json:"message"` // the file, with #number in an mbox
	Size       int      `json:"size"`    // bytes, as it is stored
	ID         string   `json:"message_id,omitempty"`
	Subject    string   `json:"subject,omitempty"` // as it stands in the header
	Client     string   `json:"client"`            // name [address]
	Helo       string   `json:"helo"`
	Auth       string   `json:"auth,omitempty"`
	Sender     string   `json:"sender"`
	Recipients []string `json:"recipients"`
	*Outcome
	Older       *Outcome `json:"older,omitempty"`       // what the older scripts made of it
	Differences []string `json:"differences,omitempty"` // in what both differ: verdict, reply, recipients, changes
	Problem     string   `json:"problem,omitempty"`     // why it could not be played; there is no outcome then
}

// task is a message to be played.
type task struct {
	stored  corpus.Message
	number  int // from 1
	problem error
	done    chan *Message // takes one without waiting
}

// Play plays all messages of files. Each of them is given to each in its order, which is called by one goroutine; an error of it ends the
// play and is returned.
func (p *Player) Play(files []corpus.File, each func(*Message) error) (*Summary, error) {
	p.explained = map[fault]Error{}
	p.newer = simulate.NewFilter(p.Program, p.Log)
	defer p.newer.Close()
	if p.Older != nil {
		p.older = simulate.NewFilter(p.Older, zerolog.Nop())
		defer p.older.Close()
	}
	jobs := max(1, p.Jobs)
	tasks, inOrder, stop := make(chan task, jobs), make(chan task, 4*jobs), make(chan struct{})
	var busy sync.WaitGroup
	defer busy.Wait()
	defer close(stop)
	busy.Go(func() { read(files, tasks, inOrder, stop) })
	for range jobs {
		busy.Go(func() {
			for t := range tasks {
				t.done <- p.playOne(&t)
			}
		})
	}
	s := newSummary(p)
	for t := range inOrder {
		m := <-t.done
		s.add(m)
		if err := each(m); err != nil {
			return nil, err
		}
	}
	s.finish()
	return s, nil
}

// read makes tasks of all messages. A file that cannot be read is a task with a problem.
func read(files []corpus.File, tasks, inOrder chan<- task, stop <-chan struct{}) {
	defer close(inOrder)
	defer close(tasks)
	number := 0
	give := func(t task) bool {
		number++
		t.number, t.done = number, make(chan *Message, 1)
		for _, to := range []chan<- task{tasks, inOrder} {
			select {
			case to <- t:
			case <-stop:
				return false
			}
		}
		return true
	}
	for i := range files {
		goesOn := true
		err := files[i].Read(func(m corpus.Message) bool {
			goesOn = give(task{stored: m})
			return goesOn
		})
		if err != nil {
			goesOn = goesOn && give(task{stored: corpus.Message{Path: files[i].Path}, problem: err})
		}
		if !goesOn {
			return
		}
	}
}

// playOne plays one message to one or both programs.
func (p *Player) playOne(t *task) *Message {
	out := &Message{Name: t.stored.Name(), Size: len(t.stored.Text)}
	if t.problem != nil {
		out.Problem = t.problem.Error()
		return out
	}
	m := simulate.ReadMessage(t.stored.Text)
	c, env := p.Given.Surroundings(&t.stored, &m)
	env.QueueID = fmt.Sprintf("4SIM%06d", t.number)
	out.describe(&c, &env, &m)
	var err error
	if out.Outcome, err = p.playTo(p.newer, c, env, m); err != nil {
		out.Problem = err.Error()
		return out
	}
	if p.older == nil {
		return out
	}
	if out.Older, err = p.playTo(p.older, c, env, m); err != nil {
		out.Outcome, out.Problem = nil, "older scripts: "+err.Error()
		return out
	}
	out.Differences = differences(out.Older, out.Outcome)
	return out
}

// playTo plays a message to one program.
func (p *Player) playTo(f *simulate.Filter, c simulate.Client, env simulate.Envelope, m simulate.Message) (*Outcome, error) {
	log := &asked.Log{}
	if p.Asker != nil {
		var services *luaapi.Services
		services, log = p.Asker.Begin()
		f = f.Reaching(services)
	}
	result, err := f.Play(c, env, m)
	if err != nil {
		return nil, err
	}
	o := p.outcome(result, &m)
	o.Lookups = log.Lookups()
	return o, nil
}

// describe notes who sends what to whom.
func (m *Message) describe(c *simulate.Client, env *simulate.Envelope, content *simulate.Message) {
	m.ID, _ = first(content.Header, "Message-ID")
	m.Subject, _ = first(content.Header, "Subject")
	m.Client = c.String()
	m.Helo, m.Auth, m.Sender = c.Helo, c.Auth.User, env.From
	for _, to := range env.To {
		m.Recipients = append(m.Recipients, to.Mailbox)
	}
}

// outcome puts a result into plain words, as far as they are wanted.
func (p *Player) outcome(r *simulate.Result, m *simulate.Message) *Outcome {
	o := newOutcome(r, p.explain)
	if !p.Detail {
		return o
	}
	o.Steps = stepsOf(r.Answers)
	if d := r.Delivered; d != nil && len(r.Changes) > 0 {
		was := simulate.Delivered{Header: m.Header, Body: m.Body}
		o.Header = diff.Unified("header", "header after", was.HeaderLines(), d.HeaderLines())
		o.Body = diff.Unified("body", "body after", lines(was.Body), lines(d.Body))
	}
	return o
}

func lines(body []byte) []string {
	if len(body) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(body), "\r\n"), "\r\n")
}

// fault is what errors have in common that are the same.
type fault struct {
	path string
	line int
	text string
}

// maxExplained is how many different errors are explained; the text of more is what Lua says.
const maxExplained = 1000

// explain puts an error into plain words. Those that are the same are explained once.
func (p *Player) explain(e *engine.ScriptError) Error {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := fault{e.Path, e.Line, e.Text}
	known, found := p.explained[key]
	if !found {
		if len(p.explained) < maxExplained {
			e.Explain()
		}
		known = Error{Path: e.Path, Line: e.Line, Text: e.Text, Hint: e.Hint, Excerpt: e.Excerpt()}
		if len(p.explained) < maxExplained {
			p.explained[key] = known
		}
	}
	known.Script, known.Hook = engine.ScriptName(e.Script), e.Hook
	return known
}

// Close lets the programs go.
func (p *Player) Close() {
	for _, program := range []*engine.Program{p.Program, p.Older} {
		if program != nil {
			program.Close()
		}
	}
}
