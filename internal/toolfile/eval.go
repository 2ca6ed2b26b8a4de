package toolfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// An Evaluator answers what an interface makes of inputs, without running
// anything: `raphe interface eval`.
type Evaluator struct {
	Dir    string                      // the working directory where a question names none, absolute
	Getenv func(string) (string, bool) // nil: os.LookupEnv
}

// A question is one line of JSON.
type question struct {
	Interface string          `json:"interface"`
	Inputs    json.RawMessage `json:"inputs"`
	Params    json.RawMessage `json:"params"`
	Cwd       string          `json:"cwd"`
}

// Eval answers a line {"interface", "inputs", "params"?, "cwd"?} with a line
// {"argv", "cmdline", "outputs", ...} or {"error", "inputs"}. argv holds the
// words of nipype's command line; where those end in a redirection, which
// Raphe does itself, "stdout" or "stderr" name the file. outputs are those that
// follow from the inputs.
func (e *Evaluator) Eval(question []byte) []byte {
	answer, err := e.eval(question)
	if err != nil {
		answer = value.Dict{{Key: value.String("error"), Value: value.String(err.Error())}}
		var bad *iface.InputError
		if errors.As(err, &bad) {
			names := value.List{}
			for _, p := range bad.Problems {
				names = append(names, value.String(p.Input))
			}
			answer = append(answer, value.Entry{Key: value.String("inputs"), Value: names})
		}
	}
	return value.AppendPlainJSON(nil, answer)
}

func (e *Evaluator) eval(text []byte) (value.Dict, error) {
	q, in, params, err := parseQuestion(text)
	if err != nil {
		return nil, err
	}
	f, err := Resolve(iface.Ref{Name: q.Interface, Params: params})
	if err != nil {
		return nil, err
	}
	dir := q.Cwd
	if dir == "" {
		dir = e.Dir
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, fmt.Errorf("working directory: %w", err)
	}
	set, problems := f.Accept(in)
	problems = append(problems, f.Check(set, nil)...)
	problems = append(problems, f.MissingFiles(set, dir, os.Stat)...)
	if errs := iface.Errors(problems); len(errs) > 0 {
		return nil, &iface.InputError{Interface: f.Name, Problems: errs}
	}
	if f.Command == nil {
		return nil, fmt.Errorf("interface %s runs inside Raphe: it has no command line", f.Name)
	}
	getenv := e.Getenv
	if getenv == nil {
		getenv = os.LookupEnv
	}
	line, err := f.CommandLine(set, iface.Context{Dir: dir, Getenv: getenv})
	if err != nil {
		return nil, err
	}
	outputs, err := f.Promise(set, line, dir)
	if err != nil {
		return nil, err
	}
	return describeLine(line, outputs), nil
}

func parseQuestion(text []byte) (q question, in, params value.Record, err error) {
	if err = json.Unmarshal(text, &q); err != nil {
		return q, nil, nil, fmt.Errorf("read question: %w", err)
	}
	for _, part := range []struct {
		name string
		text json.RawMessage
		to   *value.Record
	}{{"inputs", q.Inputs, &in}, {"params", q.Params, &params}} {
		if len(part.text) == 0 {
			continue
		}
		if *part.to, err = value.ParseRecordJSON(part.text); err != nil {
			return q, nil, nil, fmt.Errorf("read %s: %w", part.name, err)
		}
	}
	return q, in, params, nil
}

func describeLine(line *iface.Line, outputs value.Record) value.Dict {
	record := func(r value.Record) value.Dict {
		d := value.Dict{}
		for _, f := range r {
			d = append(d, value.Entry{Key: value.String(f.Name), Value: f.Value})
		}
		return d
	}
	answer := value.Dict{
		{Key: value.String("argv"), Value: value.Strings(line.Words()...)},
		{Key: value.String("cmdline"), Value: value.String(line.String())},
		{Key: value.String("outputs"), Value: record(outputs)},
	}
	add := func(name string, v value.Value) {
		answer = append(answer, value.Entry{Key: value.String(name), Value: v})
	}
	if len(line.Env) > 0 {
		add("environ", value.Strings(line.Env...))
	}
	if line.Stdout != "" {
		add("stdout", value.String(line.Stdout))
	}
	if line.Stderr != "" {
		add("stderr", value.String(line.Stderr))
	}
	return answer
}
