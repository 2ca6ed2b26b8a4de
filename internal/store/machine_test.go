package store

import (
	"os"
	"os/exec"
	"testing"
)

func TestLiveness(t *testing.T) {
	t.Parallel()
	me := thisProcess()
	change := func(f func(*Owner)) Owner { o := me; f(&o); return o }
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	pid := child.Process.Pid
	if err := child.Wait(); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		owner Owner
		want  Liveness
	}{
		{"this process", me, Alive},
		{"elsewhere", change(func(o *Owner) { o.Machine = "elsewhere" }), Unknown},
		{"no machine", change(func(o *Owner) { o.Machine = "" }), Unknown},
		{"the number was given again", change(func(o *Owner) { o.Ticks++ }), Dead},
		{"did not know its own ticks", change(func(o *Owner) { o.Ticks = 0 }), Unknown},
		{"gone", change(func(o *Owner) { o.PID = pid }), Dead},
		{"no number", change(func(o *Owner) { o.PID = 0 }), Unknown},
	}
	for _, tt := range tests {
		if got := tt.owner.Liveness(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestZombieIsDead: a killed owner that its parent has not waited for yet.
func TestZombieIsDead(t *testing.T) {
	t.Parallel()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), "STORE_TEST_HOLD="+t.TempDir())
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer child.Wait()
	if _, alive := processStart(child.Process.Pid); alive != Alive {
		t.Errorf("a running child: %d", alive)
	}
	stdin.Close()
	buf := make([]byte, 100)
	for err == nil { // until its end closes the pipe
		_, err = stdout.Read(buf)
	}
	child.Process.Kill()
	// Its end is seen soon after its files are closed.
	for range 1_000_000 {
		if _, alive := processStart(child.Process.Pid); alive == Dead {
			return
		}
	}
	t.Error("a child that has ended is not seen as dead")
}
