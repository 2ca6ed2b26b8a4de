package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// durationUnits are the names of units that ParseDuration reads.
var durationUnits = map[string]time.Duration{
	"ns": time.Nanosecond, "us": time.Microsecond, "µs": time.Microsecond, "ms": time.Millisecond,
	"s": time.Second, "sec": time.Second, "m": time.Minute, "min": time.Minute,
	"h": time.Hour, "d": 24 * time.Hour,
}

// ParseDuration reads a length of time: numbers with units, largest first or in
// any order, added up ("90s", "1.5h", "1d 12h", "250ms"). A day is 24 hours. A
// number without a unit is an error (schedulers disagree whether it is seconds
// or minutes), save 0; so is a negative length.
func ParseDuration(s string) (time.Duration, error) {
	rest := strings.TrimSpace(s)
	if rest == "0" {
		return 0, nil
	}
	if rest == "" {
		return 0, badDuration(s)
	}
	total := 0.0 // in nanoseconds; exact up to 104 days, and then to a microsecond
	for rest != "" {
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if end <= 0 {
			return 0, badDuration(s)
		}
		number, err := strconv.ParseFloat(rest[:end], 64)
		if err != nil {
			return 0, badDuration(s)
		}
		rest = strings.TrimLeft(rest[end:], " ")
		end = strings.IndexFunc(rest, func(r rune) bool { return r == ' ' || r == '.' || r >= '0' && r <= '9' })
		if end < 0 {
			end = len(rest)
		}
		one, ok := durationUnits[rest[:end]]
		if !ok {
			return 0, badDuration(s)
		}
		total += number * float64(one)
		rest = strings.TrimLeft(rest[end:], " ")
	}
	if total >= math.MaxInt64 {
		return 0, fmt.Errorf("duration %q: too long", s)
	}
	return time.Duration(math.Round(total)), nil
}

func badDuration(s string) error {
	return fmt.Errorf("duration %q: want numbers with units, such as 90s, 30m, 2h or 1d12h", s)
}

// FormatDuration prints a length of time for people, with two units at most:
// "250us", "1.4ms", "1.2s", "42s", "1m30s", "2h5m", "3d4h".
func FormatDuration(d time.Duration) string {
	if d < 0 {
		if d == math.MinInt64 {
			d++ // its negative is not a Duration
		}
		return "-" + FormatDuration(-d)
	}
	// Each line rounds to what its form can show and passes on what rounds up
	// into the next, so that no form ever prints 60s, 60m or 24h.
	switch {
	case d == 0:
		return "0s"
	case d < time.Microsecond:
		return strconv.FormatInt(int64(d), 10) + "ns"
	case d.Round(time.Microsecond) < time.Millisecond:
		return single(d, time.Microsecond, "us")
	case d.Round(time.Millisecond) < time.Second:
		return single(d, time.Millisecond, "ms")
	case d.Round(time.Second) < time.Minute:
		return single(d, time.Second, "s")
	case d.Round(time.Second) < time.Hour:
		return pair(d, time.Minute, "m", time.Second, "s")
	case d.Round(time.Minute) < 24*time.Hour:
		return pair(d, time.Hour, "h", time.Minute, "m")
	default:
		return pair(d, 24*time.Hour, "d", time.Hour, "h")
	}
}

// single prints d in one unit, with one decimal below ten.
func single(d, one time.Duration, name string) string {
	if tenths := d.Round(one / 10); tenths < 10*one {
		return strings.TrimSuffix(strconv.FormatFloat(float64(tenths)/float64(one), 'f', 1, 64), ".0") + name
	}
	return strconv.FormatInt(int64(d.Round(one)/one), 10) + name
}

func pair(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	d = d.Round(small)
	text := strconv.FormatInt(int64(d/large), 10) + largeName
	if rest := d % large / small; rest > 0 {
		text += strconv.FormatInt(int64(rest), 10) + smallName
	}
	return text
}
