package native

import (
	"context"
	"fmt"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native/confounds"
	"github.com/raphe-org/raphe/internal/value"
)

// inChild makes an implementation of a computation that takes long and much
// memory. It can't be interrupted: its process is ended instead.
func inChild(help string, ins []iface.Input, outs []iface.Output, run func(*Call) (value.Record, error)) *Impl {
	return &Impl{
		Help: help, Ports: ports(ins, outs...), Child: true,
		Run: func(ctx context.Context, c *Call) (value.Record, error) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if _, err := c.MkDir(); err != nil {
				return nil, err
			}
			return run(c)
		},
	}
}

// made gives the path of an output, Undefined where there is none.
func made(path string) value.Value {
	if path == "" {
		return nil
	}
	return value.String(path)
}

func real(r value.Record, name string, standard float64) float64 {
	switch v := r.Get(name).(type) {
	case value.Float:
		return float64(v)
	case value.Int:
		return float64(v)
	}
	return standard
}

func whole(r value.Record, name string, standard int) int {
	if v, ok := r.Get(name).(value.Int); ok {
		return int(v)
	}
	return standard
}

// atLeast is the type of whole numbers from low on.
func atLeast(low float64) iface.Type {
	return iface.Type{Kind: iface.Range, Low: &low, Integer: true}
}

// plots are inputs of nipype's that concern plots. They are taken, so that
// scripts load, and asking for a plot is an error.
func plots(ins ...iface.Input) []iface.Input {
	all := append(ins,
		opt("save_plot", boolType, value.Bool(false), "not available"),
		opt("figdpi", intType, value.Int(100), "of plots only"),
		opt("figsize", pairOf(realType, realType), value.Tuple{value.Float(11.7), value.Float(2.3)}, "of plots only"),
		in("series_tr", realType, "seconds from volume to volume; of plots only"))
	for i := len(ins); i < len(all); i++ {
		all[i].NoHash = all[i].Name != "save_plot"
	}
	return all
}

func checkPlots(_, inputs value.Record) error {
	if inputs.Bool("save_plot") {
		return fmt.Errorf("save_plot = True: plots are not made; draw one from the table that is the output")
	}
	return nil
}

// outName declares the name of an output file, in the working directory unless
// it is absolute.
func outName(name, standard, help string) iface.Input {
	return opt(name, strType, value.String(standard), help)
}

// tsnr is nipype's, by package confounds.
//
// Differs from nipype: detrended_file is unset without regress_poly, where nipype names a file that it did not write.
var tsnr = inChild("The signal-to-noise ratio over time of every voxel: mean over standard deviation.",
	[]iface.Input{
		need("in_file", multiOf(inFile), "a functional series, or several"),
		in("regress_poly", atLeast(1), "degree of the polynomial drift to take out first"),
		outName("tsnr_file", "tsnr.nii.gz", "name of the image of the ratio"),
		outName("mean_file", "mean.nii.gz", "name of the image of the mean"),
		outName("stddev_file", "stdev.nii.gz", "name of the image of the standard deviation"),
		outName("detrended_file", "detrend.nii.gz", "name of the series without drift"),
	}, []iface.Output{
		out("tsnr_file", fileType, "the ratio"), out("mean_file", fileType, "the mean"),
		out("stddev_file", fileType, "the standard deviation"), out("detrended_file", fileType, "the series without drift"),
	},
	func(c *Call) (value.Record, error) {
		o := confounds.DefaultTSNR()
		o.Dir, o.InFile, o.RegressPoly = c.Dir, strs(c.Inputs.Get("in_file")), whole(c.Inputs, "regress_poly", 0)
		o.TSNRFile, o.MeanFile = text(c.Inputs, "tsnr_file", o.TSNRFile), text(c.Inputs, "mean_file", o.MeanFile)
		o.StddevFile, o.DetrendedFile = text(c.Inputs, "stddev_file", o.StddevFile), text(c.Inputs, "detrended_file", o.DetrendedFile)
		r, err := confounds.TSNR(o)
		return value.NewRecord(map[string]value.Value{
			"tsnr_file": made(r.TSNRFile), "mean_file": made(r.MeanFile),
			"stddev_file": made(r.StddevFile), "detrended_file": made(r.DetrendedFile),
		}), err
	})

// computeDVARS is nipype's, by package confounds.
//
// Differs from nipype: no plots are made; save_plot = True is an error.
var computeDVARS = func() *Impl {
	i := inChild("How much the brain changes from volume to volume (DVARS).", plots(
		need("in_file", inFile, "the functional series, after motion correction"),
		need("in_mask", inFile, "mask of the brain"),
		opt("remove_zerovariance", boolType, value.Bool(true), "leave voxels without variance out"),
		opt("variance_tol", realType, value.Float(1e-7), "robust standard deviation that counts as zero"),
		opt("save_std", boolType, value.Bool(true), "write DVARS in units of its expectation"),
		opt("save_nstd", boolType, value.Bool(false), "write plain DVARS"),
		opt("save_vxstd", boolType, value.Bool(false), "write DVARS with every voxel in units of its expectation"),
		opt("save_all", boolType, value.Bool(false), "write all three into one table"),
		opt("intensity_normalization", realType, value.Float(1000), "what the median of the brain becomes; 0: leave it"),
		opt("figformat", oneOf("png", "pdf", "svg"), value.String("png"), "of plots only"),
	), []iface.Output{
		out("out_std", fileType, "DVARS in units of its expectation"), out("out_nstd", fileType, "plain DVARS"),
		out("out_vxstd", fileType, "DVARS with every voxel in units of its expectation"), out("out_all", fileType, "the three of them"),
		out("avg_std", realType, "mean of out_std"), out("avg_nstd", realType, "mean of out_nstd"), out("avg_vxstd", realType, "mean of out_vxstd"),
	}, runDVARS)
	i.Check = checkPlots
	return i
}()

func runDVARS(c *Call) (value.Record, error) {
	o := confounds.DefaultComputeDVARS()
	o.Dir, o.InFile, o.InMask = c.Dir, c.Inputs.Str("in_file"), c.Inputs.Str("in_mask")
	o.RemoveZeroVariance = boolOr(c.Inputs, "remove_zerovariance", o.RemoveZeroVariance)
	o.VarianceTol = real(c.Inputs, "variance_tol", o.VarianceTol)
	o.SaveStd = boolOr(c.Inputs, "save_std", o.SaveStd)
	o.SaveNStd, o.SaveVxStd = c.Inputs.Bool("save_nstd"), c.Inputs.Bool("save_vxstd")
	o.SaveAll, o.SavePlot = c.Inputs.Bool("save_all"), c.Inputs.Bool("save_plot")
	o.IntensityNormalization = real(c.Inputs, "intensity_normalization", o.IntensityNormalization)
	r, err := confounds.ComputeDVARS(o)
	return value.NewRecord(map[string]value.Value{
		"out_std": made(r.OutStd), "out_nstd": made(r.OutNStd), "out_vxstd": made(r.OutVxStd), "out_all": made(r.OutAll),
		"avg_std": value.Float(r.AvgStd), "avg_nstd": value.Float(r.AvgNStd), "avg_vxstd": value.Float(r.AvgVxStd),
	}), err
}

// framewiseDisplacement is nipype's, by package confounds.
//
// Differs from nipype: no plots are made; save_plot = True is an error.
var framewiseDisplacement = func() *Impl {
	i := inChild("How far the head moved from volume to volume (Power's framewise displacement).", plots(
		need("in_file", inFile, "motion parameters, one row a volume"),
		need("parameter_source", oneOf("FSL", "AFNI", "SPM", "FSFAST", "NIPY"), "the program that estimated the motion"),
		opt("radius", realType, value.Float(50), "mm; turns rotations into lengths"),
		outName("out_file", "fd_power_2012.txt", "name of the table"),
		opt("out_figure", strType, value.String("fd_power_2012.pdf"), "of plots only"),
		opt("normalize", boolType, value.Bool(false), "of plots only"),
	), []iface.Output{
		out("out_file", fileType, "table of the displacements in mm"), out("fd_average", realType, "their mean"),
	}, func(c *Call) (value.Record, error) {
		o := confounds.DefaultFramewiseDisplacement()
		o.Dir, o.InFile, o.ParameterSource = c.Dir, c.Inputs.Str("in_file"), c.Inputs.Str("parameter_source")
		o.Radius, o.OutFile = real(c.Inputs, "radius", o.Radius), text(c.Inputs, "out_file", o.OutFile)
		o.SavePlot, o.Normalize = c.Inputs.Bool("save_plot"), c.Inputs.Bool("normalize")
		r, err := confounds.FramewiseDisplacement(o)
		return value.NewRecord(map[string]value.Value{"out_file": made(r.OutFile), "fd_average": value.Float(r.FDAverage)}), err
	})
	i.Check = checkPlots
	return i
}()

// nonSteadyState is nipype's, by package confounds.
var nonSteadyState = inChild("Count the volumes at the start of a scan that came before its steady state.",
	[]iface.Input{need("in_file", inFile, "the functional series")},
	[]iface.Output{out("n_volumes_to_discard", intType, "how many to drop")},
	func(c *Call) (value.Record, error) {
		r, err := confounds.NonSteadyStateDetector(confounds.NonSteadyStateDetectorOptions{InFile: c.Inputs.Str("in_file")})
		return output("n_volumes_to_discard", value.Int(r.NVolumesToDiscard)), err
	})

// gunzip is nipype's, by package confounds.
var gunzip = inChild("Decompress a .gz file.",
	[]iface.Input{
		need("in_file", inFile, "the file"),
		opt("mode", oneOf("decompress"), value.String("decompress"), "nipype's; there is one"),
	},
	[]iface.Output{out("out_file", fileType, "the file without .gz")},
	func(c *Call) (value.Record, error) {
		o := confounds.DefaultGunzip()
		o.Dir, o.InFile = c.Dir, c.Inputs.Str("in_file")
		r, err := confounds.Gunzip(o)
		return output("out_file", made(r.OutFile)), err
	})
