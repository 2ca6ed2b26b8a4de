package task

import (
	"os/exec"
	"strings"
	"testing"
)

func TestReplayOfOddNames(t *testing.T) {
	script := replay("wf/_a_x\nexit 9", "/", []string{"A=1 2", "B-C=it's", "D=", "A=last\n"}, "env")
	out, err := exec.Command("sh", "-c", script).CombinedOutput()
	for _, want := range []string{"\nA=last\n\n", "\nB-C=it's\n", "\nD=\n"} {
		if err != nil || !strings.Contains("\n"+string(out), want) {
			t.Errorf("%q is missing in %q, %v, of\n%s", want, out, err, script)
		}
	}
}
