package column

// A Set finds numbers by what they stand for: an open-addressing table of the
// numbers alone, which asks its user what they mean. It takes 5 to 11 bytes a
// number. The zero Set is empty.
type Set struct {
	slots []uint32 // number+1, 0: free; length a power of two, at most 3/4 full
	used  int
}

// Len is the number of numbers.
func (s *Set) Len() int { return s.used }

// Find gives the number with that hash for which same is true.
func (s *Set) Find(hash uint64, same func(uint32) bool) (id uint32, ok bool) {
	if len(s.slots) == 0 {
		return 0, false
	}
	mask := uint64(len(s.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		switch id := s.slots[i]; {
		case id == 0:
			return 0, false
		case same(id - 1):
			return id - 1, true
		}
	}
}

// Add adds a number that Find did not find. hashOf gives the hash of each that
// is there.
func (s *Set) Add(hash uint64, id uint32, hashOf func(uint32) uint64) {
	if (s.used+1)*4 > len(s.slots)*3 {
		old := s.slots
		s.slots = make([]uint32, max(16, len(old)*2))
		for _, o := range old {
			if o != 0 {
				s.put(hashOf(o-1), o)
			}
		}
	}
	s.put(hash, id+1)
	s.used++
}

func (s *Set) put(hash uint64, slot uint32) {
	mask := uint64(len(s.slots) - 1)
	i := hash & mask
	for s.slots[i] != 0 {
		i = (i + 1) & mask
	}
	s.slots[i] = slot
}
