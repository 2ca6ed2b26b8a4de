package native

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/raphe-org/raphe/internal/value"
)

// childRequest is what a child process reads; values are in value's exact JSON.
type childRequest struct {
	Impl    string          `json:"impl"`
	Params  json.RawMessage `json:"params"`
	Inputs  json.RawMessage `json:"inputs"`
	Dir     string          `json:"dir"`
	BaseDir string          `json:"base_dir"`
}

// childReply is what it answers: outputs or an error.
type childReply struct {
	Outputs json.RawMessage `json:"outputs,omitempty"`
	Error   string          `json:"error,omitempty"`
}

// ChildRequest writes a call for [RunChild]. Claim stays behind: what runs in
// a child writes below its directory only.
func ChildRequest(impl string, c *Call) ([]byte, error) {
	return json.Marshal(childRequest{
		Impl: impl, Dir: c.Dir, BaseDir: c.BaseDir,
		Params: value.AppendRecordJSON(nil, c.Params, true),
		Inputs: value.AppendRecordJSON(nil, c.Inputs, true),
	})
}

// ErrNoReply is in the error for an answer that is none, as from a child that
// was killed; without it the error is the implementation's own.
var ErrNoReply = errors.New("the child process gave no answer")

// ParseChildReply reads what RunChild wrote: the outputs, or the
// implementation's error.
func ParseChildReply(reply []byte) (value.Record, error) {
	var r childReply
	if err := json.Unmarshal(reply, &r); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoReply, err)
	}
	if r.Error != "" {
		return nil, errors.New(r.Error)
	}
	outputs, err := value.ParseRecordJSON(r.Outputs)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoReply, err)
	}
	return outputs, nil
}

// RunChild is the other end of a call that runs in a child process: it reads
// one request, runs it, and writes one reply. An implementation's error is a
// reply; RunChild's own error means that there is none.
func RunChild(ctx context.Context, r io.Reader, w io.Writer) error {
	var req childRequest
	if err := json.NewDecoder(r).Decode(&req); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	impl, ok := Lookup(req.Impl)
	if !ok {
		return fmt.Errorf("read the request: no implementation is called %q", req.Impl)
	}
	c := &Call{Dir: req.Dir, BaseDir: req.BaseDir}
	var err error
	if c.Params, err = value.ParseRecordJSON(req.Params); err != nil {
		return fmt.Errorf("read the request: params: %w", err)
	}
	if c.Inputs, err = value.ParseRecordJSON(req.Inputs); err != nil {
		return fmt.Errorf("read the request: inputs: %w", err)
	}
	var reply childReply
	outputs, err := impl.Run(ctx, c)
	if err != nil {
		reply.Error = err.Error()
	} else {
		reply.Outputs = value.AppendRecordJSON(nil, outputs, true)
	}
	return json.NewEncoder(w).Encode(reply)
}
