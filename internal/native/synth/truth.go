package synth

// Truth is what a dataset holds. Paths are relative to its root, with slashes.
type Truth struct {
	Seed           uint64    `json:"seed"`
	RepetitionTime float64   `json:"repetition_time"` // seconds
	Subjects       []Subject `json:"subjects"`
}

// A Subject is one head and its functional runs.
type Subject struct {
	Label string  `json:"label"` // "01"
	T1w   Anatomy `json:"t1w"`
	Runs  []Run   `json:"runs"`
}

// An Anatomy is a T1-weighted head and the tissues in it.
type Anatomy struct {
	File         string   `json:"file"`
	Segmentation string   `json:"segmentation"` // 0 outside, 1 CSF, 2 grey, 3 white matter
	Mask         string   `json:"mask"`
	NoiseSD      float64  `json:"noise_sd"`
	Tissues      []Tissue `json:"tissues"`
}

// A Tissue is the voxels of one kind, all of the same level.
type Tissue struct {
	Name   string  `json:"name"` // csf, gm, wm
	Label  int     `json:"label"`
	Voxels int     `json:"voxels"`
	Level  float64 `json:"level"`

	// What to expect over the volumes of a run, drift, spikes and start
	// included: the mean, the standard deviation (square root of the expected
	// variance, divisor T), and their ratio. 0 in an anatomy.
	Mean float64 `json:"mean,omitempty"`
	SD   float64 `json:"sd,omitempty"`
	TSNR float64 `json:"tsnr,omitempty"`
}

// A Run is a functional series. A brain voxel of level L has the value
// L·Gain[t] + noise in volume t, rounded; outside the brain all is 0. The
// motion is that of the files only: the head in the images stays in place.
type Run struct {
	Bold      string   `json:"bold"`
	Mask      string   `json:"mask"`
	MotionFSL string   `json:"motion_fsl"` // .par: rotations in radians, translations in mm
	MotionTSV string   `json:"motion_tsv"` // trans_x ... rot_z, with a header
	Volumes   int      `json:"volumes"`
	Voxels    int      `json:"voxels"` // in the mask
	NoiseSD   float64  `json:"noise_sd"`
	Tissues   []Tissue `json:"tissues"`

	NonSteady int       `json:"non_steady"` // volumes at the start
	Spikes    []int     `json:"spikes"`     // volumes; the head jumps there, too
	Drift     float64   `json:"drift"`      // of the gain, per volume
	Gain      []float64 `json:"gain"`       // of each volume

	Motion [][6]float64 `json:"motion"`  // x, y, z in mm, rotations about them in radians
	FD     []float64    `json:"fd"`      // mm, radius 50; between successive volumes
	MeanFD float64      `json:"mean_fd"` // mm
	DVARS  []float64    `json:"dvars"`   // expected root mean square change, not normalised
}
