package wire

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

func (r *reader) node(rec *record) {
	name, in, ifaceName := rec.text("name"), rec.text("in"), rec.text("interface")
	w, ok := r.workflows[in]
	if !ok {
		r.noWorkflow(in)
		return
	}
	if class := rec.text("class"); class != "" {
		r.foreignNode(rec, w, name, class)
		return
	}
	if ifaceName == "" {
		r.problem(fmt.Sprintf("node %q has no interface", name), "the interface says what the node runs", `write "interface":"fsl.BET", or the id of an interface record`)
		return
	}
	f := r.ifaces[ifaceName]
	if f == nil {
		f = r.resolve(iface.Ref{Name: ifaceName})
		r.ifaces[ifaceName] = f
	}
	spec := workflow.NodeSpec{Name: name, Interface: f, Pos: r.pos()}
	r.options(rec, &spec.Options, f)
	for _, field := range rec.values("inputs") {
		if v := r.input(f, &spec.Options, field.Name, field.Value); v != nil {
			spec.Inputs = append(spec.Inputs, value.Field{Name: field.Name, Value: v})
		}
	}
	n := r.def.AddNode(spec)
	w.Add(r.pos(), n)
	for _, name := range r.excused {
		n.Excuse(name)
	}
	r.excused = r.excused[:0]
}

// input gives a constant as the interface keeps it, nil with a problem recorded
// when it is refused.
func (r *reader) input(f *iface.Interface, o *workflow.Options, name string, v value.Value) value.Value {
	in := f.Input(name)
	if in == nil {
		if f.DynamicInputs {
			return v
		}
		r.problem(fmt.Sprintf("interface %s has no input %q", f.Name, name), "an input is set by the name that the interface gives it", cmp.Or(diag.DidYouMean(name, f.InputNames()), "take it away"))
		r.excused = append(r.excused, diag.Nearest(name, f.InputNames()))
		return nil
	}
	got, err := o.Accept(in, v)
	if err != nil {
		r.problem(fmt.Sprintf("input %q of interface %s takes %s, not %s", name, f.Name, o.Takes(in), value.Repr(v)), err.Error(), "see: raphe interface show "+f.Name)
		r.excused = append(r.excused, name)
		return nil
	}
	return got
}

// options reads what a node says beside its inputs. iterfield comes first: it
// changes the types of the values that follow.
func (r *reader) options(rec *record, o *workflow.Options, f *iface.Interface) {
	switch kind := rec.text("type"); kind {
	case "", "Node":
	case "MapNode":
		o.Kind = workflow.MapNode
		o.IterField, o.Nested, o.Serial = rec.texts("iterfield"), rec.flag("nested"), rec.flag("serial")
	case "JoinNode":
		o.Kind = workflow.JoinNode
		o.JoinSource, o.JoinField, o.Unique = rec.text("joinsource"), rec.texts("joinfield"), rec.flag("unique")
	default:
		r.problem(fmt.Sprintf("there is no node of type %q", kind), "there are three types", diag.DidYouMean(kind, []string{"Node", "MapNode", "JoinNode"}))
	}
	o.Iterables = r.iterables(rec, o, f)
	if src, ok := rec.object("itersource"); ok {
		o.IterSource = &workflow.IterSource{Node: src.text("node"), Fields: src.texts("fields")}
		src.finish("itersource")
	}
	o.Synchronize = rec.flag("synchronize")
	o.MemGB = rec.number("mem_gb")
	o.NProcs, o.Retries = rec.count("n_procs"), rec.count("retries")
	seconds := rec.number("timeout")
	if seconds < 0 || seconds > 1e9 || o.MemGB < 0 || o.MemGB > 1e6 {
		r.problem("mem_gb and timeout must be above 0", "they count GiB and seconds", "write them as positive numbers, or leave them out")
		seconds, o.MemGB = 0, 0
	}
	o.Timeout = time.Duration(math.Round(seconds * float64(time.Second)))
	o.Environ = environ(rec)
	o.Overwrite = rec.tristate("overwrite")
	o.RunWithoutSubmitting = rec.flag("run_without_submitting")
	o.KeepOutputs = rec.texts("needed_outputs")
	o.Config = rec.config()
}

func environ(rec *record) []workflow.EnvVar {
	var out []workflow.EnvVar
	for _, f := range rec.values("environ") {
		text, ok := f.Value.(value.String)
		if !ok || f.Name == "" || strings.ContainsAny(f.Name, "=\x00") || strings.Contains(string(text), "\x00") {
			rec.r.problem(fmt.Sprintf("environ: %q is not the name of a variable, or its value is not plain text", f.Name), "variables of the environment are text, their names without '='", `write "environ":{"NAME":"value"}`)
			continue
		}
		out = append(out, workflow.EnvVar{Name: f.Name, Value: string(text)})
	}
	return out
}

func (r *reader) iterables(rec *record, o *workflow.Options, f *iface.Interface) []workflow.Iterable {
	raw, ok := rec.take("iterables")
	if !ok {
		return nil
	}
	var out []workflow.Iterable
	err := eachItem(raw, func(object []byte) error {
		fields, err := splitObject(nil, object)
		if err != nil {
			return err
		}
		inner := &record{r: r, fields: fields}
		it := workflow.Iterable{Field: inner.text("field")}
		if raw, ok := inner.take("values"); ok {
			inner.eachValue("values", raw, func(v value.Value) {
				if v, ok := r.accepted(f, o, it.Field, v); ok {
					it.Values.Append(v)
				}
			})
		}
		if raw, ok := inner.take("by_key"); ok {
			it.ByKey = r.byKey(f, o, it.Field, raw)
		}
		inner.finish("iterable")
		out = append(out, it)
		return nil
	})
	if err != nil {
		rec.wrong("iterables", "a list of objects", raw)
		return nil
	}
	return out
}

// accepted gives a value of an iterable as the interface keeps it; Undefined
// stays.
func (r *reader) accepted(f *iface.Interface, o *workflow.Options, field string, v value.Value) (value.Value, bool) {
	if v == nil {
		return nil, true
	}
	v = r.input(f, o, field, v)
	return v, v != nil
}

// byKey reads the lists that an itersource chooses among. In them null is None.
func (r *reader) byKey(f *iface.Interface, o *workflow.Options, field string, raw json.RawMessage) value.Dict {
	v, err := value.ParseJSON(raw)
	d, ok := v.(value.Dict)
	if err != nil || !ok {
		r.problem("field \"by_key\" must be an object of lists", "each value of the source has a list of values", "keys that are not text: {\"$dict\": [[key, [values]], ...]}")
		return nil
	}
	var out value.Dict
	for _, e := range d {
		items, isList := value.Items(e.Value)
		if !isList {
			r.problem(fmt.Sprintf("by_key of iterable %q: the value of %s must be a list", field, value.Repr(e.Key)), "each value of the source has a list of values", "write [value, ...]")
			continue
		}
		var vals []value.Value
		for _, item := range items {
			if _, isNone := item.(value.None); isNone {
				vals = append(vals, item)
			} else if v, ok := r.accepted(f, o, field, item); ok {
				vals = append(vals, v)
			}
		}
		out = append(out, value.Entry{Key: e.Key, Value: value.List(vals)})
	}
	return out
}

func (r *reader) edge(rec *record) {
	in, from, to := rec.text("in"), rec.text("from"), rec.text("to")
	w, ok := r.workflows[in]
	if !ok {
		r.noWorkflow(in)
		return
	}
	e := workflow.Edge{Pos: r.pos(), Fn: r.edgeFunc(rec)}
	e.Src, e.SrcPort = r.end(w, "from", from)
	e.Dst, e.DstPort = r.end(w, "to", to)
	if r.classes != nil {
		e.Python = rec.flag("python")
	}
	if e.Src != nil && e.Dst != nil {
		w.Connect(e)
		lowerEnds(e)
	}
}

func (r *reader) edgeFunc(rec *record) *workflow.Func {
	id := rec.text("function")
	raw, hasArgs := rec.take("args")
	if id == "" {
		return nil
	}
	fn, ok := r.funcs[id]
	if !ok {
		r.problem(fmt.Sprintf("there is no function %q", id), "a function's record comes before the edges that use it", "write its record first")
		return nil
	}
	out := &workflow.Func{Func: fn}
	if hasArgs {
		rec.eachValue("args", raw, func(a value.Value) {
			if a == nil {
				a = value.None{}
			}
			out.Args = append(out.Args, a)
		})
	}
	return out
}

// end reads "member.port", the port of a workflow being a path itself.
func (r *reader) end(w workflow.Workflow, field, text string) (workflow.Element, string) {
	name, port, ok := strings.Cut(text, ".")
	if !ok || port == "" {
		r.problem(fmt.Sprintf("field %q must be \"node.port\", not %q", field, text), "an edge joins a port of a node to a port of another", "for a port within a nested workflow: \"workflow.node.port\"")
		return nil, ""
	}
	el := w.Member(name)
	if el == nil {
		r.problem(fmt.Sprintf("workflow %q has no node %q", w.FullName(), name), "a node's record comes before its edges", "write its record first")
		return nil, ""
	}
	return el, port
}
