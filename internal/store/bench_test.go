package store

import (
	"bytes"
	"context"
	"testing"
)

// hundredThousand fills a store with 100,000 records of 400 bytes.
func hundredThousand(b *testing.B) string {
	b.Helper()
	base := b.TempDir()
	s, err := Open(context.Background(), base, Options{})
	if err != nil {
		b.Fatal(err)
	}
	payload := bytes.Repeat([]byte("0123456789"), 40)
	for i := range 100_000 {
		if _, err := s.Append(1, ID(i), payload); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return base
}

// BenchmarkScan reads 100,000 records of 400 bytes, as a no-op resume does.
func BenchmarkScan(b *testing.B) {
	v, err := View(hundredThousand(b))
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if _, err := v.Scan(0, func(Record) error { n++; return nil }); err != nil || n != 100_000 {
			b.Fatal(n, err)
		}
	}
}

// BenchmarkAppend writes one record of 400 bytes at a time.
func BenchmarkAppend(b *testing.B) {
	s, err := Open(context.Background(), b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	payload := make([]byte, 400)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Append(1, 1, payload); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppendTogether writes from many goroutines.
func BenchmarkAppendTogether(b *testing.B) {
	s, err := Open(context.Background(), b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	payload := make([]byte, 400)
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Append(1, 1, payload); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkNoteProcess notes and forgets a process, as each start of a tool does.
func BenchmarkNoteProcess(b *testing.B) {
	s, err := Open(context.Background(), b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for b.Loop() {
		if err := s.NoteProcess(7, 7); err != nil {
			b.Fatal(err)
		}
		if err := s.ForgetProcess(7); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMemoGet asks for the digest of a file.
func BenchmarkMemoGet(b *testing.B) {
	s, err := Open(context.Background(), b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	st := Stamp{Path: "/data/study/sub-01/ses-01/anat/sub-01_ses-01_T1w.nii.gz", Size: 1}
	if err := s.Memo().Put(st, Digest{1}, s.claim.owner.Since); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := s.Memo().Get(st); !ok {
			b.Fatal("forgotten")
		}
	}
}
