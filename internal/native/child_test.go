package native

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/value"
)

// inProcess runs a call through the protocol of child processes.
func inProcess(ctx context.Context, impl string, c *Call) (value.Record, error) {
	request, err := ChildRequest(impl, c)
	if err != nil {
		return nil, err
	}
	var reply bytes.Buffer
	if err := RunChild(ctx, bytes.NewReader(request), &reply); err != nil {
		return nil, err
	}
	return ParseChildReply(reply.Bytes())
}

func TestChildKeepsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(2).Draw(t, "v")
		c := &Call{Params: output("fields", value.Strings("x")), Inputs: output("x", v), Dir: "/d", BaseDir: "/b"}
		got, err := inProcess(context.Background(), "utility.IdentityInterface", c)
		if err != nil || !value.Equal(got.Get("x"), v) {
			t.Fatalf("%s became %s, %v", value.Repr(v), value.Repr(got.Get("x")), err)
		}
	})
}

func TestChildErrors(t *testing.T) {
	_, err := inProcess(t.Context(), "utility.IdentityInterface", &Call{Params: output("fields", value.Strings("x"))})
	if err == nil || errors.Is(err, ErrNoReply) || !strings.Contains(err.Error(), `"x" has no value`) {
		t.Errorf("the implementation's error became %v", err)
	}
	for _, reply := range []string{"", "{", `{"outputs": 3}`, "killed"} {
		if _, err := ParseChildReply([]byte(reply)); !errors.Is(err, ErrNoReply) {
			t.Errorf("reply %q: %v", reply, err)
		}
	}
	for _, request := range []string{"", "[]", `{"impl": "no.Such"}`, `{"impl": "utility.Merge", "params": 3, "inputs": {}}`, `{"impl": "utility.Merge", "params": {}, "inputs": []}`} {
		var reply bytes.Buffer
		if err := RunChild(t.Context(), strings.NewReader(request), &reply); err == nil || reply.Len() > 0 {
			t.Errorf("request %q: %v, reply %q", request, err, &reply)
		}
	}
}

// TestNumeric runs the numeric implementations on a dataset whose truth is
// known, all through the protocol of child processes; what they compute is the
// business of package confounds.
func TestNumeric(t *testing.T) {
	dir := t.TempDir()
	do := func(impl string, inputs map[string]value.Value) value.Record {
		t.Helper()
		got, err := inProcess(t.Context(), impl, &Call{Inputs: value.NewRecord(inputs), Dir: filepath.Join(dir, impl)})
		if err != nil {
			t.Fatalf("%s: %v", impl, err)
		}
		return got
	}
	data := do("synthetic.BIDSDataset", map[string]value.Value{"volumes": value.Int(40), "subjects": value.Int(1), "runs": value.Int(2), "spikes": value.Int(0), "shape": triple(8, 8, 8)})
	bold, mask, motion := strs(data.Get("bold")), strs(data.Get("masks")), strs(data.Get("motion"))
	if len(bold) != 2 || len(mask) != 2 || len(motion) != 2 || len(strs(data.Get("t1w"))) != 1 || value.Repr(data.Get("subjects")) != "['01']" {
		t.Fatalf("the dataset has %v", data)
	}
	tsnr := do("algorithms.confounds.TSNR", map[string]value.Value{"in_file": value.Strings(bold...), "regress_poly": value.Int(2)})
	for _, name := range []string{"tsnr_file", "mean_file", "stddev_file", "detrended_file"} {
		if info, err := os.Stat(tsnr.Str(name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	dvars := do("algorithms.confounds.ComputeDVARS", map[string]value.Value{"in_file": value.String(bold[0]), "in_mask": value.String(mask[0]), "save_all": value.Bool(true)})
	if avg, _ := dvars.Get("avg_std").(value.Float); !(avg > 0.1 && avg < 10) || !dvars.Has("out_std") || !dvars.Has("out_all") || dvars.Has("out_nstd") {
		t.Errorf("DVARS gave %v", dvars)
	}
	fd := do("algorithms.confounds.FramewiseDisplacement", map[string]value.Value{"in_file": value.String(motion[0]), "parameter_source": value.String("FSL")})
	if avg, _ := fd.Get("fd_average").(value.Float); !(avg > 0) || math.IsNaN(float64(avg)) || !strings.HasSuffix(fd.Str("out_file"), "FramewiseDisplacement/fd_power_2012.txt") {
		t.Errorf("framewise displacement gave %v", fd)
	}
	if got := do("algorithms.confounds.NonSteadyStateDetector", map[string]value.Value{"in_file": value.String(bold[0])}); value.Repr(got.Get("n_volumes_to_discard")) != "3" {
		t.Errorf("non-steady volumes: %v", got)
	}
	plain := do("algorithms.misc.Gunzip", map[string]value.Value{"in_file": value.String(bold[0])}).Str("out_file")
	do("utility.AssertEqual", map[string]value.Value{"volume1": value.String(plain), "volume2": value.String(bold[0])})
	for _, other := range []string{bold[1], mask[0]} {
		if err := compareImages(bold[0], other); err == nil || !strings.Contains(err.Error(), "not equal") {
			t.Errorf("%s equals %s: %v", bold[0], other, err)
		}
	}
	if err := checkPlots(nil, output("save_plot", value.Bool(true))); err == nil {
		t.Error("a plot was promised")
	}
}
