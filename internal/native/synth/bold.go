package synth

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/nifti"
)

// How much brighter a volume is: the first non-steady one, and a spike.
const (
	startGain = 0.4
	spikeGain = 0.1
)

// writeRun makes one functional series with its mask and motion.
func writeRun(opts Options, label string, subject, run int) (Run, error) {
	stem := fmt.Sprintf("sub-%s/func/sub-%s_task-rest_run-%d", label, label, run+1)
	r := Run{
		Bold:      stem + "_bold.nii.gz",
		Mask:      derivatives + stem + "_desc-brain_mask.nii.gz",
		MotionFSL: derivatives + stem + "_desc-mcflirt_motion.par",
		MotionTSV: derivatives + stem + "_desc-motion_timeseries.tsv",
		Volumes:   opts.Volumes, NonSteady: opts.NonSteady, NoiseSD: opts.NoiseSD, Drift: opts.Drift,
	}
	z := newNoise(opts.Seed, forMotion, subject, run)
	r.Spikes = drawSpikes(z, opts)
	r.Gain = gains(opts, r.Spikes)
	steps := drawMotion(z, opts.Volumes, r.Spikes)
	labels := segment(opts.Shape)
	r.expect(counts(labels))
	r.expectMotion(steps)

	if err := writeBold(opts, r, labels, newNoise(opts.Seed, forBold, subject, run)); err != nil {
		return r, err
	}
	mask := make([]float64, len(labels))
	for i, l := range labels {
		mask[i] = float64(min(l, 1))
	}
	if err := writeVolume(opts.Dir, r.Mask, nifti.Uint8, opts.Shape, mask); err != nil {
		return r, err
	}
	if err := writeMotion(opts.Dir, r, steps); err != nil {
		return r, err
	}
	return r, writeJSON(opts.Dir, stem+"_bold.json", map[string]any{
		"TaskName": "rest", "RepetitionTime": opts.RepetitionTime, "EchoTime": 0.03, "FlipAngle": 77,
		"Manufacturer": "none (synthetic)", "MagneticFieldStrength": 3,
	})
}

// drawSpikes picks volumes in the steady part, three apart at least.
func drawSpikes(z noise, opts Options) []int {
	spikes := []int{}
	if opts.Spikes == 0 {
		return spikes
	}
	first := opts.NonSteady + 5
	room := (opts.Volumes - 2 - first) / opts.Spikes // of each spike
	for i := range opts.Spikes {
		spikes = append(spikes, first+i*room+z.below(max(room-2, 1)))
	}
	return spikes
}

// gains is the factor of every volume: 1, plus the drift, plus the excess of the
// start, which falls evenly, plus the spikes.
func gains(opts Options, spikes []int) []float64 {
	gain := make([]float64, opts.Volumes)
	for t := range gain {
		gain[t] = 1 + float64(opts.Drift*float64(t))
		if t < opts.NonSteady {
			gain[t] += float64(startGain * float64(opts.NonSteady-t) / float64(opts.NonSteady))
		}
		if slices.Contains(spikes, t) {
			gain[t] += spikeGain
		}
	}
	return gain
}

// expect works out what the measures of a run must come to.
func (r *Run) expect(voxels []int) {
	n := float64(r.Volumes)
	sum, square := 0.0, 0.0
	for _, g := range r.Gain {
		sum += g
	}
	mean := sum / n
	for _, g := range r.Gain {
		square += float64((g - mean) * (g - mean))
	}
	// Rounding to whole numbers adds the variance of a uniform number.
	noise := float64(r.NoiseSD*r.NoiseSD) + 1.0/12
	levels := 0.0 // sum of squares
	for i, t := range tissues {
		sd := math.Sqrt(float64(t.function*t.function*square/n) + float64(noise*(1-1/n)))
		level := float64(t.function * mean)
		r.Tissues = append(r.Tissues, Tissue{
			Name: t.name, Label: i + 1, Voxels: voxels[i], Level: t.function, Mean: level, SD: sd, TSNR: level / sd,
		})
		r.Voxels += voxels[i]
		levels += float64(t.function * t.function * float64(voxels[i]))
	}
	for t := range r.Volumes - 1 {
		d := r.Gain[t+1] - r.Gain[t]
		r.DVARS = append(r.DVARS, math.Sqrt(float64(levels/float64(r.Voxels)*d*d)+float64(2*noise)))
	}
}

// writeBold writes the series itself.
func writeBold(opts Options, r Run, labels []uint8, z noise) error {
	h, err := header(nifti.Int16, opts.Shape, r.Volumes)
	if err != nil {
		return err
	}
	h.PixDim[4] = opts.RepetitionTime
	w, err := createImage(opts.Dir, r.Bold, h)
	if err != nil {
		return err
	}
	defer w.Abort()
	volume := make([]float64, len(labels))
	for _, gain := range r.Gain {
		for i, l := range labels {
			if l > 0 {
				signal := float64(tissues[l-1].function * gain)
				volume[i] = math.RoundToEven(signal + float64(r.NoiseSD*z.normal()))
			}
		}
		if err := w.WriteVolume(volume); err != nil {
			return err
		}
	}
	return w.Close()
}

// steps is the motion in whole numbers: thousandths of a millimetre, and
// hundred-thousandths of a radian, so that text and numbers agree exactly.
type steps [][6]int

// unitsOf a step; a rotation of 1e-5 radian is 0.5 µm on a sphere of 50 mm.
const (
	stepsPerMM     = 1000
	stepsPerRadian = 100000
	radiusMM       = 50
)

// drawMotion is a random walk of some hundredths of a millimetre a volume; at a
// spike the head jumps by a millimetre along x, and stays.
func drawMotion(z noise, volumes int, spikes []int) steps {
	s := make(steps, volumes)
	for t := 1; t < volumes; t++ {
		for k := range 6 {
			s[t][k] = s[t-1][k] + z.below(61) - 30
		}
		if slices.Contains(spikes, t) {
			s[t][0] += stepsPerMM
		}
	}
	return s
}

// expectMotion works out framewise displacement, in whole numbers up to the end.
func (r *Run) expectMotion(s steps) {
	sum := 0
	for t := range s {
		var m [6]float64
		for k, v := range s[t] {
			m[k] = float64(v) / stepsPerMM
			if k >= 3 {
				m[k] = float64(v) / stepsPerRadian
			}
		}
		r.Motion = append(r.Motion, m)
		if t == 0 {
			continue
		}
		// In steps of a rotation, of which a millimetre on the sphere has 2000.
		const perMM = stepsPerRadian / radiusMM
		moved := 0
		for k := range 6 {
			d := max(s[t][k]-s[t-1][k], s[t-1][k]-s[t][k])
			if k < 3 {
				d *= perMM / stepsPerMM
			}
			moved += d
		}
		sum += moved
		r.FD = append(r.FD, float64(moved)/perMM)
	}
	r.MeanFD = float64(sum) / float64(len(r.FD)) / (stepsPerRadian / radiusMM)
}

// writeMotion writes the motion as mcflirt does, and as a table with a header.
func writeMotion(dir string, r Run, s steps) error {
	var par, tsv strings.Builder
	tsv.WriteString("trans_x\ttrans_y\ttrans_z\trot_x\trot_y\trot_z\n")
	for _, m := range r.Motion {
		fmt.Fprintf(&par, "%.5f  %.5f  %.5f  %.3f  %.3f  %.3f\n", m[3], m[4], m[5], m[0], m[1], m[2])
		fmt.Fprintf(&tsv, "%.3f\t%.3f\t%.3f\t%.5f\t%.5f\t%.5f\n", m[0], m[1], m[2], m[3], m[4], m[5])
	}
	if err := writeText(dir, r.MotionFSL, par.String()); err != nil {
		return err
	}
	return writeText(dir, r.MotionTSV, tsv.String())
}
