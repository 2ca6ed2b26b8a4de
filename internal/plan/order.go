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
	first, linksOut := b.linksBySource()
	order := make([]workflow.NodeID, 0, len(b.vertexOf))
	total := 0
	for id := 1; id < len(b.vertexOf); id++ {
		if b.vertexOf[id] == outside {
			continue
		}
		total++
		waiting[id] = uint32(len(b.linksTo(workflow.NodeID(id))))
		if waiting[id] == 0 {
			order = append(order, workflow.NodeID(id))
		}
	}
	for k := 0; k < len(order); k++ {
		for _, i := range linksOut[first[order[k]]:first[order[k]+1]] {
			dst := b.ends[i].dst
			if waiting[dst]--; waiting[dst] == 0 {
				order = append(order, dst)
			}
		}
	}
	if len(order) < total {
		b.reportCycle(waiting)
	}
	b.ends = nil // linksIn and the definition do from here on
	return order
}

// linksBySource gives the links by the node at their beginning, and where those
// of each node begin.
func (b *builder) linksBySource() (first, links []uint32) {
	first = make([]uint32, len(b.vertexOf)+1)
	for _, e := range b.ends {
		if e.src != 0 {
			first[e.src+1]++
		}
	}
	for i := 1; i < len(first); i++ {
		first[i] += first[i-1]
	}
	links = make([]uint32, len(b.linksIn))
	for i, e := range b.ends {
		if e.src != 0 {
			links[first[e.src]] = uint32(i)
			first[e.src]++
		}
	}
	copy(first[1:], first)
	first[0] = 0
	return first, links
}

// reportCycle follows links backwards among the nodes that never became ready,
// from the first of them, until one repeats.
func (b *builder) reportCycle(waiting []uint32) {
	via := map[workflow.NodeID]int{} // the last link that ends there
	at := workflow.NodeID(len(b.vertexOf))
	for i, e := range b.ends {
		if waiting[e.src] > 0 && waiting[e.dst] > 0 {
			via[e.dst] = i
			at = min(at, e.dst)
		}
	}
	seen := map[workflow.NodeID]int{}
	var path []int
	for {
		if k, ok := seen[at]; ok {
			path = path[k:]
			break
		}
		seen[at] = len(path)
		path = append(path, via[at])
		at = b.ends[via[at]].src
	}
	slices.Reverse(path)
	smallest := 0
	for k := range path {
		if b.ends[path[k]].src < b.ends[path[smallest]].src {
			smallest = k
		}
	}
	b.addCycle(slices.Concat(path[smallest:], path[:smallest]))
}

// addCycle reports the links of a cycle, at the last of them.
func (b *builder) addCycle(path []int) {
	def := b.plan.Def
	var names []string
	var notes []diag.Note
	for _, i := range path {
		l, _ := def.Link(i)
		src, dst := def.Node(l.Src).FullName(), def.Node(l.Dst).FullName()
		names = append(names, src)
		edge, _ := def.Edge(i)
		notes = append(notes, diag.Note{Pos: edge.Pos, Text: fmt.Sprintf("%s.%s -> %s.%s", src, def.Text(l.SrcPort), dst, def.Text(l.DstPort))})
	}
	names = append(names, names[0])
	b.problems.add(notes[len(notes)-1].Pos, "connections form a cycle: "+strings.Join(names, " -> "),
		"each of these nodes waits for the next, so none can ever start", "remove one of the connections", notes...)
}
