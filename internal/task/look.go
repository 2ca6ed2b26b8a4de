package task

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/key"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A look is what was found out about a unit before it runs.
type look struct {
	unit   sched.Unit
	name   string
	node   workflow.Node
	opts   *workflow.Options
	iface  *iface.Interface
	inputs value.Record
	tool   string
	env    []string // set by the definition, sorted
	key    key.Key
	items  []key.Item
	reason string
}

// Look resolves a unit's inputs, makes its key and looks for its record.
func (r *Runner) Look(_ context.Context, u sched.Unit) sched.Looked {
	k, err := r.inspect(u)
	if err != nil {
		return sched.Looked{Verdict: sched.Fail, Failure: r.inputFailure(u, err)}
	}
	if k.opts.Kind == workflow.MapNode && u.Element < 0 {
		return r.lookMap(k)
	}
	hit, err := r.lookup(k)
	switch {
	case err != nil:
		return sched.Looked{Verdict: sched.Fail, Failure: r.inputFailure(u, err)}
	case hit:
		return sched.Looked{Verdict: sched.Hit}
	}
	return sched.Looked{
		Verdict: sched.Run, Reason: k.reason, Claim: r.claim(k), Light: isLight(k.iface),
		Retries: k.opts.Retries, Prepared: k,
	}
}

// inspect resolves and checks the inputs of a unit.
func (r *Runner) inspect(u sched.Unit) (*look, error) {
	k := &look{unit: u, node: r.plan.Node(u.Instance)}
	k.name, _ = r.Name(u)
	k.opts, k.iface = k.node.Options(), k.node.Interface()
	k.env = environ(k.opts.Environ)
	var err error
	if u.Element >= 0 {
		k.inputs, err = r.element(u)
	} else {
		k.inputs, err = r.plan.Inputs(u.Instance, r)
	}
	if err != nil {
		return nil, err
	}
	if k.opts.Kind == workflow.MapNode && u.Element < 0 {
		return k, nil
	}
	if k.inputs, err = accept(k.iface, k.inputs, k.opts); err != nil {
		return nil, err
	}
	return k, nil
}

// accept checks the inputs against the interface once all of them are known.
func accept(f *iface.Interface, in value.Record, o *workflow.Options) (value.Record, error) {
	var errs []error
	out := make(value.Record, 0, len(in)+1)
	for _, fd := range in {
		if port := f.Input(fd.Name); port != nil {
			v, err := port.Type.Accept(fd.Value)
			if err != nil {
				errs = append(errs, fmt.Errorf("input %q: %w", fd.Name, err))
				continue
			}
			fd.Value = v
			if err := present(port, v); err != nil {
				errs = append(errs, err)
			}
		}
		if fd.Value != nil {
			out = append(out, fd)
		}
	}
	for _, p := range f.Check(out, func(string) bool { return false }) {
		if !p.Warning {
			errs = append(errs, errors.New(p.What))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return withThreads(f, out, o), nil
}

// withThreads gives the tool its share of processors, where the interface has
// an input for it that the user left open.
func withThreads(f *iface.Interface, in value.Record, o *workflow.Options) value.Record {
	if o.NProcs == 0 {
		return in
	}
	for i := range f.Inputs {
		if p := &f.Inputs[i]; p.Threads && !in.Has(p.Name) {
			return in.With(p.Name, value.Int(o.NProcs))
		}
	}
	return in
}

// present demands the files that an input reads.
func present(port *iface.Input, v value.Value) (err error) {
	if !port.Type.MustExist() {
		return nil
	}
	value.Walk(v, func(path string) {
		if err != nil || !strings.HasPrefix(path, "/") {
			return
		}
		if _, statErr := os.Stat(path); statErr != nil {
			err = fmt.Errorf("input %q: %w", port.Name, statErr)
		}
	})
	return err
}

// lookup makes the key of a unit and tells whether its record can be believed;
// if not, k.reason says why.
func (r *Runner) lookup(k *look) (hit bool, err error) {
	if k.iface.Command != nil {
		k.tool = r.tools.identity(k.iface, k.env, r)
	}
	digest, explain := key.NewDigest(), &key.Explanation{}
	s := key.Subject{Interface: k.iface, Tool: k.tool, Env: k.env, Inputs: k.inputs, BaseDir: r.opts.BaseDir}
	if err := key.Write(key.Both{digest, explain}, s, &r.files); err != nil {
		return false, err
	}
	k.key, k.items = digest.Key(), explain.Items
	rec, ref, err := r.results.last(k.name)
	switch {
	case err != nil:
		k.reason = "its record can't be read: " + err.Error()
	case rec == nil:
		k.reason = "it never ran here"
	case rec.Failure != nil:
		k.reason = "it failed last time: " + rec.Failure.Cause
	case k.opts.Overwrite == workflow.Yes:
		k.reason = "overwrite is set"
	case r.opts.Force:
		k.reason = "asked for"
	case k.iface.AlwaysRun && k.opts.Overwrite != workflow.No:
		k.reason = k.iface.Name + " looks at the world outside, so it runs always"
	case rec.Key != k.key && k.opts.Overwrite != workflow.No:
		k.reason = key.Why(rec.Items, k.items)
	default:
		k.reason = changed(rec, r.dir(k.name))
		if k.reason == "" {
			r.results.settle(k.unit.Instance, k.unit.Element >= 0, rec, ref, r.dir(k.name))
			r.elementSettled(k.unit, ref)
			return true, nil
		}
	}
	return false, nil
}

// claim gives what a unit claims of the machine.
func (r *Runner) claim(k *look) sched.Claim {
	c := sched.Claim{Procs: max(1, k.opts.NProcs), Mem: int64(defaultMemGB * (1 << 30))}
	if k.opts.NProcs == 0 {
		for i := range k.iface.Inputs {
			if p := &k.iface.Inputs[i]; p.Threads {
				if n, ok := k.inputs.Get(p.Name).(value.Int); ok && n > 0 {
					c.Procs = int(n)
				}
			}
		}
	}
	if k.opts.MemGB > 0 {
		c.Mem = int64(k.opts.MemGB * (1 << 30))
	}
	return c
}

// defaultMemGB is nipype's default of mem_gb.
const defaultMemGB = 0.20

// isLight tells what runs inside Raphe and takes no slot.
func isLight(f *iface.Interface) bool {
	return f.Function != nil || (f.Native != nil && !f.Native.Child)
}

func environ(vars []workflow.EnvVar) []string {
	out := make([]string, len(vars))
	for i, v := range vars {
		out[i] = v.Name + "=" + v.Value
	}
	return out
}

// inputFailure is the failure of a unit that can't run for its inputs.
func (r *Runner) inputFailure(u sched.Unit, err error) *event.Failure {
	lines := strings.Split(err.Error(), "\n")
	return &event.Failure{
		Kind: "inputs", Cause: lines[0], Detail: strings.Join(lines[1:], "\n"),
		Parameters: r.parameters(u), Mend: "see where the input comes from: raphe show " + r.opts.BaseDir + " " + r.plan.Node(u.Instance).FullName(),
	}
}

// parameters gives the values that a unit lies under, as texts.
func (r *Runner) parameters(u sched.Unit) map[string]string {
	out := map[string]string{}
	for _, f := range r.plan.Parameters(u.Instance) {
		out[f.Name] = value.Text(f.Value)
	}
	if u.Element >= 0 {
		out["element"] = fmt.Sprint(u.Element)
	}
	return out
}
