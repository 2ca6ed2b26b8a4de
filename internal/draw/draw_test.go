package draw

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, got string) {
	t.Helper()
	name := filepath.Join("testdata", strings.ReplaceAll(t.Name(), "/", "-")+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v (go test -update makes it)", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func identity(fields ...string) *iface.Interface {
	f := iface.Interface{Ref: iface.Ref{Name: "utility.IdentityInterface"}, Native: &iface.Native{Impl: "utility.IdentityInterface"}}
	for _, name := range fields {
		f.Inputs = append(f.Inputs, iface.Input{Name: name})
		f.Outputs = append(f.Outputs, iface.Output{Name: name})
	}
	return iface.New(f)
}

func tool(name string) *iface.Interface {
	return iface.New(iface.Interface{
		Ref:    iface.Ref{Name: name},
		Inputs: []iface.Input{{Name: "in_file"}, {Name: "frac"}, {Name: "files"}, {Name: "a"}, {Name: "b"}}, Outputs: []iface.Output{{Name: "out_file"}, {Name: "mask"}},
		Native: &iface.Native{Impl: name},
	})
}

func iterables(field string, values ...string) []workflow.Iterable {
	var items []value.Value
	for _, v := range values {
		items = append(items, value.String(v))
	}
	return []workflow.Iterable{{Field: field, Values: value.NewSeq(items)}}
}

// study is a workflow with a sweep, nested workflows, a MapNode and a join.
func study(t *testing.T) *plan.Plan {
	d := workflow.New()
	node := func(w workflow.Workflow, name string, f *iface.Interface, o workflow.Options) workflow.Node {
		n := d.AddNode(workflow.NodeSpec{Name: name, Interface: f, Options: o})
		w.Add(diag.Pos{}, n)
		return n
	}
	flow := func(up workflow.Workflow, name string) workflow.Workflow {
		w := d.AddWorkflow(name, workflow.WorkflowOptions{}, diag.Pos{})
		if up != (workflow.Workflow{}) {
			up.Add(diag.Pos{}, w)
		}
		return w
	}
	top := flow(workflow.Workflow{}, "study")
	connect := func(src workflow.Element, out string, dst workflow.Element, in string) {
		top.Connect(workflow.Edge{Src: src, SrcPort: out, Dst: dst, DstPort: in})
	}
	source := node(top, "source", identity("subject", "run"), workflow.Options{Iterables: iterables("subject", "01", "02", "03")})
	prep := flow(top, "prep")
	spec := node(prep, "inputspec", identity("subject"), workflow.Options{})
	bet := node(prep, "bet", tool("fsl.BET"), workflow.Options{MemGB: 1.5, NProcs: 2, Timeout: 2 * time.Hour, Iterables: iterables("frac", "0.3", "0.5")})
	inner := flow(prep, "reg")
	node(inner, "flirt", tool("fsl.FLIRT"), workflow.Options{Retries: 2})
	stats := node(top, "stats", tool("fsl.ImageStats"), workflow.Options{Kind: workflow.MapNode, IterField: []string{"in_file"}, Serial: true})
	table := node(top, "table", tool("fsl.Merge"), workflow.Options{Kind: workflow.JoinNode, JoinSource: "source", JoinField: []string{"files"}})
	last := node(top, "last", tool("report"), workflow.Options{})
	connect(source, "subject", prep, "inputspec.subject")
	prep.Connect(workflow.Edge{Src: spec, SrcPort: "subject", Dst: bet, DstPort: "in_file"})
	prep.Connect(workflow.Edge{Src: bet, SrcPort: "out_file", Dst: inner, DstPort: "flirt.in_file"})
	connect(prep, "reg.flirt.out_file", stats, "in_file")
	connect(stats, "out_file", table, "files")
	connect(source, "run", last, "a")
	for _, in := range []string{"in_file", "frac", "files", "b"} {
		connect(table, "out_file", last, in)
	}
	if err := d.Err(); err != nil {
		t.Fatal(err)
	}
	p, problems := plan.Build(top)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

func TestForms(t *testing.T) {
	p := study(t)
	g := New(p)
	for _, c := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"dot", g.DOT}, {"mermaid", g.Mermaid}, {"json", g.JSON},
		{"summary", func(w io.Writer) error { return Summary(w, p) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := c.write(&out); err != nil {
				t.Fatal(err)
			}
			golden(t, out.String())
		})
	}
}

func TestEmptyWorkflow(t *testing.T) {
	d := workflow.New()
	p, problems := plan.Build(d.AddWorkflow("empty", workflow.WorkflowOptions{}, diag.Pos{}))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var out bytes.Buffer
	g := New(p)
	for _, write := range []func(io.Writer) error{g.DOT, g.Mermaid, g.JSON, func(w io.Writer) error { return Summary(w, p) }} {
		if err := write(&out); err != nil {
			t.Error(err)
		}
		out.WriteString("----\n")
	}
	golden(t, out.String())
}

// TestAnyNames draws graphs whose names are anything: DOT must parse, and have
// the graph's nodes, edges and clusters; Mermaid must keep quotes in order.
func TestAnyNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab\"\\<>&#`;{}[]|\n é")))
		g := &Graph{Workflow: text.Draw(t, "workflow")}
		for i := range rapid.IntRange(0, 4).Draw(t, "clusters") {
			g.Clusters = append(g.Clusters, Cluster{ID: i + 1, Name: text.Draw(t, "cluster"), Parent: rapid.IntRange(0, i).Draw(t, "parent")})
		}
		n := rapid.IntRange(1, 6).Draw(t, "nodes")
		for i := range n {
			g.Nodes = append(g.Nodes, Node{
				ID: i, Name: text.Draw(t, "name"), Interface: text.Draw(t, "interface"), Instances: i,
				Kind:     rapid.SampledFrom([]string{"Node", "MapNode", "JoinNode"}).Draw(t, "kind"),
				Identity: rapid.Bool().Draw(t, "identity"), Cluster: rapid.IntRange(0, len(g.Clusters)).Draw(t, "in"),
			})
		}
		for range rapid.IntRange(0, 6).Draw(t, "edges") {
			e := Edge{From: rapid.IntRange(0, n-1).Draw(t, "from"), To: rapid.IntRange(0, n-1).Draw(t, "to"), Joined: rapid.Bool().Draw(t, "joined")}
			for range rapid.IntRange(0, 5).Draw(t, "ports") {
				e.Ports = append(e.Ports, PortPair{text.Draw(t, "port"), "in"})
			}
			g.Edges = append(g.Edges, e)
		}
		var dot, mermaid bytes.Buffer
		g.DOT(&dot)
		g.Mermaid(&mermaid)
		got, err := parseDOT(dot.String())
		if err != nil {
			t.Fatalf("%v in:\n%s", err, &dot)
		}
		want := dotCounts{nodes: len(g.Nodes), edges: len(g.Edges), clusters: len(g.Clusters)}
		if got != want {
			t.Fatalf("DOT holds %+v; want %+v:\n%s", got, want, &dot)
		}
		lines := strings.Count(mermaid.String(), "\n")
		if want := 1 + len(g.Nodes) + len(g.Edges) + 2*len(g.Clusters); lines != want {
			t.Fatalf("Mermaid has %d lines; want %d:\n%s", lines, want, &mermaid)
		}
		for line := range strings.Lines(mermaid.String()) {
			if q := strings.Count(line, `"`); q != 0 && q != 2 {
				t.Fatalf("Mermaid line with %d quotes: %s", q, line)
			}
		}
	})
}

// dotCounts is what a DOT text declares.
type dotCounts struct{ nodes, edges, clusters int }

// parseDOT checks the syntax of DOT as far as this package uses it, and counts.
func parseDOT(text string) (c dotCounts, err error) {
	tokens, err := dotTokens(text)
	if err != nil {
		return c, err
	}
	if len(tokens) < 4 || tokens[0] != "digraph" || tokens[2] != "{" || tokens[len(tokens)-1] != "}" {
		return c, fmt.Errorf("no digraph")
	}
	depth := 0
	var statement []string
	for _, tok := range tokens[2:] {
		switch tok {
		case "{":
			if depth > 0 && (len(statement) != 2 || statement[0] != "subgraph" || !strings.HasPrefix(statement[1], "cluster_")) {
				return c, fmt.Errorf("unexpected { after %q", statement)
			}
			if depth > 0 {
				c.clusters++
			}
			depth++
			statement = nil
		case "}":
			if depth--; depth < 0 || len(statement) > 0 {
				return c, fmt.Errorf("unexpected } after %q", statement)
			}
		case ";":
			if err := c.statement(statement); err != nil {
				return c, err
			}
			statement = nil
		default:
			statement = append(statement, tok)
		}
	}
	if depth != 0 {
		return c, fmt.Errorf("%d braces are open", depth)
	}
	return c, nil
}

// statement takes one of: ID = ID, ID [attributes], ID -> ID [attributes].
func (c *dotCounts) statement(s []string) error {
	attributes := func(s []string) error {
		if len(s) < 2 || s[0] != "[" || s[len(s)-1] != "]" {
			return fmt.Errorf("no attributes: %q", s)
		}
		for s = s[1 : len(s)-1]; len(s) > 0; s = s[min(4, len(s)):] {
			if len(s) < 3 || s[1] != "=" || len(s) > 3 && s[3] != "," {
				return fmt.Errorf("no attribute: %q", s)
			}
		}
		return nil
	}
	switch {
	case len(s) == 3 && s[1] == "=":
		return nil
	case len(s) > 3 && s[1] == "-" && s[2] == ">":
		c.edges++
		return attributes(s[4:])
	case len(s) > 1 && (s[0] == "node" || s[0] == "edge"):
		return attributes(s[1:])
	case len(s) > 1 && strings.HasPrefix(s[0], "n"):
		c.nodes++
		return attributes(s[1:])
	}
	return fmt.Errorf("no statement: %q", s)
}

// dotTokens splits DOT into words, quoted strings and single marks.
func dotTokens(text string) (tokens []string, err error) {
	for i := 0; i < len(text); {
		switch ch := text[i]; {
		case ch == ' ' || ch == '\n':
			i++
		case ch == '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(text) {
				return nil, fmt.Errorf("a string is open")
			}
			tokens = append(tokens, text[i:end+1])
			i = end + 1
		case strings.IndexByte("{}[];,=->", ch) >= 0:
			tokens = append(tokens, string(ch))
			i++
		default:
			end := i
			for end < len(text) && (text[end] == '_' || text[end] >= '0' && text[end] <= '9' || text[end] >= 'A' && text[end] <= 'Z' || text[end] >= 'a' && text[end] <= 'z') {
				end++
			}
			if end == i {
				return nil, fmt.Errorf("unexpected %q", text[i])
			}
			tokens = append(tokens, text[i:end])
			i = end
		}
	}
	return tokens, nil
}

func TestJSONReadsBack(t *testing.T) {
	g := New(study(t))
	var out bytes.Buffer
	if err := g.JSON(&out); err != nil {
		t.Fatal(err)
	}
	var back Graph
	if err := json.Unmarshal(out.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(g, &back); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
