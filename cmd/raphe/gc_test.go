package main

import "testing"

func TestPercentFor(t *testing.T) {
	tests := []struct {
		live int64
		want int
	}{
		{0, 75}, // of the 4 MiB that Go's runtime takes for the least
		{1 << 20, 75},
		{5 << 20, 60},
		{10 << 20, 30},
		{100 << 20, 30},
		{1 << 40, 30},
	}
	for _, tt := range tests {
		if got := percentFor(tt.live); got != tt.want {
			t.Errorf("percentFor(%d) = %d, want %d", tt.live, got, tt.want)
		}
	}
}
