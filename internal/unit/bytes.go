// Package unit reads and prints amounts as people write them: sizes in bytes
// ("16G", "1.5GiB") and lengths of time ("90s", "2h", "1d12h").
//
//	ParseBytes     "1.5GiB" -> 1610612736
//	FormatBytes    8697308774 -> "8.1 GiB", for people
//	ExactBytes     17179869184 -> "16G", what ParseBytes reads back unchanged
//	ParseDuration  "1d12h" -> 36h
//	FormatDuration 90*time.Second -> "1m30s", for people
//
// Amounts are plain int64 and time.Duration everywhere else in Raphe. The
// package imports nothing of Raphe.
package unit

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The binary multiples of a byte.
const (
	KiB int64 = 1 << (10 * (iota + 1))
	MiB
	GiB
	TiB
	PiB
)

// binary are the prefixes of the multiples, smallest first: binary[i] stands
// for 1024 to the power i+1, or 1000 to the power i+1 before a lone "B".
const binary = "kmgtp"

// ParseBytes reads a size in bytes. A plain number is bytes; K, M, G, T and P
// are powers of 1024, as are KiB, MiB and so on; KB, MB and so on are powers of
// 1000 (the convention of GNU coreutils). Letters may be of either case, the
// number may have a fraction, and one may put a space before the unit. A
// negative size, or one beyond an int64, is an error.
func ParseBytes(s string) (int64, error) {
	text := strings.TrimSpace(s)
	end := 0
	for end < len(text) && (text[end] >= '0' && text[end] <= '9' || text[end] == '.') {
		end++
	}
	number, suffix := text[:end], strings.TrimSpace(text[end:])
	factor, ok := byteFactor(suffix)
	if !ok || number == "" {
		return 0, fmt.Errorf("size %q: want a number and a unit, such as 512M, 16G or 1.5GiB", s)
	}
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		if n > math.MaxInt64/factor {
			return 0, fmt.Errorf("size %q: too large", s)
		}
		return n * factor, nil
	}
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, fmt.Errorf("size %q: %q is not a number", s, number)
	}
	f = math.Round(f * float64(factor))
	if f >= math.MaxInt64 {
		return 0, fmt.Errorf("size %q: too large", s)
	}
	return int64(f), nil
}

// byteFactor returns how many bytes one of the unit is.
func byteFactor(suffix string) (int64, bool) {
	suffix = strings.ToLower(suffix)
	if suffix == "" || suffix == "b" {
		return 1, true
	}
	power := strings.IndexByte(binary, suffix[0]) + 1
	if power == 0 {
		return 0, false
	}
	step := int64(1024)
	switch suffix[1:] {
	case "", "ib":
	case "b":
		step = 1000
	default:
		return 0, false
	}
	factor := int64(1)
	for range power {
		factor *= step
	}
	return factor, true
}

// FormatBytes prints a size for people: at most one decimal, in the largest
// binary unit of which there is at least one ("812 B", "8.1 GiB", "150 MiB").
func FormatBytes(n int64) string {
	if n < 0 {
		if n == math.MinInt64 {
			n++ // its negative is not an int64
		}
		return "-" + FormatBytes(-n)
	}
	if n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, power := float64(n)/1024, 0
	for power < len(binary)-1 && value >= 1023.5 { // what would print as 1024 is 1 of the next
		value, power = value/1024, power+1
	}
	digits := 1
	if value >= 99.95 {
		digits = 0
	}
	text := strings.TrimSuffix(strconv.FormatFloat(value, 'f', digits, 64), ".0")
	return text + " " + strings.ToUpper(binary[power:power+1]) + "iB"
}

// ExactBytes prints a size in the largest unit that divides it ("16G", "1536M",
// "1001"), so that ParseBytes gives the same size again.
func ExactBytes(n int64) string {
	if n == 0 {
		return "0"
	}
	power := 0
	for power < len(binary) && n%1024 == 0 {
		n, power = n/1024, power+1
	}
	if power == 0 {
		return strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10) + strings.ToUpper(binary[power-1:power])
}
