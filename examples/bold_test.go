package examples

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/raphe-org/raphe/nifti"
)

// The truth of the synthetic dataset, as far as the results can be checked
// against it.
type truth struct {
	Subjects []struct {
		Label string `json:"label"`
		Runs  []struct {
			Mask      string    `json:"mask"`
			NonSteady int       `json:"non_steady"`
			FD        []float64 `json:"fd"`
			Tissues   []struct {
				Voxels int     `json:"voxels"`
				TSNR   float64 `json:"tsnr"`
			} `json:"tissues"`
		} `json:"runs"`
	} `json:"subjects"`
}

// checkBold compares the group table and the tSNR maps with what was put into
// the dataset.
func checkBold(t *testing.T, work, results, _ string) {
	bids := filepath.Join(work, "dataset", "bids")
	var want truth
	text, err := os.ReadFile(filepath.Join(bids, "code", "truth.json"))
	if err == nil {
		err = json.Unmarshal(text, &want)
	}
	if err != nil {
		t.Fatal(err)
	}
	rows := readTable(t, filepath.Join(results, "group_bold.tsv"))
	if len(want.Subjects) != 3 || len(rows) != 6 {
		t.Fatalf("%d subjects, %d rows; want 3 and 6", len(want.Subjects), len(rows))
	}
	for _, s := range want.Subjects {
		for k, r := range s.Runs {
			row := rows[fmt.Sprintf("%s %d", s.Label, k+1)]
			near(t, row["non_steady_volumes"], float64(r.NonSteady), 0)
			near(t, row["framewise_displacement"], mean(r.FD), 1e-6) // the motion file has six digits
			voxels, sum := 0, 0.0
			for _, tissue := range r.Tissues {
				voxels += tissue.Voxels
				sum += float64(tissue.Voxels) * tissue.TSNR
			}
			// A thousand voxels of sixty volumes: the mean is known to half a percent.
			m := maskedMean(t, filepath.Join(results, "maps", "sub-"+s.Label, fmt.Sprintf("sub-%s_run-%d_tsnr.nii.gz", s.Label, k+1)), filepath.Join(bids, r.Mask))
			near(t, fmt.Sprint(m), sum/float64(voxels), 0.02*sum/float64(voxels))
		}
	}
}

func near(t *testing.T, got string, want, tolerance float64) {
	t.Helper()
	f, err := strconv.ParseFloat(got, 64)
	if err != nil || math.Abs(f-want) > tolerance {
		t.Errorf("got %q, want %g within %g", got, want, tolerance)
	}
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// readTable gives the rows of a group table by subject and run.
func readTable(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = '\t'
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		out[row["subject"]+" "+row["run"]] = row
	}
	return out
}

// maskedMean gives the mean of an image where the mask is not 0.
func maskedMean(t *testing.T, image, mask string) float64 {
	t.Helper()
	values, in := volume(t, image), volume(t, mask)
	sum, n := 0.0, 0
	for i, v := range values {
		if in[i] != 0 {
			sum += v
			n++
		}
	}
	return sum / float64(n)
}

func volume(t *testing.T, path string) []float64 {
	t.Helper()
	r, err := nifti.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	v := make([]float64, r.Header().VolumeVoxels())
	if err := r.ReadVolume(v); err != nil {
		t.Fatal(err)
	}
	return v
}
