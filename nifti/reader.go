package nifti

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// chunkVoxels is how many voxels are decoded at a time: enough to make the
// cost of a call vanish, small enough to stay in the processor's cache.
const chunkVoxels = 8 << 10

// maxInflation is the most that deflate can blow up its input, so that a small
// compressed file which promises more can be refused before any memory is
// asked for. Source: zlib's technical notes, 1032:1.
const maxInflation = 1032

// A Reader reads an image volume by volume. It holds the header and some
// 200 kB of buffers, whatever the size of the image. It is not safe for
// concurrent use.
type Reader struct {
	name   string
	header *Header
	file   *os.File  // of the data; nil for a stream
	data   io.Reader // at the next voxel
	volume int       // how many volumes have been read
	chunk  []byte
	failed error // a broken stream stays broken
}

// Open opens the image at path: .nii, .hdr or .img, compressed or not (the
// content decides, not the name). Of a pair either file may be given.
//
// It returns an error, naming the file and the field, if the header is damaged
// or promises more data than the file can hold.
func Open(path string) (*Reader, error) {
	headerPath, dataPath := pairOf(path)
	r := &Reader{name: path}
	if err := r.open(headerPath, dataPath); err != nil {
		r.Close()
		return nil, fmt.Errorf("read header of %s: %w", headerPath, err)
	}
	if err := r.seekData(); err != nil {
		r.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return r, nil
}

func (r *Reader) open(headerPath, dataPath string) error {
	f, err := os.Open(headerPath)
	if err != nil {
		return err
	}
	r.file = f
	stream, compressed, err := inflate(f)
	if err != nil {
		return err
	}
	if r.header, err = readArranged(stream, headerPath != dataPath); err != nil {
		return err
	}
	if r.header.Pair {
		f.Close()
		if r.file, err = os.Open(dataPath); err != nil {
			return err
		}
		if _, compressed, err = inflate(r.file); err != nil {
			return err
		}
	}
	return r.checkSize(compressed)
}

// readArranged is ReadHeader for a file whose name says whether it has a partner.
func readArranged(stream io.Reader, pair bool) (*Header, error) {
	h, err := readFixed(stream)
	switch {
	case err != nil:
		return nil, err
	case h.Pair && !pair:
		return nil, wrong("magic", "says header and data are in two files (.hdr, .img), but this is one")
	case pair && !h.Pair:
		return nil, wrong("magic", "says header and data are in one file (.nii), but the name is that of a pair")
	}
	return h, h.readExtensions(stream)
}

// checkSize compares what the header promises with the size of the file.
func (r *Reader) checkSize(compressed bool) error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	h := r.header
	room, kind := info.Size(), "file"
	if compressed {
		room, kind = room*maxInflation, "compressed file"
	}
	if h.VoxOffset > room {
		return wrong("vox_offset", "is %d, outside the %s of %d bytes", h.VoxOffset, kind, info.Size())
	}
	if need := h.VolumeBytes() * int64(h.Volumes()); need > room-h.VoxOffset {
		return wrong("dim", "%d %s voxels from byte %d on take %d bytes; the %s of %d bytes can't hold them",
			need/int64(h.DataType.Size()), h.DataType, h.VoxOffset, need, kind, info.Size())
	}
	return nil
}

// NewReader reads a single-file image from a stream, compressed or not; name
// stands for it in errors. The Reader can't be rewound, and Close does nothing.
func NewReader(stream io.Reader, name string) (*Reader, error) {
	r := &Reader{name: name}
	data, _, err := inflate(stream)
	if err == nil {
		r.header, err = readArranged(data, false)
	}
	if err != nil {
		return nil, fmt.Errorf("read header of %s: %w", name, err)
	}
	r.data = data
	return r, nil
}

// inflate gives the content of a file that may be compressed.
func inflate(f io.Reader) (content io.Reader, compressed bool, err error) {
	b := bufio.NewReaderSize(f, 64<<10)
	start, err := b.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, err
	}
	if len(start) < 2 || start[0] != 0x1f || start[1] != 0x8b {
		return b, false, nil
	}
	z, err := gzip.NewReader(b)
	return z, true, err
}

// pairOf is the file that holds the header and the one that holds the data.
func pairOf(path string) (header, data string) {
	stem, gz := strings.CutSuffix(path, ".gz")
	suffix := ""
	if gz {
		suffix = ".gz"
	}
	if s, ok := strings.CutSuffix(stem, ".img"); ok {
		return existing(s+".hdr"+suffix, s+".hdr"), path
	}
	if s, ok := strings.CutSuffix(stem, ".hdr"); ok {
		return path, existing(s+".img"+suffix, s+".img", s+".img.gz")
	}
	return path, path
}

// existing is the first of the paths that is there, or simply the first.
func existing(paths ...string) string {
	for _, p := range paths {
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	return paths[0]
}

// Header is the header of the image. It must not be changed; Clone it.
func (r *Reader) Header() *Header { return r.header }

// Close closes the file. A second Close does nothing.
func (r *Reader) Close() error {
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	r.file = nil
	return err
}

// Rewind goes back to the first volume. It returns an error for a stream.
func (r *Reader) Rewind() error {
	if r.file == nil {
		return fmt.Errorf("rewind %s: it is a stream, or closed", r.name)
	}
	if err := r.seekData(); err != nil {
		return fmt.Errorf("rewind %s: %w", r.name, err)
	}
	r.volume, r.failed = 0, nil
	return nil
}

// seekData puts r.data at the first voxel.
func (r *Reader) seekData() error {
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	data, compressed, err := inflate(r.file)
	if err != nil {
		return err
	}
	if compressed {
		_, err = io.CopyN(io.Discard, data, r.header.VoxOffset)
	} else if _, err = r.file.Seek(r.header.VoxOffset, io.SeekStart); err == nil {
		data = bufio.NewReaderSize(r.file, 64<<10)
	}
	r.data = data
	return err
}
