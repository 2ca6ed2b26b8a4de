package toolfile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An argument may be read from an input's file: fsl_regfilt takes all columns
// of a design by their numbers.
func TestReading(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"s.nii": "", "d.txt": "# three\n1 2 3\n4 5 6\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		inputs map[string]any
		want   []string
	}{
		{map[string]any{"filter_all": true}, []string{"-f", "1,2,3"}},
		{map[string]any{"filter_all": false}, nil},
		{map[string]any{"filter_columns": []int{2, 3}}, []string{"-f", "2,3"}},
	} {
		inputs := map[string]any{"in_file": "s.nii", "design_file": "d.txt", "out_file": "o.nii"}
		for k, v := range c.inputs {
			inputs[k] = v
		}
		q, err := json.Marshal(map[string]any{"interface": "fsl.FilterRegressor", "inputs": inputs})
		if err != nil {
			t.Fatal(err)
		}
		var got struct {
			Argv  []string
			Error string
		}
		if err := json.Unmarshal((&Evaluator{Dir: dir}).Eval(q), &got); err != nil || got.Error != "" {
			t.Fatal(err, got.Error)
		}
		want := append([]string{"fsl_regfilt", "-i", "s.nii", "-o", "o.nii", "-d", "d.txt"}, c.want...)
		if diff := cmp.Diff(want, got.Argv); diff != "" {
			t.Errorf("%v: %s", c.inputs, diff)
		}
	}
}
