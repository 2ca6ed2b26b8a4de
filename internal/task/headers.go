package task

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/nifti"
)

// copyHeaders gives images that a tool wrote the header of another image, where
// the interface says so (nipype's copy_header): some tools lose or change the
// orientation. The voxels' values and the shape stay as the tool wrote them.
func copyHeaders(copies []iface.HeaderCopy) error {
	for _, c := range copies {
		if err := copyHeader(c); err != nil {
			return fmt.Errorf("copy the header of %s to %s: %w", c.From, c.To, err)
		}
	}
	return nil
}

func copyHeader(c iface.HeaderCopy) error {
	if _, err := os.Stat(c.To); errors.Is(err, os.ErrNotExist) {
		return nil // an output that was not made is reported when outputs are collected
	}
	from, err := nifti.Open(c.From)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := nifti.Open(c.To)
	if err != nil {
		return err
	}
	defer to.Close()
	w, err := nifti.Create(c.To, oriented(to.Header(), from.Header(), c.KeepType))
	if err != nil {
		return err
	}
	if err := copyVolumes(w, to); err != nil {
		w.Abort()
		return err
	}
	return w.Close()
}

// oriented gives the header of like for an image of the shape of h, and with
// keepType of its type of numbers.
func oriented(h, like *nifti.Header, keepType bool) *nifti.Header {
	out := like.Clone()
	out.SetShape(h.Shape()...)
	if keepType {
		out.DataType = h.DataType
		out.SclSlope, out.SclInter = h.SclSlope, h.SclInter
	}
	return out
}

func copyVolumes(w *nifti.Writer, r *nifti.Reader) error {
	buf := make([]float64, r.Header().VolumeVoxels())
	for {
		err := r.ReadVolume(buf)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.WriteVolume(buf); err != nil {
			return err
		}
	}
}
