package main

import "testing"

func TestPercentFor(t *testing.T) {
	tests := []struct {
		live, scanned int64
		want          int
	}{
		{0, 0, 75}, // of the 4 MiB that Go's runtime takes for the least
		{1 << 20, 1 << 20, 75},
		{5 << 20, 0, 60},
		{10 << 20, 0, 30},
		{20 << 20, 1 << 20, 30},
		{100 << 20, 1 << 20, 6},
		{100 << 20, 20 << 20, 20},
		{100 << 20, 90 << 20, 30},
		{1 << 40, 0, 3},
	}
	for _, tt := range tests {
		if got := percentFor(tt.live, tt.scanned); got != tt.want {
			t.Errorf("percentFor(%d, %d) = %d, want %d", tt.live, tt.scanned, got, tt.want)
		}
	}
}
