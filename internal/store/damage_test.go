package store

import (
	"bytes"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// history makes a store of one segment and returns the segment's bytes and
// where its records begin.
func history(t *testing.T, entries []entry) (base, name string, whole []byte, starts []int) {
	t.Helper()
	base = t.TempDir()
	s, _ := open(t, base, Options{})
	for _, ref := range put(t, s, entries...) {
		starts = append(starts, int(ref.offset()))
	}
	closeStore(t, s)
	name = segments(t, base)[0]
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return base, name, whole, starts
}

// reset puts the store back to one segment with the given bytes.
func reset(t *testing.T, base, name string, b []byte) {
	t.Helper()
	for _, old := range segments(t, base) {
		if err := os.Remove(old); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(name, b, 0o666); err != nil {
		t.Fatal(err)
	}
}

// goesOn opens the store, wants certain records, appends some more, and looks
// whether all are there after reopening.
func goesOn(t *testing.T, base string, want []entry) *DamagedError {
	t.Helper()
	s, got := open(t, base, Options{})
	if diff := cmp.Diff(want, notNil(got)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	damage := s.Damage()
	if err := s.AcceptDamage(); err != nil {
		t.Fatal(err)
	}
	more := []entry{{9, 1, "after"}, {9, 2, "wards"}}
	put(t, s, more...)
	closeStore(t, s)
	s, got = open(t, base, Options{})
	if diff := cmp.Diff(append(append([]entry{}, want...), more...), got); diff != "" {
		t.Fatalf("after appending (-want +got):\n%s", diff)
	}
	if s.Damage() != nil {
		t.Fatalf("accepted damage is reported again: %v", s.Damage())
	}
	closeStore(t, s)
	return damage
}

func TestTornAtEveryByte(t *testing.T) {
	t.Parallel()
	entries := some(6)
	base, name, whole, starts := history(t, entries)
	for cut := range len(whole) {
		kept := 0
		for kept+1 < len(starts) && starts[kept+1] <= cut {
			kept++
		}
		reset(t, base, name, whole[:cut])
		if d := goesOn(t, base, entries[:kept]); d != nil {
			t.Fatalf("cut at %d: a torn end is not damage: %v", cut, d)
		}
	}
}

func TestChangedAtEveryByte(t *testing.T) {
	t.Parallel()
	entries := some(6)
	base, name, whole, starts := history(t, entries)
	for at := range whole {
		hit := -1 // the record that the byte belongs to; -1: the segment's first frame
		for hit+1 < len(starts) && starts[hit+1] <= at {
			hit++
		}
		want := append([]entry{}, entries...)
		if hit >= 0 {
			want = append(want[:hit], want[hit+1:]...)
		}
		b := bytes.Clone(whole)
		b[at] ^= 0x41
		reset(t, base, name, b)
		d := goesOn(t, base, want)
		switch {
		case hit == len(entries)-1 && d != nil:
			t.Fatalf("byte %d: the end of the last segment may be torn, but: %v", at, d)
		case hit < len(entries)-1 && d == nil:
			t.Fatalf("byte %d: damage in the middle is not reported", at)
		case d != nil:
			from, to := 0, starts[0]
			if hit >= 0 {
				from, to = starts[hit], starts[hit+1]
			}
			wantHole := []Hole{{File: name, Offset: int64(from), Length: int64(to - from), Lost: "records"}}
			if diff := cmp.Diff(wantHole, d.Holes, cmpopts.IgnoreUnexported(Hole{})); diff != "" {
				t.Fatalf("byte %d (-want +got):\n%s", at, diff)
			}
		}
	}
}

// TestLostEnd: what a later segment says was there, and is not, is damage,
// not a torn end.
func TestLostEnd(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	entries := some(40)
	s, _ := open(t, base, Options{SegmentSize: 300})
	refs := put(t, s, entries...)
	closeStore(t, s)
	names := segments(t, base)
	var want []entry
	for i, e := range entries {
		last := i+1 < len(refs) && refs[i+1].segment() != refs[i].segment()
		if refs[i].segment() != 4 && !(last && refs[i].segment() == 2) {
			want = append(want, e)
		}
	}
	info, err := os.Stat(names[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(names[1], info.Size()-1); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(names[3]); err != nil {
		t.Fatal(err)
	}
	d := goesOn(t, base, want)
	if d == nil || len(d.Holes) != 2 {
		t.Fatalf("damage: %v", d)
	}
	for _, part := range []string{"000002.seg is damaged at byte ", "records lost", "000004.seg is damaged at byte 0: a whole segment lost"} {
		if !strings.Contains(d.Error(), part) {
			t.Errorf("%q does not say %q", d, part)
		}
	}
	if d.Mend() == "" || d.Lost() == 0 {
		t.Errorf("Mend %q, Lost %d", d.Mend(), d.Lost())
	}
}

// TestViewPastOldDamage: damage of an earlier run hides nothing from a view
// while the next run is writing.
func TestViewPastOldDamage(t *testing.T) {
	t.Parallel()
	entries := some(6)
	base, name, whole, starts := history(t, entries)
	whole[starts[2]+5] ^= 1
	reset(t, base, name, whole)
	s, _ := open(t, base, Options{})
	put(t, s, entry{1, 1, "new"})
	v, err := View(base)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	want := append(append(append([]entry{}, entries[:2]...), entries[3:]...), entry{1, 1, "new"})
	for _, accept := range []bool{false, true} {
		if accept {
			if err := s.AcceptDamage(); err != nil {
				t.Fatal(err)
			}
		}
		var got []entry
		if _, err := v.Scan(0, collect(&got)); isDamaged(err) == accept {
			t.Errorf("accepted is %v: Scan: %v", accept, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestLateWritesOfALostOwner: what a run writes after another one took over
// does not count, wherever it writes it.
func TestLateWritesOfALostOwner(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	old, _ := open(t, base, Options{SegmentSize: 300})
	put(t, old, entry{1, 1, "before"})
	old.stop()
	old.beating.Wait()
	foreignClaim(t, base, 1) // as if it ran on another machine, silent since long
	young, _ := open(t, base, quick)
	put(t, young, entry{1, 2, "young"})
	put(t, old, entry{1, 3, "late, in the old segment"})
	old.claim.number = 99 // it does not even look, and begins new segments
	if err := os.WriteFile(filepath.Join(old.claim.dir, claimName(99)), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	put(t, old, some(40)...)
	if err := os.Remove(filepath.Join(old.claim.dir, claimName(99))); err != nil {
		t.Fatal(err)
	}
	put(t, young, entry{1, 4, "young again"})
	want := []entry{{1, 1, "before"}, {1, 2, "young"}, {1, 4, "young again"}}
	if diff := cmp.Diff(want, scanAll(t, young)); diff != "" {
		t.Errorf("the owner (-want +got):\n%s", diff)
	}
	closeStore(t, young)
	goesOn(t, base, want)
	old.journal.close()
	old.files.close()
	old.closed = true
}

// TestCopiedFramesAreNotRecords: a payload that holds a copy of a segment does
// not come to life when the frame around it is damaged.
func TestCopiedFramesAreNotRecords(t *testing.T) {
	t.Parallel()
	_, _, inner, _ := history(t, some(20))
	entries := []entry{{1, 1, "first"}, {1, 2, string(inner)}, {1, 3, "last"}}
	base, name, whole, starts := history(t, entries)
	whole[starts[1]] ^= 1
	reset(t, base, name, whole)
	goesOn(t, base, []entry{entries[0], entries[2]})
}

// TestFrameLayout holds version 1 of the format to its bytes.
func TestFrameLayout(t *testing.T) {
	t.Parallel()
	got := hex.EncodeToString(appendFrame(nil, makeRef(3, 0x1234), 7, 0x1122334455667788, []byte("pay"), []byte("load")))
	want := "f572fa07" + "07000000" + "8877665544332211" + "7069e3f4" + "84789ce6" + hex.EncodeToString([]byte("payload"))
	if got != want {
		t.Errorf("frame\n got %s\nwant %s", got, want)
	}
	st := start{epoch: 5, prev: 2, end: 0x99}
	if got := hex.EncodeToString(st.payload()); got != "0500000000000000"+"02000000"+"9900000000000000" {
		t.Errorf("start %s", got)
	}
}

// FuzzScan: whatever a segment holds, the scanner ends, holds together, and
// yields only what is whole.
func FuzzScan(f *testing.F) {
	var whole []byte
	for _, e := range some(12) {
		whole = appendFrame(whole, makeRef(1, int64(len(whole))), e.Kind, e.ID, []byte(e.Payload))
	}
	blob := appendFrame(nil, makeRef(1, 0), kindBlob, 1, make([]byte, 100))
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add(append(bytes.Clone(whole[:50]), whole...))
	f.Add(append(bytes.Clone(whole), make([]byte, 100)...))
	f.Add(bytes.Repeat(magic[:], 50))
	f.Add(append(blob, appendFrame(nil, makeRef(1, 0), kindBlob, 1, nil)...))
	f.Fuzz(func(t *testing.T, segment []byte) {
		sc := newScanner(bytes.NewReader(segment), 1, 0, int64(len(segment)))
		var covered int64
		for {
			rec, err := sc.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			at := rec.Ref.offset()
			h, ok := parseHeader(segment[at:], rec.Ref)
			if !ok || checksum(segment[at+headerSize:h.end(at)]) != h.sum {
				t.Fatalf("record at %d is not whole", at)
			}
			covered += h.end(at) - at
		}
		for _, h := range sc.holes {
			if h.from >= h.to {
				t.Fatalf("hole %v", h)
			}
			covered += h.to - h.from
		}
		if covered != sc.good || sc.good > int64(len(segment)) {
			t.Fatalf("records and holes cover %d of %d bytes", covered, sc.good)
		}
	})
}
