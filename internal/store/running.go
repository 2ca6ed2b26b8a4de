package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// ProcessMark is a process group that an earlier owner started and did not
// see end.
type ProcessMark struct {
	PGID       int
	StartTicks uint64 // of its leader, as the caller gave it
	// Here says that the group belongs to this boot of this machine, so that
	// it can be ended. If not, the number means nothing here.
	Here bool

	machine uint64
}

// The marks are slots of 24 bytes in a file beside the claim: process group
// (4 bytes), machine (8), ticks (8), CRC-32C of these 20. A slot of zeros is
// free. Noting a process is one small write in place, and the file grows with
// the processes that run at the same time, not with those that ever ran.
const slotSize = 24

func (m ProcessMark) slot() []byte {
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, slotSize), uint32(m.PGID))
	b = binary.LittleEndian.AppendUint64(b, m.machine)
	b = binary.LittleEndian.AppendUint64(b, m.StartTicks)
	return binary.LittleEndian.AppendUint32(b, checksum(b))
}

// parseSlots returns the marks of a file of slots. A slot that is not whole
// was being written when its owner died.
func parseSlots(content []byte) []ProcessMark {
	var marks []ProcessMark
	for slot := range slices.Chunk(content, slotSize) {
		if len(slot) < slotSize || checksum(slot[:20]) != binary.LittleEndian.Uint32(slot[20:]) {
			continue // a free slot has a wrong checksum too
		}
		m := ProcessMark{
			PGID:       int(int32(binary.LittleEndian.Uint32(slot))),
			machine:    binary.LittleEndian.Uint64(slot[4:]),
			StartTicks: binary.LittleEndian.Uint64(slot[12:]),
		}
		m.Here = machineID() != "" && m.machine == machineHash()
		marks = append(marks, m)
	}
	return marks
}

// machineHash is the machine's name in a slot.
func machineHash() uint64 {
	h := fnv.New64a()
	h.Write([]byte(machineID()))
	return h.Sum64()
}

// runningTable is the file of marks of this owner.
type runningTable struct {
	path string
	open opener
	left []ProcessMark // taken over from earlier owners

	mu    sync.Mutex
	file  file
	slots map[ProcessMark]int64 // number of slot
	free  []int64
	used  int64
}

const runningSuffix = ".running"

// openRunning takes the marks of earlier owners over into the file of this
// one, so that they outlive this one too, and then deletes everything that
// earlier owners left in the folder of claims.
func openRunning(c *claim, open opener) (*runningTable, error) {
	t := &runningTable{
		path: filepath.Join(c.dir, claimName(c.number)+runningSuffix),
		open: open, slots: map[ProcessMark]int64{},
	}
	names, err := readNames(c.dir)
	if err != nil {
		return nil, err
	}
	slices.Sort(names) // from the lowest number up
	var old []string
	for _, name := range names {
		stem, marks := strings.CutSuffix(name, runningSuffix)
		n, err := strconv.ParseUint(stem, 10, 64)
		if strings.HasPrefix(name, "new-") || err == nil && n < c.number {
			old = append(old, filepath.Join(c.dir, name))
		}
		if !marks || err != nil || n >= c.number {
			continue
		}
		content, err := os.ReadFile(filepath.Join(c.dir, name))
		if err != nil {
			return nil, err
		}
		t.left = append(t.left, parseSlots(content)...)
	}
	for _, m := range t.left {
		if err := t.note(m); err != nil {
			return nil, err
		}
	}
	for _, path := range old {
		os.Remove(path) // what stays is deleted by the next owner
	}
	return t, nil
}

// LeftRunning returns the process groups that earlier owners left behind
// when they died. The caller ends those that are Here and still running, and
// then forgets them; until that, each owner hands them on to the next.
func (s *Store) LeftRunning() []ProcessMark {
	if s.running == nil {
		return nil
	}
	return slices.Clone(s.running.left)
}

// NoteProcess remembers that a process group was started, for the next owner
// should this one die.
func (s *Store) NoteProcess(pgid int, startTicks uint64) error {
	if s.running == nil {
		return ErrReadOnly
	}
	return s.running.note(ProcessMark{PGID: pgid, StartTicks: startTicks, Here: true, machine: machineHash()})
}

// ForgetProcess says that the process group is gone.
func (s *Store) ForgetProcess(pgid int) error {
	if s.running == nil {
		return ErrReadOnly
	}
	return s.running.forget(pgid)
}

func (t *runningTable) note(m ProcessMark) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.slots[m]; ok {
		return nil
	}
	if t.file == nil {
		f, err := t.open(t.path, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
		if err != nil {
			return fmt.Errorf("note process group %d: %w", m.PGID, err)
		}
		t.file = f
	}
	slot := t.used
	if n := len(t.free); n > 0 {
		slot = t.free[n-1]
	}
	if _, err := t.file.WriteAt(m.slot(), slot*slotSize); err != nil {
		return fmt.Errorf("note process group %d: %w", m.PGID, err)
	}
	if slot == t.used {
		t.used++
	} else {
		t.free = t.free[:len(t.free)-1]
	}
	t.slots[m] = slot
	return nil
}

func (t *runningTable) forget(pgid int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for m, slot := range t.slots {
		if m.PGID != pgid || !m.Here {
			continue
		}
		if _, err := t.file.WriteAt(make([]byte, slotSize), slot*slotSize); err != nil {
			return fmt.Errorf("forget process group %d: %w", pgid, err)
		}
		delete(t.slots, m)
		t.free = append(t.free, slot)
	}
	return nil
}

// close deletes the file if nothing of this machine is left in it. Marks of
// other machines have been shown to the caller, who could do no more.
func (t *runningTable) close() error {
	if t == nil {
		return nil // Open did not get that far
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.file == nil {
		return nil
	}
	err := t.file.Close()
	t.file = nil
	for m := range t.slots {
		if m.Here {
			return err
		}
	}
	return errors.Join(err, os.Remove(t.path))
}
