package proc

import (
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestScarceStart sees a kernel that has no memory for another process: it is
// asked again, for a while.
func TestScarceStart(t *testing.T) {
	for _, c := range []struct {
		name     string
		refusals int
		err      error
		asked    int
		fails    bool
	}{
		{"at once", 0, nil, 1, false},
		{"after a while", 3, syscall.ENOMEM, 4, false},
		{"no room for processes", 8, syscall.EAGAIN, 9, false},
		{"never", 100, syscall.ENOMEM, 9, true},
		{"something else", 100, syscall.E2BIG, 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked, began := 0, time.Now()
				p := &Process{spec: Spec{Argv: []string{"/bin/sh"}}}
				err := p.launch([3]int{}, func(*child) (int, uint64, error) {
					if asked++; asked <= c.refusals {
						return 0, 0, c.err
					}
					return 1, 0, nil
				})
				var f *Failure
				if asked != c.asked || (err != nil) != c.fails || c.fails && (!errors.As(err, &f) || f.Kind != StartFailed) {
					t.Errorf("asked %d times, want %d; error %v", asked, c.asked, err)
				}
				if waited := time.Since(began); waited > 3*time.Second {
					t.Errorf("waited %v", waited)
				}
			})
		})
	}
}
