package confounds

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
)

// ComputeDVARSOptions are nipype's inputs of ComputeDVARS. Plots are refused.
type ComputeDVARSOptions struct {
	Dir                    string
	InFile                 string // 4-D
	InMask                 string // 3-D; what is not 0 is in
	RemoveZeroVariance     bool
	VarianceTol            float64 // robust standard deviation that counts as zero
	SaveStd                bool
	SaveNStd               bool
	SaveVxStd              bool
	SaveAll                bool
	SavePlot               bool
	SeriesTR               *float64 // concerns the plot only
	IntensityNormalization float64  // what the median becomes; 0: no normalisation

	// Memory bounds the voxels' time series held at a time, in bytes;
	// 0 means 256 MiB. It is not an input of nipype's.
	Memory int64
}

// ComputeDVARSResult is what came out: paths ("" where not asked for), the three
// measures, T-1 values each, and their means.
type ComputeDVARSResult struct {
	OutStd, OutNStd, OutVxStd, OutAll string
	Std, NStd, VxStd                  []float64
	AvgStd, AvgNStd, AvgVxStd         float64
}

// DefaultComputeDVARS has nipype's defaults.
func DefaultComputeDVARS() ComputeDVARSOptions {
	return ComputeDVARSOptions{
		RemoveZeroVariance: true, VarianceTol: 1e-7, SaveStd: true, IntensityNormalization: 1000,
	}
}

// ComputeDVARS measures how much the brain changes from volume to volume: the
// root mean square over voxels of the temporal difference, plain (NStd), divided
// by what is to be expected of it (Std), and with each voxel divided by its own
// expectation (VxStd). It writes them as columns of text.
//
// The image is X×Y×Z×T, the mask X×Y×Z; the measures have T-1 values. Memory:
// opts.Memory, one volume in float32, 16 bytes for each voxel of the mask, and
// 2 MB. Where the masked voxels' time series (four bytes a number) don't fit into
// opts.Memory, the image is read twice for the median and once for each slab of
// voxels that fits.
//
// NStd has the units of the image, or of the image with its median in the mask
// brought to IntensityNormalization (1000: tenths of a percent); Std and VxStd
// have none. The expectation is sqrt(2(1-a))·s, with a the lag-1
// autocorrelation by Yule and Walker, and s the interquartile range (lower
// values) / 1.349.
//
// It returns an error if shapes don't fit, if T < 2, if the mask is empty or
// only has voxels without variance, if a masked value is NaN or infinite (voxel
// named), if the median is 0 and to be normalised, if a voxel that is kept has
// no variance, and if a plot is asked for.
//
// Source: Power et al. 2012, doi:10.1016/j.neuroimage.2011.10.018; Nichols 2013,
// Notes on Creating a Standardized Version of DVARS (University of Warwick),
// published as doi:10.48550/arXiv.1704.01469. Checked against nipype 1.8.5
// algorithms.confounds.ComputeDVARS in testdata, where they agree to 1e-6. nipype
// adds up the voxels in float32: in a mask of 64,512 voxels its NStd and Std were
// off by 2.3e-4 from the same formula in float64, these by 3e-10; VxStd, which
// nipype computes in float64, agreed to 1e-8.
func ComputeDVARS(opts ComputeDVARSOptions) (ComputeDVARSResult, error) {
	var res ComputeDVARSResult
	if opts.SavePlot {
		return res, fmt.Errorf("dvars of %s: save_plot is not available; plot the text files yourself", opts.InFile)
	}
	sums, err := sumDVARS(opts)
	if err != nil {
		return res, fmt.Errorf("dvars of %s: %w", opts.InFile, err)
	}
	res.Std, res.NStd, res.VxStd = sums.measures()
	res.AvgStd, res.AvgNStd, res.AvgVxStd = mean(res.Std), mean(res.NStd), mean(res.VxStd)
	return res, res.save(opts)
}

// save writes the files that were asked for, under nipype's names and formats.
func (res *ComputeDVARSResult) save(opts ComputeDVARSOptions) error {
	stem := filepath.Base(opts.InFile)
	stem = strings.TrimSuffix(stem, ".gz")
	stem = filepath.Join(opts.Dir, strings.TrimSuffix(stem, filepath.Ext(stem)))
	for _, f := range []struct {
		wanted bool
		path   *string
		suffix string
		values []float64
	}{
		{opts.SaveStd, &res.OutStd, "_dvars_std.tsv", res.Std},
		{opts.SaveNStd, &res.OutNStd, "_dvars_nstd.tsv", res.NStd},
		{opts.SaveVxStd, &res.OutVxStd, "_dvars_vxstd.tsv", res.VxStd},
	} {
		if !f.wanted {
			continue
		}
		*f.path = stem + f.suffix
		if err := writeFile(*f.path, func(w io.Writer) error {
			return writeColumn(w, "%.6f\n", f.values)
		}); err != nil {
			return err
		}
	}
	if !opts.SaveAll {
		return nil
	}
	res.OutAll = stem + "_dvars.tsv"
	return writeFile(res.OutAll, func(w io.Writer) error {
		fmt.Fprint(w, "std DVARS\tnon-std DVARS\tvx-wise std DVARS\n")
		for i := range res.Std {
			if _, err := fmt.Fprintf(w, "%.8f\t%.8f\t%.8f\n", res.Std[i], res.NStd[i], res.VxStd[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// dvarsSums is what is added up over voxels.
type dvarsSums struct {
	voxels      int
	expectation float64   // of the differences
	square      []float64 // squared differences, for each pair of volumes
	ownSquare   []float64 // squared differences over the voxel's own expectation
}

func (s *dvarsSums) measures() (std, nstd, vxstd []float64) {
	n := float64(s.voxels)
	for i := range s.square {
		plain := math.Sqrt(s.square[i] / n)
		nstd = append(nstd, plain)
		std = append(std, plain/(s.expectation/n))
		vxstd = append(vxstd, math.Sqrt(s.ownSquare[i]/n))
	}
	return std, nstd, vxstd
}

// add takes in the time series of one voxel. scratch has the same length. It
// returns false if the voxel has no variance to compare with.
func (s *dvarsSums) add(voxel, scratch []float32, opts *ComputeDVARSOptions) bool {
	spread := robustDeviation(voxel, scratch)
	if opts.RemoveZeroVariance && !(spread > float32(opts.VarianceTol)) {
		return true
	}
	expected := math.Sqrt(2*(1-lagOne(voxel))) * float64(spread)
	if !(expected > 0) {
		return false
	}
	s.voxels++
	s.expectation += expected
	for i := range s.square {
		d := float64(voxel[i+1] - voxel[i])
		s.square[i] += d * d
		d /= expected
		s.ownSquare[i] += d * d
	}
	return true
}

// robustDeviation is the interquartile range over 1.349, which is the standard
// deviation if the values are normal; a quartile between two values is the
// lower one, as in FSL. scratch is overwritten.
func robustDeviation(values, scratch []float32) float32 {
	copy(scratch, values)
	last := len(values) - 1
	low, high := last/4, last*3/4
	lower := selectNth(scratch, low)
	upper := selectNth(scratch[low:], high-low)
	return (upper - lower) / 1.349
}

// selectNth is the value that would be at n if a were sorted; a is reordered so
// that nothing before n is greater and nothing behind it is less.
//
// Source: Hoare 1961, Algorithm 65, doi:10.1145/366622.366647.
func selectNth(a []float32, n int) float32 {
	from, to := 0, len(a)-1
	for from < to {
		pivot := a[from+(to-from)/2]
		i, j := from, to
		for i <= j {
			for a[i] < pivot {
				i++
			}
			for a[j] > pivot {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			to = j
		case n >= i:
			from = i
		default:
			return a[n]
		}
	}
	return a[n]
}

// lagOne is the autocorrelation of a series with itself one step later, the
// coefficient of an AR(1) model by the Yule-Walker equations; NaN if the series
// is constant.
//
// Source: as nitime.algorithms.AR_est_YW, order 1, of the series less its mean.
func lagOne(series []float32) float64 {
	sum := 0.0
	for _, v := range series {
		sum += float64(v)
	}
	middle := sum / float64(len(series))
	var same, next, before float64
	for i, v := range series {
		d := float64(v) - middle
		same += d * d
		if i > 0 {
			next += d * before
		}
		before = d
	}
	return next / same
}
