package wire

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// Write writes a workflow and all that lies within it.
func Write(w io.Writer, top workflow.Workflow) error {
	wr := &writer{
		out: bufio.NewWriterSize(w, 1<<16), def: top.Definition(),
		paths: map[workflow.WorkflowID]string{}, ifaces: map[*iface.Interface]string{}, funcs: map[*workflow.Func]string{},
		funcIDs: map[iface.Func]string{},
	}
	wr.object("kind", value.String(headerKind)).field("version", value.Int(Version)).end()
	wr.python(wr.def.Python())
	wr.workflow(top, "")
	for id := workflow.NodeID(1); int(id) <= wr.def.NumNodes(); id++ {
		n := wr.def.Node(id)
		if path, ok := wr.paths[n.Parent().ID]; ok {
			wr.node(n, path)
		}
	}
	for i := range wr.def.NumEdges() {
		e, in := wr.def.Edge(i)
		if path, ok := wr.paths[in.ID]; ok {
			wr.edge(e, path)
		}
	}
	if wr.err != nil {
		return fmt.Errorf("write definition: %w", wr.err)
	}
	if err := wr.out.Flush(); err != nil {
		return fmt.Errorf("write definition: %w", err)
	}
	return nil
}

// A writer writes one record after the other through buf.
type writer struct {
	out     *bufio.Writer
	def     *workflow.Definition
	buf     []byte
	err     error
	paths   map[workflow.WorkflowID]string
	ifaces  map[*iface.Interface]string // what nodes call an interface
	numbers int                         // of interface records so far
	funcs   map[*workflow.Func]string
	funcIDs map[iface.Func]string
	classes map[*workflow.Class]bool // written; nil in a definition that was made for Raphe
}

// object starts a record.
func (w *writer) object(name string, v value.Value) *writer {
	w.buf = append(w.buf[:0], '{')
	return w.field(name, v)
}

func (w *writer) name(name string) {
	if len(w.buf) > 1 {
		w.buf = append(w.buf, ',')
	}
	w.buf = append(value.AppendJSON(w.buf, value.String(name)), ':')
}

func (w *writer) field(name string, v value.Value) *writer {
	w.name(name)
	w.buf = value.AppendJSON(w.buf, v)
	return w
}

// text, flag and texts write a field unless it has its zero value.
func (w *writer) text(name, v string) {
	if v != "" {
		w.field(name, value.String(v))
	}
}

func (w *writer) flag(name string, v bool) {
	if v {
		w.field(name, value.Bool(true))
	}
}

func (w *writer) texts(name string, v []string) {
	if len(v) > 0 {
		w.field(name, value.Strings(v...))
	}
}

func (w *writer) end() {
	w.buf = append(w.buf, '}', '\n')
	if w.err == nil {
		_, w.err = w.out.Write(w.buf)
	}
}

// workflow writes w, then the workflows within it, each after its parent.
func (w *writer) workflow(wf workflow.Workflow, parent string) {
	path := wf.Name()
	if parent != "" {
		path = parent + "." + path
	}
	w.paths[wf.ID] = path
	w.object("kind", value.String("workflow")).field("name", value.String(wf.Name()))
	w.text("in", parent)
	w.text("base_dir", wf.Options().BaseDir)
	w.config(&wf.Options().Config)
	w.end()
	for _, m := range wf.Members() {
		if sub, ok := m.(workflow.Workflow); ok {
			w.workflow(sub, path)
		}
	}
}

func (w *writer) config(c *workflow.Config) {
	if *c == (workflow.Config{}) {
		return
	}
	var d value.Dict
	for _, f := range configFlags {
		if t := *f.at(c); t != workflow.Unset {
			d = append(d, value.Entry{Key: value.String(f.name), Value: value.Bool(t == workflow.Yes)})
		}
	}
	for _, f := range configTexts {
		if t := *f.at(c); t != "" {
			d = append(d, value.Entry{Key: value.String(f.name), Value: value.String(t)})
		}
	}
	w.field("config", d)
}

// interfaceName gives what a node calls its interface: the name alone for one
// of the catalogue's that nothing shapes, else the number of a record of its
// own, which is written at the first use.
func (w *writer) interfaceName(f *iface.Interface) string {
	if name, ok := w.ifaces[f]; ok {
		return name
	}
	name := f.Name
	if len(f.Params) > 0 || f.Source != "" || !strings.Contains(name, ".") {
		w.numbers++
		name = fmt.Sprintf("i%d", w.numbers)
		w.object("kind", value.String("interface")).field("id", value.String(name)).field("name", value.String(f.Name))
		if len(f.Params) > 0 {
			w.name("params")
			w.buf = value.AppendRecordJSON(w.buf, f.Params, true)
		}
		w.text("source", f.Source)
		w.end()
	}
	w.ifaces[f] = name
	return name
}

// funcID gives the number of a function's record, written at the first use.
func (w *writer) funcID(fn *workflow.Func) string {
	if id, ok := w.funcs[fn]; ok {
		return id
	}
	id, ok := w.funcIDs[fn.Func]
	if !ok {
		id = fmt.Sprintf("f%d", len(w.funcIDs)+1)
		w.funcIDs[fn.Func] = id
		w.object("kind", value.String("function")).field("id", value.String(id)).
			field("name", value.String(fn.Name)).field("source", value.String(fn.Source)).end()
	}
	w.funcs[fn] = id
	return id
}

func (w *writer) node(n workflow.Node, path string) {
	if f := n.Foreign(); f != nil {
		w.class(f.Class)
		w.object("kind", value.String("node")).field("name", value.String(n.Name())).field("in", value.String(path))
		w.foreign(n, f)
	} else {
		f := w.interfaceName(n.Interface())
		w.object("kind", value.String("node")).field("name", value.String(n.Name())).field("in", value.String(path)).
			field("interface", value.String(f))
	}
	if in := n.Inputs(); len(in) > 0 {
		w.name("inputs")
		w.buf = value.AppendRecordJSON(w.buf, in, true)
	}
	w.options(n.Options())
	w.end()
}

func (w *writer) options(o *workflow.Options) {
	if o.Kind != workflow.PlainNode {
		w.field("type", value.String(o.Kind.String()))
	}
	w.texts("iterfield", o.IterField)
	w.flag("nested", o.Nested)
	w.flag("serial", o.Serial)
	w.text("joinsource", o.JoinSource)
	w.texts("joinfield", o.JoinField)
	w.flag("unique", o.Unique)
	if len(o.Iterables) > 0 {
		w.iterables(o.Iterables)
	}
	if s := o.IterSource; s != nil {
		w.field("itersource", value.Dict{
			{Key: value.String("node"), Value: value.String(s.Node)}, {Key: value.String("fields"), Value: value.Strings(s.Fields...)},
		})
	}
	w.flag("synchronize", o.Synchronize)
	if o.MemGB != 0 {
		w.field("mem_gb", value.Float(o.MemGB))
	}
	if o.NProcs != 0 {
		w.field("n_procs", value.Int(o.NProcs))
	}
	if o.Timeout != 0 {
		w.field("timeout", value.Float(float64(o.Timeout)/float64(time.Second)))
	}
	if o.Retries != 0 {
		w.field("retries", value.Int(o.Retries))
	}
	if len(o.Environ) > 0 {
		var d value.Dict
		for _, e := range o.Environ {
			d = append(d, value.Entry{Key: value.String(e.Name), Value: value.String(e.Value)})
		}
		w.field("environ", d)
	}
	if o.Overwrite != workflow.Unset {
		w.field("overwrite", value.Bool(o.Overwrite == workflow.Yes))
	}
	w.flag("run_without_submitting", o.RunWithoutSubmitting)
	w.texts("needed_outputs", o.KeepOutputs)
	w.config(&o.Config)
}

// iterables writes values one by one, so that Undefined stays null.
func (w *writer) iterables(its []workflow.Iterable) {
	w.name("iterables")
	w.buf = append(w.buf, '[')
	for i, it := range its {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = value.AppendJSON(append(w.buf, `{"field":`...), value.String(it.Field))
		if len(it.ByKey) > 0 {
			w.buf = value.AppendJSON(append(w.buf, `,"by_key":`...), it.ByKey)
		} else {
			w.buf = append(w.buf, `,"values":[`...)
			for k, v := range it.Values.All() {
				if k > 0 {
					w.buf = append(w.buf, ',')
				}
				w.buf = value.AppendJSON(w.buf, v)
			}
			w.buf = append(w.buf, ']')
		}
		w.buf = append(w.buf, '}')
	}
	w.buf = append(w.buf, ']')
}

func (w *writer) edge(e workflow.Edge, path string) {
	fn := ""
	if e.Fn != nil {
		fn = w.funcID(e.Fn)
	}
	w.object("kind", value.String("edge")).field("in", value.String(path)).
		field("from", value.String(memberName(e.Src)+"."+e.SrcPort)).field("to", value.String(memberName(e.Dst)+"."+e.DstPort))
	if e.Fn != nil {
		w.text("function", fn)
		if len(e.Fn.Args) > 0 {
			w.field("args", value.List(e.Fn.Args))
		}
	}
	w.flag("python", e.Python)
	w.end()
}

func memberName(el workflow.Element) string {
	switch el := el.(type) {
	case workflow.Node:
		return el.Name()
	case workflow.Workflow:
		return el.Name()
	}
	return ""
}
