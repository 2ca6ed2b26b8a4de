package plan

import (
	"fmt"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A sketch is a small workflow as data: what the tests build a plan from, and
// what the model and nipype (testdata/expand.py) are asked about.
type sketch struct {
	Nodes []sketchNode `json:"nodes"`
}

type sketchNode struct {
	Name       string            `json:"name"`
	Kind       string            `json:"kind"` // "tool", "identity", "join"
	Consts     map[string]string `json:"consts,omitempty"`
	Iterables  []sketchIterable  `json:"iterables,omitempty"`
	Sync       bool              `json:"sync,omitempty"`
	IterSource string            `json:"itersource,omitempty"` // its first iterable chooses
	JoinSource string            `json:"joinsource,omitempty"`
	JoinField  []string          `json:"joinfield,omitempty"`
	In         []sketchEdge      `json:"in,omitempty"`
}

type sketchIterable struct {
	Field  string              `json:"field"`
	Values []string            `json:"values,omitempty"`
	ByKey  map[string][]string `json:"by_key,omitempty"`
}

type sketchEdge struct {
	Src     string `json:"src"`
	SrcPort string `json:"src_port"`
	DstPort string `json:"dst_port"`
	Fn      string `json:"fn,omitempty"`
}

func (s *sketch) node(name string) *sketchNode {
	for i := range s.Nodes {
		if s.Nodes[i].Name == name {
			return &s.Nodes[i]
		}
	}
	return nil
}

// build makes a workflow of the sketch.
func (s *sketch) build() workflow.Workflow {
	def := workflow.New()
	top := def.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
	tool := iface.New(iface.Interface{Ref: iface.Ref{Name: "test.Tool"}, Native: &iface.Native{Impl: "test.Tool"}, DynamicInputs: true})
	identity := iface.New(iface.Interface{Ref: iface.Ref{Name: "utility.IdentityInterface"}, Native: &iface.Native{Impl: "utility.IdentityInterface"}, DynamicInputs: true})
	nodes := map[string]workflow.Node{}
	for _, n := range s.Nodes {
		f := tool
		if n.Kind == "identity" {
			f = identity
		}
		made := def.AddNode(workflow.NodeSpec{Name: n.Name, Interface: f, Options: n.options()})
		for field, v := range n.Consts {
			made.SetInput(field, value.String(v))
		}
		top.Add(diag.Pos{}, made)
		nodes[n.Name] = made
	}
	for _, n := range s.Nodes {
		for _, e := range n.In {
			edge := workflow.Edge{Src: nodes[e.Src], SrcPort: e.SrcPort, Dst: nodes[n.Name], DstPort: e.DstPort}
			if e.Fn != "" {
				edge.Fn = &workflow.Func{Func: iface.Func{Name: e.Fn}}
			}
			top.Connect(edge)
		}
	}
	return top
}

func (n *sketchNode) options() workflow.Options {
	o := workflow.Options{Synchronize: n.Sync, JoinSource: n.JoinSource, JoinField: n.JoinField}
	if n.Kind == "join" {
		o.Kind = workflow.JoinNode
	}
	if n.IterSource != "" {
		o.IterSource = &workflow.IterSource{Node: n.IterSource, Fields: []string{fieldOf(n.IterSource)}}
	}
	for _, it := range n.Iterables {
		w := workflow.Iterable{Field: it.Field}
		for key, list := range it.ByKey {
			w.ByKey = append(w.ByKey, value.Entry{Key: value.String(key), Value: value.Strings(list...)})
		}
		if it.ByKey == nil {
			w.Values = value.NewSeq(value.Strings(it.Values...))
		}
		o.Iterables = append(o.Iterables, w)
	}
	return o
}

// fieldOf is the first iterable of a node of a drawn sketch.
func fieldOf(node string) string { return "f" + node }

// anySketch draws a workflow: every kind of node, connected to earlier ones.
func anySketch() *rapid.Generator[sketch] {
	return rapid.Custom(func(t *rapid.T) sketch {
		var s sketch
		for i := range rapid.IntRange(1, 8).Draw(t, "nodes") {
			s.Nodes = append(s.Nodes, drawNode(t, &s, fmt.Sprintf("n%d", i)))
		}
		return s
	})
}

func drawNode(t *rapid.T, s *sketch, name string) sketchNode {
	n := sketchNode{Name: name, Kind: rapid.SampledFrom([]string{"tool", "tool", "identity", "join"}).Draw(t, "kind")}
	var iterated []string
	for _, other := range s.Nodes {
		if len(other.Iterables) > 0 {
			iterated = append(iterated, other.Name)
		}
	}
	if n.Kind == "join" {
		if len(iterated) == 0 {
			n.Kind = "tool"
		} else {
			n.JoinSource = rapid.SampledFrom(iterated).Draw(t, "joinsource")
		}
	}
	if n.Kind != "join" && rapid.IntRange(0, 2).Draw(t, "iterated") > 0 {
		drawIterables(t, s, &n, iterated)
	}
	if rapid.Bool().Draw(t, "const") {
		n.Consts = map[string]string{"c": "const-" + name}
	}
	drawEdges(t, s, &n)
	return n
}

func drawIterables(t *rapid.T, s *sketch, n *sketchNode, iterated []string) {
	values := func(prefix string, least int) []string {
		var out []string
		for k := range rapid.IntRange(least, 3).Draw(t, "values") {
			out = append(out, fmt.Sprintf("%s%d", prefix, k))
		}
		return out
	}
	first := sketchIterable{Field: fieldOf(n.Name)}
	if len(iterated) > 0 && rapid.Bool().Draw(t, "ragged") {
		n.IterSource = rapid.SampledFrom(iterated).Draw(t, "itersource")
		first.ByKey = map[string][]string{}
		it := s.node(n.IterSource).Iterables[0]
		keys := it.Values
		for _, list := range it.ByKey {
			keys = append(keys, list...)
		}
		for _, key := range keys {
			first.ByKey[key] = values(key+"x", 1)
		}
		n.Iterables = []sketchIterable{first}
		return
	}
	first.Values = values("v", 1)
	n.Iterables = []sketchIterable{first}
	if rapid.IntRange(0, 2).Draw(t, "second") == 0 {
		second := sketchIterable{Field: "e" + n.Name, Values: values("w", 1)}
		if n.Sync = rapid.Bool().Draw(t, "sync"); n.Sync {
			second.Values = nil
			for k := range first.Values {
				second.Values = append(second.Values, fmt.Sprintf("w%d", k))
			}
		}
		n.Iterables = append(n.Iterables, second)
	}
}

// drawEdges connects inputs of n to earlier nodes, each by one source, and a
// node with an itersource to that.
func drawEdges(t *rapid.T, s *sketch, n *sketchNode) {
	if len(s.Nodes) == 0 {
		return
	}
	count := rapid.IntRange(0, 3).Draw(t, "edges")
	for k, port := range []string{"a", "b", "c", "d"}[:count] {
		src := rapid.SampledFrom(s.Nodes).Draw(t, "src")
		if k == 0 && n.IterSource != "" && rapid.Bool().Draw(t, "direct") {
			src = *s.node(n.IterSource)
		}
		e := sketchEdge{Src: src.Name, SrcPort: "out", DstPort: port}
		if src.Kind == "identity" {
			ports := []string{"a", "b", "c"}
			for _, it := range src.Iterables {
				ports = append(ports, it.Field, it.Field)
			}
			e.SrcPort = rapid.SampledFrom(ports).Draw(t, "port")
		}
		if rapid.IntRange(0, 3).Draw(t, "fn") == 0 {
			e.Fn = "g" + n.Name + port
		}
		n.In = append(n.In, e)
	}
}
