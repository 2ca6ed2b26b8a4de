// Command raphe runs neuroimaging workflows.
//
// This is the only package that prints and exits: everything below it returns
// errors. main turns them into a message and an exit status, by the table of
// package diag.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"

	"github.com/raphe-org/raphe/internal/diag"
	_ "github.com/raphe-org/raphe/internal/early" // before Starlark
	"github.com/raphe-org/raphe/internal/store"
)

// Exit statuses that are not a diagnostic's.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitBug         = 70
	exitInterrupted = 130
)

func main() {
	paceCollector()
	limitMemory()
	os.Exit(run(os.Args[1:]))
}

// run is main with an exit status; script tests call it in their own process.
func run(args []string) (status int) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(os.Stderr, "raphe: BUG: %v\n%s\nplease report this at the project's issue tracker\n", p, debug.Stack())
			status = exitBug
		}
	}()
	cmd := newRootCommand()
	cmd.SetArgs(args)
	err := cmd.Execute()
	var next *successor
	if errors.As(err, &next) {
		err = next.err
	}
	status = statusOf(err)
	if next != nil {
		return next.become(status)
	}
	return status
}

// statusOf gives the exit status of how a command ended, and says what is wrong
// where that was not said.
func statusOf(err error) int {
	var quiet exitStatus
	switch {
	case err == nil:
		return 0
	case errors.As(err, &quiet):
		return int(quiet)
	}
	return complain(err)
}

// An exitStatus is an error whose message has been printed already.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// complain prints an error and gives its exit status.
func complain(err error) int {
	painter := diag.Painter{Colour: colourOf(os.Stderr)}
	var list diag.List
	var one *diag.Diagnostic
	switch {
	case errors.As(err, &list):
		fmt.Fprint(os.Stderr, list.Render(painter, nil))
		if n := len(list.Errors()); n > 1 {
			fmt.Fprintf(os.Stderr, "%d errors\n", n)
		}
		return diag.ExitStatus(list)
	case errors.As(err, &one):
		fmt.Fprint(os.Stderr, one.Render(painter, nil))
		return one.Code.ExitStatus()
	}
	if d := storeDiagnostic(err); d != nil {
		fmt.Fprint(os.Stderr, d.Render(painter, nil))
		return d.Code.ExitStatus()
	}
	d := diag.Diagnostic{Code: diag.Usage, What: err.Error()}
	fmt.Fprint(os.Stderr, d.Render(painter, nil))
	return exitUsage
}

// storeDiagnostic words what the store says for a person, nil for other errors.
func storeDiagnostic(err error) *diag.Diagnostic {
	var owned *store.OwnedError
	var damaged *store.DamagedError
	var version *store.VersionError
	var write *store.WriteError
	var lost *store.LostError
	d := &diag.Diagnostic{Code: diag.Store, What: err.Error(), Err: err}
	switch {
	case errors.As(err, &owned):
		d.Mend = "wait for that run to end, or choose another --base-dir"
	case errors.As(err, &damaged):
		d.Mend = "start the run again: what was lost is redone"
	case errors.As(err, &version):
		d.Mend = "use a newer raphe, or another --base-dir"
	case errors.As(err, &write):
		d.Mend = "see that the disk has room and can be written, then start the same command again: nothing complete is redone"
	case errors.As(err, &lost):
		d.Mend = "another run took this base directory over; see who: raphe status"
	case errors.Is(err, fs.ErrNotExist):
		d.Code, d.What, d.Why = diag.Usage, "no run was made there", err.Error()
		d.Mend = "name the base directory of a run (the one that holds " + store.Folder + ")"
	default:
		return nil
	}
	return d
}
