package store

import (
	"encoding/binary"
	"fmt"
)

// Damage returns what Open found to be damaged, or nil. The records that it
// names are lost; all others were read. Whether to go on is the caller's
// choice: going on means that the instances concerned run again.
func (s *Store) Damage() *DamagedError { return s.damage }

// AcceptDamage notes that the caller knows of the damage that Open found and
// goes on, so that it is not reported again by later openings.
func (s *Store) AcceptDamage() error {
	if s.journal == nil {
		return ErrReadOnly
	}
	if s.damage == nil {
		return nil
	}
	for _, h := range s.damage.Holes {
		length := binary.LittleEndian.AppendUint64(nil, uint64(h.Length))
		if _, err := s.append(kindHole, ID(h.at), length); err != nil {
			return fmt.Errorf("note damage of %s: %w", h.File, err)
		}
		s.mu.Lock()
		s.accepted[h.at] = h.Length
		s.mu.Unlock()
	}
	return nil
}

// indexHole notes a hole that was accepted before.
func (s *Store) indexHole(rec Record) {
	if len(rec.Payload) < 8 {
		return // nothing that AcceptDamage has written
	}
	s.mu.Lock()
	s.accepted[Ref(rec.ID)] = int64(binary.LittleEndian.Uint64(rec.Payload))
	s.mu.Unlock()
}

// damaged is the error for those holes that were not accepted.
func (s *Store) damaged(holes []Hole) *DamagedError {
	s.mu.Lock()
	defer s.mu.Unlock()
	return damaged(holes, s.accepted)
}
