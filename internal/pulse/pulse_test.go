package pulse

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestPulse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, beats := time.Now(), 0
		p := Start(time.Second, func(now time.Time) {
			if beats++; beats == 1 && now.Sub(began) != time.Second {
				t.Errorf("the first beat after %v", now.Sub(began))
			}
		})
		time.Sleep(3500 * time.Millisecond)
		p.Stop()
		if beats != 3 {
			t.Errorf("%d beats in 3.5 s", beats)
		}
		time.Sleep(time.Minute)
		if beats != 3 {
			t.Errorf("%d beats after the end", beats-3)
		}
	})
}

// A slow beat is waited for, and those that it has missed are not made up.
func TestSlowBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		beats := 0
		p := Start(time.Second, func(time.Time) {
			time.Sleep(10 * time.Second)
			beats++
		})
		time.Sleep(12 * time.Second)
		p.Stop()
		if beats != 2 {
			t.Errorf("%d beats", beats)
		}
	})
}
