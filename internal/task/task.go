// Package task does what happens to one instance: resolve its inputs, make its
// key, look for its record, prepare a fresh directory, run it, collect its
// outputs, record them. It is the [sched.Work] of a run.
//
//	Runner    one run's tasks: plan, store, executor, base directory
//	Record    what the store keeps of an instance
//	results   finds records: of this run by instance, of earlier ones by name
//	files     the identity of files
//
// It knows one instance at a time; order and resources are sched's.
package task

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/key"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// Options says where and how the tasks of a run are done.
type Options struct {
	BaseDir  string // absolute
	Executor executor.Executor
	Self     string   // this program's path, for native interfaces that run in a child
	Environ  []string // what tools inherit
	ByTime   bool     // files are known by size and time instead of content
	Force    bool     // no record is believed
	Rerun    string   // the command that repeats this run, for messages
	Memory   Memory
	Python   Pool // runs nodes that nipype handed over; nil where nothing is to run

	ProcsGiven bool // the user said how many processors: what tools inherit of threads does not count
}

// A Runner does the tasks of one run.
type Runner struct {
	opts     Options
	plan     *plan.Plan
	results  results
	files    files
	slots    slots
	dirs     dirs
	claims   claims
	tools    tools
	environs environs
	wanted   wanted
	forms    key.Memo
	door     *door // nil: nipype handed nothing over

	inherited map[string]string // Options.Environ by name

	mu   sync.Mutex
	maps map[plan.Instance]*expansion
}

var _ sched.Work = (*Runner)(nil)

// New prepares the tasks of a plan. Its Visit must be shown the store's records
// when the store is opened; then [Runner.Begin] is called with the store.
func New(p *plan.Plan, o Options) *Runner {
	r := &Runner{opts: o, plan: p, maps: map[plan.Instance]*expansion{}, inherited: byName(o.Environ)}
	r.results.init(o.BaseDir, p.NumInstances())
	r.door = openDoor(p.Def.Python(), o.Python)
	r.files = files{results: &r.results, byTime: o.ByTime, asNipype: r.door != nil}
	r.slots.dir = filepath.Join(o.BaseDir, store.Folder, "slots")
	return r
}

// Visit takes in one record of the store.
func (r *Runner) Visit(rec store.Record) error { return r.results.visit(rec) }

// Begin gives the runner its open store.
func (r *Runner) Begin(s *store.Store) { r.results.store = s }

// Name gives the names of a unit and of its node.
func (r *Runner) Name(u sched.Unit) (unit, node string) {
	n := r.plan.Node(u.Instance)
	name := r.plan.Dir(u.Instance)
	if u.Element >= 0 {
		name = elementNameOf(name, n, int(u.Element))
	}
	return name, n.Label()
}

// elementName gives the name of an element of a MapNode's instance: nipype's
// mapflow/_<name><i> below the directory of the instance.
func elementName(instance, node string, element int) string {
	return fmt.Sprintf("%s/mapflow/_%s%d", instance, node, element)
}

// dir gives the working directory of a name.
func (r *Runner) dir(name string) string {
	return filepath.Join(r.opts.BaseDir, filepath.FromSlash(name))
}

// Call calls a function on a connection (plan.Resolver).
func (r *Runner) Call(fn *workflow.Func, arg value.Value) (value.Value, error) {
	p, err := starfn.Compile(fn.Func)
	if err != nil {
		return nil, err
	}
	return p.Call(context.Background(), append([]value.Value{arg}, fn.Args...), nil)
}

// Output gives an output of an instance that is done (plan.Resolver).
func (r *Runner) Output(i plan.Instance, port string) (value.Value, error) {
	return r.results.Output(i, port)
}

// claims keeps who published which path in this run.
type claims struct {
	mu sync.Mutex
	by map[string]string
}

// claim fails when another source was published under that path.
func (c *claims) claim(path, source string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]string{}
	}
	if other, taken := c.by[path]; taken && other != source {
		return fmt.Errorf("%s and %s would both be written to %s", other, source, path)
	}
	c.by[path] = source
	return nil
}
