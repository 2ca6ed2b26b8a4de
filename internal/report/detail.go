package report

import (
	"encoding/json"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/internal/value"
)

const (
	longCommand = 4000 // bytes of a command line in the details
	longItem    = 500  // of an input or output
	mostItems   = 60   // inputs or outputs of one instance
	longOutput  = 4000 // of what a tool wrote
)

// A details object is what the table shows of a row on demand. Its JSON form is
// known to page.js only.
type details struct {
	Interface string         `json:"interface,omitempty"`
	Command   string         `json:"command,omitempty"`
	Dir       bool           `json:"dir,omitempty"` // it has a directory, called as the instance
	Inputs    [][2]string    `json:"inputs,omitempty"`
	Outputs   [][2]string    `json:"outputs,omitempty"`
	Settings  [][2]string    `json:"settings,omitempty"` // environment, tool
	More      int            `json:"more,omitempty"`     // inputs and outputs that are left out
	PSS       int64          `json:"pss,omitempty"`
	VSize     int64          `json:"vsize,omitempty"`
	Processes int            `json:"processes,omitempty"`
	InBytes   int64          `json:"in,omitempty"`
	Limit     int64          `json:"limit,omitempty"`
	From      event.From     `json:"from,omitempty"`
	Before    []beforeEntry  `json:"before,omitempty"`
	Failure   *event.Failure `json:"failure,omitempty"`
}

type beforeEntry struct {
	N     int    `json:"n"`
	Wall  int64  `json:"wall"` // ms
	Peak  int64  `json:"peak"`
	Limit int64  `json:"limit,omitempty"`
	Cause string `json:"cause"`
}

// detail gives the details of a row as JSON.
func detail(rec *task.Record, row *Row) []byte {
	u := &rec.Usage
	d := details{
		Interface: clean(rec.Interface, 200), Dir: len(rec.Argv) > 0, PSS: u.PeakPSS, VSize: u.PeakVSize,
		Processes: u.Processes, InBytes: u.InputBytes, Limit: u.Asked.Limit, From: u.Asked.From,
	}
	if len(rec.Argv) > 0 {
		d.Command = clean(rec.CommandLine(), longCommand)
	}
	for _, it := range rec.Items {
		pair := [2]string{clean(strings.TrimPrefix(it.Name, "input."), 100), clean(it.Text, longItem)}
		switch {
		case it.Name == "interface": // stands in the record by itself
		case it.Name == "tool" || strings.Contains(it.Name, " ") || strings.HasPrefix(it.Name, "environ."):
			d.Settings = append(d.Settings, pair)
		default:
			d.Inputs = append(d.Inputs, pair)
		}
	}
	for _, f := range rec.Outputs {
		text := "(a large value, kept apart)"
		if _, apart := rec.Blobs[f.Name]; !apart {
			text = clean(value.Repr(f.Value), longItem)
		}
		d.Outputs = append(d.Outputs, [2]string{clean(f.Name, 100), text})
	}
	d.Inputs, d.Outputs = d.first(d.Inputs), d.first(d.Outputs)
	for _, a := range row.Before {
		d.Before = append(d.Before, beforeEntry{a.Number, a.Usage.Wall.Milliseconds(), a.Usage.PeakRSS, a.Usage.Asked.Limit, a.Cause})
	}
	if rec.Failure != nil && row.State != Running {
		f := cleanFailure(rec.Failure)
		d.Failure = &f
		if d.Command == "" {
			d.Command = f.Command
			d.Dir = f.Command != ""
		}
		f.Command = "" // stands above
	}
	b, err := json.Marshal(d)
	if err != nil {
		panic("BUG: report: details: " + err.Error()) // texts and numbers always marshal
	}
	return b
}

// first cuts a list to what is shown, noting how much is not.
func (d *details) first(list [][2]string) [][2]string {
	if len(list) <= mostItems {
		return list
	}
	d.More += len(list) - mostItems
	return list[:mostItems]
}

// cleanFailure gives a failure whose texts can stand in a page.
func cleanFailure(f *event.Failure) event.Failure {
	out := event.Failure{
		Cause: clean(f.Cause, 500), Kind: clean(f.Kind, 60), Detail: clean(f.Detail, longOutput), Mend: clean(f.Mend, 1000),
		Command: clean(f.Command, longCommand), Stderr: clean(lastBytes(f.Stderr, longOutput), 2*longOutput),
		Stdout: clean(lastBytes(f.Stdout, longOutput), 2*longOutput), Rerun: clean(f.Rerun, longCommand), CrashFile: clean(f.CrashFile, longCommand),
	}
	for k, v := range f.Parameters {
		if out.Parameters == nil {
			out.Parameters = map[string]string{}
		}
		out.Parameters[clean(k, 100)] = clean(v, longItem)
	}
	return out
}
