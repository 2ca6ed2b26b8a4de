package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

const digestSize = sha256.Size

// Digest is the SHA-256 of some content.
type Digest [digestSize]byte

// String gives the digest in hexadecimal.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// short is what the index of blobs is sorted by. Digests with one short form
// lie at successive numbers, so that nothing depends on its being unique.
func (d Digest) short() uint64 { return binary.LittleEndian.Uint64(d[:]) }

// PutBlob stores a large value under its digest, once: if it is there already
// nothing is written. In memory a blob costs some 18 bytes.
func (s *Store) PutBlob(content []byte) (Digest, Ref, error) {
	if len(content) > MaxBlob {
		return Digest{}, 0, fmt.Errorf("store blob: %d bytes are over the limit of %d", len(content), MaxBlob)
	}
	digest := Digest(sha256.Sum256(content))
	if s.journal == nil {
		return digest, 0, ErrReadOnly
	}
	s.putMu.Lock()
	defer s.putMu.Unlock()
	ref, slot, err := s.findBlob(digest)
	if err != nil || ref != 0 {
		return digest, ref, err
	}
	ref, err = s.append(kindBlob, ID(digest.short()), digest[:], content)
	if err != nil {
		return digest, 0, err
	}
	s.mu.Lock()
	s.blobs.Put(slot, ref)
	s.mu.Unlock()
	return digest, ref, nil
}

// Blob returns the content with a digest. The error is ErrNoBlob if it was never
// stored, and a *DamagedError if it is no longer what it was.
func (s *Store) Blob(digest Digest) ([]byte, error) {
	ref, _, err := s.findBlob(digest)
	if ref == 0 && err == nil {
		if err = s.refresh(); err == nil {
			ref, _, err = s.findBlob(digest)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read blob %s: %w", digest, err)
	}
	if ref == 0 {
		return nil, fmt.Errorf("read blob %s: %w", digest, ErrNoBlob)
	}
	rec, err := s.Read(ref, nil)
	if err != nil {
		return nil, fmt.Errorf("read blob %s: %w", digest, err)
	}
	content := rec.Payload[digestSize:]
	if sha256.Sum256(content) != digest {
		return nil, fmt.Errorf("read blob %s: %w", digest, s.lost(ref, int64(len(rec.Payload))))
	}
	return content, nil
}

// findBlob returns where a blob lies, or the free slot of the index where it
// belongs. The index knows 64 bits of a digest; the segment knows the rest.
func (s *Store) findBlob(digest Digest) (ref Ref, slot uint64, err error) {
	for slot = digest.short(); ; slot++ {
		s.mu.Lock()
		ref := s.blobs.Get(slot)
		s.mu.Unlock()
		if ref == 0 {
			return 0, slot, nil
		}
		f, err := s.files.get(ref.segment())
		if err != nil {
			return 0, 0, err
		}
		var there Digest
		if _, err := f.ReadAt(there[:], ref.offset()+headerSize); err != nil {
			return 0, 0, err
		}
		if there == digest {
			return ref, slot, nil
		}
	}
}

// indexBlob notes a blob that a scan came by.
func (s *Store) indexBlob(rec Record) error {
	if len(rec.Payload) < digestSize {
		return nil // nothing that PutBlob has written
	}
	_, slot, err := s.findBlob(Digest(rec.Payload))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.blobs.Get(slot) == 0 {
		s.blobs.Put(slot, rec.Ref)
	}
	return nil
}
