// Package ui shows a run to a person or to a program: readers of the event
// stream, one for a terminal, one for a log, one that writes JSON lines.
//
//	Reader     takes the events of a run in order; New makes one
//	Options    where and how it writes, and what it must be told
//	story      what both text forms say: failures, retries, the summary
//	terminal   a block at the bottom of the screen, redrawn (ui_tty.go)
//	canvas     draws it; moment is what it shows
//	plain      lines, for a log (ui_plain.go)
//	jsonLines  events as they are (ui_json.go)
//	Status     what `raphe status` prints of a history
//	Watcher    shows a history while it grows
//
// It knows events, progress and history; it knows no plan, no scheduler and no
// process, and asks nothing back but the size of the screen and the memory of
// what runs.
package ui

import (
	"cmp"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
)

// A Reader takes the events of one run.
type Reader interface {
	// Event takes the next event; it is called from one goroutine at a time.
	Event(event.Event)
	// Close writes what is still to be written, the summary in the text forms,
	// and gives the first error of writing.
	Close() error
}

// Form is one of the forms in which a run is shown.
type Form uint8

const (
	Plain     Form = iota // lines, for pipes and logs
	Terminal              // a block that is redrawn
	JSONLines             // every event as one JSON object
)

// Options says where and how a Reader writes. The zero value of all but Out is
// good.
type Options struct {
	Out    io.Writer
	Form   Form
	Colour bool
	ASCII  bool // Terminal: it shows nothing else

	// Size gives columns and rows of the terminal; nil: 80 and 24.
	Size func() (cols, rows int)
	// Running measures what runs now; nil: no memory is shown. It is called a
	// few times a second, from a goroutine of the Reader.
	Running func() []progress.Sample

	// BaseDir is where the working directories are, Results where the
	// workflow puts its results, if anywhere else.
	BaseDir string
	Results []string
	// Command repeats this run; the summary says so where that is of use.
	Command string
	// Always tells the nodes that look at the world outside and so run in
	// every run; nil: none.
	Always func(node string) bool
	// Estimate is what the time left is estimated from.
	Estimate progress.Options
}

// New makes the Reader of a run. It is ended by Close.
func New(o Options) Reader {
	if o.Size == nil {
		o.Size = func() (int, int) { return 80, 24 }
	}
	switch o.Form {
	case Terminal:
		return newTerminal(o)
	case JSONLines:
		return newJSONLines(o.Out)
	}
	return newPlain(o)
}

// Choose gives the form that suits a file: Terminal on a terminal that can
// redraw, Plain otherwise. colour says whether it may be coloured: on
// terminals, unless NO_COLOR is set and not empty (no-color.org) or TERM is
// "dumb". getenv is os.Getenv.
func Choose(out *os.File, getenv func(string) string) (form Form, colour bool) {
	if !term.IsTerminal(int(out.Fd())) || getenv("TERM") == "dumb" {
		return Plain, false
	}
	return Terminal, getenv("NO_COLOR") == ""
}

// ASCII reports whether a terminal shows ASCII only: where the locale names
// another encoding than UTF-8, or none ("C"). Where there is no locale UTF-8 is
// taken for granted. getenv is os.Getenv.
func ASCII(getenv func(string) string) bool {
	locale := cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG"))
	folded := strings.ReplaceAll(strings.ToLower(locale), "-", "")
	return locale != "" && !strings.Contains(folded, "utf8")
}

// SizeOf gives a function that measures a terminal, for Options.Size.
func SizeOf(out *os.File) func() (cols, rows int) {
	return func() (int, int) {
		cols, rows, err := term.GetSize(int(out.Fd()))
		if err != nil || cols <= 0 || rows <= 0 {
			return 80, 24
		}
		return cols, rows
	}
}

// paint puts colour around parts of a text, or leaves them as they are.
type paint bool

func (p paint) with(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) red(s string) string   { return p.with("31;1", s) }
func (p paint) green(s string) string { return p.with("32", s) }
func (p paint) bold(s string) string  { return p.with("1", s) }
func (p paint) dim(s string) string   { return p.with("2", s) }

// since gives a length of time to whole seconds once it has some.
func since(from, to time.Time) time.Duration {
	d := max(0, to.Sub(from))
	if d >= time.Second {
		d = d.Truncate(time.Second)
	}
	return d
}
