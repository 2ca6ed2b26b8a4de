package task

import (
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

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
			r := &Runner{opts: Options{ProcsGiven: tt.given}, inherited: byName(strings.Fields(tt.environ))}
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
