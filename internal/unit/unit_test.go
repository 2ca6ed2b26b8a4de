package unit

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseBytes(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int64
	}{
		{"0", 0}, {"1", 1}, {"812B", 812}, {"512M", 512 * MiB}, {"16G", 16 * GiB}, {"16g", 16 * GiB},
		{"1.5GiB", 3 * GiB / 2}, {"1.5 GiB", 3 * GiB / 2}, {" 2k ", 2 * KiB}, {"4GB", 4e9}, {"4gb", 4e9},
		{"1TiB", TiB}, {"1P", PiB}, {".5K", 512}, {"9223372036854775807", math.MaxInt64}, {"0.2G", 214748365},
	} {
		if got, err := ParseBytes(c.in); err != nil || got != c.want {
			t.Errorf("ParseBytes(%q) = %d, %v; want %d", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"", " ", "G", "-1", "1X", "1GiBs", "1.2.3G", "9000P", "99999P", "1e3", "NaN", "9223372036854775808", "1 2", "."} {
		if got, err := ParseBytes(in); err == nil {
			t.Errorf("ParseBytes(%q) = %d; want an error", in, got)
		}
	}
}

func TestFormatBytes(t *testing.T) {
	for _, c := range []struct {
		in          int64
		want, exact string
	}{
		{0, "0 B", "0"}, {812, "812 B", "812"}, {1023, "1023 B", "1023"}, {1024, "1 KiB", "1K"}, {1536, "1.5 KiB", "1536"},
		{8697308774, "8.1 GiB", "8697308774"}, {16 * GiB, "16 GiB", "16G"}, {1536 * MiB, "1.5 GiB", "1536M"},
		{MiB - 1, "1 MiB", "1048575"}, {150 * MiB, "150 MiB", "150M"}, {99*MiB + 99*MiB/100, "100 MiB", "104847114"},
		{-2048, "-2 KiB", "-2K"}, {math.MaxInt64, "8192 PiB", "9223372036854775807"}, {math.MinInt64, "-8192 PiB", "-8192P"},
	} {
		if got := FormatBytes(c.in); got != c.want {
			t.Errorf("FormatBytes(%d) = %q; want %q", c.in, got, c.want)
		}
		if got := ExactBytes(c.in); got != c.exact {
			t.Errorf("ExactBytes(%d) = %q; want %q", c.in, got, c.exact)
		}
	}
}

func TestBytesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, math.MaxInt64).Draw(t, "n") >> rapid.IntRange(0, 62).Draw(t, "shift")
		if got, err := ParseBytes(ExactBytes(n)); err != nil || got != n {
			t.Fatalf("ParseBytes(ExactBytes(%d)) = %d, %v", n, got, err)
		}
		if n > math.MaxInt64-PiB {
			return // may round up beyond an int64
		}
		got, err := ParseBytes(FormatBytes(n))
		if err != nil || math.Abs(float64(got-n)) > 0.05*float64(n) {
			t.Fatalf("ParseBytes(FormatBytes(%d)) = ParseBytes(%q) = %d, %v", n, FormatBytes(n), got, err)
		}
	})
}

func TestParseDuration(t *testing.T) {
	for _, c := range []struct {
		in   string
		want time.Duration
	}{
		{"0", 0}, {"0s", 0}, {"90s", 90 * time.Second}, {"2h", 2 * time.Hour}, {"1.5h", 90 * time.Minute},
		{"1d12h", 36 * time.Hour}, {"1d 12h", 36 * time.Hour}, {" 30 m ", 30 * time.Minute}, {"30min", 30 * time.Minute},
		{"250ms", 250 * time.Millisecond}, {"3us", 3 * time.Microsecond}, {"3µs", 3 * time.Microsecond}, {"10sec", 10 * time.Second},
	} {
		if got, err := ParseDuration(c.in); err != nil || got != c.want {
			t.Errorf("ParseDuration(%q) = %v, %v; want %v", c.in, got, err, c.want)
		}
	}
	for _, in := range []string{"", " ", "90", "-5s", "5 years", "s", "1.2.3s", "1h30", "1000000d", "1h,2m", "."} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("ParseDuration(%q) = %v; want an error", in, got)
		}
	}
}

func TestFormatDuration(t *testing.T) {
	for _, c := range []struct {
		in   time.Duration
		want string
	}{
		{0, "0s"}, {999, "999ns"}, {250 * time.Microsecond, "250us"}, {999600, "1ms"}, {12 * time.Millisecond, "12ms"}, {1449 * time.Microsecond, "1.4ms"}, {1500, "1.5us"},
		{999600 * time.Microsecond, "1s"}, {1234 * time.Millisecond, "1.2s"}, {9960 * time.Millisecond, "10s"},
		{42 * time.Second, "42s"}, {59600 * time.Millisecond, "1m"}, {90 * time.Second, "1m30s"},
		{time.Hour - time.Millisecond, "1h"}, {125 * time.Minute, "2h5m"}, {24*time.Hour - time.Second, "1d"},
		{76 * time.Hour, "3d4h"}, {-90 * time.Second, "-1m30s"}, {math.MinInt64, "-106751d23h"},
	} {
		if got := FormatDuration(c.in); got != c.want {
			t.Errorf("FormatDuration(%d) = %q; want %q", c.in, got, c.want)
		}
	}
}

func TestDurationReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(106000*24*time.Hour)).Draw(t, "d") >> rapid.IntRange(0, 62).Draw(t, "shift"))
		got, err := ParseDuration(FormatDuration(d))
		if err != nil || math.Abs(float64(got-d)) > 0.05*float64(d) {
			t.Fatalf("ParseDuration(FormatDuration(%d)) = ParseDuration(%q) = %v, %v", d, FormatDuration(d), got, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"16G", "1.5 GiB", "4GB", "90s", "1d 12h", "µs", "", "9e9", "1..2m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseBytes(s); err == nil && n < 0 {
			t.Errorf("ParseBytes(%q) = %d", s, n)
		}
		if d, err := ParseDuration(s); err == nil && d < 0 {
			t.Errorf("ParseDuration(%q) = %d", s, d)
		}
	})
}
