package task

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/value"
)

// openResults gives results over a new store.
func openResults(t *testing.T) *results {
	t.Helper()
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &results{}
	r.init(base, 0)
	if r.store, err = store.Open(context.Background(), base, store.Options{Visit: r.visit}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.store.Close() })
	return r
}

const halfCache = 1 << 20

func TestCacheStaysSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := cache[int, int]{half: halfCache}
		sizes := map[int]int{}
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			k := rapid.IntRange(0, 30).Draw(t, "key")
			if rapid.Bool().Draw(t, "put") {
				sizes[k] = rapid.OneOf(rapid.IntRange(0, halfCache/4), rapid.IntRange(0, 3*halfCache)).Draw(t, "size")
				c.put(k, sizes[k], sizes[k])
				if v, ok := c.get(k); !ok || v != sizes[k] {
					t.Fatalf("what was put last is %d, %v; want %d", v, ok, sizes[k])
				}
			} else if v, ok := c.get(k); ok && v != sizes[k] {
				t.Fatalf("got %d, which is not what was put last, %d", v, sizes[k])
			}
			newer, older, largest := 0, 0, halfCache
			for _, e := range c.newer {
				newer, largest = newer+e.size, max(largest, e.size)
			}
			for _, e := range c.older {
				older, largest = older+e.size, max(largest, e.size)
			}
			if newer != c.size || newer+older > halfCache+largest {
				t.Fatalf("it holds %d and %d bytes and counts %d; the largest entry has %d", newer, older, c.size, largest)
			}
		}
	})
}

func TestWhatIsUsedStaysInTheCache(t *testing.T) {
	c := cache[int, int]{half: halfCache}
	c.put(-1, 7, halfCache/2)
	for k := range 100 {
		c.put(k, k, halfCache/4)
		if _, ok := c.get(-1); !ok {
			t.Fatalf("lost after %d others, though it was asked for each time", k)
		}
	}
}

// One list of 100,000 paths goes through ten records, and a hundred readers: the
// store keeps it once, and those who read it share it.
func TestLargeValuesAreKeptOnce(t *testing.T) {
	r := openResults(t)
	list := make(value.List, 100_000)
	for k := range list {
		list[k] = value.String(fmt.Sprintf("%s/wf/split/part%06d.nii.gz", r.base, k))
	}
	outputs := value.NewRecord(map[string]value.Value{"files": list, "n": value.Int(1)})
	var refs []store.Ref
	for k := range 10 {
		rec := &Record{Name: fmt.Sprintf("wf/n%d", k), Outputs: outputs}
		if err := r.moveLarge(rec); err != nil {
			t.Fatal(err)
		}
		ref, err := r.append(KindResult, rec)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	if !outputs.Has("files") {
		t.Error("what was recorded was changed: it may be another's inputs")
	}
	size, one := int64(0), int64(len(value.Append(nil, list)))
	err := filepath.Walk(filepath.Join(r.base, store.Folder), func(_ string, info os.FileInfo, err error) error {
		size += info.Size()
		return err
	})
	if err != nil || size > one+one/2 {
		t.Errorf("the store has %d bytes, the list has %d; %v", size, one, err)
	}
	var before, after runtime.MemStats
	r.blobs, r.cache = cache[store.Digest, value.Value]{}, cache[store.Ref, *Record]{}
	runtime.ReadMemStats(&before)
	for k := range 100 {
		rec, err := r.read(refs[k%len(refs)])
		if err != nil {
			t.Fatal(err)
		}
		v, err := r.output(rec, "files")
		if got, _ := v.(value.List); err != nil || len(got) != len(list) || got[99_999] != list[99_999] {
			t.Fatalf("it was read back otherwise: %v", err)
		}
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > uint64(10*one) {
		t.Errorf("a hundred readers took %d bytes for a list of %d", n, one)
	}
}

func TestLastSeesThroughCollisions(t *testing.T) {
	r := openResults(t)
	ref, err := r.append(KindFailure, &Record{Name: "wf/a", Failure: &event.Failure{Kind: "test"}})
	if err != nil {
		t.Fatal(err)
	}
	r.earlier.Put(uint64(ID("wf/b")), ref) // as if both names had one hash
	if rec, _, err := r.last("wf/b"); rec != nil || err != nil {
		t.Errorf("found %+v, %v under a name that never ran", rec, err)
	}
	if rec, got, err := r.last("wf/a"); err != nil || rec.Name != "wf/a" || got != ref {
		t.Errorf("found %+v, %v", rec, err)
	}
}

// What an instance leaves in memory is eight bytes; some 18 more if files of it
// lie in its directory, and as many where an earlier run has a record of it.
func TestBytesOfAnInstance(t *testing.T) {
	const n = 50_000
	r := openResults(t)
	held := func(what string, most float64, fn func(i int)) {
		t.Helper()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range n {
			fn(i)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		if got := float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / n; got > most {
			t.Errorf("%s: %.1f bytes an instance, want at most %.0f", what, got, most)
		}
	}
	name := func(i int) string { return fmt.Sprintf("wf/_subject_%d/bet", i) }
	held("its place", 9, func(i int) {
		if i == 0 {
			r.refs = make([]store.Ref, n)
		}
	})
	held("done", 1, func(i int) { r.settle(plan.Instance(i), false, &Record{}, store.Ref(i+1), name(i)) })
	files := []FileMark{{Path: "brain.nii"}}
	held("done, with files", 21, func(i int) {
		r.settle(plan.Instance(i), false, &Record{Files: files}, store.Ref(i+1), name(i))
	})
	held("of an earlier run", 21, func(i int) {
		_ = r.visit(store.Record{Kind: KindResult, ID: ID(name(i)), Ref: store.Ref(i + 1)})
	})
	runtime.KeepAlive(r)
}
