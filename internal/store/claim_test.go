package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// quick lets an owner on another machine be dead soon.
var quick = Options{StaleAfter: 20 * time.Millisecond, Heartbeat: time.Hour}

// foreignClaim rewrites a claim so that it seems to come from another machine.
func foreignClaim(t *testing.T, base string, number uint64) string {
	t.Helper()
	name := filepath.Join(base, Folder, "owner", claimName(number))
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	o := Owner{Host: "node17", PID: 77, Machine: "elsewhere", Ticks: 5, Since: time.Unix(1e9, 0).UTC(), Token: "T"}
	if err := os.WriteFile(name, o.format(), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestOwnerFormat(t *testing.T) {
	t.Parallel()
	want := thisProcess()
	want.Host = "a host"
	if diff := cmp.Diff(want, parseOwner(want.format())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b := want.format()
	copy(b[stateOffset:], stateFree)
	copy(b[beatOffset:], beatDigits(123))
	if o := parseOwner(b); !o.Released || o.Token != want.Token {
		t.Errorf("released: %+v", o)
	}
	if !strings.Contains(string(b), "\nstate free\nbeat 00000000000000000123\nhost a host\n") {
		t.Errorf("claim is\n%s", b)
	}
	if o := parseOwner([]byte("\x00\xff nonsense")); o != (Owner{}) {
		t.Errorf("nonsense: %+v", o)
	}
}

func TestSecondOpenInOneProcess(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{})
	_, err := Open(context.Background(), base, Options{})
	owned, ok := errors.AsType[*OwnedError](err)
	if !ok || owned.Owner.PID != os.Getpid() {
		t.Fatalf("second Open: %v", err)
	}
	for _, part := range []string{base, fmt.Sprint("process ", os.Getpid()), owned.Owner.Since.Format(time.RFC3339)} {
		if !strings.Contains(owned.Error(), part) {
			t.Errorf("%q does not say %q", owned, part)
		}
	}
	if !strings.Contains(owned.Mend(), fmt.Sprint("kill ", os.Getpid())) {
		t.Errorf("Mend: %s", owned.Mend())
	}
	closeStore(t, s)
	if s, _ := open(t, base, Options{}); s.TakenOver() != nil {
		t.Errorf("a released claim was taken over: %+v", s.TakenOver())
	}
}

func TestOwnerElsewhere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		meddle  func(name string) // while Open watches
		stale   bool
		waiting time.Duration
	}{
		{"silent", func(string) {}, true, time.Minute},
		{"beating", func(name string) { writeAt(name, beatDigits(1), beatOffset) }, false, 33 * time.Second},
		{"releasing", func(name string) { writeAt(name, []byte(stateFree), stateOffset) }, true, 33 * time.Second},
		{"gone", func(name string) { os.Remove(name) }, true, 33 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base := t.TempDir()
			name := foreignClaim(t, base, 7)
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var waited Owner
				opts := Options{open: openNoSync, OnWait: func(o Owner) { waited = o }}
				time.AfterFunc(30*time.Second, func() { tt.meddle(name) })
				s, err := Open(context.Background(), base, opts)
				if took := time.Since(begin); took > tt.waiting {
					t.Errorf("Open took %v, want at most %v", took, tt.waiting)
				}
				if waited.Host != "node17" {
					t.Errorf("OnWait was told %+v", waited)
				}
				if err == nil {
					defer s.Close()
				}
				if _, owned := errors.AsType[*OwnedError](err); owned == tt.stale {
					t.Errorf("Open: %v, want stale %v", err, tt.stale)
				}
			})
		})
	}
}

func writeAt(name string, b []byte, off int64) {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(b, off); err != nil {
		panic(err)
	}
}

func TestWatchingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	foreignClaim(t, base, 7)
	ctx, cancel := context.WithCancel(context.Background())
	opts := Options{open: openNoSync, StaleAfter: time.Hour, OnWait: func(Owner) { cancel() }}
	if _, err := Open(ctx, base, opts); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v", err)
	}
}

func TestHeartbeatKeepsTheClaim(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(context.Background(), base, Options{open: openNoSync})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		name := filepath.Join(s.dir, "owner", claimName(s.claim.number))
		seen := map[string]bool{}
		for range 5 {
			content, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			seen[string(content)] = true
			time.Sleep(6 * time.Second) // the bubble's time
			synctest.Wait()
		}
		if len(seen) != 5 {
			t.Errorf("the claim had %d contents in five heartbeats", len(seen))
		}
	})
}

func TestLosingTheClaim(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		lose func(t *testing.T, base string)
		by   string
	}{
		{"taken over", func(t *testing.T, base string) { foreignClaim(t, base, 2) }, "node17"},
		{"deleted", func(t *testing.T, base string) { os.RemoveAll(filepath.Join(base, Folder, "owner")) }, ""},
	}
	for _, tt := range tests {
		for _, how := range []string{"heartbeat", "after a standstill", "new segment"} {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				base := t.TempDir()
				s, _ := open(t, base, Options{Heartbeat: time.Hour, SegmentSize: 200})
				put(t, s, entry{1, 1, strings.Repeat("x", 200)})
				tt.lose(t, base)
				switch how {
				case "heartbeat":
					s.journal.lose(s.claim.beat())
				case "after a standstill":
					s.claim.lastAt = time.Now().Add(-time.Hour)
					s.journal.size = 1 << 20
				}
				for range 2 {
					_, err := s.Append(1, 2, nil)
					lost, ok := errors.AsType[*LostError](err)
					if !ok || lost.By.Host != tt.by || lost.Mend() == "" || !strings.Contains(lost.Error(), base) {
						t.Fatalf("Append: %v", err)
					}
				}
			})
		}
	}
}

func TestOneTakerWins(t *testing.T) {
	t.Parallel()
	noLinks := func(old, new string) error { return &os.LinkError{Op: "link", Old: old, New: new, Err: syscall.EPERM} }
	lostAnswer := func(old, new string) error { // made, but the answer says it was there
		if err := os.Link(old, new); err != nil {
			return err
		}
		return &os.LinkError{Op: "link", Old: old, New: new, Err: syscall.EEXIST}
	}
	for round, link := range []func(old, new string) error{nil, nil, nil, noLinks, noLinks, lostAnswer} {
		base := t.TempDir()
		foreignClaim(t, base, 1)
		var won, owned, other atomic.Int32
		var wg sync.WaitGroup
		for range 30 {
			wg.Go(func() {
				opts := quick
				opts.open, opts.link = openNoSync, link
				s, err := Open(context.Background(), base, opts)
				if err == nil {
					won.Add(1)
					t.Cleanup(func() { s.Close() })
				} else if _, ok := errors.AsType[*OwnedError](err); ok {
					owned.Add(1)
				} else {
					other.Add(1)
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || owned.Load() != 29 {
			t.Errorf("round %d: %d won, %d found it owned, %d other", round, won.Load(), owned.Load(), other.Load())
		}
	}
}

// TestNumberOfThePast: who acts on an outdated listing withdraws.
func TestNumberOfThePast(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	s, _ := open(t, base, Options{})
	closeStore(t, s)
	s, _ = open(t, base, Options{})
	if s.claim.number != 2 {
		t.Fatalf("the second claim has number %d", s.claim.number)
	}
	if c, err := stake(base, s.claim.dir, 1, Options{open: openNoSync}.withDefaults()); c != nil || err != nil {
		t.Errorf("staking number 1 again: %v, %v", c, err)
	}
	if err := s.claim.verify(); err != nil {
		t.Errorf("the owner has lost: %v", err)
	}
	names, err := readNames(s.claim.dir)
	if diff := cmp.Diff([]string{claimName(2)}, names); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestDeletedClaims: even when someone deletes the claims by hand, so that the
// numbers begin anew, no record is lost.
func TestDeletedClaims(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	var want []entry
	for i := range 6 {
		s, got := open(t, base, Options{SegmentSize: 1})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		e := entry{1, ID(i), "x"}
		want = append(want, e)
		put(t, s, e)
		closeStore(t, s)
		if i == 3 {
			os.RemoveAll(filepath.Join(base, Folder, "owner"))
		}
	}
}
