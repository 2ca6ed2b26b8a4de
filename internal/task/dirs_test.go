package task

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/value"
)

// left gives what is below a folder.
func left(t *testing.T, base string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(base, func(path string, _ os.DirEntry, err error) error {
		if path != base {
			out = append(out, path[len(base)+1:])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDirsThatNothingWasWrittenTo(t *testing.T) {
	for _, tt := range []struct {
		name    string
		writes  string
		outputs value.Record
		want    []string
	}{
		{"nothing", "", nil, nil},
		{"a value", "", value.Record{{Name: "n", Value: value.Int(3)}}, nil},
		{"a path elsewhere", "", value.Record{{Name: "f", Value: value.String("/else/where")}}, nil},
		{"a path with a like name", "", value.Record{{Name: "f", Value: value.String("BASE/wf/_x_1/a2")}}, nil},
		{"a file", "out.txt", nil, []string{"wf", "wf/_x_1", "wf/_x_1/a", "wf/_x_1/a/out.txt"}},
		{"a file beside it", "../b", nil, []string{"wf", "wf/_x_1", "wf/_x_1/b"}},
		{"the folder is an output", "", value.Record{{Name: "d", Value: value.Strings("BASE/wf/_x_1/a")}}, []string{"wf", "wf/_x_1", "wf/_x_1/a"}},
		{"a promised file that is not there", "", value.Record{{Name: "f", Value: value.String("BASE/wf/_x_1/a/f")}}, []string{"wf", "wf/_x_1", "wf/_x_1/a"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base := t.TempDir()
			dir := filepath.Join(base, "wf/_x_1/a")
			var d dirs
			if err := d.fresh(dir); err != nil {
				t.Fatal(err)
			}
			if tt.writes != "" {
				if err := os.WriteFile(filepath.Join(dir, tt.writes), nil, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			outputs := mapRecord(tt.outputs, func(s string) string {
				if len(s) > 4 && s[:4] == "BASE" {
					return base + s[4:]
				}
				return s
			})
			dropped := d.drop(dir, base, outputs)
			if diff := cmp.Diff(tt.want, left(t, base)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := os.Stat(dir); dropped != (err != nil) {
				t.Errorf("drop said %v", dropped)
			}
		})
	}
}

// Many that come and go below one folder never take it from under each other.
func TestDirsComeAndGo(t *testing.T) {
	base := t.TempDir()
	var d dirs
	var all sync.WaitGroup
	for k := range 8 {
		all.Go(func() {
			dir := filepath.Join(base, fmt.Sprintf("wf/m/mapflow/_m%d", k))
			for range 200 {
				if err := d.fresh(dir); err != nil {
					t.Error(err)
					return
				}
				_, _ = d.hold(func() (value.Record, error) {
					return nil, os.MkdirAll(filepath.Join(base, "wf/n", fmt.Sprint(k)), 0o777)
				})
				d.drop(dir, base, nil)
			}
		})
	}
	all.Wait()
}
