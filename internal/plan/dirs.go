package plan

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// Parameter directories follow nipype: _field_value for each field, sorted,
// one directory a dimension; texts over the limit become their SHA-1. Where
// nipype would give one directory to two values ('s 1' and 's1', say), the
// value's text gets a short hash of the value behind it.

const (
	longestLevel     = 252 // nipype's limit with parameterize_dirs
	longestHashLevel = 32  // and without
)

// levelText says which values of a dimension need a hash behind their text.
type levelText struct {
	clash map[clashKey]bool
}

// A clashKey is one value of one field of one run; field -1: a whole step of a
// lock-step run.
type clashKey struct{ run, field, which int }

var sanitizer = strings.NewReplacer("/", "..", "[", "", "]", "", " ", "", "(", "", ")", "", "{", "", "}", "",
	"?", "", ":", "", "<", "", ">", "", "#", "", "!", "", "|", "", `"`, "", "'", "", ";", "", ",", ".",
	"\n", "", "\t", "", "\r", "", "\x00", "")

// sanitize gives the text of a value as part of a directory name.
func sanitize(v value.Value) string { return sanitizer.Replace(value.Text(v)) }

// shortHash tells values apart whose texts are equal.
func shortHash(v value.Value) string {
	sum := sha1.Sum(value.Append(nil, v))
	return "-" + hex.EncodeToString(sum[:4])
}

// level gives the directory name of one element of a dimension; "" where it
// sets no field.
func (d *dim) level(flat int, limit int) string {
	k, i := d.runIndex(flat)
	run := &d.params.runs[k]
	parts := make([]string, len(d.fields))
	run.at(i, func(field string, which int, v value.Value) {
		if v == nil {
			return
		}
		text := sanitize(v)
		if d.text.clash[clashKey{k, slices.Index(run.fields, field), which}] || d.text.clash[clashKey{k, -1, i}] {
			text += shortHash(v)
		}
		parts[slices.Index(d.fields, field)] = "_" + sanitizer.Replace(field) + "_" + text
	})
	name := strings.Join(parts, "")
	if len(name) > limit {
		sum := sha1.Sum([]byte(name))
		return hex.EncodeToString(sum[:])
	}
	return name
}

// runIndex gives which declaration holds flat index i.
func (d *dim) runIndex(i int) (int, int) {
	run, rest := d.params.run(i)
	for k := range d.params.runs {
		if &d.params.runs[k] == run {
			return k, rest
		}
	}
	return 0, i
}

// findClashes fills d.text, and reports values that stand twice.
func (d *dim) findClashes(report func(v value.Value)) {
	d.text.clash = map[clashKey]bool{}
	for k := range d.params.runs {
		run := &d.params.runs[k]
		if run.lock {
			d.clashingSteps(k, run, report)
			continue
		}
		for f := range run.fields {
			d.clashingValues(k, f, run, report)
		}
	}
}

// clashingValues looks for values of one field that sanitize to one text.
func (d *dim) clashingValues(k, f int, run *paramRun, report func(value.Value)) {
	first := map[string]int{}
	for i := range run.values[f].Len() {
		v := run.values[f].At(i)
		text := sanitize(v)
		j, seen := first[text]
		switch {
		case !seen:
			first[text] = i
		case value.Equal(run.values[f].At(j), v):
			report(v)
		default:
			d.text.clash[clashKey{k, f, i}] = true
			d.text.clash[clashKey{k, f, j}] = true
		}
	}
}

// clashingSteps looks for steps of a lock-step run that sanitize to one text.
func (d *dim) clashingSteps(k int, run *paramRun, report func(value.Value)) {
	type step struct {
		i      int
		values value.Value
	}
	first := map[string]step{}
	for i := range run.size {
		var text string
		var values value.Tuple
		run.at(i, func(field string, _ int, v value.Value) {
			if v != nil {
				text += "_" + field + "_" + sanitize(v)
			}
			values = append(values, v)
		})
		s, seen := first[text]
		switch {
		case !seen:
			first[text] = step{i, values}
		case value.Equal(s.values, values):
			report(values)
		default:
			d.text.clash[clashKey{k, -1, i}] = true
			d.text.clash[clashKey{k, -1, s.i}] = true
		}
	}
}

// Dir gives the working directory of an instance, relative to base_dir and
// with slashes: nipype's base/workflow/.../_field_value/node. It is also the
// instance's name: no two instances share it.
func (p *Plan) Dir(i Instance) string {
	v, index := p.locate(i)
	vx := &p.vertices[v]
	parts := strings.Split(p.Def.Node(vx.node).FullName(), ".")
	name := parts[len(parts)-1]
	parts = parts[:len(parts)-1]
	limit := longestLevel
	if p.hashDirs {
		limit = longestHashLevel
	}
	for _, d := range p.orders[vx.order] {
		if level := p.dims[d].level(p.flat(vx.space, index, d), limit); level != "" {
			parts = append(parts, level)
		}
	}
	return strings.Join(append(parts, name), "/")
}

// sortLevels orders dimensions as nipype orders parameter directories: the
// farthest first, ties by the text of their fields.
func (b *builder) sortLevels(dims []dimID, dist map[dimID]int32) []dimID {
	out := slices.Clone(dims)
	slices.SortStableFunc(out, func(x, y dimID) int {
		if dist[x] != dist[y] {
			return int(dist[y] - dist[x])
		}
		return strings.Compare(b.fieldText(x), b.fieldText(y))
	})
	return out
}

func (b *builder) fieldText(d dimID) string { return "_" + strings.Join(b.plan.dims[d].fields, "_") }

// checkDims reports iterables that hold one value twice: two instances would
// write the same directory.
func (b *builder) checkDims() {
	for k := range b.plan.dims {
		d := &b.plan.dims[k]
		node := b.node(d.owner)
		told := false
		d.findClashes(func(v value.Value) {
			if told {
				return
			}
			told = true
			b.problems.add(node.Pos(), fmt.Sprintf("iterables of node %q hold %s twice", node.FullName(), value.Repr(v)),
				"two instances would have the same name and write the same directory", "leave the repeated value out")
		})
	}
}

// checkNames reports nodes whose directory would lie where another node's
// parameter directories or map elements go.
func (b *builder) checkNames() {
	levels := map[string]workflow.Node{}
	for k := range b.plan.dims {
		node := b.node(b.plan.dims[k].owner)
		levels[b.fieldText(dimID(k))+"_"] = node
	}
	if len(levels) == 0 {
		return
	}
	for _, v := range b.plan.runs {
		node := b.node(v)
		for prefix, owner := range levels {
			if strings.HasPrefix(node.Name(), prefix) {
				b.problems.add(node.Pos(), fmt.Sprintf("node name %q looks like a parameter directory", node.Name()),
					fmt.Sprintf("the iterables of %q make directories that begin with %q", owner.FullName(), prefix),
					"rename the node", diag.Note{Pos: owner.Pos(), Text: "the iterables are here"})
			}
		}
	}
}
