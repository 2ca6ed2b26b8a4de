package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/workflow"
)

// Build plans the top workflow: it orders the nodes, splices identity nodes
// out, finds each node's iteration space and numbers the instances. The
// definition must have passed check; what only the graph can show to be wrong
// (cycles, joinsources, iterables, names that meet on disk) is in the list.
func Build(top workflow.Workflow) (*Plan, diag.List) {
	b := &builder{
		plan: &Plan{
			Def: top.Definition(), Top: top,
			relations: map[[2]spaceID]*relation{},
			chains:    [][]*workflow.Func{nil},
			hashDirs:  top.Options().Config.ParameterizeDirs == workflow.No,
		},
		portIndex:  map[string]uint32{},
		chainIndex: map[string]uint32{},
	}
	b.readEdges()
	order := b.sortNodes()
	if len(b.problems.List) > 0 {
		return nil, b.problems.List
	}
	b.makeVertices(order)
	b.bind()
	b.makeSpaces()
	if len(b.problems.List) > 0 {
		return nil, b.problems.List
	}
	b.orderLevels()
	b.number()
	b.checkDims()
	b.checkNames()
	return b.plan, b.problems.List
}

// A builder holds what only building needs.
type builder struct {
	plan       *Plan
	problems   problems
	edges      []edge // of the top workflow, between nodes
	byDst      []uint32
	vertexOf   []vertexID // by NodeID; -1: spliced out, or not in this workflow
	portIndex  map[string]uint32
	chainIndex map[string]uint32
	spliced    map[identityPort]uint32 // edge into a field of an identity node
	dropped    map[vertexID][]dimID    // the dimensions that a JoinNode drops
}

// An edge is one connection between two nodes: 20 bytes, no pointers.
type edge struct {
	src, dst         workflow.NodeID
	srcPort, dstPort uint32
	row              uint32 // Definition.Edge(row)
}

type identityPort struct {
	node workflow.NodeID
	port uint32
}

func (b *builder) port(name string) uint32 {
	if i, ok := b.portIndex[name]; ok {
		return i
	}
	b.plan.ports = append(b.plan.ports, name)
	b.portIndex[name] = uint32(len(b.plan.ports) - 1)
	return b.portIndex[name]
}

func (b *builder) node(v vertexID) workflow.Node { return b.plan.Def.Node(b.plan.vertices[v].node) }

// inTop tells for each workflow whether it is the top one or lies within it.
func (b *builder) inTop() []bool {
	ws := b.plan.Def.Workflows()
	in := make([]bool, len(ws)+1)
	for _, w := range ws {
		for up := w; up.ID != 0; up = up.Parent() {
			if up.ID == b.plan.Top.ID {
				in[w.ID] = true
				break
			}
		}
	}
	return in
}

// readEdges resolves the ports of the top workflow's connections to nodes.
// Ports that lead nowhere have been reported by check.
func (b *builder) readEdges() {
	def, in := b.plan.Def, b.inTop()
	b.edges = make([]edge, 0, def.NumEdges())
	for row := range def.NumEdges() {
		e, wf := def.Edge(row)
		if !in[wf.ID] {
			continue
		}
		src, srcPort, badSrc := def.ResolvePort(e.Src, e.SrcPort)
		dst, dstPort, badDst := def.ResolvePort(e.Dst, e.DstPort)
		if badSrc != nil || badDst != nil {
			continue
		}
		b.edges = append(b.edges, edge{src.ID, dst.ID, b.port(srcPort), b.port(dstPort), uint32(row)})
	}
	b.vertexOf = make([]vertexID, def.NumNodes()+1)
	for id := range b.vertexOf {
		b.vertexOf[id] = -1
		if id > 0 && in[def.Node(workflow.NodeID(id)).Parent().ID] {
			b.vertexOf[id] = 0 // known; numbered later
		}
	}
}

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
	var order []workflow.NodeID
	for id := 1; id < len(b.vertexOf); id++ {
		if b.vertexOf[id] == 0 && waiting[id] == 0 {
			order = append(order, workflow.NodeID(id))
		}
	}
	total := 0
	for id := 1; id < len(b.vertexOf); id++ {
		if b.vertexOf[id] == 0 {
			total++
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

// reportCycle follows edges backwards among the nodes that never became ready
// until one repeats.
func (b *builder) reportCycle(waiting []uint32) {
	via := map[workflow.NodeID]edge{}
	for _, e := range b.edges {
		if waiting[e.src] > 0 && waiting[e.dst] > 0 {
			via[e.dst] = e
		}
	}
	seen := map[workflow.NodeID]int{}
	var path []edge
	var at workflow.NodeID
	for at = range via {
		break
	}
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
	path = append(path[smallest:], path[:smallest]...)
	names := make([]string, 0, len(path)+1)
	var notes []diag.Note
	for _, e := range path {
		names = append(names, b.plan.Def.Node(e.src).FullName())
		row, _ := b.plan.Def.Edge(int(e.row))
		notes = append(notes, diag.Note{Pos: row.Pos, Text: fmt.Sprintf("%s.%s -> %s.%s", b.plan.Def.Node(e.src).FullName(),
			b.plan.ports[e.srcPort], b.plan.Def.Node(e.dst).FullName(), b.plan.ports[e.dstPort])})
	}
	names = append(names, names[0])
	b.problems.add(notes[len(notes)-1].Pos, "connections form a cycle: "+strings.Join(names, " -> "),
		"each of these nodes waits for the next, so none can ever start", "remove one of the connections", notes...)
}

// makeVertices numbers the nodes that stay: all but identity nodes without
// iterables.
func (b *builder) makeVertices(order []workflow.NodeID) {
	p := b.plan
	for _, id := range order {
		node := p.Def.Node(id)
		o := node.Options()
		identity := node.Interface().IsIdentity() && o.Kind == workflow.PlainNode
		if identity && len(o.Iterables) == 0 {
			b.vertexOf[id] = -1
			continue
		}
		b.vertexOf[id] = vertexID(len(p.vertices))
		p.vertices = append(p.vertices, vertex{node: id, own: -1, identity: identity})
	}
	slices.SortStableFunc(b.edges, func(x, y edge) int { return int(b.vertexOf[x.dst]) - int(b.vertexOf[y.dst]) })
	b.spliced = map[identityPort]uint32{}
	for k, e := range b.edges {
		if b.isSpliced(e.dst) {
			b.spliced[identityPort{e.dst, e.dstPort}] = uint32(k)
		}
	}
}

// isSpliced reports whether nothing of the node is run: an identity node.
func (b *builder) isSpliced(id workflow.NodeID) bool {
	v := b.vertexOf[id]
	return v < 0 || b.plan.vertices[v].identity
}

// bind makes the bindings of every vertex, following connections through
// identity nodes to where the value really comes from.
func (b *builder) bind() {
	p := b.plan
	k := 0
	for k < len(b.edges) && b.vertexOf[b.edges[k].dst] < 0 {
		k++
	}
	for v := range p.vertices {
		p.vertices[v].in = uint32(len(p.bindings))
		for ; k < len(b.edges) && b.vertexOf[b.edges[k].dst] == vertexID(v); k++ {
			b.bindEdge(vertexID(v), b.edges[k])
		}
	}
}

func (b *builder) bindEdge(dst vertexID, e edge) {
	bind := binding{dst: dst, dstPort: e.dstPort}
	var chain []uint32 // rows of edges that carry a function, nearest first
	for {
		if row, _ := b.plan.Def.Edge(int(e.row)); row.Fn != nil {
			chain = append(chain, e.row)
		}
		src := b.vertexOf[e.src]
		bind.srcPort = e.srcPort
		if src >= 0 && !b.plan.vertices[src].identity {
			bind.kind, bind.src = fromNode, src
			break
		}
		if src >= 0 && b.isIterable(src, e.srcPort) {
			bind.kind, bind.src = fromDim, src
			break
		}
		up, connected := b.spliced[identityPort{e.src, e.srcPort}]
		if src >= 0 {
			b.underIdentity(dst, src)
		}
		if !connected {
			v := b.plan.Def.Node(e.src).Inputs().Get(b.plan.ports[e.srcPort])
			if v == nil {
				return
			}
			b.plan.consts = append(b.plan.consts, v)
			bind.kind, bind.src = fromConst, vertexID(len(b.plan.consts)-1)
			break
		}
		e = b.edges[up]
	}
	bind.fns = b.chain(chain)
	b.plan.bindings = append(b.plan.bindings, bind)
}

// isIterable reports whether the port of an iterable identity vertex is one of
// its iterables' fields.
func (b *builder) isIterable(v vertexID, port uint32) bool {
	for _, it := range b.node(v).Options().Iterables {
		if it.Field == b.plan.ports[port] {
			return true
		}
	}
	return false
}

// underIdentity notes that dst lies under the dimension of an identity node
// although no iterable value of it enters dst: a binding that brings nothing.
func (b *builder) underIdentity(dst, src vertexID) {
	b.plan.bindings = append(b.plan.bindings, binding{dst: dst, src: src, kind: fromNowhere})
}

// chain interns the functions of the given edges, to be applied in order from
// the source on.
func (b *builder) chain(rows []uint32) uint32 {
	if len(rows) == 0 {
		return 0
	}
	fns := make([]*workflow.Func, 0, len(rows))
	var key strings.Builder
	for _, r := range slices.Backward(rows) {
		e, _ := b.plan.Def.Edge(int(r))
		fns = append(fns, e.Fn)
		fmt.Fprintf(&key, "%p,", e.Fn)
	}
	if i, ok := b.chainIndex[key.String()]; ok {
		return i
	}
	b.plan.chains = append(b.plan.chains, fns)
	b.chainIndex[key.String()] = uint32(len(b.plan.chains) - 1)
	return b.chainIndex[key.String()]
}

// number gives instances, successors and priorities to the vertices.
func (b *builder) number() {
	p := b.plan
	for v := range p.vertices {
		vx := &p.vertices[v]
		vx.first = p.total
		n := p.spaces.spaces[vx.space].size
		if vx.identity || n == 0 {
			continue
		}
		if n > maxInstances-int(p.total) {
			b.problems.add(b.node(vertexID(v)).Pos(), fmt.Sprintf("node %q makes too many instances", b.node(vertexID(v)).FullName()),
				fmt.Sprintf("a plan holds %d at most", maxInstances), "give the iterables above it fewer values")
			return
		}
		p.runs = append(p.runs, vertexID(v))
		p.total += Instance(n)
	}
	b.linkSuccessors()
	for v := len(p.vertices) - 1; v >= 0; v-- {
		for _, s := range p.next(vertexID(v)) {
			p.vertices[v].priority = max(p.vertices[v].priority, p.vertices[s].priority+1)
		}
	}
}

// linkSuccessors turns the bindings round, and prepares the relations between
// the spaces that meet.
func (b *builder) linkSuccessors() {
	p := b.plan
	counts := make([]uint32, len(p.vertices)+1)
	for v := range p.vertices {
		p.eachSource(vertexID(v), func(src vertexID) { counts[src+1]++ })
	}
	for v := range p.vertices {
		counts[v+1] += counts[v]
		p.vertices[v].out = counts[v]
	}
	p.successors = make([]vertexID, counts[len(p.vertices)])
	for v := range p.vertices {
		p.eachSource(vertexID(v), func(src vertexID) {
			p.successors[counts[src]] = vertexID(v)
			counts[src]++
		})
	}
	for _, bd := range p.bindings {
		if bd.kind != fromConst {
			b.prepare(p.vertices[bd.src].space, p.vertices[bd.dst].space)
		}
	}
}

func (b *builder) prepare(x, y spaceID) {
	for _, pair := range [][2]spaceID{{x, y}, {y, x}} {
		if b.plan.relations[pair] == nil {
			b.plan.relations[pair] = b.plan.relate(pair[0], pair[1])
		}
	}
}

// underlies gives the distinct vertices that v has bindings from.
func (b *builder) underlies(v vertexID) []vertexID {
	var out []vertexID
	for _, bd := range b.plan.inBindings(v) {
		if bd.kind != fromConst && !slices.Contains(out, bd.src) {
			out = append(out, bd.src)
		}
	}
	return out
}
