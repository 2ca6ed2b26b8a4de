package nifti

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// A Writer writes an image volume by volume. It is not safe for concurrent use.
//
// The file appears at its path when Close succeeds, and not before: until then
// it has another name in the same folder. The bytes depend on header and
// values alone (a compressed file holds no time and no name).
type Writer struct {
	path   string
	temp   string
	header *Header
	file   *os.File
	buffer *bufio.Writer
	zip    *gzip.Writer // nil where the file is not compressed
	out    io.Writer
	volume int
	chunk  []byte
	failed error
}

// Create starts the image at path, which must end in .nii or, to be compressed,
// in .nii.gz. The header is copied; VoxOffset is set to what the extensions
// need. A .hdr/.img pair can be read but not written.
//
// Values are stored as (value-inter)/slope where the header asks for scaling,
// see [Header.FitScaling]; integer types round half to even and clip to their
// range, NaN becomes what reads back nearest to 0. Floating-point types keep
// NaN and infinities.
//
// It returns an error, naming path and field, if the header can't be stored.
// The caller ends with Close, or with Abort to leave no trace; a deferred Abort
// is right in any case.
func Create(path string, header *Header) (*Writer, error) {
	w := &Writer{path: path, header: header.Clone()}
	fixed, err := w.header.encode()
	if err == nil && !strings.HasSuffix(strings.TrimSuffix(path, ".gz"), ".nii") {
		err = errors.New("the name must end in .nii or .nii.gz")
	}
	if err == nil {
		w.file, err = createBeside(path)
	}
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	w.temp = w.file.Name()
	w.buffer = bufio.NewWriterSize(w.file, 64<<10)
	w.out = w.buffer
	if strings.HasSuffix(path, ".gz") {
		w.zip = gzip.NewWriter(w.buffer)
		w.zip.ModTime = time.Unix(0, 0) // stored as 0, "no time"
		w.out = w.zip
	}
	if _, err := w.out.Write(fixed); err != nil {
		w.Abort()
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return w, nil
}

// createBeside makes a new file in path's folder under a name of its own, with
// the permissions that any new file gets (os.CreateTemp's are narrower).
func createBeside(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for i := 0; ; i++ {
		name := filepath.Join(dir, fmt.Sprintf(".%s.%d-%d.part", base, os.Getpid(), i))
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, fs.ErrExist) || i == 10000 {
			return f, err
		}
	}
}

// WriteVolume writes the next volume, first dimension fastest. src must have
// [Header.VolumeVoxels] elements and stays as it is.
func (w *Writer) WriteVolume(src []float64) error { return writeReal(w, src) }

// WriteVolumeFloat32 is WriteVolume for values in single precision.
func (w *Writer) WriteVolumeFloat32(src []float32) error { return writeReal(w, src) }

// WriteVolumeRaw writes the next volume as it is to be stored: no scaling, in
// the byte order of the header. src must have [Header.VolumeBytes] elements.
func (w *Writer) WriteVolumeRaw(src []byte) error {
	if err := w.begin(int64(len(src)), w.header.VolumeBytes(), "bytes"); err != nil {
		return err
	}
	if _, err := w.out.Write(src); err != nil {
		return w.fail(err)
	}
	w.volume++
	return nil
}

func writeReal[T real](w *Writer, src []T) error {
	h := w.header
	if !h.DataType.Scalar() {
		return fmt.Errorf("write %s: a voxel of type %s is not one real number", w.path, h.DataType)
	}
	if err := w.begin(int64(len(src)), int64(h.VolumeVoxels()), "voxels"); err != nil {
		return err
	}
	slope, inter, scaled := h.Scaling()
	size := h.DataType.Size()
	if w.chunk == nil {
		w.chunk = make([]byte, chunkVoxels*size)
	}
	for len(src) > 0 {
		n := min(len(src), chunkVoxels)
		b := w.chunk[:n*size]
		encode(b, src[:n], h.DataType, slope, inter, scaled)
		if h.BigEndian {
			swap(b, size)
		}
		if _, err := w.out.Write(b); err != nil {
			return w.fail(err)
		}
		src = src[n:]
	}
	w.volume++
	return nil
}

func (w *Writer) begin(have, want int64, what string) error {
	switch {
	case w.failed != nil:
		return w.failed
	case w.file == nil:
		return fmt.Errorf("write %s: it is closed", w.path)
	case have != want:
		return fmt.Errorf("write %s: a volume has %d %s, src %d", w.path, want, what, have)
	case w.volume >= w.header.Volumes():
		return fmt.Errorf("write %s: the header has %d volumes, no more", w.path, w.header.Volumes())
	}
	return nil
}

func (w *Writer) fail(err error) error {
	w.failed = fmt.Errorf("write %s: volume %d of %d: %w", w.path, w.volume+1, w.header.Volumes(), err)
	return w.failed
}

// Close completes the file and gives it its name. If that fails, or a volume
// is missing, nothing is left. A second Close, or one after Abort, returns nil.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	defer w.Abort()
	if w.failed != nil {
		return w.failed
	}
	if w.volume != w.header.Volumes() {
		return fmt.Errorf("write %s: %d of %d volumes were written", w.path, w.volume, w.header.Volumes())
	}
	var err error
	if w.zip != nil {
		err = w.zip.Close()
	}
	err = errors.Join(err, w.buffer.Flush(), w.file.Close())
	if err == nil {
		err = os.Rename(w.temp, w.path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", w.path, err)
	}
	w.temp = ""
	return nil
}

// Abort gives up: nothing is left of what was written. After Close it does
// nothing.
func (w *Writer) Abort() {
	if w.file == nil {
		return
	}
	w.file.Close() // closed already where Close came this far
	w.file = nil
	if w.temp != "" {
		os.Remove(w.temp)
	}
}

// encode is the header as stored, with its extensions, up to the first voxel.
// It sets VoxOffset.
func (h *Header) encode() ([]byte, error) {
	if h.Pair {
		return nil, wrong("magic", "a pair of header and data file can be read, not written")
	}
	offset := h.dataStart()
	for _, e := range h.Extensions {
		offset += extensionSize(e)
	}
	h.VoxOffset = offset
	if err := h.check(); err != nil {
		return nil, err
	}
	if err := h.fits(); err != nil {
		return nil, err
	}
	buf := make([]byte, offset)
	w := &wire{buf: buf, order: h.order(), write: true}
	bitpix := int32(8 * h.DataType.Size())
	if h.Version == 2 {
		magic, eol := single2, eolMark
		layout2(w, h, &magic, &eol, &bitpix)
	} else {
		magic, where := single1, float64(offset)
		layout1(w, h, &magic, &bitpix, &where)
	}
	h.putExtensions(buf[w.at:])
	return buf, nil
}

// fits says whether every number fits into its field: version 1 is narrow.
func (h *Header) fits() error {
	if h.Version == 2 {
		return nil
	}
	for i, n := range h.Dim[1 : h.Dim[0]+1] {
		if n > math.MaxInt16 {
			return wrong(fmt.Sprintf("dim[%d]", i+1), "is %d, too long for NIfTI-1; use version 2", n)
		}
	}
	if h.VoxOffset > 1<<24 {
		return wrong("vox_offset", "is %d, too far for NIfTI-1 to say exactly; use version 2", h.VoxOffset)
	}
	return nil
}

// extensionSize is what an extension takes: its data, size and code, filled up
// to a multiple of 16.
func extensionSize(e Extension) int64 { return (int64(len(e.Data)) + 8 + 15) / 16 * 16 }

func (h *Header) putExtensions(buf []byte) {
	if len(h.Extensions) == 0 {
		return
	}
	order := h.order()
	buf[0] = 1
	buf = buf[4:]
	for _, e := range h.Extensions {
		n := extensionSize(e)
		order.PutUint32(buf, uint32(n))
		order.PutUint32(buf[4:], uint32(e.Code))
		copy(buf[8:], e.Data)
		buf = buf[n:]
	}
}
