package task

import (
	"fmt"
	"runtime/debug"

	"github.com/raphe-org/raphe/internal/event"
)

// caught turns a panic into the failure of the one unit that met it, so that
// neither the other units nor the tools that run are lost with it. Used as
// `defer func() { if f := caught(recover()); f != nil { ... } }()`.
func caught(p any) *event.Failure {
	if p == nil {
		return nil
	}
	return &event.Failure{
		Kind: "bug", Cause: fmt.Sprintf("BUG in raphe: %v", p), Detail: string(debug.Stack()),
		Mend: "please report this, with the lines above, at the project's issue tracker",
	}
}
