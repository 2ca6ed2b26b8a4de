package iface

import (
	"fmt"
	"slices"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
)

// New builds an interface that Go code defines. A fault in it is a bug.
func New(f Interface) *Interface {
	built, faults := Build(f)
	if len(faults) > 0 {
		panic(fmt.Sprintf("BUG: interface %s: %s", f.Name, faults[0].What))
	}
	return built
}

// Build completes an interface: it reads the templates, checks that all names
// are those of inputs, and computes the digest. It gives everything that is
// wrong with the definition.
func Build(f Interface) (*Interface, diag.List) {
	b := builder{f: &f}
	f.Inputs, f.Outputs = slices.Clone(f.Inputs), slices.Clone(f.Outputs) // the caller's may be shared
	f.inputs = make(map[string]int, len(f.Inputs))
	for i := range f.Inputs {
		in := &f.Inputs[i]
		if first, twice := f.inputs[in.Name]; twice {
			b.fault(in.Pos, fmt.Sprintf("input %q is declared twice", in.Name), "names of inputs are unique", "rename or drop one",
				diag.Note{Pos: f.Inputs[first].Pos, Text: "the first is here"})
		}
		f.inputs[in.Name] = i
	}
	f.xor = f.rivalTable()
	f.order = argOrder(f.Inputs)
	for i := range f.Inputs {
		b.input(&f.Inputs[i])
	}
	for i := range f.Outputs {
		b.output(i)
	}
	b.rules()
	b.positions()
	f.reads = b.envReads()
	if len(b.faults) > 0 {
		return nil, b.faults
	}
	f.digest = f.computeDigest()
	return &f, nil
}

type builder struct {
	f      *Interface
	faults diag.List
}

func (b *builder) fault(pos diag.Pos, what, why, mend string, notes ...diag.Note) {
	if !pos.IsValid() {
		pos = b.f.Pos
	}
	b.faults.Add(&diag.Diagnostic{Code: diag.BadDefinition, What: what, Pos: pos, Why: why, Mend: mend, Notes: notes})
}

// named reports a name that is no input's.
func (b *builder) named(pos diag.Pos, where string) func(string) {
	return func(name string) {
		if b.f.Input(name) == nil && !b.f.DynamicInputs {
			b.fault(pos, fmt.Sprintf("%s names %q, which is no input of %s", where, name, b.f.Name), "what an interface says of inputs names its own",
				diag.DidYouMean(name, b.f.InputNames()))
		}
	}
}

func (b *builder) cond(pos diag.Pos, where string, conds ...*Cond) {
	check := b.named(pos, where)
	for _, c := range conds {
		if c == nil {
			continue
		}
		for _, name := range c.Any {
			check(name)
		}
		for _, m := range c.Equal {
			check(m.Input)
		}
	}
}

func (b *builder) expr(pos diag.Pos, where string, exprs ...Expr) {
	for _, e := range exprs {
		if e != nil {
			e.refs(b.named(pos, where))
		}
	}
}

func (b *builder) input(in *Input) {
	where := fmt.Sprintf("input %q", in.Name)
	for _, names := range [][]string{in.Xor, in.Requires} {
		for _, name := range names {
			b.named(in.Pos, where)(name)
		}
	}
	b.cond(in.Pos, where, in.When, in.Unless)
	b.expr(in.Pos, where, in.Compute, in.Auto, in.Instead)
	var err error
	if in.arg, err = parseArgument(in.Argstr); err != nil {
		b.fault(in.Pos, where+": "+err.Error(), "templates are printf's: %s %d %f %g, and %% for a percent sign", "correct the template")
		return
	}
	if in.Argstr != "" && in.arg.conversions == 0 && in.arg.stream == noStream && !in.Type.takesBool() && in.Transform == nil && len(in.Map) == 0 {
		b.fault(in.Pos, fmt.Sprintf("%s: template %q has no place for its value", where, in.Argstr), "only a flag goes without", `write "`+in.Argstr+` %s"`)
	}
	if in.Default != nil {
		if in.Default, err = in.Type.Accept(in.Default); err != nil {
			b.fault(in.Pos, where+": its default has the wrong value", err.Error(), "correct the default or the type")
		}
	}
}

func (t Type) takesBool() bool {
	_, ok := t.accept(value.Bool(true))
	return ok
}

func (b *builder) output(i int) {
	o := &b.f.Outputs[i]
	where := fmt.Sprintf("output %q", o.Name)
	if slices.ContainsFunc(b.f.Outputs[:i], func(p Output) bool { return p.Name == o.Name }) {
		b.fault(o.Pos, where+" is declared twice", "names of outputs are unique", "rename or drop one")
	}
	if o.Value == nil && b.f.Command != nil && b.f.Command.Parse == nil {
		if b.f.Input(o.Name) == nil {
			b.fault(o.Pos, where+" comes from nowhere", "there is no input of that name either, whose path it could be",
				`say where it is, as in at("out_file")`)
			return
		}
		o.Value = &At{o.Name}
		if !b.f.Input(o.Name).Type.IsPath() && !o.Type.IsPath() {
			o.Value = &Same{o.Name}
		}
	}
	b.cond(o.Pos, where, o.When, o.Unless)
	b.expr(o.Pos, where, o.Value)
}

func (b *builder) rules() {
	for _, group := range b.f.Rules.Exclusive {
		for _, name := range group {
			b.named(b.f.Pos, "exclusive()")(name)
		}
	}
	c := b.f.Command
	if c == nil {
		return
	}
	b.expr(b.f.Pos, "the rule for extensions", c.Ext)
	b.expr(b.f.Pos, "stdout", c.Stdout)
	for _, e := range c.Env {
		b.expr(b.f.Pos, "variable "+e.Name, e.Value)
	}
	for _, r := range c.Stage {
		b.named(b.f.Pos, "staging")(r.Input)
		if r.To != nil {
			r.To.refs(ignoring(b.named(b.f.Pos, "staging"), "i", "n"))
		}
		b.cond(b.f.Pos, "staging", r.When)
	}
	for _, h := range c.Headers {
		b.named(b.f.Pos, "a header")(h.Like)
		b.cond(b.f.Pos, "a header", h.When)
		if b.f.Output(h.Output) == nil {
			b.fault(b.f.Pos, fmt.Sprintf("a header is for %q, which is no output of %s", h.Output, b.f.Name), "what an interface says of outputs names its own", diag.DidYouMean(h.Output, b.f.OutputNames()))
		}
	}
	for _, w := range c.Writes {
		b.expr(b.f.Pos, "a helper file", w.Name)
		b.cond(b.f.Pos, "a helper file", w.When)
	}
}

// positions finds two inputs that want the same place on the command line and
// can be set together: one of them would be lost in nipype.
func (b *builder) positions() {
	var last *Input
	for _, i := range b.f.order {
		in := &b.f.Inputs[i]
		if in.Position == nil || !in.onLine() {
			continue
		}
		if last != nil && *last.Position == *in.Position && !slices.Contains(b.f.Rivals(in.Name), last.Name) &&
			(in.When == nil || last.When == nil) && in.Unless == nil && last.Unless == nil {
			b.fault(in.Pos, fmt.Sprintf("inputs %q and %q share position %g", last.Name, in.Name, *in.Position),
				"two inputs that can be set together need two places", "give one another position, or none",
				diag.Note{Pos: last.Pos, Text: "the other is here"})
		}
		last = in
	}
}

// envReads collects the environment variables that defaults and functions use.
func (b *builder) envReads() []string {
	var out []string
	if b.f.Command != nil {
		out = slices.Clone(b.f.Command.Reads)
	}
	var visit func(e Expr)
	visit = func(e Expr) {
		switch e := e.(type) {
		case *EnvVar:
			out = append(out, e.Name)
		case *First:
			for _, o := range e.Of {
				visit(o)
			}
		}
	}
	for i := range b.f.Inputs {
		visit(b.f.Inputs[i].Compute)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
