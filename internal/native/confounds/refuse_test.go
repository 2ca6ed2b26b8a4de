package confounds

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// expect wants an error with all of the words.
func expect(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v: want %q", err, w)
		}
	}
}

func TestRefuseMotion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, table, source string
		plot                bool
		words               []string
	}{
		{"one row", "1 2 3 4 5 6\n", "SPM", false, []string{"1 volume(s)", "2"}},
		{"empty", "", "SPM", false, []string{"0 volume(s)"}},
		{"columns", "1 2 3\n1 2 3\n", "FSL", false, []string{"volume 0", "3 motion parameters"}},
		{"ragged", "1 2 3 4 5 6\n# x\n1 2 3\n", "FSL", false, []string{"line 3", "3 columns"}},
		{"words", "1 2 3 4 5 6\n1 2 x 4 5 6\n", "FSL", false, []string{"line 2", `"x"`}},
		{"NaN", "1 2 3 4 5 6\n1 2 nan 4 5 6\n", "FSL", false, []string{"line 2", `"nan"`, "finite"}},
		{"source", "1 2 3 4 5 6\n1 2 3 4 5 6\n", "SPAM", false, []string{`"SPAM"`, "FSFAST"}},
		{"NIPY columns", "1 2 3 4 5 6 7 8\n1 2 3 4 5 6 7 8\n", "NIPY", false, []string{"8 NIPY parameters"}},
		{"NIPY scale", "1 2 3 4 5 6 0\n1 2 3 4 5 6 0\n", "NIPY", false, []string{"no rotation"}},
		{"plot", "1 2 3 4 5 6\n1 2 3 4 5 6\n", "FSL", true, []string{"save_plot"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			opts := DefaultFramewiseDisplacement()
			opts.Dir = t.TempDir()
			opts.InFile = filepath.Join(opts.Dir, "motion.txt")
			opts.ParameterSource, opts.SavePlot = c.source, c.plot
			if err := os.WriteFile(opts.InFile, []byte(c.table), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := FramewiseDisplacement(opts)
			expect(t, err, c.words...)
			if _, err := os.Stat(filepath.Join(opts.Dir, "fd_power_2012.txt")); err == nil {
				t.Error("an output was written")
			}
		})
	}
}

func TestRefuseDVARS(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	good := [][]float32{{1, 2}, {2, 4}, {1, 3}, {3, 1}}
	for _, c := range []struct {
		name   string
		values [][]float32
		mask   []float32
		change func(*ComputeDVARSOptions)
		words  []string
	}{
		{"plot", good, []float32{1, 1}, func(o *ComputeDVARSOptions) { o.SavePlot = true }, []string{"save_plot"}},
		{"empty mask", good, []float32{0, 0}, nil, []string{"mask", "empty"}},
		{"mask shape", good, []float32{1, 1, 1}, nil, []string{"[3 1 1]", "[2 1 1]"}},
		{"3-D", good[:1], []float32{1, 1}, nil, []string{"3 dimensions"}},
		{"NaN", [][]float32{{1, 2}, {2, nan}}, []float32{1, 1}, nil, []string{"[1 0 0]", "NaN", "volume 1"}},
		{"infinite", [][]float32{{1, 2}, {inf, 2}}, []float32{1, 1}, nil, []string{"[0 0 0]", "Inf", "volume 1"}},
		{"median 0", [][]float32{{0, 0}, {0, 1}}, []float32{1, 1}, nil, []string{"median", "intensity_normalization"}},
		{"all constant", [][]float32{{1, 2}, {1, 2}}, []float32{1, 1}, nil, []string{"none of the 2 voxels"}},
		{"constant kept", [][]float32{{1, 2}, {1, 3}, {1, 5}}, []float32{1, 1},
			func(o *ComputeDVARSOptions) { o.RemoveZeroVariance = false }, []string{"[0 0 0]", "remove_zerovariance"}},
	} {
		for _, memory := range []int64{0, 1} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				opts := DefaultComputeDVARS()
				opts.Dir, opts.Memory = dir, memory
				opts.InFile = write4D(t, filepath.Join(dir, "a.nii"), [3]int{len(c.values[0]), 1, 1}, c.values)
				opts.InMask = write4D(t, filepath.Join(dir, "m.nii"), [3]int{len(c.mask), 1, 1}, [][]float32{c.mask})
				if c.change != nil {
					c.change(&opts)
				}
				_, err := ComputeDVARS(opts)
				expect(t, err, append(c.words, opts.InFile)...)
			})
		}
	}
}

func TestRefuseTSNR(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	two := write4D(t, filepath.Join(dir, "two.nii"), [3]int{2, 1, 1}, [][]float32{{1, 2}, {3, 4}})
	three := write4D(t, filepath.Join(dir, "three.nii"), [3]int{3, 1, 1}, [][]float32{{1, 2, 3}, {3, 4, 5}})
	for _, c := range []struct {
		name   string
		files  []string
		degree int
		words  []string
	}{
		{"none", nil, 0, []string{"no image"}},
		{"missing", []string{filepath.Join(dir, "nothing.nii")}, 0, []string{"nothing.nii"}},
		{"spaces", []string{two, three}, 0, []string{three, "[3 1 1]", "[2 1 1]"}},
		{"degree", []string{two}, 2, []string{"degree 2", "2 volume(s)"}},
		{"negative degree", []string{two}, -1, []string{"degree -1"}},
	} {
		opts := DefaultTSNR()
		opts.Dir, opts.InFile, opts.RegressPoly = t.TempDir(), c.files, c.degree
		_, err := TSNR(opts)
		expect(t, err, c.words...)
		if left, _ := os.ReadDir(opts.Dir); len(left) > 0 {
			t.Errorf("%s: left behind %v", c.name, left)
		}
	}
}

func TestRefuseNonSteadyState(t *testing.T) {
	t.Parallel()
	path := write4D(t, filepath.Join(t.TempDir(), "one.nii"), [3]int{2, 1, 1}, [][]float32{{1, 2}})
	_, err := NonSteadyStateDetector(NonSteadyStateDetectorOptions{InFile: path})
	expect(t, err, path, "3 dimensions")
}

func TestGunzip(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	var packed bytes.Buffer
	for _, part := range []string{"first ", "second"} { // two members, as pigz or bgzip make them
		z := gzip.NewWriter(&packed)
		io.WriteString(z, part)
		z.Close()
	}
	path := filepath.Join(dir, "data.nii.gz")
	if err := os.WriteFile(path, packed.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	res, err := Gunzip(GunzipOptions{Dir: out, InFile: path, Mode: "decompress"})
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(res.OutFile); string(text) != "first second" {
		t.Errorf("decompressed: %q", text)
	}
	back, err := Gunzip(GunzipOptions{Dir: out, InFile: res.OutFile, Mode: "compress"})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(back.OutFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(z); string(text) != "first second" || !z.ModTime.IsZero() || z.Name != "" {
		t.Errorf("compressed: %q, time %v, name %q", text, z.ModTime, z.Name)
	}
}

func TestRefuseGunzip(t *testing.T) {
	t.Parallel()
	dir, out := t.TempDir(), t.TempDir()
	plain, cut := filepath.Join(dir, "plain.nii"), filepath.Join(dir, "cut.nii.gz")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, strings.Repeat("some text ", 100))
	z.Close()
	os.WriteFile(plain, []byte("no gzip"), 0o666)
	os.WriteFile(cut, packed.Bytes()[:packed.Len()-6], 0o666)
	for _, c := range []struct {
		opts  GunzipOptions
		words []string
	}{
		{GunzipOptions{Dir: out, InFile: plain, Mode: "decompress"}, []string{plain}},
		{GunzipOptions{Dir: dir, InFile: plain, Mode: "decompress"}, []string{plain, "replace"}},
		{GunzipOptions{Dir: out, InFile: cut, Mode: "decompress"}, []string{cut}},
		{GunzipOptions{Dir: out, InFile: cut, Mode: "squash"}, []string{cut, `"squash"`}},
		{GunzipOptions{Dir: out, InFile: filepath.Join(dir, "none.gz"), Mode: "decompress"}, []string{"none.gz"}},
	} {
		_, err := Gunzip(c.opts)
		expect(t, err, c.words...)
	}
	if left, _ := os.ReadDir(out); len(left) > 0 {
		t.Errorf("left behind %v", left)
	}
}
