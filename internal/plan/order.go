package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/workflow"
)

// sortNodes gives the nodes in topological order, by order of definition where
// that leaves a choice, or reports a cycle.
func (b *builder) sortNodes() []workflow.NodeID {
	waiting := make([]uint32, len(b.vertexOf))
	first := make([]uint32, len(b.vertexOf)+1)
	for _, e := range b.edges {
		waiting[e.dst]++
		first[e.src+1]++
	}
	for i := 1; i < len(first); i++ {
		first[i] += first[i-1]
	}
	out := make([]workflow.NodeID, len(b.edges))
	next := slices.Clone(first)
	for _, e := range b.edges {
		out[next[e.src]] = e.dst
		next[e.src]++
	}
	order := make([]workflow.NodeID, 0, len(b.vertexOf))
	total := 0
	for id := 1; id < len(b.vertexOf); id++ {
		if b.vertexOf[id] == 0 {
			total++
			if waiting[id] == 0 {
				order = append(order, workflow.NodeID(id))
			}
		}
	}
	for k := 0; k < len(order); k++ {
		for _, dst := range out[first[order[k]]:first[order[k]+1]] {
			if waiting[dst]--; waiting[dst] == 0 {
				order = append(order, dst)
			}
		}
	}
	if len(order) < total {
		b.reportCycle(waiting)
	}
	return order
}

// reportCycle follows edges backwards among the nodes that never became ready,
// from the first of them, until one repeats.
func (b *builder) reportCycle(waiting []uint32) {
	via := map[workflow.NodeID]edge{}
	at := workflow.NodeID(len(b.vertexOf))
	for _, e := range b.edges {
		if waiting[e.src] > 0 && waiting[e.dst] > 0 {
			via[e.dst] = e
			at = min(at, e.dst)
		}
	}
	seen := map[workflow.NodeID]int{}
	var path []edge
	for {
		if k, ok := seen[at]; ok {
			path = path[k:]
			break
		}
		seen[at] = len(path)
		path = append(path, via[at])
		at = via[at].src
	}
	slices.Reverse(path)
	smallest := 0
	for k := range path {
		if path[k].src < path[smallest].src {
			smallest = k
		}
	}
	b.addCycle(slices.Concat(path[smallest:], path[:smallest]))
}

// addCycle reports the edges of a cycle, at the last of them.
func (b *builder) addCycle(path []edge) {
	def := b.plan.Def
	var names []string
	var notes []diag.Note
	for _, e := range path {
		src, dst := def.Node(e.src).FullName(), def.Node(e.dst).FullName()
		names = append(names, src)
		row, _ := def.Edge(int(e.row))
		notes = append(notes, diag.Note{Pos: row.Pos, Text: fmt.Sprintf("%s.%s -> %s.%s", src, b.plan.ports[e.srcPort], dst, b.plan.ports[e.dstPort])})
	}
	names = append(names, names[0])
	b.problems.add(notes[len(notes)-1].Pos, "connections form a cycle: "+strings.Join(names, " -> "),
		"each of these nodes waits for the next, so none can ever start", "remove one of the connections", notes...)
}
