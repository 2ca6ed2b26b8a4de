package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestAnyHistory: whatever is written, whenever it is torn, the records that
// were whole come back, in order, and appending goes on.
func TestAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		base, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		defer os.RemoveAll(base)
		size := rapid.Int64Range(100, 5000).Draw(rt, "segment size")
		want := []entry{}
		for range rapid.IntRange(1, 6).Draw(rt, "runs") {
			s, got := open(t, base, Options{SegmentSize: size})
			if diff := cmp.Diff(want, notNil(got)); diff != "" || s.Damage() != nil {
				rt.Fatalf("%v (-want +got):\n%s", s.Damage(), diff)
			}
			for range rapid.IntRange(0, 20).Draw(rt, "records") {
				e := entry{
					Kind(rapid.IntRange(1, int(MaxKind)).Draw(rt, "kind")),
					ID(rapid.Uint64().Draw(rt, "id")),
					string(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(rt, "payload")),
				}
				put(t, s, e)
				want = append(want, e)
			}
			if rapid.Bool().Draw(rt, "killed") {
				end := s.journal.written
				crash(t, s)
				want = tear(rt, base, end, want)
			} else {
				closeStore(t, s)
			}
		}
	})
}

// tear cuts or pads the last segment as an interrupted write would, and
// returns the records that are left.
func tear(rt *rapid.T, base string, end Ref, want []entry) []entry {
	if end == 0 {
		return want
	}
	path := filepath.Join(base, Folder, "segments", segmentName(end.segment()))
	b, err := os.ReadFile(path)
	if err != nil {
		rt.Fatal(err)
	}
	if rapid.Bool().Draw(rt, "pad") {
		b = append(b, rapid.SliceOfN(rapid.Byte(), 0, 60).Draw(rt, "padding")...)
	} else {
		// Only the last record can be under way.
		last, at := 0, 0
		for {
			h, ok := parseHeader(b[at:], makeRef(end.segment(), int64(at)))
			if !ok || h.end(int64(at)) > int64(len(b)) {
				break
			}
			last, at = at, int(h.end(int64(at)))
		}
		cut := rapid.IntRange(last, len(b)).Draw(rt, "cut")
		if cut < at && b[last+3] != byte(kindStart) {
			want = want[:len(want)-1]
		}
		b = b[:cut]
	}
	if err := os.WriteFile(path, b, 0o666); err != nil {
		rt.Fatal(err)
	}
	return want
}
