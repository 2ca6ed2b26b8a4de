package plan

import (
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "draw the sketches for testdata/expand.py anew")

// sketches is how many of them nipype is asked about.
const sketches = 40

// Directories and inputs are those that nipype itself gives: testdata/expand.py
// asked it about the sketches.
func TestPlanIsNipypes(t *testing.T) {
	if *update {
		drawSketches(t)
	}
	text, err := os.ReadFile("testdata/expanded.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Sketch    sketch
		Instances map[string]string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 12 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		p, problems := Build(c.Sketch.build())
		if len(problems) > 0 {
			t.Errorf("%+v: %v", c.Sketch, problems)
			continue
		}
		if d := cmp.Diff(c.Instances, inputs(t, p)); d != "" {
			t.Errorf("%+v\ninstances (-nipype +plan):\n%s", c.Sketch, d)
		}
	}
}

// joinsOneValue finds JoinNodes with an input that has one value for all
// branches; nipype puts it into the first slot and stops at the second.
func joinsOneValue(p *Plan) bool {
	for v := range p.vertices {
		if p.Def.Node(p.vertices[v].node).Options().JoinSource == "" {
			continue
		}
		for _, b := range p.inBindings(vertexID(v)) {
			if !b.joined {
				return true
			}
		}
	}
	return false
}

// drawSketches writes sketches that can be run and have something to expand.
func drawSketches(t *testing.T) {
	var all []sketch
	for seed := 1; len(all) < sketches; seed++ {
		s := anySketch().Example(seed)
		p, problems := Build(s.build())
		if len(problems) == 0 && len(s.Nodes) > 3 && p.NumInstances() > 6 && p.NumInstances() < 30 &&
			!joinsBesideItersource(p) && !joinsOneValue(p) {
			all = append(all, s)
		}
	}
	text, err := json.MarshalIndent(all, "", "")
	if err == nil {
		err = os.WriteFile("testdata/sketches.json", append(text, '\n'), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}
