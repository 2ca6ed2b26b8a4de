package confounds

import (
	"fmt"
	"math"

	"github.com/raphe-org/raphe/nifti"
)

// TSNROptions are nipype's inputs of that name. The names of the outputs may be
// left empty, which means nipype's names.
type TSNROptions struct {
	Dir           string
	InFile        []string // a 4-D image, or several of the same space
	RegressPoly   int      // degree of the drift to take out; 0: none
	TSNRFile      string
	MeanFile      string
	StddevFile    string
	DetrendedFile string
}

// TSNRResult is what came out. DetrendedFile is empty without RegressPoly.
type TSNRResult struct {
	TSNRFile, MeanFile, StddevFile, DetrendedFile string
}

// DefaultTSNR has nipype's defaults.
func DefaultTSNR() TSNROptions {
	return TSNROptions{
		TSNRFile: "tsnr.nii.gz", MeanFile: "mean.nii.gz",
		StddevFile: "stdev.nii.gz", DetrendedFile: "detrend.nii.gz",
	}
}

// TSNR computes the signal-to-noise ratio over time of every voxel, and writes
// images of the mean, of the standard deviation and of their ratio; with
// RegressPoly also the series without its polynomial drift (the mean stays).
//
// The images are 4-D, or 3-D and then taken together; all have one space. The
// outputs are 3-D with the header of the first image; integer data types stay,
// scaled to the range of the values as nibabel does it, so that an int16 input
// gives results in 65536 steps. Memory: one volume in float32 and three in
// float64, and RegressPoly more; the series is read once, with RegressPoly two
// or three times.
//
// Mean and standard deviation have the units of the image; the latter divides
// by T, not T-1. The ratio is 0 where the standard deviation is not above 1e-3.
//
// NaN counts as 0, an infinity as the largest float32. It returns an error if
// an image can't be read, if the spaces differ, or if there are not more
// volumes than the degree.
//
// Source: Krüger and Glover 2001, doi:10.1002/mrm.1240. Checked against nipype
// 1.8.5 algorithms.confounds.TSNR in testdata.
func TSNR(opts TSNROptions) (TSNRResult, error) {
	res := TSNRResult{
		TSNRFile:   output(opts.Dir, opts.TSNRFile, "tsnr.nii.gz"),
		MeanFile:   output(opts.Dir, opts.MeanFile, "mean.nii.gz"),
		StddevFile: output(opts.Dir, opts.StddevFile, "stdev.nii.gz"),
	}
	in, err := openSeries(opts.InFile)
	if err != nil {
		return res, fmt.Errorf("tsnr: %w", err)
	}
	var trend *drift
	if opts.RegressPoly != 0 {
		res.DetrendedFile = output(opts.Dir, opts.DetrendedFile, "detrend.nii.gz")
		if trend, err = fitDrift(in, opts.RegressPoly); err != nil {
			return res, fmt.Errorf("tsnr: %w", err)
		}
	}
	m := newMoments(in.voxels)
	if err := in.each(func(t int, volume []float32) {
		tame(volume)
		m.add(volume, trend.at(t))
	}); err != nil {
		return res, fmt.Errorf("tsnr: %w", err)
	}
	if trend != nil {
		if err := writeDetrended(res.DetrendedFile, in, trend, m.lo, m.hi); err != nil {
			return res, fmt.Errorf("tsnr: %w", err)
		}
	}
	return res, m.write(res, in.header, trend == nil)
}

// moments are the mean and the spread of every voxel, brought up to date with
// every volume.
//
// Source: Welford 1962, doi:10.1080/00401706.1962.10490022.
type moments struct {
	n      int
	mean   []float64
	square []float64 // sum of squared differences from the mean
	lo, hi float64   // of all values
}

func newMoments(voxels int) *moments {
	return &moments{
		mean: make([]float64, voxels), square: make([]float64, voxels),
		lo: math.Inf(1), hi: math.Inf(-1),
	}
}

// add takes in a volume, less its drift.
func (m *moments) add(volume []float32, drift func(voxel int) float64) {
	m.n++
	n := float64(m.n)
	for i, raw := range volume {
		v := float64(raw) - drift(i)
		m.lo, m.hi = min(m.lo, v), max(m.hi, v)
		d := v - m.mean[i]
		m.mean[i] += d / n
		m.square[i] += d * (v - m.mean[i])
	}
}

// write makes the three images. single says to round to float32 first, in which
// nipype computes a series that is not detrended; it matters for the scaling.
func (m *moments) write(res TSNRResult, like *nifti.Header, single bool) error {
	deviation, ratio := m.square, make([]float64, len(m.mean))
	for i, sum := range m.square {
		deviation[i] = math.Sqrt(sum / float64(m.n))
		if deviation[i] > 1e-3 {
			ratio[i] = m.mean[i] / deviation[i]
		}
	}
	for _, image := range []struct {
		path   string
		values []float64
	}{{res.TSNRFile, ratio}, {res.MeanFile, m.mean}, {res.StddevFile, deviation}} {
		if single {
			for i, v := range image.values {
				image.values[i] = float64(float32(v))
			}
		}
		if err := writeImage(image.path, like, image.values); err != nil {
			return fmt.Errorf("tsnr: %w", err)
		}
	}
	return nil
}

// writeImage writes one volume under the header of another image.
func writeImage(path string, like *nifti.Header, values []float64) error {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		lo, hi = min(lo, v), max(hi, v)
	}
	dims := space(like)
	h := derived(like, lo, hi, dims[:]...)
	w, err := nifti.Create(path, h)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := w.WriteVolume(values); err != nil {
		return err
	}
	return w.Close()
}

// derived is the header of an image computed from that of like: a single file,
// of version 1 where the shape allows it, as nipype writes.
func derived(like *nifti.Header, lo, hi float64, shape ...int) *nifti.Header {
	h := like.Clone()
	h.Pair = false
	h.SetShape(shape...)
	h.Version = nifti.NewHeader(h.DataType, shape...).Version
	h.FitScaling(lo, hi)
	return h
}
