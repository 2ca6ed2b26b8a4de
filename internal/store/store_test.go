package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entry is a record without its place.
type entry struct {
	Kind    Kind
	ID      ID
	Payload string
}

// noSync spares tests the waiting for the disk.
type noSync struct{ file }

func (noSync) Sync() error { return nil }

func openNoSync(name string, flag int) (file, error) {
	f, err := openOSFile(name, flag)
	if err != nil {
		return nil, err
	}
	return noSync{f}, nil
}

// collect returns a visitor that appends to *got.
func collect(got *[]entry) Visitor {
	return func(r Record) error {
		*got = append(*got, entry{r.Kind, r.ID, string(r.Payload)})
		return nil
	}
}

// open opens the store of base and returns what it held.
func open(t testing.TB, base string, opts Options) (*Store, []entry) {
	t.Helper()
	var got []entry
	if opts.Visit == nil {
		opts.Visit = collect(&got)
	}
	if opts.open == nil {
		opts.open = openNoSync
	}
	s, err := Open(context.Background(), base, opts)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s, got
}

func closeStore(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// crash ends a store as a kill -9 would, except that its claim is marked as released.
func crash(t testing.TB, s *Store) {
	t.Helper()
	s.stop()
	s.beating.Wait()
	s.claim.release()
	s.files.close()
	s.closed = true
}

func put(t testing.TB, s *Store, entries ...entry) []Ref {
	t.Helper()
	var refs []Ref
	for _, e := range entries {
		ref, err := s.Append(e.Kind, e.ID, []byte(e.Payload))
		if err != nil {
			t.Fatalf("Append: %v", err)
		}
		refs = append(refs, ref)
	}
	return refs
}

func some(n int) []entry {
	var es []entry
	for i := range n {
		es = append(es, entry{Kind(i%5 + 1), ID(i * 7919), strings.Repeat(fmt.Sprint(i, " "), i%9)})
	}
	return es
}

func scanAll(t testing.TB, s *Store) []entry {
	t.Helper()
	var got []entry
	if _, err := s.Scan(0, collect(&got)); err != nil {
		t.Fatalf("Scan: %v", err)
	}
	return got
}

func segments(t testing.TB, base string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(base, Folder, "segments", "*.seg"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestRecordsSurviveReopening(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	want := some(50)
	for part := range 5 {
		s, got := open(t, base, Options{})
		if diff := cmp.Diff(want[:10*part], got, cmp.Transformer("nil", notNil)); diff != "" {
			t.Fatalf("opening %d (-want +got):\n%s", part, diff)
		}
		refs := put(t, s, want[10*part:10*part+10]...)
		for i, ref := range refs {
			rec, err := s.Read(ref, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[10*part+i], entry{rec.Kind, rec.ID, string(rec.Payload)}); diff != "" {
				t.Errorf("Read (-want +got):\n%s", diff)
			}
		}
		if diff := cmp.Diff(want[:10*part+10], scanAll(t, s)); diff != "" {
			t.Errorf("Scan (-want +got):\n%s", diff)
		}
		closeStore(t, s)
	}
	if n := len(segments(t, base)); n != 1 {
		t.Errorf("%d segments after five orderly runs, want 1", n)
	}
}

func notNil(es []entry) []entry {
	if es == nil {
		return []entry{}
	}
	return es
}

func TestSegmentsRoll(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	want := some(300)
	s, _ := open(t, base, Options{SegmentSize: 1000})
	refs := put(t, s, want...)
	if n := len(segments(t, base)); n < 5 {
		t.Errorf("%d segments, want several", n)
	}
	for i, ref := range refs {
		if i > 0 && ref <= refs[i-1] {
			t.Fatalf("ref %v follows %v", ref, refs[i-1])
		}
		var got []entry
		next, err := s.Scan(ref, collect(&got))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want[i:], got); diff != "" {
			t.Fatalf("Scan from %v (-want +got):\n%s", ref, diff)
		}
		if again, err := s.Scan(next, nil); again != next || err != nil {
			t.Fatalf("Scan from the end = %v, %v, want %v", again, err, next)
		}
	}
	closeStore(t, s)
	s, got := open(t, base, Options{SegmentSize: 1000})
	if diff := cmp.Diff(want, got); diff != "" || s.Damage() != nil {
		t.Errorf("after reopening: %v (-want +got):\n%s", s.Damage(), diff)
	}
}

func TestReadAnySize(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	for _, n := range []int{0, 1, 999, 1000, 1001, 4072, 4073, 100_000, scanBuffer, scanBuffer + 1, 1 << 20} {
		want := strings.Repeat("x", n)
		ref := put(t, s, entry{1, 2, want})[0]
		for _, buf := range [][]byte{nil, make([]byte, 10), make([]byte, 2<<20)} {
			rec, err := s.Read(ref, buf)
			if err != nil || string(rec.Payload) != want {
				t.Errorf("Read of %d bytes with a buffer of %d: %d bytes, %v", n, len(buf), len(rec.Payload), err)
			}
		}
	}
	if _, err := s.Append(1, 1, make([]byte, MaxPayload+1)); err == nil {
		t.Error("Append takes more than MaxPayload")
	}
	if _, err := s.Read(makeRef(1, 3), nil); !isDamaged(err) {
		t.Errorf("Read inside a frame: %v", err)
	}
}

func isDamaged(err error) bool {
	_, ok := errors.AsType[*DamagedError](err)
	return ok
}

func TestFormat(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, content, want string }{
		{"newer", "raphe store 2\n", "says version 2, this program knows versions up to 1"},
		{"much newer", "raphe store 10\nsomething else\n", "says version 10"},
		{"empty", "", "the store's version line lost"},
		{"other", "hello\n", "the store's version line lost"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := t.TempDir()
			s, _ := open(t, base, Options{})
			closeStore(t, s)
			name := filepath.Join(base, Folder, "FORMAT")
			if err := os.WriteFile(name, []byte(tt.content), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := Open(context.Background(), base, Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Open: %v, want %q", err, tt.want)
			}
			if _, err := View(base); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("View: %v, want %q", err, tt.want)
			}
		})
	}
}

func TestOpenWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	base := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(base, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := Open(context.Background(), base, Options{})
	if err == nil || !strings.Contains(err.Error(), "not a directory") || !strings.Contains(err.Error(), base) {
		t.Errorf("Open under a file: %v", err)
	}
	refuse := func(name string, flag int) (file, error) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	_, err = Open(context.Background(), t.TempDir(), Options{open: refuse})
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open in a folder that is not ours: %v", err)
	}
	if _, err := View(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("View of nothing: %v", err)
	}
}

func TestVisitorsErrorEndsOpen(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{})
	put(t, s, some(3)...)
	closeStore(t, s)
	mine := errors.New("mine")
	_, err := Open(context.Background(), base, Options{Visit: func(Record) error { return mine }})
	if !errors.Is(err, mine) {
		t.Errorf("Open: %v", err)
	}
	open(t, base, Options{}) // the claim was given back
}
