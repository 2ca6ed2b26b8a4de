package task

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/value"
)

// gathered gathers a map of n elements, each with a path and a number. It gives
// the record and what was allocated.
func gathered(t *testing.T, n int) (r *Runner, rec *Record, made float64) {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r = &Runner{}
	r.results.init(base, 0)
	if r.results.store, err = store.Open(context.Background(), base, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.results.store.Close() })
	e := &expansion{refs: make([]store.Ref, n)}
	for k := range e.refs {
		el := &Record{Name: fmt.Sprintf("wf/m/mapflow/_m%d", k), Outputs: value.NewRecord(map[string]value.Value{
			"file": value.String(fmt.Sprintf("%s/wf/m/mapflow/_m%d/out.nii", base, k)), "n": value.Int(k),
		})}
		if e.refs[k], err = r.results.append(KindResult, el); err != nil {
			t.Fatal(err)
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rec = &Record{}
	if err := r.gather(e, []string{"file", "n", "absent"}, rec); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	return r, rec, float64(after.TotalAlloc - before.TotalAlloc)
}

// The outputs of a map are gathered in one pass in which each element costs the
// same, however many there are; they come out in order, and in a record that
// fits the store.
func TestGatherIsLinear(t *testing.T) {
	_, _, few := gathered(t, 5_000)
	const n = 40_000
	r, rec, made := gathered(t, n)
	if made/n > 1.3*few/5_000 {
		t.Errorf("%.0f bytes are allocated for each of %d elements, %.0f of 5,000", made/n, n, few/5_000)
	}
	if size := len(rec.encode(r.results.base)); size > 1000 {
		t.Errorf("the record has %d bytes", size)
	}
	out, err := r.results.outputs(rec)
	if err != nil {
		t.Fatal(err)
	}
	files, _ := value.Items(out.Get("file"))
	numbers, _ := value.Items(out.Get("n"))
	absent, _ := value.Items(out.Get("absent"))
	if len(files) != n || len(numbers) != n || len(absent) != n {
		t.Fatalf("%d, %d and %d values, want %d", len(files), len(numbers), len(absent), n)
	}
	for _, k := range []int{0, 1, enoughToGuess, n - 1} {
		path := value.String(fmt.Sprintf("%s/wf/m/mapflow/_m%d/out.nii", r.results.base, k))
		if files[k] != path || numbers[k] != value.Int(k) || absent[k] != value.Value(value.None{}) {
			t.Errorf("element %d: %v, %v, %v", k, files[k], numbers[k], absent[k])
		}
	}
}
