package wire

import (
	"encoding/hex"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// The records of a definition that nipype's plugin hands over: python, class,
// and nodes that have a class.

// A foreignClass is a class with the interfaces that are made of it.
type foreignClass struct {
	*workflow.Class
	worker, split *iface.Interface // made at the first use
	tool          *iface.Interface // of the catalogue; else one of these two
}

// python gives the interface by which nipype itself runs a node of the class.
func (c *foreignClass) python(split bool) *iface.Interface {
	at := &c.worker
	if split {
		at = &c.split
	}
	if *at == nil {
		*at = iface.NewPython(c.Name, split, c.AlwaysRun, c.NoHash, c.NoFileHash)
	}
	return *at
}

func (r *reader) python(rec *record) {
	p := &workflow.Python{
		Executable: rec.text("executable"), Package: rec.text("package"), Folder: rec.text("folder"),
		StartMethod: rec.text("start_method"), MaxTasks: rec.count("maxtasksperchild"), Preload: rec.texts("preload"),
		GPUs:       rec.count("n_gpu_procs"),
		UpdateHash: rec.flag("updatehash"), CreateReport: rec.flag("create_report"),
		CrashFormat: rec.text("crashfile_format"), Then: rec.texts("then"),
	}
	switch {
	case r.def.Python() != nil:
		r.problem("there is a python record already", "all nodes are run by one Python", "take one of the two away")
	case r.def.NumNodes() > 0:
		r.problem("the python record comes after nodes", "what it says holds for all of them", "write it right after the header")
	case !filepath.IsAbs(p.Executable) || !filepath.IsAbs(p.Package) || !filepath.IsAbs(p.Folder):
		r.problem("a python record needs executable, package and folder", "they are absolute paths: of the interpreter, of what holds raphe_nipype, and of the hand-over folder", "write whole paths")
	case p.StartMethod != "" && p.StartMethod != "zygote" && p.StartMethod != "spawn":
		r.problem(fmt.Sprintf("there is no start_method %q", p.StartMethod), "there are two", diag.DidYouMean(p.StartMethod, []string{"zygote", "spawn"}))
	}
	r.def.SetPython(p)
}

func (r *reader) class(rec *record) {
	c := &workflow.Class{
		ID: rec.text("id"), Name: rec.text("name"), Interface: rec.text("interface"),
		Inputs: rec.texts("inputs"), Outputs: rec.texts("outputs"), Exists: rec.texts("exists"), Paths: rec.texts("paths"),
		InputSpec: rec.text("input_spec"), OutputSpec: rec.text("output_spec"),
		NoHash: rec.texts("nohash"), NoFileHash: rec.texts("nofilehash"),
		CommandLine: rec.flag("command_line"), AlwaysRun: rec.flag("always_run"), CanResume: rec.flag("can_resume"),
	}
	switch _, twice := r.classes[c.ID]; {
	case c.ID == "" || c.Name == "":
		r.problem("a class record needs id and name", "nodes refer to it by its id", `write {"kind":"class","id":"c1","name":"package.module.Class"}`)
	case twice:
		r.problem(fmt.Sprintf("class %q is there already", c.ID), "ids are unique", "give it another id")
	default:
		if r.classes == nil {
			r.classes = map[string]*foreignClass{}
		}
		r.classes[c.ID] = &foreignClass{Class: c}
	}
}

// foreignNode reads a node that has a class.
func (r *reader) foreignNode(rec *record, w workflow.Workflow, name, classID string) {
	f := &workflow.Foreign{
		Dir: rec.text("dir"), Label: rec.text("label"), Result: rec.text("result"), ExecID: rec.text("exec_id"),
		Blob: rec.text("blob"), Digest: rec.digest("sha256"), Opaque: rec.texts("opaque"), GPU: rec.flag("gpu"),
	}
	how := rec.text("how")
	class := r.classes[classID]
	switch {
	case r.def.Python() == nil:
		r.problem(fmt.Sprintf("node %q has a class, but there is no python record", name), "it says how nodes of a class are run", "write it right after the header")
		return
	case class == nil:
		r.problem(fmt.Sprintf("there is no class %q", classID), "a class's record comes before its nodes", "write its record first")
		return
	case !isBelow(f.Dir) || !isBelow(f.Blob):
		r.problem(fmt.Sprintf("node %q needs dir and blob", name), "they are paths below base_dir and below the hand-over folder, without . and ..", `write "dir":"workflow/node","blob":"n/1.pkl"`)
		return
	case f.Label == "" || f.Result == "":
		r.problem(fmt.Sprintf("node %q needs label and result", name), "nipype's fullname and name of the node", `write "label":"workflow.node","result":"node"`)
		return
	}
	f.Class = class.Class
	spec := workflow.NodeSpec{Name: name, Pos: r.pos()}
	r.options(rec, &spec.Options, class.python(false)) // which takes any name
	spec.Inputs = rec.values("inputs")
	switch how {
	case "tool":
		spec.Interface = r.toolOf(class, f, &spec)
	case "split":
		spec.Interface = class.python(true)
	case "worker":
		spec.Interface = class.python(false)
	default:
		r.problem(fmt.Sprintf("node %q can't run by %q", name, how), `"how" says by what a node runs`, diag.DidYouMean(how, []string{"tool", "split", "worker"}))
		return
	}
	n := r.def.AddNode(spec)
	n.SetForeign(f)
	w.Add(r.pos(), n)
}

// toolOf gives the catalogue's interface of a class, if that can run a node
// with these inputs and options as nipype would; else one by which nipype does.
func (r *reader) toolOf(class *foreignClass, f *workflow.Foreign, spec *workflow.NodeSpec) *iface.Interface {
	f.Otherwise = class.python(class.CommandLine)
	if class.tool == nil {
		var err error
		if class.tool, err = r.tools.Resolve(refOf(class.Class)); err != nil {
			class.tool = f.Otherwise // of the catalogue of another version
		}
	}
	tool := class.tool
	if tool.Python != nil || !suits(tool, f, spec.Inputs, &spec.Options) {
		tool, f.Otherwise = f.Otherwise, nil
	}
	return tool
}

// merge is the one class that runs no command and no Python either: a list of
// values takes less time than asking nipype for it.
const merge = "utility.Merge"

// refOf gives the interface of the catalogue that a class is.
func refOf(c *workflow.Class) iface.Ref {
	ref := iface.Ref{Name: c.Interface}
	if c.Interface == merge {
		n := 0
		for slices.Contains(c.Inputs, fmt.Sprintf("in%d", n+1)) {
			n++
		}
		ref.Params = value.Record{{Name: "numinputs", Value: value.Int(n)}}
	}
	return ref
}

// suits reports whether an interface of the catalogue can run a node that nipype
// handed over. What is only known in the run is looked at there.
func suits(tool *iface.Interface, f *workflow.Foreign, inputs value.Record, o *workflow.Options) bool {
	c := f.Class
	if tool.Command == nil && (c.Interface != merge || o.Kind != workflow.PlainNode || inputs.Str("axis") == "hstack") {
		return false
	}
	if len(f.Opaque) > 0 || c.AlwaysRun || c.CanResume || o.Nested || o.Kind == workflow.JoinNode {
		return false
	}
	for _, out := range c.Outputs {
		if tool.Output(out) == nil {
			return false
		}
	}
	for _, in := range inputs {
		port := tool.Input(in.Name)
		if port == nil {
			return false
		}
		if _, err := o.Accept(port, in.Value); err != nil {
			return false
		}
	}
	return !slices.ContainsFunc(o.IterField, func(name string) bool { return tool.Input(name) == nil })
}

// lowerEnds has nipype run a node that was to run as a tool, where a connection
// leads to or from a port that the catalogue's interface does not have, or its
// value goes through a function that only Python can call.
func lowerEnds(e workflow.Edge) {
	if src, ok := e.Src.(workflow.Node); ok && src.Interface().Output(e.SrcPort) == nil {
		lower(src)
	}
	if dst, ok := e.Dst.(workflow.Node); ok && (e.Python || dst.Interface().Input(e.DstPort) == nil || changesType(e, dst)) {
		lower(dst)
	}
}

// changesType reports whether a value might come out of a node as another type
// of Python's than it went in, since it takes the way through Raphe: a number of
// numpy's, a Path. What a tool takes, its class turns into plain values anyway.
func changesType(e workflow.Edge, dst workflow.Node) bool {
	src, ok := e.Src.(workflow.Node)
	if !ok || dst.Foreign() == nil || dst.Interface().Native == nil {
		return false
	}
	f := src.Foreign()
	return f != nil && f.Otherwise == nil && !slices.Contains(f.Class.Paths, e.SrcPort)
}

func lower(n workflow.Node) {
	if f := n.Foreign(); f != nil && f.Otherwise != nil {
		n.SetInterface(f.Otherwise)
		f.Otherwise = nil
	}
}

// isBelow reports whether p is a plain relative path.
func isBelow(p string) bool {
	return p != "" && !path.IsAbs(p) && path.Clean(p) == p && p != "." && p != ".." && !strings.HasPrefix(p, "../")
}

// digest reads a SHA-256 in hexadecimal.
func (rec *record) digest(name string) (d [32]byte) {
	raw, there := rec.take(name)
	text, _ := textOf(raw)
	if n, err := hex.Decode(d[:], []byte(text[:min(len(text), 2*len(d))])); !there || err != nil || n != len(d) || len(text) != 2*n {
		rec.wrong(name, "a SHA-256 in hexadecimal", raw)
	}
	return d
}
