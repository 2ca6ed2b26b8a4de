package task

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/key"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A look is what was found out about a unit before it runs.
type look struct {
	unit    sched.Unit
	name    string
	dir     string // its working directory
	node    workflow.Node
	options *workflow.Options
	iface   *iface.Interface
	inputs  value.Record
	handed  value.Record // of a tool of nipype's: the inputs before its interface accepted them
	foreign *foreignLook // nil: not a node that nipype handed over
	tool    string
	env     []string // set by the definition, sorted
	key     key.Key
	items   []key.Item
	reason  string
	given   int64   // bytes of the files among its inputs
	glance  *glance // nil once its key is made
	at      time.Time
}

// mostAge is how old a look may be at which a unit runs: what waited longer is
// looked at again. A file that is changed between the two would else be recorded
// as it was before.
const mostAge = 5 * time.Second

// Look resolves a unit's inputs, makes its key and looks for its record.
func (r *Runner) Look(ctx context.Context, u sched.Unit) (l sched.Looked) {
	defer func() {
		if f := caught(recover()); f != nil {
			l = sched.Looked{Verdict: sched.Fail, Failure: f}
		}
	}()
	k, err := r.inspect(u)
	if err != nil {
		return sched.Looked{Verdict: sched.Fail, Failure: r.inputFailure(u, err)}
	}
	switch {
	case k.isWholeMap() && k.foreign != nil:
		return r.lookForeignMap(ctx, k)
	case k.isWholeMap():
		return r.lookMap(k)
	}
	hit, err := r.lookup(ctx, k)
	switch {
	case err != nil:
		return sched.Looked{Verdict: sched.Fail, Failure: r.inputFailure(u, err)}
	case hit:
		return sched.Looked{Verdict: sched.Hit}
	}
	claim, carry := r.claim(k)
	return sched.Looked{
		Verdict: sched.Run, Reason: k.reason, Claim: claim, Light: isLight(k.iface),
		Retries: k.options.Retries, Prepared: k, Carry: carry,
	}
}

// IsFresh reports that a unit has no record, nor could nipype have one of it, and
// needs a slot.
func (r *Runner) IsFresh(u sched.Unit) bool {
	n := r.plan.Node(u.Instance)
	if n.Foreign() != nil || isLight(n.Interface()) || u.Element < 0 && isMap(n.Options()) {
		return false
	}
	name, _ := r.Name(u)
	return !r.results.knows(name)
}

// inspect resolves and checks the inputs of a unit.
func (r *Runner) inspect(u sched.Unit) (*look, error) {
	k := &look{unit: u, node: r.plan.Node(u.Instance), at: time.Now()}
	k.name, _ = r.Name(u)
	k.dir = r.dir(k.name)
	k.glance = &glance{files: &r.files}
	k.options, k.iface = k.node.Options(), k.node.Interface()
	k.env = environ(k.options.Environ)
	var err error
	if u.Element >= 0 {
		k.inputs, err = r.element(u)
	} else {
		k.inputs, err = r.plan.Inputs(u.Instance, r)
	}
	if err != nil {
		return nil, err
	}
	if f := k.node.Foreign(); f != nil {
		if err := r.readForeign(k, f); err != nil {
			return nil, err
		}
	}
	switch {
	case k.isWholeMap():
		return k, nil
	case k.foreign != nil:
		return k, r.fit(k)
	}
	if k.inputs, err = accept(k.iface, k.inputs, k.dir, k.glance); err != nil {
		return nil, err
	}
	return k, nil
}

// accept checks the inputs against the interface once all of them are known.
func accept(f *iface.Interface, in value.Record, dir string, g *glance) (value.Record, error) {
	set, problems := f.Accept(in)
	problems = append(problems, f.Check(set, nil)...)
	problems = append(problems, f.MissingFiles(set, dir, g.stat)...)
	if errs := iface.Errors(problems); len(errs) > 0 {
		return nil, &iface.InputError{Interface: f.Name, Problems: errs}
	}
	return set, nil
}

// lookup makes the key of a unit and tells whether its record can be believed;
// if not, k.reason says why.
func (r *Runner) lookup(ctx context.Context, k *look) (hit bool, err error) {
	if c := k.iface.Command; c != nil && len(c.Words) > 0 {
		path, _ := r.getenv("PATH", k.env)
		k.tool = r.tools.identity(c.Words[0], path, &r.files)
	}
	s := key.Subject{Interface: k.iface, Tool: k.tool, Env: r.keyEnv(k), Inputs: k.inputs, Facts: r.facts(k), BaseDir: r.opts.BaseDir, Memo: &r.forms}
	list, given, err := key.NewList(s, k.glance)
	if err != nil {
		return false, err
	}
	k.key, k.given, k.glance = list.Key(), given, nil
	rec, ref, err := r.results.last(k.name)
	if err != nil {
		k.reason = "its record can't be read: " + err.Error()
	} else if k.reason = r.doubt(ctx, k, rec, list); k.reason == "" {
		r.results.settle(k.unit.Instance, k.unit.Element >= 0, rec, ref, k.dir)
		r.elementSettled(k.unit, ref, false)
		return true, r.claimAgain(rec)
	}
	k.items = list.Items()
	if k.foreign != nil {
		r.nipypesWord(k, rec)
	}
	return false, nil
}

// doubt says why the last record of a unit can't be believed, "" if it can.
func (r *Runner) doubt(ctx context.Context, k *look, rec *Record, list key.List) string {
	switch {
	case rec == nil:
		return "it never ran here"
	case rec.Failure != nil:
		return "it failed last time: " + rec.Failure.Cause
	case k.options.Overwrite == workflow.Yes:
		return "overwrite is set"
	case r.opts.Force:
		return "--force was given"
	case rec.Key != k.key && (k.options.Overwrite != workflow.No || k.foreign != nil): // nipype's No is only against "always"
		return cmp.Or(key.Why(rec.Items, list.Items()), "this version of raphe makes its keys otherwise")
	}
	reason := cmp.Or(changed(rec, k.dir), r.missesRemoved(rec, k))
	if reason == "" && k.iface.AlwaysRun && k.options.Overwrite != workflow.No {
		reason = r.lookAgain(ctx, k, rec)
	}
	return reason
}

// lookAgain repeats what looks at the world outside (a grabber) and says how
// its findings differ from the record, "" if they do not. Interfaces that can't
// be repeated here, because they run for long or write, simply run again.
func (r *Runner) lookAgain(ctx context.Context, k *look, rec *Record) string {
	always := k.iface.Name + " looks at the world outside, so it always runs"
	if k.iface.Native == nil || k.iface.Native.Child || len(rec.Files) > 0 {
		return always
	}
	impl, ok := native.Lookup(k.iface.Native.Impl)
	if !ok {
		return always
	}
	found, err := impl.Run(ctx, r.call(k))
	if err != nil {
		return always
	}
	before, err := r.results.outputs(rec)
	if err != nil || !found.Equal(before) {
		return "what it finds changed"
	}
	return ""
}

// claimAgain keeps others from writing what a sink that is up to date has
// published.
func (r *Runner) claimAgain(rec *Record) error {
	for _, m := range rec.Files {
		if filepath.IsAbs(m.Path) {
			if err := r.claims.claim(m.Path, rec.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// keyEnv gives the variables that the result depends on: those that the
// definition sets, and those that the interface asks for.
func (r *Runner) keyEnv(k *look) []string {
	env := slices.Clone(k.env)
	for _, name := range k.iface.EnvReads() {
		if _, own := getenv(name, k.env); own {
			continue
		}
		if v, ok := r.inherited[name]; ok {
			env = append(env, name+"="+v)
		}
	}
	slices.Sort(env)
	return env
}

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
		Parameters: r.parameters(u), Mend: "see where the input comes from: raphe show " + r.opts.BaseDir + " " + r.plan.Node(u.Instance).Label(),
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
