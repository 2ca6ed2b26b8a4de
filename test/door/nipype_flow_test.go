package doortest

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestFlows runs the workflows of flows/ by nipype's Linear and by Raphe; see
// flows.py for what must agree.
func TestFlows(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(python, "flows.py", filepath.Join(scratch, "flows"))
	cmd.Env = pythonEnv(t, needRaphe(t))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("these tests compare with nipype under %s: %v; on Debian: apt install python3-nipype\n%s", python, err, stderr.Bytes())
	}
	flows := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); flows++ {
		var line struct {
			Flow  string
			Found []string
		}
		if err := dec.Decode(&line); err != nil {
			t.Fatalf("read what flows.py printed: %v", err)
		}
		t.Run(line.Flow, func(t *testing.T) {
			for _, found := range line.Found {
				t.Error(found)
			}
		})
	}
	if flows == 0 {
		t.Error("flows.py ran no workflow")
	}
}
