package nipype

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"testing"
)

// What is written comes back, however long it is and in whatever pieces it came,
// and what fits into a block of the disk takes no more than that.
func TestZippedComesBack(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var z zipped
	for _, size := range []int{0, 1, 100, mostStored - 1, mostStored, mostStored + 1, 4096, 100_000, 10} {
		for _, piece := range []int{1, 7, 1000, 1 << 20} {
			want := make([]byte, size)
			for i := range want {
				want[i] = byte(random.IntN(4))
			}
			z.reset()
			for rest := want; len(rest) > 0; rest = rest[min(piece, len(rest)):] {
				if _, err := z.Write(rest[:min(piece, len(rest))]); err != nil {
					t.Fatal(err)
				}
			}
			file, err := z.close()
			if err != nil {
				t.Fatal(err)
			}
			r, err := gzip.NewReader(bytes.NewReader(file))
			if err != nil {
				t.Fatalf("%d bytes in pieces of %d: %v", size, piece, err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes in pieces of %d: %d came back: %v", size, piece, len(got), err)
			}
			if size <= mostStored && (z.zipping || len(file) > 4096) {
				t.Errorf("%d bytes: a file of %d", size, len(file))
			}
		}
	}
}
