package main

import (
	"math"
	"strings"
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

// Who has less address space than Go's runtime is sure to live with is told
// before it ends.
func TestNarrow(t *testing.T) {
	for addressSpace, want := range map[int64]bool{0: false, roomy: false, 1 << 40: false, roomy - 1: true, 760000 << 10: true} {
		if got := narrow(addressSpace); (got != "") != want || want && !strings.Contains(got, "ulimit -v 860160") {
			t.Errorf("%d: %q", addressSpace, got)
		}
	}
}
