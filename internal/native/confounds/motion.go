package confounds

import (
	"fmt"
	"io"
	"math"
)

// FramewiseDisplacementOptions are nipype's inputs of that name. The figure
// inputs of nipype are only there to be refused: nothing is drawn here.
type FramewiseDisplacementOptions struct {
	Dir             string
	InFile          string  // one row of motion parameters per volume
	ParameterSource string  // FSL, AFNI, SPM, FSFAST or NIPY
	Radius          float64 // mm; turns rotations into arc length
	OutFile         string
	SavePlot        bool
	Normalize       bool     // concerns the plot only
	SeriesTR        *float64 // concerns the plot only
}

// FramewiseDisplacementResult is what came out.
type FramewiseDisplacementResult struct {
	OutFile   string
	FD        []float64 // mm
	FDAverage float64   // mm
}

// DefaultFramewiseDisplacement has nipype's defaults.
func DefaultFramewiseDisplacement() FramewiseDisplacementOptions {
	return FramewiseDisplacementOptions{Radius: 50, OutFile: "fd_power_2012.txt"}
}

// FramewiseDisplacement measures how far the head moved between successive
// volumes, as the sum of absolute differences of the six motion parameters, and
// writes it as one column under the header "FramewiseDisplacement".
//
// The file has T rows of at least six columns, in the order and units of the
// program that wrote it; see [motionOf]. FD has T-1 values, FD[i] compares the
// volumes i and i+1. Memory: the file, eight bytes a number.
//
// Rotations become arcs on a sphere of Radius mm; everything is in mm.
//
// It returns an error if T < 2, if rows differ in length or have too few
// columns, if a number is NaN or infinite (row named), if the source is
// unknown, and if a plot is asked for.
//
// Source: Power et al. 2012, doi:10.1016/j.neuroimage.2011.10.018. Checked
// against nipype 1.8.5 algorithms.confounds.FramewiseDisplacement in testdata.
func FramewiseDisplacement(opts FramewiseDisplacementOptions) (FramewiseDisplacementResult, error) {
	var res FramewiseDisplacementResult
	if opts.SavePlot {
		return res, fmt.Errorf("framewise displacement: save_plot is not available; plot %s yourself",
			output(opts.Dir, opts.OutFile, "fd_power_2012.txt"))
	}
	rows, err := readTable(opts.InFile)
	if err != nil {
		return res, err
	}
	if len(rows) < 2 {
		return res, fmt.Errorf("framewise displacement of %s: %d volume(s), needs 2 at least", opts.InFile, len(rows))
	}
	motion := make([][6]float64, len(rows))
	for i, row := range rows {
		if motion[i], err = motionOf(row, opts.ParameterSource); err != nil {
			return res, fmt.Errorf("framewise displacement of %s: volume %d: %w", opts.InFile, i, err)
		}
	}
	res.FD = displacement(motion, opts.Radius)
	res.FDAverage = mean(res.FD)
	res.OutFile = output(opts.Dir, opts.OutFile, "fd_power_2012.txt")
	return res, writeFile(res.OutFile, func(w io.Writer) error {
		fmt.Fprintln(w, "FramewiseDisplacement")
		return writeColumn(w, "%.18e\n", res.FD)
	})
}

// displacement is the sum of absolute differences of successive rows.
func displacement(motion [][6]float64, radiusMM float64) []float64 {
	fd := make([]float64, len(motion)-1)
	for i := range fd {
		for k := range 6 {
			d := math.Abs(motion[i][k] - motion[i+1][k])
			if k >= 3 {
				d *= radiusMM
			}
			fd[i] += d
		}
	}
	return fd
}

// motionOf brings one row of motion parameters into SPM's order: translations
// x (right-left), y, z in mm, then rotations about x (pitch), y, z in radians.
//
//	SPM     is that already
//	FSL     rotations in radians, then translations (mcflirt .par)
//	AFNI    roll, pitch, yaw in degrees, then dS, dL, dP; a leading column
//	FSFAST  of volume numbers is passed over where there are more than six
//	NIPY    translations and a rotation vector, see [nipyMotion]
//
// It returns an error for an unknown source or too few columns.
//
// Source: nipype 1.8.5 utils.misc.normalize_mc_params.
func motionOf(row []float64, source string) ([6]float64, error) {
	order, first, unit := [6]int{0, 1, 2, 3, 4, 5}, 0, 1.0
	switch source {
	case "SPM", "NIPY":
	case "FSL":
		order = [6]int{3, 4, 5, 0, 1, 2}
	case "AFNI", "FSFAST":
		order, unit = [6]int{4, 5, 3, 1, 2, 0}, math.Pi/180
		if len(row) > 6 {
			first = 1
		}
	default:
		return [6]float64{}, fmt.Errorf("unknown parameter source %q (FSL, AFNI, SPM, FSFAST, NIPY)", source)
	}
	if len(row) < 6 {
		return [6]float64{}, fmt.Errorf("%d motion parameters, needs 6", len(row))
	}
	if source == "NIPY" {
		return nipyMotion(row)
	}
	var m [6]float64
	for i, column := range order {
		m[i] = row[column+first]
		if i >= 3 {
			m[i] *= unit
		}
	}
	return m, nil
}

// mean is the arithmetic mean, NaN of nothing.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
