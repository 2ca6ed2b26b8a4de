package store

import (
	"crypto/sha256"
	"testing"
	"time"
)

func TestMemo(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	now := time.Now()
	old := now.Add(-time.Hour).UnixNano()
	st := Stamp{Path: "/data/sub-01/anat/sub-01_T1w.nii.gz", Size: 123, MtimeNS: old, Inode: 9}
	digest := Digest(sha256.Sum256([]byte("x")))
	s, _ := open(t, base, Options{})
	if _, ok := s.Memo().Get(st); ok {
		t.Error("an empty memo knows something")
	}
	if err := s.Memo().Put(st, Digest{}, now); err != nil {
		t.Fatal(err)
	}
	if err := s.Memo().Put(st, digest, now); err != nil {
		t.Fatal(err)
	}
	check := func(s *Store, who string) {
		t.Helper()
		if d, ok := s.Memo().Get(st); !ok || d != digest {
			t.Errorf("%s: Get = %v, %v", who, d, ok)
		}
		for _, other := range []Stamp{
			{st.Path + "x", 123, old, 9}, {st.Path, 124, old, 9}, {st.Path, 123, old + 1, 9}, {st.Path, 123, old, 8},
		} {
			if _, ok := s.Memo().Get(other); ok {
				t.Errorf("%s: Get(%+v) succeeds", who, other)
			}
		}
	}
	check(s, "writer")
	v, err := View(base)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	check(v, "view")
	closeStore(t, s)
	s, _ = open(t, base, Options{})
	check(s, "next run")
	// A path with the same hash makes the other forgotten, and no worse.
	s.memo.Put(pathHash("/other"), s.memo.Get(pathHash(st.Path)))
	if _, ok := s.Memo().Get(Stamp{"/other", 123, old, 9}); ok {
		t.Error("a memo of another path is believed")
	}
}

func TestMemoDistrustsTheYoung(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	s.clockOff = 3 * time.Second
	begun := time.Now()
	tests := []struct {
		name string
		age  time.Duration
		want bool
	}{
		{"from the future", -time.Hour, false},
		{"just now", 0, false},
		{"one tick of FAT", 2 * time.Second, false},
		{"within what the clocks differ", 4 * time.Second, false},
		{"old enough", 6 * time.Second, true},
	}
	for _, tt := range tests {
		st := Stamp{Path: tt.name, MtimeNS: begun.Add(-tt.age).UnixNano()}
		if err := s.Memo().Put(st, Digest{1}, begun); err != nil {
			t.Fatal(err)
		}
		if _, ok := s.Memo().Get(st); ok != tt.want {
			t.Errorf("%s: remembered is %v, want %v", tt.name, ok, tt.want)
		}
	}
}

func TestClockOffset(t *testing.T) {
	t.Parallel()
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	for _, tt := range []struct{ mtime, want int }{{10, 0}, {12, 0}, {7, 3}, {17, 5}} {
		if got := clockOffset(at(tt.mtime), at(10), at(12)); got != time.Duration(tt.want)*time.Second {
			t.Errorf("clockOffset(%d) = %v, want %d s", tt.mtime, got, tt.want)
		}
	}
}
