package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// smallDisk is a disk with room for so many bytes of segments.
type smallDisk struct {
	room   atomic.Int64
	cut    bool // Truncate works
	noSync bool // Sync fails
}

type smallFile struct {
	file
	disk *smallDisk
}

func (d *smallDisk) open(name string, flag int) (file, error) {
	f, err := openNoSync(name, flag)
	if err != nil || !strings.HasSuffix(name, ".seg") {
		return f, err
	}
	return smallFile{f, d}, nil
}

func (f smallFile) WriteAt(b []byte, off int64) (int, error) {
	left := f.disk.room.Add(-int64(len(b)))
	if left >= 0 {
		return f.file.WriteAt(b, off)
	}
	n, _ := f.file.WriteAt(b[:max(0, int64(len(b))+left)], off)
	return n, syscall.ENOSPC
}

func (f smallFile) Truncate(size int64) error {
	if !f.disk.cut {
		return syscall.EIO
	}
	return f.file.Truncate(size)
}

func (f smallFile) Sync() error {
	if f.disk.noSync {
		return syscall.EIO
	}
	return nil
}

// TestDiskFullAtEveryByte: a full disk ends all writing, and what was written
// is there.
func TestDiskFullAtEveryByte(t *testing.T) {
	t.Parallel()
	entries := some(6)
	for _, cut := range []bool{true, false} {
		for room := range int64(250) {
			base := t.TempDir()
			disk := &smallDisk{cut: cut}
			disk.room.Store(room)
			s, _ := open(t, base, Options{open: disk.open})
			written := 0
			var failure error
			for _, e := range entries {
				_, err := s.Append(e.Kind, e.ID, []byte(e.Payload))
				if failure != nil && err == nil {
					t.Fatal("Append succeeds after a failure")
				}
				if err == nil {
					written++
				} else {
					failure = err
					disk.room.Store(1 << 20) // space comes back, but it is too late
				}
			}
			if failure != nil {
				w, ok := errors.AsType[*WriteError](failure)
				if !ok || !errors.Is(failure, syscall.ENOSPC) || !strings.Contains(w.Mend(), "free some space") ||
					!strings.Contains(w.Error(), "000001.seg: no space left on device") {
					t.Fatalf("Append: %v", failure)
				}
			}
			if diff := cmp.Diff(entries[:written], notNil(scanAll(t, s))); diff != "" {
				t.Fatalf("room %d (-want +got):\n%s", room, diff)
			}
			s.Close()
			if d := goesOn(t, base, entries[:written]); d != nil {
				t.Fatalf("room %d: %v", room, d)
			}
		}
	}
}

func TestFailedSyncIsFinal(t *testing.T) {
	t.Parallel()
	disk := &smallDisk{noSync: true}
	disk.room.Store(1 << 20)
	s, _ := open(t, t.TempDir(), Options{open: disk.open})
	put(t, s, some(3)...)
	for range 2 {
		if err := s.Sync(); !errors.Is(err, syscall.EIO) {
			t.Errorf("Sync: %v", err)
		}
		if _, err := s.Append(1, 1, nil); !errors.Is(err, syscall.EIO) {
			t.Errorf("Append: %v", err)
		}
		disk.noSync = false
	}
	s, _ = open(t, t.TempDir(), Options{open: (&smallDisk{noSync: true}).open, Sync: SyncAlways})
	if _, err := s.Append(1, 1, nil); err == nil {
		t.Error("Append succeeds with SyncAlways though the sync fails")
	}
}

func TestConcurrentAppends(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{SegmentSize: 20_000})
	const writers, each = 16, 200
	var mu sync.Mutex
	want := map[Ref]entry{}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				e := entry{Kind(w + 1), ID(i), strings.Repeat(fmt.Sprint(w), i%50)}
				ref, err := s.Append(e.Kind, e.ID, []byte(e.Payload))
				if err != nil {
					t.Error(err)
					return
				}
				rec, err := s.Read(ref, nil)
				if err != nil || string(rec.Payload) != e.Payload {
					t.Errorf("Read just after Append: %v", err)
				}
				mu.Lock()
				want[ref] = e
				mu.Unlock()
			}
		})
	}
	wg.Go(func() {
		for range 20 {
			if _, err := s.Scan(0, nil); err != nil {
				t.Error(err)
			}
			if err := s.Sync(); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	closeStore(t, s)
	got := map[Ref]entry{}
	next := map[Kind]ID{}
	s, err := Open(context.Background(), base, Options{open: openNoSync, Visit: func(r Record) error {
		got[r.Ref] = entry{r.Kind, r.ID, string(r.Payload)}
		if r.ID != next[r.Kind] {
			t.Errorf("writer %d: record %d follows %d", r.Kind, r.ID, next[r.Kind])
		}
		next[r.Kind]++
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff(want, got); diff != "" || s.Damage() != nil {
		t.Errorf("%v (-want +got):\n%s", s.Damage(), diff)
	}
}
