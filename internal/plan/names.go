package plan

import (
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// checkDims reports iterables that would give one directory to two instances.
func (b *builder) checkDims() {
	bare := map[string]dimID{} // by fields: a dimension with a step that sets none of them
	for k := range b.plan.dims {
		d := &b.plan.dims[k]
		node := b.node(d.owner)
		if v := d.markClashes(); v != nil {
			b.problems.add(node.Place("iterables"), fmt.Sprintf("iterables of node %q hold %s twice", node.FullName(), value.Repr(v)),
				"two instances would have the same name and write the same directory", "leave the repeated value out")
		}
		if d.hasBareStep() {
			bare[strings.Join(d.fields, "\x00")] = dimID(k)
		}
	}
	for k := range b.plan.dims {
		other, ok := bare[strings.Join(b.plan.dims[k].fields, "\x00")]
		if !ok || other == dimID(k) {
			continue
		}
		node, like := b.node(b.plan.dims[other].owner), b.node(b.plan.dims[k].owner)
		b.problems.add(node.Place("iterables"), fmt.Sprintf("iterables of node %q have a step that sets no field", node.FullName()),
			fmt.Sprintf("it has no directory of its own, so that one of %q, with the same fields, could be taken for it", like.FullName()),
			"set a field in every step", diag.Note{Pos: like.Place("iterables"), Text: "the same fields are set here"})
	}
}

// hasBareStep reports whether a lock-step declaration has a step in which every
// field is Undefined.
func (d *dim) hasBareStep() bool {
	for k := range d.params.runs {
		run := &d.params.runs[k]
		for i := range run.size {
			if !run.lock {
				break
			}
			if len(d.appendLevel(nil, k, i, nil)) == 0 {
				return true
			}
		}
	}
	return false
}

// checkNames reports nodes and workflows whose directory would lie where
// parameter directories go.
func (b *builder) checkNames() {
	owners := map[string]workflow.Node{} // by how a parameter directory begins
	for k := range b.plan.dims {
		d := &b.plan.dims[k]
		prefix := "_" + string(appendSanitized(nil, d.fields[0])) + "_"
		if _, known := owners[prefix]; !known {
			owners[prefix] = b.node(d.owner)
		}
	}
	if len(owners) == 0 {
		return
	}
	seen := map[workflow.WorkflowID]bool{}
	for k := range b.plan.numRuns() {
		node := b.node(b.plan.run(k))
		b.checkName(owners, "node", node.Name(), node.Pos())
		for w := node.Parent(); w.ID != b.plan.Top.ID && !seen[w.ID]; w = w.Parent() {
			seen[w.ID] = true
			b.checkName(owners, "workflow", w.Name(), w.Pos())
		}
	}
}

func (b *builder) checkName(owners map[string]workflow.Node, kind, name string, pos diag.Pos) {
	if !strings.HasPrefix(name, "_") {
		return
	}
	for prefix, owner := range owners {
		if strings.HasPrefix(name, prefix) {
			b.problems.add(pos, fmt.Sprintf("%s name %q looks like a parameter directory", kind, name),
				fmt.Sprintf("the iterables of %q make directories that begin with %q", owner.FullName(), prefix),
				"rename the "+kind, diag.Note{Pos: owner.Place("iterables"), Text: "the iterables are here"})
		}
	}
}
