package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestMain lets this program play another run: it opens the store named in
// its environment, says how that went, and holds it until its stdin closes.
func TestMain(m *testing.M) {
	base := os.Getenv("STORE_TEST_HOLD")
	if base == "" {
		os.Exit(m.Run())
	}
	s, err := Open(context.Background(), base, Options{})
	if owned, ok := errors.AsType[*OwnedError](err); ok {
		fmt.Println("owned by", owned.Owner.PID)
	} else if err != nil {
		fmt.Println("error", err)
	} else {
		s.Append(1, ID(os.Getpid()), []byte("child"))
		s.NoteProcess(4321, 99)
		fmt.Println("won", os.Getpid())
		if os.Getenv("STORE_TEST_FLOOD") != "" {
			flood(s)
		}
	}
	os.Stdin.Read(make([]byte, 1))
	os.Exit(0) // without Close, as if killed
}

// flood appends until it is killed, from several goroutines, and says how far
// it is.
func flood(s *Store) {
	var wg sync.WaitGroup
	for kind := Kind(2); kind < 5; kind++ {
		wg.Go(func() {
			for i := 1; ; i++ {
				if _, err := s.Append(kind, ID(i), make([]byte, i%700)); err != nil {
					panic(err)
				}
				if i%50 == 0 {
					fmt.Println(kind, i)
				}
			}
		})
	}
	wg.Wait()
}

// TestKilledWhileWriting kills a writer in the middle of it: what it said was
// written is there, and the rest is a beginning of what it wrote.
func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	for round := range 6 {
		base := t.TempDir()
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "STORE_TEST_HOLD="+base, "STORE_TEST_FLOOD=1")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := map[Kind]ID{}
		lines := bufio.NewScanner(stdout)
		for n := 0; lines.Scan(); n++ {
			var kind Kind
			var i ID
			if _, err := fmt.Sscan(lines.Text(), &kind, &i); err == nil {
				said[kind] = i
			}
			if n == 10+40*round {
				cmd.Process.Kill()
			}
		}
		cmd.Wait()
		got := map[Kind]ID{}
		open(t, base, Options{Visit: func(r Record) error {
			if r.Kind > 1 {
				if got[r.Kind]++; r.ID != got[r.Kind] || len(r.Payload) != int(r.ID)%700 {
					t.Errorf("kind %d: record %d in place of %d", r.Kind, r.ID, got[r.Kind])
				}
			}
			return nil
		}})
		for kind, i := range said {
			if got[kind] < i {
				t.Errorf("kind %d: %d records were written, %d are there", kind, i, got[kind])
			}
		}
	}
}

// hold starts another process that opens the store; it returns what that says.
func hold(t *testing.T, base string) (cmd *exec.Cmd, said string, end func()) {
	t.Helper()
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "STORE_TEST_HOLD="+base)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, err = bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(said), func() { stdin.Close(); cmd.Wait() }
}

func TestKilledOwnerIsReplacedAtOnce(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	cmd, said, end := hold(t, base)
	defer end()
	if said != fmt.Sprint("won ", cmd.Process.Pid) {
		t.Fatalf("the child says %q", said)
	}
	if _, err := Open(context.Background(), base, Options{}); err == nil {
		t.Fatal("Open while another process owns the store")
	}
	cmd.Process.Kill()
	cmd.Wait()
	s, got := open(t, base, Options{StaleAfter: time.Hour})
	if o := s.TakenOver(); o == nil || o.PID != cmd.Process.Pid || o.Liveness() != Dead {
		t.Errorf("TakenOver = %+v", o)
	}
	if diff := cmp.Diff([]entry{{1, ID(cmd.Process.Pid), "child"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	left := s.LeftRunning()
	if len(left) != 1 || left[0].PGID != 4321 || left[0].StartTicks != 99 || !left[0].Here {
		t.Errorf("LeftRunning = %+v", left)
	}
}

func TestOneTakingProcessWins(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	cmd, _, end := hold(t, base)
	cmd.Process.Kill()
	end()
	const n = 8
	said := make([]string, n)
	ends := make([]func(), n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { _, said[i], ends[i] = hold(t, base) })
	}
	wg.Wait()
	winner := ""
	for _, s := range said {
		if pid, ok := strings.CutPrefix(s, "won "); ok {
			if winner != "" {
				t.Fatalf("two winners: %q", said)
			}
			winner = pid
		}
	}
	for _, s := range said {
		if s != "won "+winner && s != "owned by "+winner {
			t.Errorf("winner %s, but someone says %q", winner, s)
		}
	}
	for _, end := range ends {
		end()
	}
}
