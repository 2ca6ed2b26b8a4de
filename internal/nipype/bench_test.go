package nipype

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// BenchmarkDress is one node of fsl.BET with a usual environment.
func BenchmarkDress(b *testing.B) {
	n := sampleNode(b, b.TempDir())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		// A new directory each time, as in a run: to write over a file costs more.
		n.Dir = filepath.Join(filepath.Dir(n.Blob), strconv.Itoa(i))
		if err := os.Mkdir(n.Dir, 0o777); err != nil {
			b.Fatal(err)
		}
		h, err := n.Hash()
		if err != nil {
			b.Fatal(err)
		}
		if err := n.Dress(h); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	var size int64
	for _, name := range []string{"_inputs.pklz", "_node.pklz", "result_bet.pklz"} {
		info, err := os.Stat(filepath.Join(n.Dir, name))
		if err != nil {
			b.Fatal(err)
		}
		size += info.Size()
	}
	b.ReportMetric(float64(size), "pklz-bytes")
}
