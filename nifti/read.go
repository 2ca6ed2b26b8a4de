package nifti

import (
	"errors"
	"fmt"
	"io"
)

// ReadVolume reads the next volume into dst, scaled as the header says. dst
// must have [Header.VolumeVoxels] elements; first dimension fastest.
//
// After the last volume it returns io.EOF. A file that ends early, or whose
// compressed data are damaged, gives an error that names the volume; dst then
// holds nothing of worth. int64 and uint64 beyond 2^53 are rounded. Types that
// are not one real number (complex, RGB, float128) are refused: read them raw.
func (r *Reader) ReadVolume(dst []float64) error { return readReal(r, dst) }

// ReadVolumeFloat32 is ReadVolume in single precision: values are computed in
// float64 and rounded once.
func (r *Reader) ReadVolumeFloat32(dst []float32) error { return readReal(r, dst) }

// ReadVolumeRaw reads the next volume into dst as it is stored: no scaling, the
// file's own byte order. dst must have [Header.VolumeBytes] elements.
func (r *Reader) ReadVolumeRaw(dst []byte) error {
	if int64(len(dst)) != r.header.VolumeBytes() {
		return fmt.Errorf("read %s: a volume has %d bytes, dst %d", r.name, r.header.VolumeBytes(), len(dst))
	}
	if err := r.begin(); err != nil {
		return err
	}
	if err := readFull(r.data, dst); err != nil {
		return r.fail(err)
	}
	return r.finish()
}

func readReal[T real](r *Reader, dst []T) error {
	h := r.header
	if !h.DataType.Scalar() {
		return fmt.Errorf("read %s: a voxel of type %s is not one real number", r.name, h.DataType)
	}
	if len(dst) != h.VolumeVoxels() {
		return fmt.Errorf("read %s: a volume has %d voxels, dst %d", r.name, h.VolumeVoxels(), len(dst))
	}
	if err := r.begin(); err != nil {
		return err
	}
	slope, inter, scaled := h.Scaling()
	size := h.DataType.Size()
	if r.chunk == nil {
		r.chunk = make([]byte, chunkVoxels*size)
	}
	for len(dst) > 0 {
		n := min(len(dst), chunkVoxels)
		b := r.chunk[:n*size]
		if err := readFull(r.data, b); err != nil {
			return r.fail(err)
		}
		if h.BigEndian {
			swap(b, size)
		}
		decode(dst[:n], b, h.DataType, slope, inter, scaled && (slope != 1 || inter != 0))
		dst = dst[n:]
	}
	return r.finish()
}

// begin is io.EOF after the last volume.
func (r *Reader) begin() error {
	if r.failed != nil {
		return r.failed
	}
	if r.volume >= r.header.Volumes() {
		return io.EOF
	}
	return nil
}

// finish counts the volume. After the last one it looks one byte further,
// which makes gzip compare the checksum of all that was read.
func (r *Reader) finish() error {
	r.volume++
	if r.volume < r.header.Volumes() {
		return nil
	}
	if _, err := r.data.Read(make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) {
		return r.fail(err)
	}
	return nil
}

func (r *Reader) fail(err error) error {
	r.failed = fmt.Errorf("read %s: volume %d of %d: %w", r.name, r.volume+1, r.header.Volumes(), err)
	return r.failed
}
