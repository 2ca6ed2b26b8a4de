// Package synth writes small BIDS datasets whose truth is known.
//
// An example, a test or a benchmark needs images; real ones are large, belong
// to somebody, and nobody knows what their signal-to-noise ratio should be.
// [Dataset] makes heads of ellipsoids and functional series with given levels,
// drift, spikes, motion and noise, and returns what a measure must find in them.
//
//	[Options]  how many of what
//	[Truth]    what is in the files, as returned and as in code/truth.json
//	[Subject], [Anatomy], [Run], [Tissue]  its parts
//
// The same options give the same bytes on every machine: the random numbers are
// those of a fixed algorithm, nothing is computed by functions that processors
// implement differently (no sine, no logarithm), and products are rounded
// before they are added, so that no compiler fuses the two.
//
// The package knows BIDS names and images; it knows nothing of the measures
// that will be tried on them.
package synth

import (
	"errors"
	"fmt"
)

// Options say what to make. The zero value of a field means its default.
type Options struct {
	Dir            string  // made if it is not there; the dataset's root
	Subjects       int     // 2
	Runs           int     // of each subject; 1
	Shape          [3]int  // of the functional volumes; 16×16×12
	Volumes        int     // of each run; 60
	AnatomyShape   [3]int  // 32×32×24
	RepetitionTime float64 // seconds; 2
	NonSteady      int     // volumes at the start that are too bright; 3, none: -1
	Spikes         int     // volumes of each run that are too bright; 2, none: -1
	NoiseSD        float64 // of a functional voxel; 20
	Drift          float64 // of the level, per volume; 0.0005
	Seed           uint64  // another seed, other noise, motion and spikes
}

// withDefaults fills in what was left out and checks the rest.
func (o Options) withDefaults() (Options, error) {
	whole := func(p *int, standard int) {
		if *p == 0 {
			*p = standard
		}
		*p = max(*p, 0)
	}
	whole(&o.Subjects, 2)
	whole(&o.Runs, 1)
	whole(&o.Volumes, 60)
	whole(&o.NonSteady, 3)
	whole(&o.Spikes, 2)
	if o.Shape == [3]int{} {
		o.Shape = [3]int{16, 16, 12}
	}
	if o.AnatomyShape == [3]int{} {
		o.AnatomyShape = [3]int{32, 32, 24}
	}
	for p, standard := range map[*float64]float64{&o.RepetitionTime: 2, &o.NoiseSD: 20, &o.Drift: 0.0005} {
		if *p == 0 {
			*p = standard
		}
	}
	switch {
	case o.Dir == "":
		return o, errors.New("synth: no folder was given")
	case o.Subjects < 1 || o.Subjects > 9999 || o.Runs < 1 || o.Runs > 99:
		return o, fmt.Errorf("synth: %d subjects of %d runs: up to 9999 of 99 can be made", o.Subjects, o.Runs)
	case min(o.Shape[0], o.Shape[1], o.Shape[2]) < 4 || min(o.AnatomyShape[0], o.AnatomyShape[1], o.AnatomyShape[2]) < 4:
		return o, fmt.Errorf("synth: a head of %v or %v voxels is too small for its tissues", o.Shape, o.AnatomyShape)
	case o.NonSteady > 5:
		return o, fmt.Errorf("synth: %d non-steady volumes: beyond 5 the last would not stand out", o.NonSteady)
	case o.Volumes < o.NonSteady+4*o.Spikes+10:
		return o, fmt.Errorf("synth: %d volumes have no room for %d non-steady ones and %d spikes", o.Volumes, o.NonSteady, o.Spikes)
	case o.NoiseSD < 0 || o.NoiseSD > 100 || o.Drift < 0 || o.Drift*float64(o.Volumes) > 0.1:
		return o, fmt.Errorf("synth: noise of %v or a drift of %v would drown the rest", o.NoiseSD, o.Drift)
	}
	return o, nil
}

// Dataset writes a BIDS dataset into opts.Dir, over what is there of the same
// names:
//
//	dataset_description.json  README  participants.tsv  participants.json
//	sub-01/anat/sub-01_T1w.nii.gz .json
//	sub-01/func/sub-01_task-rest_run-1_bold.nii.gz .json
//	derivatives/synth/sub-01/...   brain mask, segmentation, motion
//	code/truth.json
//
// It holds one volume in memory. It returns an error if an option is out of
// range or a file can't be written.
func Dataset(opts Options) (Truth, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return Truth{}, err
	}
	truth := Truth{Seed: opts.Seed, RepetitionTime: opts.RepetitionTime}
	if err := writeDescriptions(opts); err != nil {
		return Truth{}, fmt.Errorf("synth: %w", err)
	}
	for n := range opts.Subjects {
		s := Subject{Label: fmt.Sprintf("%02d", n+1)}
		if s.T1w, err = writeAnatomy(opts, s.Label, n); err != nil {
			return Truth{}, fmt.Errorf("synth: sub-%s: %w", s.Label, err)
		}
		for run := range opts.Runs {
			r, err := writeRun(opts, s.Label, n, run)
			if err != nil {
				return Truth{}, fmt.Errorf("synth: sub-%s run %d: %w", s.Label, run+1, err)
			}
			s.Runs = append(s.Runs, r)
		}
		truth.Subjects = append(truth.Subjects, s)
	}
	if err := writeJSON(opts.Dir, "code/truth.json", truth); err != nil {
		return Truth{}, fmt.Errorf("synth: %w", err)
	}
	return truth, nil
}
