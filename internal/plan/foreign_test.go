package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/workflow"
)

// handedOver makes a workflow of nodes that lie in these directories.
func handedOver(dirs ...string) *bench {
	b := &bench{def: workflow.New()}
	b.def.SetPython(&workflow.Python{})
	b.top = b.def.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
	class := iface.NewPython("x.Y", false, false, nil, nil)
	for i, dir := range dirs {
		n := b.def.AddNode(workflow.NodeSpec{Name: fmt.Sprintf("n%d", i), Interface: class})
		n.SetForeign(&workflow.Foreign{Dir: dir, Label: "top.n", Result: "n"})
		b.top.Add(diag.Pos{}, n)
	}
	return b
}

// A node that nipype handed over lies where nipype put it.
func TestForeignDir(t *testing.T) {
	b := handedOver("top/_a_1/n", "top/_a_2/n")
	p := mustBuild(t, b.top)
	for i, want := range []string{"top/_a_1/n", "top/_a_2/n"} {
		if got := p.Dir(Instance(i)); got != want {
			t.Errorf("instance %d lies in %s, want %s", i, got, want)
		}
	}
}

func TestForeignProblems(t *testing.T) {
	_, problems := Build(handedOver("top/n", "top/m", "top/n").top)
	if len(problems) != 1 || problems[0].What != `two nodes have the directory "top/n"` {
		t.Errorf("%v", problems)
	}
	b := handedOver("top/n")
	src := b.identity("src", iterate(over("x", 1, 2)))
	b.connect(src, "x", b.top.Member("n0").(workflow.Node), "x")
	_, problems = Build(b.top)
	if len(problems) != 1 || !strings.Contains(problems[0].What, "has a class, and 2 instances") {
		t.Errorf("%v", problems)
	}
}
