package progress

import (
	"time"

	"github.com/raphe-org/raphe/internal/unit"
)

// About gives an estimated length of time no more exactly than it is known:
// "a few seconds", "about 40s", "about 12m", "about 3h10m".
func About(d time.Duration) string {
	step := 10 * time.Second
	switch {
	case d < 10*time.Second:
		return "a few seconds"
	case d < 55*time.Second:
	case d < 5*time.Minute:
		step = 30 * time.Second
	case d < time.Hour:
		step = time.Minute
	case d < 10*time.Hour:
		step = 10 * time.Minute
	default:
		step = time.Hour
	}
	return "about " + unit.FormatDuration(d.Round(step))
}
