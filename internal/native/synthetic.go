package native

import (
	"path/filepath"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native/synth"
	"github.com/raphe-org/raphe/internal/value"
)

// positive is the type of numbers above 0.
var positive = iface.Type{Kind: iface.Range, Low: new(float64), ExcludeLow: true}

var threeInts = iface.Type{Kind: iface.Tuple, Of: []iface.Type{intType, intType, intType}}

// bidsDataset makes a dataset whose truth is known. It is Raphe's own, for
// examples, tests and trials without data.
var bidsDataset = inChild("Make a small BIDS dataset whose truth is known: heads, functional series with drift, spikes, motion and noise.",
	[]iface.Input{
		opt("subjects", atLeast(1), value.Int(2), "how many heads"),
		opt("runs", atLeast(1), value.Int(1), "functional series of each"),
		opt("shape", threeInts, triple(16, 16, 12), "voxels of a functional volume"),
		opt("volumes", atLeast(1), value.Int(60), "volumes of a series"),
		opt("anatomy_shape", threeInts, triple(32, 32, 24), "voxels of an anatomy"),
		opt("repetition_time", positive, value.Float(2), "seconds from volume to volume"),
		opt("non_steady", atLeast(0), value.Int(3), "volumes at the start that are too bright"),
		opt("spikes", atLeast(0), value.Int(2), "volumes of a series that are too bright"),
		opt("noise_sd", positive, value.Float(20), "standard deviation of the noise"),
		opt("drift", positive, value.Float(0.0005), "of the level, per volume"),
		opt("seed", atLeast(0), value.Int(0), "another seed, other noise, motion and spikes"),
	}, []iface.Output{
		out("out_dir", iface.Type{Kind: iface.Dir}, "root of the dataset"),
		out("subjects", listOf(strType), "labels of the subjects: 01, 02, ..."),
		out("t1w", listOf(fileType), "the anatomies"),
		out("bold", listOf(fileType), "the functional series, by subject and run"),
		out("masks", listOf(fileType), "masks of the brain, one for each series"),
		out("motion", listOf(fileType), "motion parameters as FSL's mcflirt writes them, one for each series"),
		out("truth", fileType, "what is in the files (JSON)"),
	}, runDataset)

func triple(x, y, z int) value.Value { return value.Tuple{value.Int(x), value.Int(y), value.Int(z)} }

func shapeOf(v value.Value) (out [3]int) {
	items, _ := value.Items(v)
	for i := range min(len(items), 3) {
		n, _ := items[i].(value.Int)
		out[i] = int(n)
	}
	return out
}

// orNone turns 0 into what package synth calls none.
func orNone(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

func runDataset(c *Call) (value.Record, error) {
	dir := filepath.Join(c.Dir, "bids")
	truth, err := synth.Dataset(synth.Options{
		Dir: dir, Subjects: whole(c.Inputs, "subjects", 2), Runs: whole(c.Inputs, "runs", 1),
		Shape: shapeOf(c.Inputs.Get("shape")), Volumes: whole(c.Inputs, "volumes", 60), AnatomyShape: shapeOf(c.Inputs.Get("anatomy_shape")),
		RepetitionTime: real(c.Inputs, "repetition_time", 2), NonSteady: orNone(whole(c.Inputs, "non_steady", 3)),
		Spikes: orNone(whole(c.Inputs, "spikes", 2)), NoiseSD: real(c.Inputs, "noise_sd", 20), Drift: real(c.Inputs, "drift", 0.0005),
		Seed: uint64(whole(c.Inputs, "seed", 0)),
	})
	if err != nil {
		return nil, err
	}
	at := func(name string) value.Value { return value.String(filepath.Join(dir, name)) }
	labels, t1w, bold, masks, motion := value.List{}, value.List{}, value.List{}, value.List{}, value.List{}
	for _, s := range truth.Subjects {
		labels, t1w = append(labels, value.String(s.Label)), append(t1w, at(s.T1w.File))
		for _, r := range s.Runs {
			bold, masks, motion = append(bold, at(r.Bold)), append(masks, at(r.Mask)), append(motion, at(r.MotionFSL))
		}
	}
	return value.NewRecord(map[string]value.Value{
		"out_dir": value.String(dir), "subjects": labels, "t1w": t1w, "bold": bold, "masks": masks, "motion": motion,
		"truth": at("code/truth.json"),
	}), nil
}
