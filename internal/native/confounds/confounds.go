// Package confounds measures what disturbs a functional series: head motion,
// volume-to-volume change, drift, and the unsteady start of a scan.
//
//	TSNR                   images of mean, standard deviation and their ratio
//	ComputeDVARS           change of the whole brain from volume to volume
//	FramewiseDisplacement  head motion from volume to volume
//	NonSteadyStateDetector how many volumes at the start to drop
//	Gunzip                 decompress (or compress) a file
//
// Each takes a struct of options and gives a struct of results; both have the
// names of nipype's inputs and outputs in Go form, and the files have nipype's
// names and formats. For each there is a Default function with nipype's
// defaults. Relative names of outputs lie in the option Dir.
//
// Images are streamed volume by volume; every function says how much memory it
// needs at most. Sums are kept in float64 where nipype adds up in float32: on
// small images the results agree to 1e-6, on large ones these are the nearer
// (see [ComputeDVARS]).
//
// The package knows images, numbers and files; it knows nothing of workflows,
// interfaces or processes, and draws nothing.
//
// Source: the definitions of nipype 1.8.5, algorithms/confounds.py. Checked
// against it in testdata.
package confounds

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// output is the path of an output: name, or the default where it is empty,
// inside dir unless it is absolute.
func output(dir, name, standard string) string {
	if name == "" {
		name = standard
	}
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// writeFile makes the file at path from what write gives. It appears complete
// or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing to remove after the renaming
	b := bufio.NewWriterSize(f, 64<<10)
	err = write(b)
	if err == nil {
		err = b.Flush()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}
