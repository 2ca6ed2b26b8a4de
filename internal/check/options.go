package check

import (
	"fmt"
	"slices"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// options checks what a node says beside its inputs.
func (c *checker) options(n workflow.Node, connected func(string) bool) {
	o := n.Options()
	c.known(n, "iterfield", o.IterField)
	c.known(n, "joinfield", o.JoinField)
	for _, it := range o.Iterables {
		c.known(n, "iterables", []string{it.Field})
		if connected(it.Field) {
			c.problem(n.Place("iterables"), fmt.Sprintf("input %q of node %q is both iterated over and connected", it.Field, n.FullName()),
				"the connection would give every branch the same value", "take one of the two away")
		}
	}
	c.outputs(n)
	switch o.Kind {
	case workflow.MapNode:
		c.mapNode(n, connected)
	case workflow.JoinNode:
		if o.JoinSource == "" {
			c.problem(n.Pos(), fmt.Sprintf("JoinNode %q has no joinsource", n.FullName()), "it collects the branches of a node with iterables", `name that node: joinsource = "..."`)
		}
	}
	c.lockStep(n)
	c.byKey(n)
}

// known checks that names are inputs of the interface.
func (c *checker) known(n workflow.Node, option string, names []string) {
	f := n.Interface()
	for _, name := range names {
		if f.Input(name) == nil && !f.DynamicInputs {
			c.problem(n.Place(option), fmt.Sprintf("%s of node %q: %s has no input %q", option, n.FullName(), f.Name, name),
				"its inputs are "+orElse(short(f.InputNames()), "none"), orElse(diag.DidYouMean(name, f.InputNames()), "take the name away"))
		}
	}
}

func (c *checker) outputs(n workflow.Node) {
	f := n.Interface()
	for _, name := range n.Options().KeepOutputs {
		if f.Output(name) == nil && !openOutputs(f) {
			c.problem(n.Pos(), fmt.Sprintf("needed_outputs of node %q: %s has no output %q", n.FullName(), f.Name, name),
				"its outputs are "+orElse(short(f.OutputNames()), "none"), orElse(diag.DidYouMean(name, f.OutputNames()), "take the name away"))
		}
	}
}

// mapNode checks that every iterfield gets a list from somewhere, and that
// those which are written out have one length.
func (c *checker) mapNode(n workflow.Node, connected func(string) bool) {
	o, set := n.Options(), n.Inputs()
	if len(o.IterField) == 0 {
		c.problem(n.Pos(), fmt.Sprintf("MapNode %q has no iterfield", n.FullName()),
			"a MapNode runs its interface once for each element of an input", `name the input: iterfield = "in_file"`)
	}
	first, length := "", 0
	for _, field := range o.IterField {
		iterated := slices.ContainsFunc(o.Iterables, func(it workflow.Iterable) bool { return it.Field == field })
		if connected(field) || iterated {
			continue
		}
		v := set.Get(field)
		if v == nil {
			c.problem(n.Place("iterfield"), fmt.Sprintf("iterfield %q of MapNode %q is neither set nor connected", field, n.FullName()),
				"a MapNode runs once for each element of it", fmt.Sprintf("set it to a list (node.inputs.%s = [...]), or connect a list to it", field))
			continue
		}
		items, ok := value.Items(v)
		if !ok || o.Nested {
			continue
		}
		switch {
		case first == "":
			first, length = field, len(items)
		case len(items) != length:
			c.problem(n.Place(field), fmt.Sprintf("iterfields of MapNode %q have different lengths", n.FullName()),
				fmt.Sprintf("%q has %d elements, %q has %d; they are walked together", first, length, field, len(items)), "give them the same length")
		}
	}
}

// lockStep checks that iterables which are walked together have one length.
func (c *checker) lockStep(n workflow.Node) {
	o := n.Options()
	if !o.Synchronize || len(o.Iterables) < 2 {
		return
	}
	unequal := func(a, b workflow.Iterable, la, lb int, where string) bool {
		if la == lb {
			return false
		}
		c.problem(n.Place("iterables"), fmt.Sprintf("iterables of node %q have different lengths under synchronize%s", n.FullName(), where),
			fmt.Sprintf("%q has %d values, %q has %d; they are walked in lock step", a.Field, la, b.Field, lb),
			"give them the same length, or leave synchronize out for all combinations")
		return true
	}
	first := o.Iterables[0]
	for _, it := range o.Iterables[1:] {
		if len(first.ByKey) == 0 && len(it.ByKey) == 0 {
			if unequal(first, it, first.Values.Len(), it.Values.Len(), "") {
				return
			}
			continue
		}
		for _, e := range first.ByKey {
			a, _ := value.Items(e.Value)
			b, _ := value.Items(it.ByKey.Get(e.Key))
			if unequal(first, it, len(a), len(b), " for "+value.Repr(e.Key)) {
				return
			}
		}
	}
}

// byKey checks that iterables by key and an itersource go together.
func (c *checker) byKey(n workflow.Node) {
	o := n.Options()
	for _, it := range o.Iterables {
		switch {
		case len(it.ByKey) > 0 && o.IterSource == nil:
			c.problem(n.Place("iterables"), fmt.Sprintf("iterable %q of node %q has lists by key but no itersource", it.Field, n.FullName()),
				"the key is a value of another node's iterable", `name that node and its field: itersource = ("info", "subject")`)
		case len(it.ByKey) == 0 && o.IterSource != nil && it.Values.Len() > 0:
			c.problem(n.Place("iterables"), fmt.Sprintf("iterable %q of node %q has one list, but there is an itersource", it.Field, n.FullName()),
				fmt.Sprintf("an itersource chooses among lists by the value of %q", o.IterSource.Node), `write {"value of the source": [...], ...}`)
		}
	}
	if o.IterSource != nil && len(o.Iterables) == 0 {
		c.problem(n.Place("itersource"), fmt.Sprintf("node %q has an itersource but no iterables", n.FullName()),
			"the itersource chooses which values the iterables have", "add iterables, or take itersource away")
	}
	if o.IterSource != nil && len(o.IterSource.Fields) == 0 {
		c.problem(n.Place("itersource"), fmt.Sprintf("itersource of node %q names no field", n.FullName()), "a field of that node has the values that choose among the lists", `write itersource = ("info", "subject")`)
	}
}
