package store

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pgids lists the marks that are Here.
func pgids(marks []ProcessMark) []int {
	ids := []int{}
	for _, m := range marks {
		if m.Here {
			ids = append(ids, m.PGID)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestProcessMarks(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 1000 { // never more than three at a time
		must(s.NoteProcess(100+i, uint64(i)))
		if i >= 3 {
			must(s.ForgetProcess(100 + i - 3))
		}
	}
	name := s.running.path
	if info, err := os.Stat(name); err != nil || info.Size() != 4*slotSize {
		t.Errorf("the file of marks: %v, %v", info.Size(), err)
	}
	crash(t, s)
	want := []int{1097, 1098, 1099}
	for round := range 3 { // until they are forgotten, all owners get them
		s, _ = open(t, base, Options{})
		if diff := cmp.Diff(want, pgids(s.LeftRunning())); diff != "" {
			t.Fatalf("round %d (-want +got):\n%s", round, diff)
		}
		crash(t, s)
	}
	s, _ = open(t, base, Options{})
	must(s.ForgetProcess(1098))
	crash(t, s)
	s, _ = open(t, base, Options{})
	if diff := cmp.Diff([]int{1097, 1099}, pgids(s.LeftRunning())); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	must(s.ForgetProcess(1097))
	must(s.ForgetProcess(1099))
	closeStore(t, s)
	names, err := readNames(filepath.Join(base, Folder, "owner"))
	if err != nil || len(names) != 1 {
		t.Errorf("the folder of claims holds %q, %v", names, err)
	}
}

func TestTornAndForeignMarks(t *testing.T) {
	t.Parallel()
	here := ProcessMark{PGID: 5, StartTicks: 6, Here: true, machine: machineHash()}
	there := ProcessMark{PGID: 7, StartTicks: 8, machine: 1}
	b := slices.Concat(here.slot(), make([]byte, slotSize), there.slot())
	if diff := cmp.Diff([]ProcessMark{here, there}, parseSlots(b), cmp.AllowUnexported(ProcessMark{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for n := range slotSize - 1 {
		torn := here.slot()
		clear(torn[n+1:])
		if got := parseSlots(torn); len(got) != 0 && torn[slotSize-1] != here.slot()[slotSize-1] {
			t.Errorf("a slot of %d bytes: %+v", n+1, got)
		}
		if got := parseSlots(here.slot()[:n+1]); len(got) != 0 {
			t.Errorf("a file of %d bytes: %+v", n+1, got)
		}
	}
}
