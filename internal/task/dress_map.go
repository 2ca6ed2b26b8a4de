package task

import (
	"fmt"
	"iter"
	"os"
	"slices"
	"time"

	"github.com/raphe-org/raphe/internal/nipype"
	"github.com/raphe-org/raphe/internal/value"
)

// asCollated gives the lists of a MapNode's outputs as nipype makes them: an
// element that lacks the output leaves Undefined in its place, and nothing before
// the first that has it.
//
// Source: MapNode._collate_results of nipype's pipeline/engine/nodes.py.
func asCollated(outputs value.Record) value.Record {
	isNone := func(v value.Value) bool { return value.KindOf(v) == value.NoneKind }
	for _, f := range outputs {
		list, ok := f.Value.(value.List)
		if !ok || !slices.ContainsFunc(list, isNone) {
			continue
		}
		first := slices.IndexFunc(list, func(v value.Value) bool { return !isNone(v) })
		list = slices.Clone(list[max(0, first):])
		for i, v := range list {
			if isNone(v) {
				list[i] = nil
			}
		}
		outputs = outputs.With(f.Name, list)
	}
	return outputs
}

// dressMap gives a MapNode that ran as a tool nipype's files, from the records
// of its elements.
func (r *Runner) dressMap(e *expansion, rec *Record) error {
	k := e.look
	n := r.nipypeNode(k)
	var err error
	if n.Outputs, err = r.results.outputs(rec); err != nil {
		return err
	}
	n.Map.Elements = r.elementResults(e, k)
	h, err := n.Hash()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(k.dir, 0o777); err != nil {
		return err
	}
	if err := n.Dress(h); err != nil {
		return err
	}
	rec.Files, err = mark(n.Believed(h), k.dir, false)
	return err
}

// elementResults gives how the elements of a tool ran, as far as their records
// say.
func (r *Runner) elementResults(e *expansion, k *look) iter.Seq[nipype.MapResult] {
	host, _ := os.Hostname()
	return func(yield func(nipype.MapResult) bool) {
		for i, ref := range e.refs {
			rec, err := r.results.read(ref)
			if err != nil {
				rec = &Record{Began: time.Now()}
			}
			in := slices.Clone(k.inputs)
			for field, items := range e.lists {
				in.Set(field, items[i])
			}
			set, _ := nipype.Normalise(k.iface, in)
			used := nipype.Used(k.iface, set, fmt.Sprintf("%s/mapflow/_%s%d", k.dir, k.result(), i))
			if !yield(nipype.MapResult{Used: used, Runtime: nipype.Runtime{
				CommandLine: quoted(rec.Argv), Start: rec.Began, End: rec.Began.Add(rec.Usage.Wall), Hostname: host,
				CommandPath: findProgram(firstOf(rec.Argv), r.inherited["PATH"]), Environ: r.opts.Environ,
			}}) {
				return
			}
		}
	}
}

func firstOf(argv []string) string {
	if len(argv) == 0 {
		return ""
	}
	return argv[0]
}
