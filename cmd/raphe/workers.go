package main

import (
	"os"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/pyworker"
	"github.com/raphe-org/raphe/workflow"
)

// openWorkers gives what runs the Python part of nodes that nipype handed over,
// nil where there are none. It starts nothing yet.
func openWorkers(p *workflow.Python, exec executor.Executor) *pyworker.Pool {
	if p == nil {
		return nil
	}
	return pyworker.New(pyworker.Options{
		Executor: exec, Executable: p.Executable, Package: p.Package, Folder: p.Folder, Environ: os.Environ(),
		Spawn: p.StartMethod == "spawn", MaxTasks: p.MaxTasks,
	})
}
