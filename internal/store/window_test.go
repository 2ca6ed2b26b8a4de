package store

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

// countingFile counts how often a segment is read.
type countingFile struct {
	file
	reads *int
}

func (f countingFile) ReadAt(b []byte, off int64) (int, error) {
	*f.reads++
	return f.file.ReadAt(b, off)
}

func TestNeighboursCostOneRead(t *testing.T) {
	t.Parallel()
	const n = 500
	base, reads := t.TempDir(), 0
	s, _ := open(t, base, Options{open: func(name string, flag int) (file, error) {
		f, err := openOSFile(name, flag)
		return countingFile{f, &reads}, err
	}})
	defer s.Close()
	text := func(i int) []byte { return bytes.Repeat(fmt.Appendf(nil, "%03d ", i), 60+i%7) }
	var refs []Ref
	for i := range n {
		refs = append(refs, put(t, s, entry{1, ID(i), string(text(i))})...)
	}
	reads = 0
	for _, shift := range []int{0, 1, -1, 3} { // not quite in the order in which they were written
		for i := range refs {
			at := (i ^ 1 + n + shift) % n
			rec, err := s.Read(refs[at], make([]byte, 0, 64))
			if err != nil || rec.ID != ID(at) || !bytes.Equal(rec.Payload, text(at)) {
				t.Fatalf("record %d: %v, %q", at, err, rec.Payload)
			}
		}
	}
	if most := 4 * n / 20; reads > most {
		t.Errorf("%d records in turn took %d reads, want %d at most", 4*n, reads, most)
	}
}

// A record that was written where the window was empty, or half there, is read.
func TestAWindowGrowsOld(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	defer s.Close()
	var refs []Ref
	for i := range 300 {
		refs = append(refs, put(t, s, entry{1, ID(i), fmt.Sprintf("record %d", i)})...)
		for _, back := range []int{0, 1, 250} {
			at := max(0, i-back)
			rec, err := s.Read(refs[at], nil)
			if want := fmt.Sprintf("record %d", at); err != nil || string(rec.Payload) != want {
				t.Fatalf("after %d records: record %d: %v, %q", i+1, at, err, rec.Payload)
			}
		}
	}
}

// What the window does not have whole and sound is asked of the disk, which says
// what is wrong.
func TestAWindowHidesNoDamage(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	defer s.Close()
	var refs []Ref
	for i := range 4 {
		refs = append(refs, put(t, s, entry{1, ID(i), "a record"})...)
	}
	f, err := os.OpenFile(s.files.path(refs[2].segment()), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("A"), refs[2].offset()+headerSize); err != nil {
		t.Fatal(err)
	}
	for i, ref := range refs {
		if _, err := s.Read(ref, nil); (err != nil) != (i == 2) {
			t.Errorf("record %d: %v", i, err)
		}
	}
}
