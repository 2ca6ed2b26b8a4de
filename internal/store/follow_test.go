package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFollow follows a writer over many segments, and the run that comes after
// it.
func TestFollow(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{SegmentSize: 500})
	v, err := View(base)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	follower := v.Follow()
	want := some(60)
	var got []entry
	look := func(n int) {
		t.Helper()
		if err := follower.Scan(collect(&got)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[:n], got); diff != "" {
			t.Fatalf("after %d records (-want +got):\n%s", n, diff)
		}
	}
	for i := range 30 {
		put(t, s, want[i])
		if i%3 != 1 {
			look(i + 1)
			look(i + 1) // nothing was written
		}
	}
	closeStore(t, s)
	s, _ = open(t, base, Options{SegmentSize: 500})
	put(t, s, want[30:]...)
	look(60)
	if _, live, held, ok := follower.Owner(time.Now()); !ok || !held || live != Alive {
		t.Errorf("owner: %v, held %v, ok %v", live, held, ok)
	}
	closeStore(t, s)
	if _, _, held, ok := follower.Owner(time.Now()); !ok || held {
		t.Errorf("after its end: held %v, ok %v", held, ok)
	}
}

// TestFollowHoldsOneFile sees that a segment that has grown is not kept open
// twice.
func TestFollowHoldsOneFile(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{})
	v, err := View(base)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	follower := v.Follow()
	for range 200 {
		put(t, s, some(1)...)
		if err := follower.Scan(nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(v.files.files); n != 1 {
		t.Errorf("%d files open", n)
	}
}

// TestFollowOwnerElsewhere watches the heartbeat of an owner on another machine.
func TestFollowOwnerElsewhere(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{})
	closeStore(t, s)
	v, err := View(base)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	beats := 0
	beat := func() {
		beats++
		owner := Owner{Host: "far", PID: 7, Machine: "another", Token: "T"}
		text := strings.Replace(string(owner.format()), "beat "+string(beatDigits(0)), "beat "+string(beatDigits(uint64(beats))), 1)
		if err := os.WriteFile(filepath.Join(base, Folder, "owner", claimName(9)), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	beat()
	follower := v.Follow()
	now := time.Now()
	for i, step := range []struct {
		after time.Duration
		beats bool
		want  Liveness
	}{
		{0, false, Unknown}, {time.Second, false, Unknown}, {5 * time.Second, true, Alive},
		{50 * time.Second, false, Alive}, {9 * time.Hour, true, Alive},
		{9 * time.Hour, false, Alive}, // not watched
	} {
		now = now.Add(step.after)
		if step.beats {
			beat()
		}
		if owner, live, held, ok := follower.Owner(now); live != step.want || !held || !ok || owner.Host != "far" {
			t.Errorf("step %d: %v, held %v, ok %v, %+v", i, live, held, ok, owner)
		}
	}
	for range 60 {
		now = now.Add(time.Second)
		_, live, _, _ := follower.Owner(now)
		if live == Dead {
			beat()
			if _, live, _, _ = follower.Owner(now); live != Alive {
				t.Errorf("it came back and is %v", live)
			}
			return
		}
	}
	t.Error("it stood still for a minute and is not dead")
}

// BenchmarkFollow is a look at a store of 100,000 records to which one was
// added.
func BenchmarkFollow(b *testing.B) {
	base := b.TempDir()
	s, _ := open(b, base, Options{})
	for i := range 100_000 {
		if _, err := s.Append(1, ID(i), fmt.Appendf(nil, "%0200d", i)); err != nil {
			b.Fatal(err)
		}
	}
	v, err := View(base)
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	follower := v.Follow()
	if err := follower.Scan(nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Append(1, 1, nil); err != nil {
			b.Fatal(err)
		}
		if err := follower.Scan(nil); err != nil {
			b.Fatal(err)
		}
	}
}
