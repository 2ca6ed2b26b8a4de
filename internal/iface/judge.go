package iface

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Failure is a sign, beside the exit status, that a command has failed.
type Failure struct {
	StderrNotEmpty bool
	Pattern        *regexp.Regexp // found in what the command printed
	Stream         string         // "stdout", "stderr", or "" for both
}

// Judge says why a command that ended by itself has failed, "" if it has not.
// The streams are read only where a sign asks for them.
func (f *Interface) Judge(exitStatus int, stdout, stderr func() ([]byte, error)) (string, error) {
	ok := []int{0}
	if f.Command != nil && len(f.Command.SuccessCodes) > 0 {
		ok = f.Command.SuccessCodes
	}
	if !slices.Contains(ok, exitStatus) {
		return fmt.Sprintf("exit status %d", exitStatus), nil
	}
	if f.Command == nil {
		return "", nil
	}
	left := leavings{stdout, stderr}
	for _, sign := range f.Command.Fails {
		for _, stream := range sign.streams() {
			text, err := left.read(stream)
			if err != nil {
				return "", err
			}
			switch {
			case sign.StderrNotEmpty && strings.TrimSpace(text) != "":
				return "it wrote to its error output, and its exit status says nothing", nil
			case sign.Pattern != nil:
				if m := sign.Pattern.FindString(text); m != "" {
					return fmt.Sprintf("it printed %q on %s", m, stream), nil
				}
			}
		}
	}
	return "", nil
}

func (s *Failure) streams() []string {
	switch {
	case s.StderrNotEmpty:
		return []string{"stderr"}
	case s.Stream != "":
		return []string{s.Stream}
	}
	return []string{"stdout", "stderr"}
}
