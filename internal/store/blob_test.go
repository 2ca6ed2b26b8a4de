package store

import (
	"bytes"
	"errors"
	"os"
	"testing"
)

func TestBlobs(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	contents := [][]byte{nil, []byte("a"), bytes.Repeat([]byte("large "), 100_000), make([]byte, scanBuffer)}
	var digests []Digest
	size := int64(0)
	for round := range 3 {
		s, got := open(t, base, Options{})
		for i, c := range contents {
			if round > 0 {
				if b, err := s.Blob(digests[i]); err != nil || !bytes.Equal(b, c) {
					t.Errorf("round %d: Blob %d: %d bytes, %v", round, i, len(b), err)
				}
			}
			d, ref, err := s.PutBlob(c)
			if err != nil {
				t.Fatal(err)
			}
			again, same, err := s.PutBlob(c)
			if err != nil || again != d || same != ref {
				t.Errorf("PutBlob again: %v %v %v, before %v %v", again, same, err, d, ref)
			}
			digests = append(digests, d)
		}
		if _, err := s.Blob(Digest{1}); !errors.Is(err, ErrNoBlob) {
			t.Errorf("Blob of nothing: %v", err)
		}
		if len(got) != 0 || len(scanAll(t, s)) != 0 {
			t.Errorf("the caller was shown the store's own records")
		}
		closeStore(t, s)
		info, err := os.Stat(segments(t, base)[0])
		if err != nil {
			t.Fatal(err)
		}
		if round > 0 && info.Size() != size {
			t.Errorf("round %d: the segment grew from %d to %d", round, size, info.Size())
		}
		size = info.Size()
	}
}

// TestBlobsWithOneShortDigest: the index does not depend on 64 bits being
// unique.
func TestBlobsWithOneShortDigest(t *testing.T) {
	t.Parallel()
	s, _ := open(t, t.TempDir(), Options{})
	a, ref, err := s.PutBlob([]byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	b := []byte("b")
	digestB, refB, err := s.PutBlob(b)
	if err != nil {
		t.Fatal(err)
	}
	// As if both had the short form of b.
	s.blobs.Put(a.short(), 0)
	s.blobs.Put(digestB.short(), ref)
	s.blobs.Put(digestB.short()+1, refB)
	if got, err := s.Blob(digestB); err != nil || !bytes.Equal(got, b) {
		t.Errorf("Blob = %q, %v", got, err)
	}
}

func TestDamagedBlob(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	content := bytes.Repeat([]byte("content "), 50_000)
	s, _ := open(t, base, Options{})
	digest, ref, err := s.PutBlob(content)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, entry{1, 1, "after"})
	name := segments(t, base)[0]
	writeAt(name, []byte("X"), ref.offset()+headerSize+digestSize+100_000)
	if _, err := s.Blob(digest); !isDamaged(err) {
		t.Errorf("Blob: %v", err)
	}
	closeStore(t, s)
	s, got := open(t, base, Options{})
	if s.Damage() == nil || len(got) != 1 {
		t.Errorf("damage %v, %d records", s.Damage(), len(got))
	}
	if _, err := s.Blob(digest); !errors.Is(err, ErrNoBlob) {
		t.Errorf("Blob after reopening: %v", err)
	}
	if _, again, err := s.PutBlob(content); err != nil || again == ref {
		t.Errorf("PutBlob does not write it again: %v, %v", again, err)
	}
	if b, err := s.Blob(digest); err != nil || !bytes.Equal(b, content) {
		t.Errorf("Blob when written again: %v", err)
	}
}
