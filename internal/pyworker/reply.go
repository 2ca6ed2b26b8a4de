package pyworker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"

	"github.com/raphe-org/raphe/internal/value"
)

// Reply is what a worker answered.
type Reply struct {
	Outputs  value.Record  // of run and collect; see Opaque
	Cached   bool          // nipype found that the node need not run
	Duration time.Duration // what the interface took, as nipype measured it; 0: not said

	Elements []Element // of expand
	Command  *Command  // of prepare, and of collect if there is another to run

	Error     *Error // the operation failed; nothing else but Crashfile is set then
	Crashfile string // nipype's crash file, "" if there is none
}

// Element is one element of a MapNode, a unit of its own.
type Element struct {
	Blob   string       // relative to the hand-over folder
	SHA256 string       // of the blob, in hexadecimal
	Dir    string       // relative to the base directory
	Result string       // name of the element: it makes result_<name>.pklz
	Inputs value.Record // its own of the inputs that the MapNode iterates over
}

// Command is what a command-line node wants to be run.
type Command struct {
	Cmdline string   // shell text
	Env     []string // the whole environment, "NAME=value", sorted
	Dir     string   // working directory
	Output  string   // nipype's terminal_output
}

// Error is an exception of the node.
type Error struct {
	Type      string // name of its class, "ValueError"
	Message   string // one line
	Traceback string
	Cmdline   string // of a command line that failed
	Stdout    string // the end of what that wrote
	Stderr    string // likewise
}

// Error says what Python says in its last line.
func (e *Error) Error() string {
	switch {
	case e.Message == "":
		return e.Type
	case e.Type == "":
		return e.Message
	}
	return e.Type + ": " + e.Message
}

// ErrNoReply says that a worker ended without an answer.
var ErrNoReply = errors.New("it ended without a reply")

// readReply reads the file of a reply.
func readReply(path string) (*Reply, error) {
	text, err := os.ReadFile(path)
	switch {
	case os.IsNotExist(err):
		return nil, ErrNoReply
	case err != nil:
		return nil, fmt.Errorf("read reply: %w", err)
	}
	r, err := ParseReply(text)
	if err != nil {
		return nil, fmt.Errorf("read reply %s: %w", path, err)
	}
	return r, nil
}

// ParseReply reads a reply. Fields that it does not know are passed over.
func ParseReply(text []byte) (*Reply, error) {
	var in struct {
		Outputs json.RawMessage `json:"outputs"`
		Cached  bool            `json:"cached"`
		Runtime struct {
			Duration float64 `json:"duration"`
		} `json:"runtime"`
		Elements []struct {
			Blob   string          `json:"blob"`
			SHA256 string          `json:"sha256"`
			Dir    string          `json:"dir"`
			Result string          `json:"result"`
			Inputs json.RawMessage `json:"inputs"`
		} `json:"elements"`
		Command *struct {
			Cmdline string            `json:"cmdline"`
			Env     map[string]string `json:"env"`
			Dir     string            `json:"cwd"`
			Output  string            `json:"output"`
		} `json:"command"`
		Error *struct {
			Type      string `json:"type"`
			Message   string `json:"message"`
			Traceback string `json:"traceback"`
			Cmdline   string `json:"cmdline"`
			Stdout    string `json:"stdout"`
			Stderr    string `json:"stderr"`
		} `json:"error"`
		Crashfile string `json:"crashfile"`
	}
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, err
	}
	r := &Reply{Crashfile: in.Crashfile}
	if in.Error != nil {
		e := Error(*in.Error)
		r.Error = &e
		return r, nil
	}
	var err error
	if r.Outputs, err = readRecord(in.Outputs); err != nil {
		return nil, fmt.Errorf("outputs: %w", err)
	}
	r.Cached, r.Duration = in.Cached, seconds(in.Runtime.Duration)
	for _, e := range in.Elements {
		if e.Blob == "" || e.Dir == "" {
			return nil, errors.New("an element without a blob or a directory")
		}
		inputs, err := readRecord(e.Inputs)
		if err != nil {
			return nil, fmt.Errorf("inputs of an element: %w", err)
		}
		r.Elements = append(r.Elements, Element{e.Blob, e.SHA256, e.Dir, e.Result, inputs})
	}
	if c := in.Command; c != nil {
		r.Command = &Command{Cmdline: c.Cmdline, Dir: c.Dir, Output: c.Output, Env: make([]string, 0, len(c.Env))}
		for name, v := range c.Env {
			r.Command.Env = append(r.Command.Env, name+"="+v)
		}
		slices.Sort(r.Command.Env)
	}
	return r, nil
}

// readRecord reads an object of values, which may be left out.
func readRecord(text json.RawMessage) (value.Record, error) {
	if len(text) == 0 || bytes.Equal(text, []byte("null")) {
		return nil, nil
	}
	return value.ParseRecordJSON(text)
}

// seconds gives a duration, 0 for what can't be one.
func seconds(s float64) time.Duration {
	if !(s > 0) || s > math.MaxInt64/float64(time.Second) {
		return 0
	}
	return time.Duration(s * float64(time.Second))
}

// opaque is the name under which a value without a JSON form gives the digest
// of its pickle: it travels in nipype's result files, and is known by that.
const opaque = "$opaque"

// Opaque says whether there is a value without a JSON form in v, at any depth.
func Opaque(v value.Value) bool {
	if d, ok := v.(value.Dict); ok {
		if len(d) == 1 && d[0].Key == value.String(opaque) {
			return true
		}
		return slices.ContainsFunc(d, func(e value.Entry) bool { return Opaque(e.Key) || Opaque(e.Value) })
	}
	items, _ := value.Items(v)
	return slices.ContainsFunc(items, Opaque)
}
