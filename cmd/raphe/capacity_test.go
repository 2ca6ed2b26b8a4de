package main

import (
	"testing"

	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/sched"
)

func TestToolsShare(t *testing.T) {
	const mib, gib = int64(1) << 20, int64(1) << 30
	for _, tt := range []struct {
		name         string
		memory, want int64
	}{
		{"a workstation", 100 * gib, 90 * gib},
		{"a small cgroup", 200 * mib, 136 * mib},
		{"a cgroup of 64 MiB", 64 * mib, 32 * mib},
		{"nothing is known", 0, 0},
	} {
		if got := toolsShare(tt.memory); got != tt.want {
			t.Errorf("%s: %d MiB, want %d", tt.name, got/mib, tt.want/mib)
		}
	}
}

func TestCapacityWarning(t *testing.T) {
	const gib = int64(1) << 30
	machine := proc.Machine{Memory: 2 * gib, MemoryFrom: "cgroup"}
	for _, tt := range []struct {
		name string
		c    capacity
		want string
	}{
		{"less", capacity{sched.Claim{Mem: gib}, machine, true}, ""},
		{"all", capacity{sched.Claim{Mem: 2 * gib}, machine, true}, ""},
		{"the default", capacity{sched.Claim{Mem: 3 * gib}, machine, false}, ""},
		{"not known", capacity{sched.Claim{Mem: 3 * gib}, proc.Machine{}, true}, ""},
		{"more", capacity{sched.Claim{Mem: 3 * gib}, machine, true}, "--memory 3 GiB is more than there is: 2 GiB (cgroup); the kernel will end tools before that limit does"},
	} {
		if got := tt.c.warning(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
