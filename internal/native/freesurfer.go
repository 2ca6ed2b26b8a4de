package native

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native/pytext"
	"github.com/raphe-org/raphe/internal/value"
)

// freeSurferSource finds the files of one subject that FreeSurfer has
// processed. What is not there stays unset.
//
// Differs from nipype: a subject without a folder is an error, where nipype leaves all outputs unset; several files come in the order of their names.
var freeSurferSource = &Impl{
	Help: "Find the files of a subject that FreeSurfer has processed.",
	Ports: func(value.Record) ([]iface.Input, []iface.Output, error) {
		ins := []iface.Input{
			place(need("subjects_dir", inDir, "FreeSurfer's folder of subjects")),
			need("subject_id", strType, "name of the subject"),
			opt("hemi", oneOf("both", "lh", "rh"), value.String("both"), "hemisphere of the surface files"),
		}
		var outs []iface.Output
		for _, f := range freeSurferFiles {
			outs = append(outs, out(f.name, anyType, f.help))
		}
		return ins, outs, nil
	},
	AlwaysRun: true,
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		dir, err := filepath.Abs(filepath.Join(c.Inputs.Str("subjects_dir"), c.Inputs.Str("subject_id")))
		if err != nil {
			return nil, err
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("subject %q has no folder %s", c.Inputs.Str("subject_id"), dir)
		}
		hemi := text(c.Inputs, "hemi", "both")
		m := map[string]value.Value{}
		for _, f := range freeSurferFiles {
			var found []string
			for key := range strings.SplitSeq(f.keys, " ") {
				found = append(found, pytext.Glob(dir, f.folder+"/"+f.prefix(hemi)+key+f.suffix())...)
			}
			if len(found) > 0 {
				m[f.name] = simplify(value.Strings(found...))
			}
		}
		return value.NewRecord(m), nil
	},
}

// A freeSurferFile is an output: the folder it lies in and the names, with
// wildcards, that it has there.
type freeSurferFile struct{ name, folder, keys, help string }

func (f freeSurferFile) suffix() string {
	switch f.folder {
	case "mri":
		return ".mgz"
	case "stats":
		return ".stats"
	}
	return ""
}

// prefix tells the hemisphere.
func (f freeSurferFile) prefix(hemi string) string {
	switch {
	case f.name == "aseg_stats" || f.name == "wmparc_stats":
		return ""
	case f.folder != "mri" && hemi == "both":
		return "?h."
	case f.name == "ribbon" && hemi == "both":
		return "*"
	case f.folder != "mri" || f.name == "ribbon":
		return hemi + "."
	}
	return ""
}

// Source: nipype/interfaces/io.py, FSSourceOutputSpec: loc and altkey.
var freeSurferFiles = []freeSurferFile{
	{"T1", "mri", "T1", "whole head, intensities made even"},
	{"aseg", "mri", "aseg", "regions below the cortex"},
	{"brain", "mri", "brain", "brain alone, intensities made even"},
	{"brainmask", "mri", "brainmask", "brain without skull"},
	{"filled", "mri", "filled", "mass below the cortex"},
	{"norm", "mri", "norm", "brain without skull, normalised"},
	{"nu", "mri", "nu", "whole head, corrected for non-uniformity"},
	{"orig", "mri", "orig", "image in FreeSurfer's space"},
	{"rawavg", "mri", "rawavg", "average of the input images"},
	{"ribbon", "mri", "*ribbon", "cortex as a volume"},
	{"wm", "mri", "wm", "white matter"},
	{"wmparc", "mri", "wmparc", "parcels of the white matter"},
	{"curv", "surf", "curv", "curvature"},
	{"avg_curv", "surf", "avg_curv", "curvature of the atlas, on the subject"},
	{"inflated", "surf", "inflated", "inflated surfaces"},
	{"pial", "surf", "pial", "surfaces of the grey matter"},
	{"area_pial", "surf", "area.pial", "area on the pial surface"},
	{"curv_pial", "surf", "curv.pial", "curvature of the pial surface"},
	{"smoothwm", "surf", "smoothwm", "smoothed surfaces of the white matter"},
	{"sphere", "surf", "sphere", "spheres"},
	{"sulc", "surf", "sulc", "depth of the sulci"},
	{"thickness", "surf", "thickness", "thickness of the cortex"},
	{"volume", "surf", "volume", "volume of the cortex"},
	{"white", "surf", "white", "surfaces between white and grey matter"},
	{"jacobian_white", "surf", "jacobian_white", "distortion by the registration to the sphere"},
	{"graymid", "surf", "graymid midthickness", "surfaces in the middle of the cortex"},
	{"label", "label", "*label", "labels"},
	{"annot", "label", "*annot", "annotations of the surfaces"},
	{"aparc_aseg", "mri", "aparc*aseg", "parcels of the cortex and regions below it"},
	{"sphere_reg", "surf", "sphere.reg", "registration to the sphere"},
	{"aseg_stats", "stats", "aseg", "figures of the regions"},
	{"wmparc_stats", "stats", "wmparc", "figures of the white matter's parcels"},
	{"aparc_stats", "stats", "aparc", "figures of the cortex's parcels"},
	{"BA_stats", "stats", "BA", "figures of the Brodmann areas"},
	{"aparc_a2009s_stats", "stats", "aparc.a2009s", "figures of the parcels of 2009"},
	{"curv_stats", "stats", "curv", "figures of the curvature"},
	{"entorhinal_exvivo_stats", "stats", "entorhinal_exvivo", "figures of the entorhinal cortex"},
}
