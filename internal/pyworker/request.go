package pyworker

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/executor"
)

// Op is what a worker is to do.
type Op string

// The operations.
const (
	OpRun     Op = "run"     // node.run(): Reply.Outputs, Reply.Cached
	OpExpand  Op = "expand"  // the elements of a MapNode: Reply.Elements
	OpPrepare Op = "prepare" // the command of a command-line node: Reply.Command, or as OpRun if it is cached
	OpCollect Op = "collect" // node.run() with what that command gave: as OpRun, or another Reply.Command
	OpCrash   Op = "crash"   // nipype's crash file for a failure that Raphe saw: Reply.Crashfile
)

// Request is one operation on one blob.
type Request struct {
	Op         Op
	Blob       string // file of the pickled node: absolute, or relative to the hand-over folder
	Label      string // the node's name, for messages
	UpdateHash bool
	Force      bool // nipype's hash files go first: Raphe knows that the node has to run

	// Results are how the commands ended that prepare and collect asked for, in
	// their order; of a crash, one that says what is known.
	Results []Result

	// Task says how the process is to run: ID, Stdout, Stderr, Procs and the
	// limits. A Dir left out is the hand-over folder. Argv, Env, Stdin are the
	// pool's.
	Task executor.Task
}

// Result is how a command of a node ended.
type Result struct {
	ReturnCode int           // as Python's subprocess has it: below 0 a signal ended it
	Stdout     string        // file with what it wrote; "" is none
	Stderr     string        // likewise
	Duration   time.Duration // how long it took
	Message    string        // of a crash: what happened
}

// MarshalJSON writes the result as workers read it.
func (r Result) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		ReturnCode int     `json:"returncode"`
		Stdout     string  `json:"stdout,omitempty"`
		Stderr     string  `json:"stderr,omitempty"`
		Duration   float64 `json:"duration"`
		Message    string  `json:"message,omitempty"`
	}{r.ReturnCode, r.Stdout, r.Stderr, r.Duration.Seconds(), r.Message})
}

// files are where a request and its reply are.
type files struct{ request, reply string }

// files gives the files of the request. A crash leaves those of what crashed.
func (r *Request) files(folder string) files {
	name := strings.TrimSuffix(filepath.Base(r.Blob), ".pkl")
	if r.Op == OpCrash {
		name += ".crash"
	}
	name += ".json"
	return files{filepath.Join(folder, "q", name), filepath.Join(folder, "r", name)}
}

// write writes the request, and removes the reply to an earlier one.
func (r *Request) write(folder string, f files) error {
	blob := r.Blob
	if !filepath.IsAbs(blob) {
		blob = filepath.Join(folder, blob)
	}
	text := struct {
		Op         Op       `json:"op"`
		Blob       string   `json:"blob"`
		Reply      string   `json:"reply"`
		Label      string   `json:"label,omitempty"`
		UpdateHash bool     `json:"updatehash,omitempty"`
		Force      bool     `json:"force,omitempty"`
		Result     *Result  `json:"result,omitempty"`
		Results    []Result `json:"results,omitempty"`
	}{r.Op, blob, f.reply, r.Label, r.UpdateHash, r.Force, nil, r.Results}
	if n := len(r.Results); n > 0 {
		text.Result = &r.Results[n-1]
	}
	b, err := json.Marshal(text)
	if err != nil {
		return fmt.Errorf("write request %s: %w", f.request, err)
	}
	for _, file := range []string{f.request, f.reply} {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return fmt.Errorf("write request: %w", err)
		}
	}
	if err := os.Remove(f.reply); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("remove earlier reply: %w", err)
	}
	if err := os.WriteFile(f.request, append(b, '\n'), 0o666); err != nil {
		return fmt.Errorf("write request: %w", err)
	}
	return nil
}
