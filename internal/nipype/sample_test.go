package nipype

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// sampleClass is a small part of fsl.BET.
func sampleClass() *Class {
	file, yes := iface.Type{Kind: iface.File}, false
	return &Class{
		Name: "nipype.interfaces.fsl.preprocess.BET", OutputSpec: "nipype.interfaces.fsl.preprocess.BETOutputSpec",
		Inputs:  []string{"in_file", "args", "environ", "frac", "mask", "out_file"},
		Outputs: []string{"out_file", "mask_file"},
		NoHash:  []string{"environ"}, NoFileHash: []string{"out_file"},
		Interface: iface.New(iface.Interface{
			Ref: iface.Ref{Name: "fsl.BET"},
			Inputs: []iface.Input{
				{Name: "in_file", Type: file, CopyFile: &yes}, {Name: "frac", Type: iface.Type{Kind: iface.Float}},
				{Name: "mask", Type: iface.Type{Kind: iface.Bool}}, {Name: "out_file", Type: file},
			},
			Outputs: []iface.Output{{Name: "out_file", Type: file}, {Name: "mask_file", Type: file, Optional: true, Value: &iface.At{Input: "in_file"}}},
			Command: &iface.Command{Words: []string{"bet"}},
		}),
	}
}

// sampleNode is a node of sampleClass in dir, whose blob and input file lie
// there, too.
func sampleNode(t testing.TB, dir string) *Node {
	t.Helper()
	in, blob := filepath.Join(dir, "in.nii.gz"), filepath.Join(dir, "0.pkl")
	for _, name := range []string{in, blob} {
		if err := os.WriteFile(name, []byte(filepath.Base(name)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	stamp := time.Unix(1_700_000_000, 123_456_789)
	if err := os.Chtimes(in, stamp, stamp); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(dir, "bet")
	if err := os.MkdirAll(work, 0o777); err != nil {
		t.Fatal(err)
	}
	env := make([]string, 40)
	for i := range env {
		env[i] = "VARIABLE_" + strconv.Itoa(i) + "=/usr/share/some/where:" + strconv.Itoa(i*i)
	}
	return &Node{
		Class: sampleClass(), Dir: work, Name: "bet", FullName: "flow.inner.bet", ExecID: "bet.a0", Blob: blob,
		Inputs: value.NewRecord(map[string]value.Value{
			"in_file": value.String(in), "frac": value.Float(0.4), "mask": value.Bool(true),
			"environ": value.Dict{{Key: value.String("FSLOUTPUTTYPE"), Value: value.String("NIFTI_GZ")}},
		}),
		Outputs:       value.NewRecord(map[string]value.Value{"out_file": value.String(work + "/in_brain.nii.gz")}),
		NeededOutputs: []string{"out_file"},
		Settings:      Settings{HashMethod: "timestamp", RemoveUnnecessary: true, CreateReport: true, Cwd: dir},
		Runtime: Runtime{
			CommandLine: "bet in.nii.gz in_brain.nii.gz -f 0.40 -m", CommandPath: "/opt/fsl/bin/bet",
			Start: time.Unix(1_700_000_100, 0), End: time.Unix(1_700_000_101, 500_000_000),
			Environ: env, Hostname: "host", Platform: "Linux-6.1", Stdout: []byte("one\r\ntwo\n"),
		},
	}
}
