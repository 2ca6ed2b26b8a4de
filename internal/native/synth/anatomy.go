package synth

import (
	"math"

	"github.com/raphe-org/raphe/nifti"
)

// tissues are ellipsoids one inside the other; reach is their half axes, as a
// fraction of half the image.
var tissues = []struct {
	name              string
	reach             float64
	anatomy, function float64 // level in a T1w image, in a functional one
}{
	{"csf", 0.875, 300, 1200},
	{"gm", 0.75, 800, 1000},
	{"wm", 0.5, 1100, 850},
}

const anatomyNoise = 15

// segment labels every voxel: 0 outside, otherwise the innermost tissue.
func segment(shape [3]int) []uint8 {
	labels := make([]uint8, 0, shape[0]*shape[1]*shape[2])
	square := func(i, n int) float64 {
		x := float64(2*i-n+1) / float64(n) // -1 to 1
		return float64(x * x)
	}
	for k := range shape[2] {
		for j := range shape[1] {
			for i := range shape[0] {
				r := square(i, shape[0]) + square(j, shape[1]) + square(k, shape[2])
				label := uint8(0)
				for n, t := range tissues {
					if r <= t.reach*t.reach {
						label = uint8(n + 1)
					}
				}
				labels = append(labels, label)
			}
		}
	}
	return labels
}

// header is that of an image of a head 64 mm wide in x, in the middle of space.
func header(t nifti.DataType, shape [3]int, more ...int) (*nifti.Header, error) {
	h := nifti.NewHeader(t, append(shape[:], more...)...)
	h.XYZTUnits = nifti.UnitMM | nifti.UnitSec
	size := 64 / float64(shape[0])
	m := nifti.Affine{3: {3: 1}}
	for i, n := range shape {
		m[i][i], m[i][3] = size, -size*float64(n-1)/2
	}
	m[0][0], m[0][3] = -m[0][0], -m[0][3] // radiological order, as most scanners store it
	h.SetSForm(m, 1)
	return h, h.SetQForm(m, 1)
}

// writeAnatomy makes a T1w image with its segmentation and mask.
func writeAnatomy(opts Options, label string, subject int) (Anatomy, error) {
	stem := "sub-" + label + "/anat/sub-" + label
	a := Anatomy{
		File:         stem + "_T1w.nii.gz",
		Segmentation: derivatives + stem + "_dseg.nii.gz",
		Mask:         derivatives + stem + "_desc-brain_mask.nii.gz",
		NoiseSD:      anatomyNoise,
	}
	labels := segment(opts.AnatomyShape)
	values, mask, seg := make([]float64, len(labels)), make([]float64, len(labels)), make([]float64, len(labels))
	z := newNoise(opts.Seed, forAnatomy, subject, 0)
	for i, l := range labels {
		if l == 0 {
			continue
		}
		values[i] = math.RoundToEven(tissues[l-1].anatomy + float64(anatomyNoise*z.normal()))
		mask[i], seg[i] = 1, float64(l)
	}
	for n, count := range counts(labels) {
		a.Tissues = append(a.Tissues, Tissue{
			Name: tissues[n].name, Label: n + 1, Voxels: count, Level: tissues[n].anatomy,
		})
	}
	for _, image := range []struct {
		path   string
		t      nifti.DataType
		values []float64
	}{{a.File, nifti.Int16, values}, {a.Segmentation, nifti.Uint8, seg}, {a.Mask, nifti.Uint8, mask}} {
		if err := writeVolume(opts.Dir, image.path, image.t, opts.AnatomyShape, image.values); err != nil {
			return a, err
		}
	}
	return a, writeJSON(opts.Dir, stem+"_T1w.json", map[string]any{
		"Manufacturer": "none (synthetic)", "MagneticFieldStrength": 3, "EchoTime": 0.003, "FlipAngle": 9,
	})
}

// counts is how many voxels each tissue has.
func counts(labels []uint8) []int {
	n := make([]int, len(tissues))
	for _, l := range labels {
		if l > 0 {
			n[l-1]++
		}
	}
	return n
}

// writeVolume writes a 3-D image.
func writeVolume(dir, name string, t nifti.DataType, shape [3]int, values []float64) error {
	h, err := header(t, shape)
	if err != nil {
		return err
	}
	w, err := createImage(dir, name, h)
	if err != nil {
		return err
	}
	defer w.Abort()
	if err := w.WriteVolume(values); err != nil {
		return err
	}
	return w.Close()
}
