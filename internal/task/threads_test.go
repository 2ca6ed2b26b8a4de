package task

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

func TestEnvironment(t *testing.T) {
	for _, tt := range []struct {
		name      string
		inherited string
		over      []string
		want      string
	}{
		{"nothing over it", "A=1 B=2", nil, "A=1 B=2"},
		{"replaced and added", "A=1 B=2 C=3", []string{"B=9 D=4"}, "A=1 C=3 B=9 D=4"},
		{"the last wins", "A=1", []string{"A=2 B=1", "A=3", "B=2"}, "A=3 B=2"},
		{"twice in one", "A=1", []string{"A=2 A=3"}, "A=3"},
		{"the same twice", "A=1", []string{"A=2", "A=2"}, "A=2"},
		{"names that begin alike", "AB=1", []string{"A=2"}, "AB=1 A=2"},
		{"no value", "A=1 X", []string{"A="}, "X A="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var over [][]string
			for _, o := range tt.over {
				over = append(over, strings.Fields(o))
			}
			if d := cmp.Diff(tt.want, strings.Join(environment(strings.Fields(tt.inherited), over...), " ")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestThreads(t *testing.T) {
	f := iface.New(iface.Interface{Ref: iface.Ref{Name: "T"}, Inputs: []iface.Input{{Name: "threads", Threads: true}}, Command: &iface.Command{Words: []string{"t"}}})
	for _, tt := range []struct {
		name    string
		nprocs  int
		input   value.Value
		granted int
		environ string
		given   bool // --procs
		omp     string
		runs    value.Value // the input that the tool gets
	}{
		{"nothing said", 0, nil, 1, "", false, "1", nil},
		{"inherited", 0, nil, 1, "OMP_NUM_THREADS=6", false, "", nil},
		{"inherited, but --procs", 0, nil, 1, "OMP_NUM_THREADS=6", true, "1", nil},
		{"inherited, but n_procs", 4, nil, 4, "OMP_NUM_THREADS=6", false, "4", nil},
		{"inherited, but an input", 0, value.Int(3), 3, "OMP_NUM_THREADS=6", false, "3", value.Int(3)},
		{"less was granted", 8, nil, 2, "", false, "2", nil},
		{"less was granted than an input says", 0, value.Int(8), 2, "", false, "2", value.Int(2)},
		{"n_procs before the input", 2, value.Int(8), 2, "", false, "2", value.Int(2)},
		{"as many as it likes", 0, value.Int(0), 1, "", true, "", value.Int(0)},
		{"as many as it likes, in nipype's way", 0, value.Int(-1), 1, "", false, "", value.Int(-1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := value.Record(nil).With("threads", tt.input)
			k := &look{options: &workflow.Options{NProcs: tt.nprocs}, iface: f, inputs: in}
			r := &Runner{opts: Options{Environ: strings.Fields(tt.environ), ProcsGiven: tt.given}}
			a := &attemptRun{Runner: r, look: k, claim: sched.Claim{Procs: tt.granted}}
			if got, _ := getenv("OMP_NUM_THREADS", a.threads()); got != tt.omp {
				t.Errorf("OMP_NUM_THREADS=%q, want %q", got, tt.omp)
			}
			if got := a.grantedInputs().Get("threads"); got != tt.runs {
				t.Errorf("the input is %v, want %v", got, tt.runs)
			}
		})
	}
}
