package wire

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/workflow"
)

// maxRecord is the longest record that is read: a list of a million values
// fits well.
const maxRecord = 256 << 20

// maxProblems is how many problems are kept of a file that is wrong throughout.
const maxProblems = 1000

// Read reads a definition. What is wrong with it is in its Problems; the error
// says only that the stream could not be read. file is the name that places
// have.
func Read(file string, in io.Reader, tools Resolver) (*workflow.Definition, error) {
	r := &reader{
		file: file, def: workflow.New(), tools: tools,
		workflows: map[string]workflow.Workflow{}, ifaces: map[string]*iface.Interface{}, funcs: map[string]iface.Func{},
	}
	r.rec.r = r
	lines := bufio.NewReaderSize(in, 1<<16)
	for {
		text, err := r.next(lines)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read definition %s: %w", file, err)
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if !r.record(text) {
			return r.def, nil
		}
	}
	if !r.header {
		r.problem("the file is empty", "a definition starts with a header record", fmt.Sprintf(`write {"kind":%q,"version":%d} first`, headerKind, Version))
	}
	return r.def, nil
}

// A reader takes one record after the other.
type reader struct {
	file   string
	def    *workflow.Definition
	tools  Resolver
	line   int
	long   []byte // a line that is longer than the buffer
	header bool
	rec    record // the line that is being read

	workflows map[string]workflow.Workflow // by path
	excused   []string                     // inputs of the node that is being read, whose value was wrong
	ifaces    map[string]*iface.Interface  // by id, or by name where nothing shapes them
	funcs     map[string]iface.Func
	classes   map[string]*foreignClass // nil in a definition that was made for Raphe
}

var errLongRecord = fmt.Errorf("a record is longer than %d MiB", maxRecord>>20)

// next gives the next line, which is valid until the next call.
func (r *reader) next(lines *bufio.Reader) ([]byte, error) {
	r.line++
	r.long = nil // may be large, and the next is seldom long, too
	text, err := lines.ReadSlice('\n')
	if err == nil || err == io.EOF && len(text) > 0 {
		return text, nil
	}
	if !errors.Is(err, bufio.ErrBufferFull) {
		return nil, err
	}
	for errors.Is(err, bufio.ErrBufferFull) {
		r.long = append(r.long, text...)
		if len(r.long) > maxRecord {
			return nil, fmt.Errorf("line %d: %w", r.line, errLongRecord)
		}
		text, err = lines.ReadSlice('\n')
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	r.long = append(r.long, text...)
	return r.long, nil
}

func (r *reader) pos() diag.Pos { return diag.Pos{File: r.file, Line: r.line} }

func (r *reader) problem(what, why, mend string) {
	if len(r.def.Problems) < maxProblems {
		r.def.Problems.Add(&diag.Diagnostic{Code: diag.BadDefinition, Pos: r.pos(), What: what, Why: why, Mend: mend})
	}
}

// record takes one record; false ends the reading.
func (r *reader) record(text []byte) bool {
	rec := &r.rec
	var err error
	if rec.fields, err = splitObject(rec.fields[:0], text); err != nil {
		r.badJSON(text, err)
		return r.header
	}
	rec.asked = rec.asked[:0]
	kind := rec.text("kind")
	if !r.header {
		return r.readHeader(rec, kind)
	}
	switch kind {
	case "workflow":
		r.workflow(rec)
	case "interface":
		r.iface(rec)
	case "function":
		r.function(rec)
	case "node":
		r.node(rec)
	case "edge":
		r.edge(rec)
	case "python":
		r.python(rec)
	case "class":
		r.class(rec)
	default:
		r.problem(fmt.Sprintf("there is no record of kind %q", kind), "doc/formats.md lists the kinds of records",
			diag.DidYouMean(kind, []string{"workflow", "interface", "function", "node", "edge", "python", "class"}))
		return true
	}
	rec.finish(kind)
	return true
}

func (r *reader) badJSON(text []byte, err error) {
	pos := r.pos()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		pos.Column = int(min(syntax.Offset, int64(len(text))))
	}
	why := err.Error()
	if len(bytes.TrimRight(text, "\r\n")) == len(text) {
		why += "; the file ends here, within a record perhaps"
	}
	if len(r.def.Problems) < maxProblems {
		r.def.Problems.Add(&diag.Diagnostic{Code: diag.BadDefinition, Pos: pos, What: "the line is not a JSON object", Why: why,
			Mend: "write one record a line", Err: err})
	}
}

func (r *reader) readHeader(rec *record, kind string) bool {
	version := rec.number("version")
	switch {
	case kind != headerKind:
		r.problem("the file is not a definition", fmt.Sprintf("its first record is of kind %q, not %q", kind, headerKind),
			fmt.Sprintf(`write {"kind":%q,"version":%d} first`, headerKind, Version))
	case version > Version:
		r.problem(fmt.Sprintf("the definition has version %v", version), fmt.Sprintf("this Raphe reads up to version %d", Version), "use a newer Raphe")
	case version != Version:
		r.problem(fmt.Sprintf("the definition has version %v", version), "there is no such version", fmt.Sprintf(`write "version":%d`, Version))
	default:
		r.header = true
		rec.finish("header")
		return true
	}
	return false
}

func (r *reader) workflow(rec *record) {
	name, parent := rec.text("name"), rec.text("in")
	o := workflow.WorkflowOptions{BaseDir: rec.text("base_dir"), Config: rec.config()}
	path := name
	if parent != "" {
		path = parent + "." + name
	}
	if _, twice := r.workflows[path]; twice {
		r.problem(fmt.Sprintf("workflow %q is there already", path), "names are unique", "rename one of the two")
		return
	}
	up, ok := r.workflows[parent]
	if parent != "" && !ok {
		r.noWorkflow(parent)
		return
	}
	w := r.def.AddWorkflow(name, o, r.pos())
	r.workflows[path] = w
	if parent != "" {
		up.Add(r.pos(), w)
	}
}

func (r *reader) noWorkflow(path string) {
	names := make([]string, 0, len(r.workflows))
	for p := range r.workflows {
		names = append(names, p)
	}
	mend := diag.DidYouMean(path, names)
	if mend == "" {
		mend = "write its record first"
	}
	r.problem(fmt.Sprintf("there is no workflow %q", path), "a workflow's record comes before what is in it", mend)
}

func (r *reader) iface(rec *record) {
	id, name := rec.text("id"), rec.text("name")
	ref := iface.Ref{Name: name, Params: rec.values("params"), Source: rec.text("source")}
	if id == "" || name == "" {
		r.problem("an interface record needs id and name", "nodes refer to it by its id", `write {"kind":"interface","id":"i1","name":"fsl.BET"}`)
		return
	}
	if _, twice := r.ifaces[id]; twice {
		r.problem(fmt.Sprintf("interface %q is there already", id), "ids are unique", "give it another id")
		return
	}
	r.ifaces[id] = r.resolve(ref)
}

// resolve asks the catalogue. What can't be made is a problem, and then an
// interface that takes anything.
func (r *reader) resolve(ref iface.Ref) *iface.Interface {
	f, err := r.tools.Resolve(ref)
	if err == nil {
		return f
	}
	var list diag.List
	var one *diag.Diagnostic
	switch {
	case errors.As(err, &list) && len(list) > 0:
		one = list[0]
	case !errors.As(err, &one):
		one = &diag.Diagnostic{What: fmt.Sprintf("interface %q can't be made", ref.Name), Why: err.Error(), Mend: "see: raphe interface list"}
	}
	r.problem(one.What, one.Why, one.Mend)
	return iface.New(iface.Interface{Ref: iface.Ref{Name: ref.Name}, DynamicInputs: true})
}

func (r *reader) function(rec *record) {
	id, fn := rec.text("id"), iface.Func{Name: rec.text("name"), Source: rec.text("source")}
	if id == "" || fn.Name == "" || fn.Source == "" {
		r.problem("a function record needs id, name and source", "the source is a Starlark module that defines the name", `write {"kind":"function","id":"f1","name":"f","source":"def f(x): ..."}`)
		return
	}
	if _, twice := r.funcs[id]; twice {
		r.problem(fmt.Sprintf("function %q is there already", id), "ids are unique", "give it another id")
		return
	}
	r.funcs[id] = fn
}
