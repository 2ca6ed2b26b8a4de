package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The model expands a sketch as nipype does (generate_expanded_graph, section
// 2.3 of its description): by copying a node with iterables and all that is
// reachable from it, once for each parameter set.
type model struct {
	nodes []*modelNode // topological
}

type modelNode struct {
	spec     *sketchNode
	expanded bool
	inputs   map[string]string
	edges    []modelEdge
	levels   []modelLevel
}

// A modelEdge brings a value; slot counts those that a joinfield collects, from 1.
type modelEdge struct {
	src     *modelNode
	srcPort string
	dstPort string
	fns     []string // the nearest to the source first
	slot    int
	instead *string // what the input is when the source has nothing
}

type modelLevel struct {
	distance int
	text     string
}

func newModel(s *sketch) *model {
	m := &model{}
	byName := map[string]*modelNode{}
	for i := range s.Nodes {
		spec := &s.Nodes[i]
		n := &modelNode{spec: spec, inputs: map[string]string{}}
		for k, v := range spec.Consts {
			n.inputs[k] = v
		}
		for _, e := range spec.In {
			edge := modelEdge{src: byName[e.Src], srcPort: e.SrcPort, dstPort: e.DstPort}
			if e.Fn != "" {
				edge.fns = []string{e.Fn}
			}
			n.edges = append(n.edges, edge)
		}
		byName[spec.Name] = n
		m.nodes = append(m.nodes, n)
	}
	return m
}

// splice takes identity nodes out: all without iterables, or all.
func (m *model) splice(all bool) {
	gone := func(n *modelNode) bool { return n.spec.Kind == "identity" && (all || len(n.spec.Iterables) == 0) }
	for _, n := range m.nodes {
		var edges []modelEdge
		for _, e := range n.edges {
			if !gone(e.src) {
				edges = append(edges, e)
				continue
			}
			// The source was spliced before, so its own edges come from what stays.
			k := slices.IndexFunc(e.src.edges, func(up modelEdge) bool { return up.dstPort == e.srcPort })
			if k >= 0 {
				up := e.src.edges[k]
				joined := modelEdge{up.src, up.srcPort, e.dstPort, slices.Concat(up.fns, e.fns), e.slot, e.instead}
				if v, ok := e.src.inputs[e.srcPort]; ok {
					joined.instead = ptr(apply(v, e.fns))
				}
				if up.instead != nil {
					joined.instead = ptr(apply(*up.instead, e.fns))
				}
				edges = append(edges, joined)
			} else if v, ok := e.src.inputs[e.srcPort]; ok {
				n.setInput(e, apply(v, e.fns))
			} else if e.instead != nil {
				n.setInput(e, *e.instead)
			}
		}
		n.edges = edges
	}
	m.nodes = slices.DeleteFunc(m.nodes, gone)
}

// setInput sets a constant; in a slot of a joinfield it stays a source.
func (n *modelNode) setInput(e modelEdge, v string) {
	if e.slot == 0 {
		n.inputs[e.dstPort] = v
		return
	}
	n.inputs[fmt.Sprintf("%s\x00%06d", e.dstPort, e.slot)] = v
}

func ptr(s string) *string { return &s }

func apply(v string, fns []string) string {
	for _, f := range fns {
		v = f + "(" + v + ")"
	}
	return v
}

// next gives the node that is expanded next: without itersource from the end,
// then with itersource from the start.
func (m *model) next() *modelNode {
	waiting := func(n *modelNode) bool { return len(n.spec.Iterables) > 0 && !n.expanded }
	for _, n := range slices.Backward(m.nodes) {
		if waiting(n) && n.spec.IterSource == "" {
			return n
		}
	}
	for _, n := range m.nodes {
		if waiting(n) {
			return n
		}
	}
	return nil
}

// reach gives the longest distance of every node reachable from n.
func (m *model) reach(n *modelNode) map[*modelNode]int {
	dist := map[*modelNode]int{n: 0}
	for _, at := range m.nodes {
		for _, e := range at.edges {
			if d, ok := dist[e.src]; ok {
				dist[at] = max(dist[at], d+1)
			}
		}
	}
	return dist
}

// ancestor finds the copy of the named node that n lies under: connected to it
// without a join over that node between. (nipype takes the first copy that is
// connected in any way.)
func (m *model) ancestor(n *modelNode, name string) *modelNode {
	var up func(at *modelNode) *modelNode
	up = func(at *modelNode) *modelNode {
		if at.spec.Name == name {
			return at
		}
		for _, e := range at.edges {
			if e.slot > 0 && at.spec.JoinSource == name {
				continue
			}
			if found := up(e.src); found != nil {
				return found
			}
		}
		return nil
	}
	return up(n)
}

// params gives the parameter sets of n.
func (m *model) params(n *modelNode) []map[string]string {
	var lists [][]string
	for _, it := range n.spec.Iterables {
		list := it.Values
		if n.spec.IterSource != "" {
			src := m.ancestor(n, n.spec.IterSource)
			list = it.ByKey[src.inputs[fieldOf(n.spec.IterSource)]]
		}
		lists = append(lists, list)
	}
	sets := []map[string]string{{}}
	if n.spec.Sync {
		sets = make([]map[string]string, len(lists[0]))
		for i := range sets {
			sets[i] = map[string]string{}
			for f, it := range n.spec.Iterables {
				sets[i][it.Field] = lists[f][i]
			}
		}
		return sets
	}
	for f, it := range n.spec.Iterables {
		var longer []map[string]string
		for _, set := range sets {
			for _, v := range lists[f] {
				extended := map[string]string{it.Field: v}
				for k, old := range set {
					extended[k] = old
				}
				longer = append(longer, extended)
			}
		}
		sets = longer
	}
	return sets
}

// expand copies n and all that is reachable from it, short of its joins.
func (m *model) expand(n *modelNode) {
	cut := map[*modelNode][]modelEdge{}
	reach := m.reach(n)
	for _, j := range m.nodes {
		if _, ok := reach[j]; ok && j != n && j.spec.JoinSource == n.spec.Name {
			cut[j], j.edges = j.edges, nil
		}
	}
	n.expanded = true
	sets := m.params(n)
	dist := m.reach(n)
	copies := make([]map[*modelNode]*modelNode, len(sets))
	var nodes []*modelNode
	for _, old := range m.nodes {
		d, inside := dist[old]
		if !inside {
			nodes = append(nodes, old)
			continue
		}
		for i, set := range sets {
			if copies[i] == nil {
				copies[i] = map[*modelNode]*modelNode{}
			}
			c := old.copyInto(copies[i], modelLevel{d, levelText(set)})
			if old == n {
				for k, v := range set {
					c.inputs[k] = v
				}
			}
			nodes = append(nodes, c)
		}
	}
	m.nodes = nodes
	for j, edges := range cut {
		j.reconnect(edges, copies)
	}
}

func (n *modelNode) copyInto(twin map[*modelNode]*modelNode, level modelLevel) *modelNode {
	c := &modelNode{spec: n.spec, expanded: n.expanded, inputs: map[string]string{}, levels: append([]modelLevel{level}, n.levels...)}
	for k, v := range n.inputs {
		c.inputs[k] = v
	}
	for _, e := range n.edges {
		if t, ok := twin[e.src]; ok {
			e.src = t
		}
		c.edges = append(c.edges, e)
	}
	twin[n] = c
	return c
}

// reconnect gives a join node one slot for each copy of its sources.
func (n *modelNode) reconnect(edges []modelEdge, copies []map[*modelNode]*modelNode) {
	for _, e := range edges {
		if copies[0][e.src] == nil {
			n.edges = append(n.edges, e)
			continue
		}
		for i := range copies {
			slot := e
			slot.src, slot.slot = copies[i][e.src], i+1
			n.edges = append(n.edges, slot)
		}
	}
}

func levelText(set map[string]string) string {
	var fields []string
	for f := range set {
		fields = append(fields, f)
	}
	slices.Sort(fields)
	text := ""
	for _, f := range fields {
		text += "_" + f + "_" + set[f]
	}
	return text
}

func (n *modelNode) dir() string {
	levels := slices.Clone(n.levels)
	slices.SortStableFunc(levels, func(a, b modelLevel) int {
		if a.distance != b.distance {
			return b.distance - a.distance
		}
		return strings.Compare(a.text, b.text)
	})
	parts := []string{"wf"}
	for _, l := range levels {
		parts = append(parts, l.text)
	}
	return strings.Join(append(parts, n.spec.Name), "/")
}

// told gives the inputs of every node by its directory.
func (m *model) told() map[string]string {
	out := map[string]string{}
	for _, n := range m.nodes {
		values, slots := map[string]string{}, map[string][]string{}
		var keys []string
		for k := range n.inputs {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if port, _, isSlot := strings.Cut(k, "\x00"); isSlot {
				slots[port] = append(slots[port], n.inputs[k])
			} else {
				values[k] = n.inputs[k]
			}
		}
		for _, e := range n.edges {
			v := apply(e.src.dir()+":"+e.srcPort, e.fns)
			if e.slot > 0 {
				slots[e.dstPort] = append(slots[e.dstPort], v)
			} else {
				values[e.dstPort] = v
			}
		}
		for port, list := range slots {
			values[port] = "['" + strings.Join(list, "', '") + "']"
		}
		var parts []string
		for k, v := range values {
			parts = append(parts, k+"="+v)
		}
		slices.Sort(parts)
		out[n.dir()] = strings.Join(parts, " ")
	}
	return out
}

func expandModel(s *sketch) map[string]string {
	m := newModel(s)
	m.splice(false)
	for n := m.next(); n != nil; n = m.next() {
		m.expand(n)
	}
	m.splice(true)
	return m.told()
}

// joinsBesideItersource finds joins over n that keep a dimension with an
// itersource which is not n but lies under n. There nipype expands each copy of
// that node by itself, and the join once for every combination of what they
// have; here the join runs once for each value, as with any other iterable.
func joinsBesideItersource(p *Plan) bool {
	for v := range p.vertices {
		source := p.Def.Node(p.vertices[v].node).Options().JoinSource
		if source == "" {
			continue
		}
		for _, d := range p.spaces.spaces[p.form(vertexID(v)).space].dims {
			if p.dims[d].parent < 0 {
				continue
			}
			for _, over := range p.spaces.spaces[p.form(p.dims[d].owner).space].dims {
				if p.Def.Node(p.vertices[p.dims[over].owner].node).Name() == source {
					return true
				}
			}
		}
	}
	return false
}

func TestPlanIsTheModel(t *testing.T) {
	runnable := 0
	rapid.Check(t, func(rt *rapid.T) {
		s := anySketch().Draw(rt, "sketch")
		p, problems := Build(s.build())
		if len(problems) > 0 || joinsBesideItersource(p) {
			return
		}
		runnable++
		if d := cmp.Diff(expandModel(&s), inputs(t, p)); d != "" {
			rt.Fatalf("%+v\ninstances (-model +plan):\n%s", s, d)
		}
		checkSymmetry(t, p)
	})
	if runnable < 20 {
		t.Errorf("only %d of the sketches can be run", runnable)
	}
}
