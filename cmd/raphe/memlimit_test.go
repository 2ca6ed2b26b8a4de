package main

import (
	"math"
	"testing"
)

func TestSoftLimit(t *testing.T) {
	const mib = int64(1) << 20
	for _, tt := range []struct {
		name                 string
		memory, addressSpace int64
		want                 int64
	}{
		{"nothing is known", 0, 0, math.MaxInt64},
		{"a large machine", 256 << 30, 0, 128 << 30},
		{"a cgroup of 64 MiB", 64 * mib, 0, 32 * mib},
		{"a tiny cgroup", 20 * mib, 0, leastHeap},
		{"ulimit -v of 1 GiB", 256 << 30, 1 << 30, 256 * mib},
		{"ulimit -v below what is reserved", 256 << 30, 512 * mib, leastHeap},
		{"both", 64 * mib, 1 << 30, 32 * mib},
	} {
		if got := softLimit(tt.memory, tt.addressSpace); got != tt.want {
			t.Errorf("%s: %d MiB, want %d", tt.name, got/mib, tt.want/mib)
		}
	}
}
