package store

import (
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestViewFollowsAWriter(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{SegmentSize: 500})
	v, err := View(base)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	want := some(60)
	var got []entry
	next := Ref(0)
	for i := range want {
		put(t, s, want[i])
		if next, err = v.Scan(next, collect(&got)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[:i+1], got); diff != "" {
			t.Fatalf("after %d records (-want +got):\n%s", i+1, diff)
		}
	}
	if owner, held, ok := v.Owner(); !ok || !held || owner.PID != os.Getpid() || owner.Liveness() != Alive {
		t.Errorf("Owner = %+v, %v, %v", owner, held, ok)
	}
	digest, _, err := s.PutBlob([]byte("large"))
	if err != nil {
		t.Fatal(err)
	}
	if content, err := v.Blob(digest); err != nil || string(content) != "large" {
		t.Errorf("Blob = %q, %v", content, err)
	}
	if _, err := v.Append(1, 1, nil); !errors.Is(err, ErrReadOnly) {
		t.Errorf("Append to a view: %v", err)
	}
	closeStore(t, s)
	if _, held, ok := v.Owner(); !ok || held {
		t.Errorf("Owner after Close: held %v, %v", held, ok)
	}
}

// TestViewWhileFramesArrive shows a view every state of a frame that is being written.
func TestViewWhileFramesArrive(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{})
	put(t, s, some(4)...)
	name := segments(t, base)[0]
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	v, err := View(base)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	first := func(n int) Ref { // the place of record n
		var at Ref
		s.Scan(0, func(r Record) error {
			if n == 0 {
				at = r.Ref
			}
			n--
			return nil
		})
		return at
	}
	third, fourth := first(2), first(3)
	for size := fourth.offset(); size < int64(len(whole)); size++ {
		if err := os.Truncate(name, size); err != nil {
			t.Fatal(err)
		}
		var got []entry
		next, err := v.Scan(third, collect(&got))
		if err != nil || next != fourth || len(got) != 1 {
			t.Fatalf("with %d of %d bytes: %d records, next %v, %v", size, len(whole), len(got), next, err)
		}
		if err := os.WriteFile(name, whole, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	// A page that has not arrived yet, with later ones there.
	hole := append([]byte(nil), whole...)
	clear(hole[third.offset():fourth.offset()])
	if err := os.WriteFile(name, hole, 0o666); err != nil {
		t.Fatal(err)
	}
	var got []entry
	next, err := v.Scan(0, collect(&got))
	if err != nil || next != third || len(got) != 2 {
		t.Fatalf("with a hole: %d records, next %v, %v", len(got), next, err)
	}
	if err := os.WriteFile(name, whole, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Scan(next, collect(&got)); err != nil || len(got) != 4 {
		t.Fatalf("when it has come: %d records, %v", len(got), err)
	}
}
