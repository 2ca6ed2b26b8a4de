package pyworker

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
)

// A template is one life of the Python process that workers are forked from.
type template struct {
	executable, folder string
	forks              *proc.Template

	cancel context.CancelFunc // ends it now
	ready  chan struct{}      // closed when it has said that it is ready, or won't
	gone   chan struct{}      // closed when it has ended, with all that is left of it

	in      *os.File // its requests
	writing sync.Mutex

	mu      sync.Mutex
	quits   bool // it is to end, or has ended: nothing more is asked of it
	waiting map[int]chan<- birth
	next    int
	said    error // what it said wrong: why it is being ended
	outcome executor.Outcome
	started bool // it was ready; set before ready is closed
	counted bool // the pool has taken notice that it never was
}

// A birth is the answer to one request.
type birth struct {
	pid int
	err error
}

// An answer is a line of the template: that it is ready, or that it has forked
// the worker of a request, or why not.
type answer struct {
	Ready bool   `json:"ready"`
	ID    *int   `json:"id"`
	PID   int    `json:"pid"`
	Error string `json:"error"`
}

// An order is a line to the template: a request for a worker.
type order struct {
	ID      int    `json:"id"`
	Request string `json:"request"`
	Stdout  string `json:"stdout"`
	Stderr  string `json:"stderr"`
	Dir     string `json:"dir"`
}

const (
	// startLimit is how long a template may take to import what it has to: from a
	// network file system in its worst hour.
	startLimit = 10 * time.Minute
	// forkLimit is how long a fork may take; it takes milliseconds.
	forkLimit = time.Minute
	// endLimit is how long a template may take to end when its input has.
	endLimit = 5 * time.Second
	// lineLimit is how long a line of a template may be; one is some 30 bytes.
	lineLimit = 64 << 10
)

// errGone is what a request meets when its template ended without an answer: it
// may be repeated with another.
var errGone = errors.New("the Python template ended")

// openTemplate starts a template. What is wrong with it shows in its end.
func openTemplate(o *Options) *template {
	ctx, cancel := context.WithCancel(context.Background())
	t := &template{
		executable: o.Executable, folder: o.Folder, forks: &proc.Template{}, cancel: cancel,
		ready: make(chan struct{}), gone: make(chan struct{}), waiting: make(map[int]chan<- birth),
	}
	childIn, in, err := os.Pipe()
	var out, childOut *os.File
	if err == nil {
		out, childOut, err = os.Pipe()
	}
	t.in = in
	if err != nil {
		closeAll(childIn, in)
		t.quits = true
		t.end(executor.Outcome{ExitCode: -1, Failure: &proc.Failure{Kind: proc.StartFailed, Command: o.Executable, Err: err}})
		return t
	}
	go t.live(ctx, o, childIn, out, childOut)
	return t
}

// live runs the template to its end.
func (t *template) live(ctx context.Context, o *Options, childIn, out, childOut *os.File) {
	late := time.AfterFunc(startLimit, func() { t.fault(fmt.Errorf("it was not ready after %v", startLimit)) })
	defer late.Stop()
	heard := make(chan struct{})
	go func() {
		defer close(heard)
		t.listen(out, late)
	}()
	outcome := o.Executor.Run(ctx, &executor.Task{
		ID: executor.TemplateID, Env: o.environ(), Dir: o.Folder, Input: childIn, Output: childOut, Stderr: t.log(),
		Argv:     []string{o.Executable, o.program("zygote.py"), o.Folder},
		Template: t.forks,
	}, func(executor.Handle) { closeAll(childIn, childOut) }) // so that the end of its output is seen
	closeAll(childIn, childOut)
	_ = out.SetReadDeadline(time.Now().Add(endLimit)) // should anybody else have the other end
	<-heard
	closeAll(out)
	t.end(outcome)
}

func closeAll(files ...*os.File) {
	for _, f := range files {
		if f != nil {
			_ = f.Close() // twice does no harm
		}
	}
}

func (t *template) log() string { return filepath.Join(t.folder, "log") }

// isGone says whether the template has ended.
func (t *template) isGone() bool {
	select {
	case <-t.gone:
		return true
	default:
		return false
	}
}

// takes says whether the template takes requests, or will when it is ready.
func (t *template) takes() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.quits
}

// end tells everybody that the template is no more.
func (t *template) end(o executor.Outcome) {
	t.mu.Lock()
	t.outcome = o
	t.mu.Unlock()
	t.cancel() // gives back what the context holds
	t.setReady(false)
	close(t.gone)
}

// setReady lets those go on who wait for the template to be ready.
func (t *template) setReady(yes bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	select {
	case <-t.ready:
	default:
		t.started = yes
		close(t.ready)
	}
}

// listen reads what the template answers, to the end of its output. All that
// was asked and not answered then has failed.
func (t *template) listen(out io.Reader, late *time.Timer) {
	lines := bufio.NewReaderSize(out, lineLimit)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil {
			if len(line) > 0 && !errors.Is(err, os.ErrClosed) {
				t.fault(fmt.Errorf("it said %s", quote(line)))
			}
			break
		}
		if err := t.take(line, late); err != nil {
			t.fault(err)
			break
		}
	}
	t.quit()
	t.mu.Lock()
	for id, c := range t.waiting {
		c <- birth{err: errGone}
		delete(t.waiting, id)
	}
	t.mu.Unlock()
	_, _ = io.Copy(io.Discard, out) // so that it never waits for a reader
}

// take takes one line.
func (t *template) take(line []byte, late *time.Timer) error {
	var a answer
	if err := json.Unmarshal(line, &a); err != nil || !a.Ready && a.ID == nil {
		return fmt.Errorf("it said %s", quote(line))
	}
	if a.Ready {
		late.Stop()
		t.setReady(true)
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	c, ok := t.waiting[*a.ID]
	if !ok || a.PID <= 1 && a.Error == "" {
		return fmt.Errorf("it said %s", quote(line))
	}
	delete(t.waiting, *a.ID)
	b := birth{pid: a.PID}
	if a.Error != "" {
		b = birth{err: errors.New(a.Error)}
	}
	c <- b
	return nil
}

// quote shows a line that is nonsense.
func quote(line []byte) string {
	line = bytes.TrimRight(line, "\n")
	if len(line) > 80 {
		line = line[:80]
	}
	return fmt.Sprintf("%q", line)
}

// fault ends the template because of what it did wrong.
func (t *template) fault(err error) {
	t.mu.Lock()
	if t.said == nil {
		t.said = err
	}
	t.mu.Unlock()
	t.cancel()
}

// fork asks for the worker of a request, and waits until there is one.
func (t *template) fork(o order) (pid int, err error) {
	c := make(chan birth, 1)
	t.mu.Lock()
	if t.quits {
		t.mu.Unlock()
		return 0, errGone
	}
	t.next++
	o.ID = t.next
	t.waiting[o.ID] = c
	t.mu.Unlock()
	slow := time.AfterFunc(forkLimit, func() { t.fault(fmt.Errorf("it did not answer a request within %v", forkLimit)) })
	defer slow.Stop()
	line, err := json.Marshal(o)
	if err == nil {
		t.writing.Lock() // or lines would mix
		_, err = t.in.Write(append(line, '\n'))
		t.writing.Unlock()
	}
	if err != nil { // most likely it has just ended, which will be told in other words
		deaf := time.AfterFunc(time.Second, func() { t.fault(fmt.Errorf("it takes no request: %w", err)) })
		defer deaf.Stop()
	}
	b := <-c
	return b.pid, b.err
}

// quit lets the template end, which it does at the end of its input. One that
// does not is ended.
func (t *template) quit() {
	t.mu.Lock()
	already := t.quits
	t.quits = true
	t.mu.Unlock()
	if already {
		return
	}
	_ = t.in.Close()
	late := time.AfterFunc(endLimit, t.cancel)
	go func() {
		<-t.gone
		late.Stop()
	}()
}

// problem says how the template ended; it has.
func (t *template) problem() *TemplateError {
	<-t.gone
	t.mu.Lock()
	defer t.mu.Unlock()
	e := &TemplateError{Executable: t.executable, Log: t.log()}
	switch f := t.outcome.Failure; {
	case t.said != nil:
		e.Err = t.said
	case f != nil:
		e.Err = f
	default:
		e.Err = errors.New("it ended by itself")
	}
	if !t.outcome.Started.IsZero() { // else the log is not its own
		e.Lines, _ = proc.Tail(t.log(), 20, 8<<10)
	}
	return e
}

// TemplateError says that the process is missing that workers are forked from.
type TemplateError struct {
	Executable string
	Err        error    // how it ended, or what it did wrong
	Log        string   // what it wrote to its standard error
	Lines      []string // the last lines of that
}

// Error says it in one clause, with the last line of the log.
func (e *TemplateError) Error() string {
	text := "the Python template that workers come from failed: " + e.Err.Error()
	if n := len(e.Lines); n > 0 {
		text += ": " + strings.TrimSpace(e.Lines[n-1])
	}
	return text
}

func (e *TemplateError) Unwrap() error { return e.Err }

// Mend says what one can do about it.
func (e *TemplateError) Mend() string {
	return fmt.Sprintf("read %s; see that %s can import nipype, or start each worker by itself (start_method: spawn)", e.Log, e.Executable)
}
