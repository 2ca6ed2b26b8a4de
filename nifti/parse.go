package nifti

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// magics name the version and arrangement of a file.
const (
	single1, pair1 = "n+1", "ni1"
	single2, pair2 = "n+2", "ni2"
	eolMark        = "\r\n\x1a\n" // NIfTI-2's guard against text-mode transfers
)

// maxExtensions bounds what is read between header and data (256 MiB). Real
// extensions are some kilobytes; a damaged vox_offset must not fill the memory.
const maxExtensions = 256 << 20

// ReadHeader reads the header of a single-file image or of a .hdr file from r,
// with its extensions, and leaves r at the first byte of the data (of a single
// file). Everything that a reader of the data relies on has been checked.
func ReadHeader(r io.Reader) (*Header, error) {
	h, err := readFixed(r)
	if err != nil {
		return nil, err
	}
	return h, h.readExtensions(r)
}

// readFixed reads and checks the part of a header that has a fixed length.
func readFixed(r io.Reader) (*Header, error) {
	buf := make([]byte, size2)
	if err := readFull(r, buf[:size1]); err != nil {
		return nil, wrong("sizeof_hdr", "the file is shorter than a NIfTI header (%v)", err)
	}
	order, size, err := recognise(buf)
	if err != nil {
		return nil, err
	}
	if size == size2 {
		if err := readFull(r, buf[size1:]); err != nil {
			return nil, wrong("sizeof_hdr", "the file is shorter than a NIfTI-2 header (%v)", err)
		}
	}
	h, err := decodeHeader(buf[:size], order)
	if err != nil {
		return nil, err
	}
	return h, h.check()
}

// readFull is io.ReadFull with one error for all ways of ending early.
func readFull(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// recognise finds the version and the byte order from sizeof_hdr, the first
// field.
func recognise(buf []byte) (binary.ByteOrder, int, error) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if n := order.Uint32(buf); n == size1 || n == size2 {
			return order, int(n), nil
		}
	}
	return nil, 0, wrong("sizeof_hdr", "is %d, neither 348 (NIfTI-1) nor 540 (NIfTI-2)",
		int32(binary.LittleEndian.Uint32(buf)))
}

func decodeHeader(buf []byte, order binary.ByteOrder) (*Header, error) {
	h := &Header{Version: 1, BigEndian: order == binary.BigEndian}
	w := &wire{buf: buf, order: order}
	var magic, eol string
	var bitpix int32 // a copy of what datatype says; not looked at
	if len(buf) == size2 {
		h.Version = 2
		layout2(w, h, &magic, &eol, &bitpix)
		if eol != eolMark && eol != "" {
			return nil, wrong("magic", "line ends were changed: the file went through a transfer in text mode")
		}
	} else {
		var offset float64
		layout1(w, h, &magic, &bitpix, &offset)
		if !(offset >= 0 && offset < math.MaxInt32) || offset != math.Trunc(offset) {
			return nil, wrong("vox_offset", "is %v, not a place in a file", offset)
		}
		h.VoxOffset = int64(offset)
	}
	switch {
	case h.Version == 1 && magic == single1, h.Version == 2 && magic == single2:
	case h.Version == 1 && magic == pair1, h.Version == 2 && magic == pair2:
		h.Pair = true
	case h.Version == 1 && magic == "":
		return nil, wrong("magic", "is empty: an Analyze 7.5 file, not NIfTI")
	default:
		return nil, wrong("magic", "is %q, not that of NIfTI-%d", magic, h.Version)
	}
	return h, nil
}

func (h *Header) order() binary.ByteOrder {
	if h.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// dataStart is the least vox_offset of a single file.
func (h *Header) dataStart() int64 {
	if h.Version == 2 {
		return size2 + 4
	}
	return size1 + 4
}

// check looks at every field that reading or writing the data relies on.
func (h *Header) check() error {
	if h.Version != 1 && h.Version != 2 {
		return wrong("sizeof_hdr", "there is no NIfTI-%d", h.Version)
	}
	if !h.DataType.Known() {
		return wrong("datatype", "is %d, which the standard does not have", int16(h.DataType))
	}
	if h.Dim[0] < 1 || h.Dim[0] > 7 {
		return wrong("dim[0]", "is %d, but an image has 1 to 7 dimensions", h.Dim[0])
	}
	left := int64(math.MaxInt64) / int64(h.DataType.Size())
	for i, n := range h.Dim[1 : h.Dim[0]+1] {
		if n < 1 {
			return wrong(fmt.Sprintf("dim[%d]", i+1), "is %d, not a length", n)
		}
		if left /= n; left < 1 {
			return wrong(fmt.Sprintf("dim[%d]", i+1), "the product of all dimensions is beyond 64 bits")
		}
	}
	if h.VoxOffset < 0 || (!h.Pair && h.VoxOffset < h.dataStart()) {
		return wrong("vox_offset", "is %d, inside the header of a single file (%d bytes)", h.VoxOffset, h.dataStart())
	}
	if scales(h.SclSlope) && !finite(h.SclInter) {
		return wrong("scl_inter", "is %v beside a valid scl_slope of %v", h.SclInter, h.SclSlope)
	}
	return nil
}

// readExtensions reads what lies between the fixed header and the data: four
// bytes that say whether there are extensions, then blocks of (size, code,
// data). In a .hdr file they reach to its end.
func (h *Header) readExtensions(r io.Reader) error {
	size, order := h.dataStart()-4, h.order()
	room := h.VoxOffset - size
	if h.Pair {
		room = maxExtensions
	}
	if room > maxExtensions {
		return wrong("vox_offset", "is %d, more than %d bytes beyond the header", h.VoxOffset, maxExtensions)
	}
	// ReadAll grows with what is really there, whatever the header claims.
	block, err := io.ReadAll(io.LimitReader(r, room))
	if err != nil {
		return wrong("extension", "%v", err)
	}
	if !h.Pair && int64(len(block)) < room {
		return wrong("vox_offset", "is %d, but the file ends at %d", h.VoxOffset, size+int64(len(block)))
	}
	if len(block) < 4 || block[0] == 0 {
		return nil
	}
	for rest := block[4:]; len(rest) >= 16; {
		esize := int64(int32(order.Uint32(rest)))
		if esize < 8 || esize > int64(len(rest)) {
			return wrong("extension", "block %d says it has %d bytes, where %d are left before the data",
				len(h.Extensions)+1, esize, len(rest))
		}
		h.Extensions = append(h.Extensions, Extension{
			Code: int32(order.Uint32(rest[4:])),
			Data: rest[8:esize:esize],
		})
		rest = rest[esize:]
	}
	return nil
}
