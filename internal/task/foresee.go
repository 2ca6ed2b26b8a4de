package task

import (
	"context"
	"errors"
	"fmt"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// mostForeseen is up to how many instances a plan is looked through for sinks
// that would overwrite each other; in a larger one the first such file ends
// its sink when it comes.
const mostForeseen = 20_000

// SinkCollisions finds, before anything runs, files that two sources would be
// stored as. It follows what commands promise from constants on; what depends
// on the files that a grabber finds, or on what a function makes, is not known
// yet and passed over.
func (r *Runner) SinkCollisions() diag.List {
	var sinks []plan.NodeRow
	r.plan.Nodes(func(n plan.NodeRow) bool {
		if f := n.Node.Interface(); f.Native != nil && f.Native.Impl == "io.DataSink" {
			sinks = append(sinks, n)
		}
		return true
	})
	if len(sinks) == 0 || r.plan.NumInstances() > mostForeseen {
		return nil
	}
	f := &foresight{Runner: r, known: map[plan.Instance]value.Record{}}
	var problems diag.List
	taken := map[string]target{}
	for _, n := range sinks {
		told := false
		for k := range n.Count {
			f.targets(n, n.First+plan.Instance(k), func(dst, src string) {
				t := target{src, n.Node}
				if other, ok := taken[dst]; ok && other.source != src && !told {
					told = true
					problems.Add(collision(dst, other, t))
				}
				taken[dst] = t
			})
		}
	}
	return problems
}

// A target is what is going to be stored under a path.
type target struct {
	source string
	sink   workflow.Node
}

func collision(dst string, first, second target) *diag.Diagnostic {
	d := &diag.Diagnostic{
		Code: diag.BadDefinition, Pos: second.sink.Pos(),
		What: fmt.Sprintf("sink %q would store two files as %s", second.sink.FullName(), dst),
		Why:  fmt.Sprintf("%s and %s both go there", first.source, second.source),
		Mend: "let parameterization = True tell them apart, or substitutions, another container, or another field",
	}
	if first.sink != second.sink {
		d.Notes = append(d.Notes, diag.Note{Pos: first.sink.Pos(), Text: fmt.Sprintf("the other is stored by %q", first.sink.FullName())})
	}
	return d
}

// A foresight works out what instances promise before they run.
type foresight struct {
	*Runner
	known map[plan.Instance]value.Record // nil: can't be told
}

var errUnknown = errors.New("not known before it runs")

// Output gives a promised output (plan.Resolver).
func (f *foresight) Output(i plan.Instance, port string) (value.Value, error) {
	out, done := f.known[i]
	if !done {
		f.known[i] = nil
		out = f.promise(i)
		f.known[i] = out
	}
	if v := out.Get(port); v != nil {
		return v, nil
	}
	return nil, errUnknown
}

// targets gives the destinations of one instance of a sink. One input that
// can't be told yet hides the others of its instance.
func (f *foresight) targets(n plan.NodeRow, i plan.Instance, fn func(dst, src string)) {
	in, err := f.plan.Inputs(i, f)
	if err != nil {
		return
	}
	native.SinkTargets(&native.Call{Inputs: in, Dir: f.dir(f.plan.Dir(i)), BaseDir: f.opts.BaseDir}, fn)
}

// promise gives the outputs that an instance is going to have, nil if that
// can't be told.
func (f *foresight) promise(i plan.Instance) value.Record {
	node := f.plan.Node(i)
	in, err := f.plan.Inputs(i, f)
	if err != nil {
		return nil
	}
	if node.Options().Kind != workflow.MapNode {
		return f.one(node, in, f.plan.Dir(i))
	}
	e, n, err := expand(&look{unit: sched.Whole(i), inputs: in, options: node.Options()})
	if err != nil || e.shape != nil {
		return nil
	}
	lists := map[string]value.Value{}
	for k := range n {
		for field, items := range e.lists {
			in = in.With(field, items[k])
		}
		out := f.one(node, in, elementName(f.plan.Dir(i), node.Name(), k))
		for _, fd := range out {
			list, _ := lists[fd.Name].(value.List)
			lists[fd.Name] = append(list, fd.Value)
		}
	}
	return value.NewRecord(lists)
}

// pure are the native interfaces whose outputs follow from their inputs alone.
var pure = map[string]bool{"utility.IdentityInterface": true, "utility.Merge": true, "utility.Select": true, "utility.Split": true}

func (f *foresight) one(node workflow.Node, in value.Record, name string) value.Record {
	ifc, dir := node.Interface(), f.dir(name)
	if ifc.Native != nil && pure[ifc.Native.Impl] {
		impl, _ := native.Lookup(ifc.Native.Impl)
		out, err := impl.Run(context.Background(), &native.Call{Inputs: in, Params: ifc.Params, Dir: dir, BaseDir: f.opts.BaseDir})
		if err != nil {
			return nil
		}
		return out
	}
	if ifc.Command == nil {
		return nil
	}
	env := environ(node.Options().Environ)
	line, err := ifc.CommandLine(in, iface.Context{
		Dir: dir, NProcs: node.Options().NProcs, Getenv: func(v string) (string, bool) { return f.getenv(v, env) },
	})
	if err != nil {
		return nil
	}
	out, err := ifc.Promise(in, line, dir)
	if err != nil {
		return nil
	}
	return out
}
