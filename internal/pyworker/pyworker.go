// Package pyworker runs the Python part of the nodes that nipype handed over:
// one short-lived Python process for each request.
//
//	Pool      starts workers, and the template that they are forked from
//	Options   which Python, which hand-over folder, how to start
//	Request   one operation on one node's blob, and how its process is to run
//	Result    how a tool ended that Raphe ran for a node
//	Reply     what the worker answered: outputs, elements, a command or an Error
//
// A request is a file q/<name>.json in the hand-over folder, its reply a file
// r/<name>.json, where <name> is that of the blob n/<name>.pkl (of a crash with
// ".crash" behind it); so one blob has one request at a time. doc/formats.md, "Python workers", has the fields. The
// files outlive only a worker that failed.
//
// Workers are started in one of two ways:
//
//   - From a template ("zygote"): a Python that has imported nipype and waits on
//     its standard input. For each request it forks twice and answers with the
//     id of the grandchild, which, its parent having ended, is a child of Raphe:
//     executor and proc wait for it, measure, limit and end it like any command.
//     The template starts with the first request, ends when there was none for
//     a while, and is started again when one comes. Linux only.
//   - By spawning: each worker is a command of its own.
//
// The package knows executors and values; it knows no task, no workflow and
// nothing of what a blob holds.
package pyworker

import (
	"path/filepath"
	"time"

	"github.com/raphe-org/raphe/internal/executor"
)

// DefaultIdle is how long the template waits for another request.
const DefaultIdle = 10 * time.Second

// Options say how a Pool starts its workers. Paths are absolute.
type Options struct {
	Executor   executor.Executor
	Executable string   // the Python
	Package    string   // the folder that holds raphe_nipype
	Folder     string   // the hand-over folder
	Environ    []string // what workers inherit, "NAME=value"

	Spawn    bool          // each worker starts by itself; always so where there is no template (see CanFork)
	MaxTasks int           // requests that one worker may take; any number is kept, since each worker takes one
	Idle     time.Duration // how long a template without requests stays; 0 is DefaultIdle
}

// program gives a script of the package.
func (o *Options) program(name string) string {
	return filepath.Join(o.Package, "raphe_nipype", name)
}

// environ is the environment of all Python processes: nipype is not to ask a
// server for its newest version.
func (o *Options) environ() []string {
	return append(o.Environ[:len(o.Environ):len(o.Environ)], "NIPYPE_NO_ET=1")
}
