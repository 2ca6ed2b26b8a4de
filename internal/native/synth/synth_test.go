package synth

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/native/confounds"
	"github.com/raphe-org/raphe/nifti"
)

// dataset makes one in a folder of its own.
func dataset(t *testing.T, opts Options) (string, Truth) {
	t.Helper()
	opts.Dir = t.TempDir()
	truth, err := Dataset(opts)
	if err != nil {
		t.Fatal(err)
	}
	return opts.Dir, truth
}

func volumes(t *testing.T, path string) [][]float64 {
	t.Helper()
	r, err := nifti.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	all := make([][]float64, r.Header().Volumes())
	for i := range all {
		all[i] = make([]float64, r.Header().VolumeVoxels())
		if err := r.ReadVolume(all[i]); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// eachRun calls do for every run of a dataset.
func eachRun(t *testing.T, do func(t *testing.T, dir string, r Run)) {
	dir, truth := dataset(t, Options{Runs: 2, Seed: 7})
	for _, s := range truth.Subjects {
		for _, r := range s.Runs {
			do(t, dir, r)
		}
	}
}

// TestTSNR: the measured images agree with the truth. Over N voxels and T
// volumes the mean of the variances is known to sqrt(2/(T N)), and the mean of
// the means to SD/sqrt(T N); five times that is allowed.
func TestTSNR(t *testing.T) {
	t.Parallel()
	eachRun(t, func(t *testing.T, dir string, r Run) {
		opts := confounds.DefaultTSNR()
		opts.Dir, opts.InFile = t.TempDir(), []string{inside(dir, r.Bold)}
		res, err := confounds.TSNR(opts)
		if err != nil {
			t.Fatal(err)
		}
		means, deviations := volumes(t, res.MeanFile)[0], volumes(t, res.StddevFile)[0]
		ratios := volumes(t, res.TSNRFile)[0]
		for _, tissue := range r.Tissues {
			mean, variance, ratio, n := 0.0, 0.0, 0.0, 0.0
			for i, l := range segment([3]int{16, 16, 12}) {
				if int(l) == tissue.Label {
					mean += means[i]
					variance += deviations[i] * deviations[i]
					ratio += ratios[i]
					n++
				}
			}
			samples := n * float64(r.Volumes)
			if int(n) != tissue.Voxels {
				t.Errorf("%s has %v voxels, truth %d", tissue.Name, n, tissue.Voxels)
			}
			if d := math.Abs(mean/n - tissue.Mean); d > 5*tissue.SD/math.Sqrt(samples)+0.02 { // int16 steps
				t.Errorf("%s: mean %v, truth %v", tissue.Name, mean/n, tissue.Mean)
			}
			if d := variance/n/(tissue.SD*tissue.SD) - 1; math.Abs(d) > 5*math.Sqrt(2/samples) {
				t.Errorf("%s: variance off by %.2f%%", tissue.Name, 100*d)
			}
			// A ratio of small samples is biased by less than 1/T.
			if d := ratio/n/tissue.TSNR - 1; math.Abs(d) > 1/float64(r.Volumes)+5/math.Sqrt(samples) {
				t.Errorf("%s: tSNR off by %.2f%%", tissue.Name, 100*d)
			}
		}
		for i, l := range segment([3]int{16, 16, 12}) {
			if l == 0 && math.Abs(ratios[i]) > 0.01 {
				t.Fatalf("tSNR %v outside the head", ratios[i])
			}
		}
	})
}

// TestDVARS: the measured change agrees with the truth to five standard errors,
// 5·sqrt(1/(2N)) of it for N voxels, and the spikes stand out.
func TestDVARS(t *testing.T) {
	t.Parallel()
	eachRun(t, func(t *testing.T, dir string, r Run) {
		opts := confounds.DefaultComputeDVARS()
		opts.Dir, opts.IntensityNormalization = t.TempDir(), 0
		opts.InFile, opts.InMask = inside(dir, r.Bold), inside(dir, r.Mask)
		res, err := confounds.ComputeDVARS(opts)
		if err != nil {
			t.Fatal(err)
		}
		tolerance := 5 * math.Sqrt(1/(2*float64(r.Voxels)))
		for i, want := range r.DVARS {
			if d := res.NStd[i]/want - 1; math.Abs(d) > tolerance {
				t.Errorf("DVARS[%d] is %v, truth %v", i, res.NStd[i], want)
			}
		}
		var jumps []int // the steady part's largest changes
		for i := r.NonSteady; i < len(res.Std); i++ {
			if res.Std[i] > 2 {
				jumps = append(jumps, i)
			}
		}
		var want []int
		for _, s := range r.Spikes {
			want = append(want, s-1, s)
		}
		if diff := cmp.Diff(want, jumps); diff != "" {
			t.Errorf("spikes (-truth +found):\n%s", diff)
		}
	})
}

// TestMotion: FD is exactly the truth, from both files.
func TestMotion(t *testing.T) {
	t.Parallel()
	eachRun(t, func(t *testing.T, dir string, r Run) {
		opts := confounds.DefaultFramewiseDisplacement()
		opts.Dir, opts.InFile, opts.ParameterSource = t.TempDir(), inside(dir, r.MotionFSL), "FSL"
		res, err := confounds.FramewiseDisplacement(opts)
		if err != nil {
			t.Fatal(err)
		}
		near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-12 })
		if diff := cmp.Diff(r.FD, res.FD, near); diff != "" {
			t.Errorf("(-truth +found):\n%s", diff)
		}
		if math.Abs(res.FDAverage-r.MeanFD) > 1e-12 {
			t.Errorf("mean %v, truth %v", res.FDAverage, r.MeanFD)
		}
		for _, s := range r.Spikes {
			if r.FD[s-1] < 0.9 {
				t.Errorf("no jump into volume %d: %v mm", s, r.FD[s-1])
			}
		}
		text, err := os.ReadFile(inside(dir, r.MotionTSV))
		if err != nil {
			t.Fatal(err)
		}
		table := filepath.Join(opts.Dir, "motion.txt")
		_, rows, _ := strings.Cut(string(text), "\n")
		if err := os.WriteFile(table, []byte(rows), 0o666); err != nil {
			t.Fatal(err)
		}
		opts.InFile, opts.ParameterSource = table, "SPM"
		if res, err = confounds.FramewiseDisplacement(opts); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r.FD, res.FD, near); diff != "" {
			t.Errorf("table (-truth +found):\n%s", diff)
		}
	})
}

func TestNonSteadyState(t *testing.T) {
	t.Parallel()
	for _, n := range []int{-1, 1, 3, 5} {
		dir, truth := dataset(t, Options{Subjects: 3, NonSteady: n, Seed: 3})
		for _, s := range truth.Subjects {
			res, err := confounds.NonSteadyStateDetector(confounds.NonSteadyStateDetectorOptions{InFile: inside(dir, s.Runs[0].Bold)})
			if err != nil {
				t.Fatal(err)
			}
			if res.NVolumesToDiscard != max(n, 0) || s.Runs[0].NonSteady != max(n, 0) {
				t.Errorf("found %d, truth %d, wanted %d", res.NVolumesToDiscard, s.Runs[0].NonSteady, max(n, 0))
			}
		}
	}
}

// TestAnatomy: the tissues have as many voxels as the truth says, and its levels.
func TestAnatomy(t *testing.T) {
	t.Parallel()
	dir, truth := dataset(t, Options{})
	a := truth.Subjects[0].T1w
	head, labels, mask := volumes(t, inside(dir, a.File))[0], volumes(t, inside(dir, a.Segmentation))[0], volumes(t, inside(dir, a.Mask))[0]
	for _, tissue := range a.Tissues {
		n, sum := 0, 0.0
		for i, l := range labels {
			if int(l) == tissue.Label {
				n++
				sum += head[i]
			}
			if (l > 0) != (mask[i] == 1) || (l == 0 && head[i] != 0) {
				t.Fatalf("voxel %d: label %v, mask %v, value %v", i, l, mask[i], head[i])
			}
		}
		if n != tissue.Voxels || n < 100 {
			t.Errorf("%s has %d voxels, truth %d", tissue.Name, n, tissue.Voxels)
		}
		if d := math.Abs(sum/float64(n) - tissue.Level); d > 5*a.NoiseSD/math.Sqrt(float64(n)) {
			t.Errorf("%s: level %v, truth %v", tissue.Name, sum/float64(n), tissue.Level)
		}
	}
}

// TestNoise: mean, variance and kurtosis of the random numbers, to five standard
// errors.
func TestNoise(t *testing.T) {
	t.Parallel()
	z := newNoise(1, forBold, 2, 3)
	const n = 200000
	var m1, m2, m4 float64
	for range n {
		v := z.normal()
		m1 += v / n
		m2 += v * v / n
		m4 += v * v * v * v / n
	}
	if math.Abs(m1) > 5/math.Sqrt(n) || math.Abs(m2-1) > 5*math.Sqrt(2.0/n) || math.Abs(m4-2.9) > 5*math.Sqrt(90.0/n) {
		t.Errorf("mean %v, variance %v, fourth moment %v", m1, m2, m4)
	}
}

// bytesOfSeedOne was the same with and without fused multiply-add (GOAMD64=v3).
const bytesOfSeedOne = "24a7a0ee65634f759382d20ad7b4f445053defceca50fe6728558227cea9fc18"

// TestSameBytes: the dataset has these files, the same each time, and this
// checksum of all of them on every machine; another seed gives others.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	sums := make([]string, 3)
	for i, seed := range []uint64{1, 1, 2} {
		dir, _ := dataset(t, Options{Subjects: 1, Seed: seed})
		files, sum := contents(t, dir)
		sums[i] = sum
		if diff := cmp.Diff(strings.Fields(`README code/truth.json dataset_description.json
			derivatives/synth/dataset_description.json
			derivatives/synth/sub-01/anat/sub-01_desc-brain_mask.nii.gz
			derivatives/synth/sub-01/anat/sub-01_dseg.nii.gz
			derivatives/synth/sub-01/func/sub-01_task-rest_run-1_desc-brain_mask.nii.gz
			derivatives/synth/sub-01/func/sub-01_task-rest_run-1_desc-mcflirt_motion.par
			derivatives/synth/sub-01/func/sub-01_task-rest_run-1_desc-motion_timeseries.tsv
			participants.json participants.tsv sub-01/anat/sub-01_T1w.json sub-01/anat/sub-01_T1w.nii.gz
			sub-01/func/sub-01_task-rest_run-1_bold.json
			sub-01/func/sub-01_task-rest_run-1_bold.nii.gz`), files); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if sums[0] != sums[1] || sums[0] == sums[2] {
		t.Errorf("checksums %v: want the same twice, then another", sums)
	}
	if sums[0] != bytesOfSeedOne {
		t.Errorf("checksum %s, want %s", sums[0], bytesOfSeedOne)
	}
}

// contents lists the files, and hashes their names and what is in them. Images
// count uncompressed: a newer gzip library may pack them otherwise.
func contents(t *testing.T, dir string) (names []string, sum string) {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		names = append(names, filepath.ToSlash(name))
		text, err := os.ReadFile(path)
		if strings.HasSuffix(path, ".gz") {
			res, err := confounds.Gunzip(confounds.GunzipOptions{Dir: t.TempDir(), InFile: path, Mode: "decompress"})
			if err != nil {
				return err
			}
			text, _ = os.ReadFile(res.OutFile)
		}
		h.Write([]byte(filepath.ToSlash(name)))
		h.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names, hex.EncodeToString(h.Sum(nil))
}

// TestTruthFile: code/truth.json is what Dataset returns.
func TestTruthFile(t *testing.T) {
	t.Parallel()
	dir, want := dataset(t, Options{Runs: 2, Spikes: -1})
	text, err := os.ReadFile(inside(dir, "code/truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got Truth
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-returned +stored):\n%s", diff)
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts Options
		word string
	}{
		"no folder":     {Options{}, "folder"},
		"too short":     {Options{Dir: "x", Volumes: 12}, "no room"},
		"long start":    {Options{Dir: "x", NonSteady: 6}, "non-steady"},
		"small head":    {Options{Dir: "x", Shape: [3]int{8, 8, 2}}, "too small"},
		"no subject":    {Options{Dir: "x", Subjects: -1}, "0 subjects"},
		"all drift":     {Options{Dir: "x", Drift: 0.1}, "drown"},
		"not a folder":  {Options{Dir: "synth_test.go"}, "synth_test.go"},
		"only one side": {Options{Dir: "x", AnatomyShape: [3]int{32, 32, 1}}, "too small"},
	} {
		if _, err := Dataset(c.opts); err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%s: %v, want %q", name, err, c.word)
		}
	}
	if _, err := os.Stat("x"); err == nil {
		t.Error("a folder was made")
	}
}
