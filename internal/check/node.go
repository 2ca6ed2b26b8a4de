package check

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// node checks one node; links are the connections that lead to it. Of one that
// nipype handed over nothing is asked: there, what is wrong with a node ends that
// node, and not the run.
func (c *checker) node(n workflow.Node, links []link) {
	f := n.Interface()
	if unknown(f) || n.Foreign() != nil {
		return
	}
	connected := func(name string) bool {
		if len(links) == 0 {
			return false
		}
		port, known := c.def.FindName(name)
		if !known {
			return false
		}
		_, found := slices.BinarySearchFunc(links, port, func(l link, p workflow.Name) int { return cmp.Compare(l.port, p) })
		return found
	}
	o, set := n.Options(), n.Inputs()
	c.options(n, connected)
	given := func(name string) bool {
		return connected(name) || n.Excused(name) || slices.Contains(c.meant[n.ID], name) || slices.ContainsFunc(o.Iterables, func(it workflow.Iterable) bool { return it.Field == name })
	}
	constants := set
	if slices.ContainsFunc(set, func(f value.Field) bool { return connected(f.Name) }) { // a connection goes before what is set
		constants = slices.DeleteFunc(slices.Clone(set), func(f value.Field) bool { return connected(f.Name) })
	}
	if !f.IsIdentity() || o.Kind != workflow.PlainNode {
		c.inputs(n, set, given)
	}
	c.native(n, constants)
	c.files(n, constants)
}

// inputs checks the rules among the inputs.
func (c *checker) inputs(n workflow.Node, set value.Record, given func(string) bool) {
	for _, p := range n.Interface().Check(set, given) {
		code := diag.BadDefinition
		if p.Warning {
			code = diag.Warning
		}
		c.add(&diag.Diagnostic{Code: code, Pos: n.Place(p.Input), What: fmt.Sprintf("node %q: %s", n.FullName(), p.What), Why: p.Why, Mend: p.Mend})
	}
}

// native asks an interface of Raphe's own about the values that are known.
func (c *checker) native(n workflow.Node, constants value.Record) {
	f := n.Interface()
	if f.Native == nil || n.Options().Kind == workflow.MapNode {
		return
	}
	impl, ok := native.Lookup(f.Native.Impl)
	if !ok || impl.Check == nil {
		return
	}
	if err := impl.Check(f.Params, constants); err != nil {
		c.problem(n.Pos(), fmt.Sprintf("node %q (%s) can't run with these inputs", n.FullName(), f.Name), err.Error(), "see: raphe interface show "+f.Name)
	}
}

// files reports constants that name files which are not there.
func (c *checker) files(n workflow.Node, constants value.Record) {
	f, o := n.Interface(), n.Options()
	for i := range f.Inputs {
		in := &f.Inputs[i]
		if !in.Type.MustExist() {
			continue
		}
		if v := constants.Get(in.Name); v != nil {
			c.file(n, in, v, n.Place(in.Name), slices.Contains(o.IterField, in.Name))
		}
		for _, it := range o.Iterables {
			if it.Field != in.Name {
				continue
			}
			for _, v := range it.Values.All() {
				if v != nil {
					c.file(n, in, v, n.Place("iterables"), slices.Contains(o.IterField, in.Name))
				}
			}
			for _, e := range it.ByKey {
				c.file(n, in, e.Value, n.Place("iterables"), true)
			}
		}
	}
}

// file checks one value; of a list that is run through, each element.
func (c *checker) file(n workflow.Node, in *iface.Input, v value.Value, pos diag.Pos, each bool) {
	if items, ok := value.Items(v); ok && each {
		for _, item := range items {
			c.file(n, in, item, pos, true)
		}
		return
	}
	relative := false
	in.Type.Paths(v, func(path string, t iface.Type) {
		if t.Exists && !filepath.IsAbs(path) {
			relative = true
			c.problem(pos, fmt.Sprintf("node %q: the path %q of input %q is relative", n.FullName(), path, in.Name),
				"a node has a folder of its own, from which it would count", "write the whole path")
		}
	})
	if relative {
		return
	}
	for _, p := range n.Interface().MissingFiles(value.Record{{Name: in.Name, Value: v}}, "/", os.Stat) {
		c.add(&diag.Diagnostic{Code: diag.Missing, Pos: pos, What: fmt.Sprintf("node %q: %s", n.FullName(), p.What), Why: p.Why, Mend: p.Mend})
	}
}
