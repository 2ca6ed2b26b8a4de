package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/workflow"
)

// A successor is the error of a run after which another program takes the place
// of this one, however the run ended: what the program did that Raphe took the
// place of, for it gave its memory up when it handed its workflow over.
type successor struct {
	err  error // how the run ended
	argv []string
}

func (s *successor) Error() string { return "then: " + quoteCommand(s.argv) }

// followedBy gives the error of a run that ended with err, and that a
// definition handed over which may name a successor.
func followedBy(def *workflow.Definition, err error) error {
	if p := def.Python(); p != nil && len(p.Then) > 0 {
		return &successor{err, p.Then}
	}
	return err
}

// become starts the successor with the exit status of the run as its last
// argument. It comes back only if there is no such program.
func (s *successor) become(status int) int {
	proc.Leave()
	path, err := exec.LookPath(s.argv[0])
	if err == nil {
		err = syscall.Exec(path, append(s.argv[:len(s.argv):len(s.argv)], strconv.Itoa(status)), os.Environ())
	}
	fmt.Fprintf(os.Stderr, "raphe: start %s: %v\n", s.argv[0], err)
	return max(status, exitFailed)
}
