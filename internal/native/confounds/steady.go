package confounds

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/raphe-org/raphe/nifti"
)

// NonSteadyStateDetectorOptions are nipype's inputs of that name.
type NonSteadyStateDetectorOptions struct {
	InFile string // 4-D
}

// NonSteadyStateDetectorResult is what came out.
type NonSteadyStateDetectorResult struct {
	NVolumesToDiscard int
}

// steadyVolumes is how many volumes nipype looks at.
const steadyVolumes = 50

// NonSteadyStateDetector counts the volumes at the start of a scan that were
// taken before the magnetisation had settled: those whose mean intensity is an
// outlier among the means of the first 50 volumes, up to the first that is not.
//
// The image is 4-D. Memory: one volume in float64, whatever the length.
//
// A mean is an outlier if 0.6745*|mean-median| / MAD exceeds 3.5, without a
// unit. Where the MAD is 0 every volume counts, as in nipype.
//
// It returns an error if the image is not 4-D or can't be read. A NaN in a
// volume makes its mean NaN, and all of them outliers, as in nipype.
//
// Source: Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers (ASQC
// Basic References in Quality Control 16). Checked against nipype 1.8.5
// algorithms.confounds.NonSteadyStateDetector in testdata.
func NonSteadyStateDetector(opts NonSteadyStateDetectorOptions) (NonSteadyStateDetectorResult, error) {
	var res NonSteadyStateDetectorResult
	r, err := nifti.Open(opts.InFile)
	if err != nil {
		return res, err
	}
	defer r.Close()
	if len(r.Header().Shape()) != 4 {
		return res, fmt.Errorf("detect non-steady state in %s: the image has %d dimensions, needs 4",
			opts.InFile, len(r.Header().Shape()))
	}
	volume := make([]float64, r.Header().VolumeVoxels())
	var signal []float64
	for len(signal) < steadyVolumes {
		err := r.ReadVolume(volume)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return res, err
		}
		signal = append(signal, mean(volume))
	}
	res.NVolumesToDiscard = leadingOutliers(signal, 3.5)
	return res, nil
}

// leadingOutliers counts the outliers at the start of points.
func leadingOutliers(points []float64, threshold float64) int {
	middle := median(points)
	away := make([]float64, len(points))
	for i, p := range points {
		away[i] = math.Abs(p - middle)
	}
	spread := median(away)
	for i := range away {
		if 0.6745*away[i]/spread <= threshold { // false for NaN: 0/0 counts
			return i
		}
	}
	return len(points)
}

// median is the middle value, the mean of the two middle ones of an even
// number, NaN if any value is NaN. values stay as they are.
func median(values []float64) float64 {
	if slices.ContainsFunc(values, math.IsNaN) {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}
