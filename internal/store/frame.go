package store

import (
	"encoding/binary"
	"hash/crc32"
)

// A segment is frames, one after another, and nothing else. A frame is a
// header of 24 bytes and a payload; numbers are little-endian:
//
//	 0  3  magic: F5 'r' FA. The bytes F5 and FA occur in no UTF-8 text.
//	 3  1  kind
//	 4  4  length of the payload
//	 8  8  id
//	16  4  CRC-32C of the payload
//	20  4  CRC-32C of the bytes 0 to 19, begun from the frame's place
//
// The header has a checksum of its own so that its length can be trusted
// before the payload is read: a damaged payload costs one record, and looking
// for the next frame after a damaged header costs 20 bytes a candidate.
//
// The header's checksum begins from the place (segment and offset), so a frame is valid only
// where it was written: a copy of a segment inside some payload, or a block
// that a disk put elsewhere, is not taken for a record.
//
// CRC-32C is enough: the enemies are torn writes and rotten bits, not people.
// It finds every burst of up to 32 bits, anything else but for one in 2^32 damaged
// frames, and processors compute it at memory speed. What must not be
// believed by chance, the content of a blob, has its SHA-256 besides.
const headerSize = 24

// MaxPayload is the largest payload of a record: 16 MiB. Larger values are
// blobs, of up to MaxBlob.
const MaxPayload = 16 << 20

// MaxBlob is the largest blob: 1 GiB.
const MaxBlob = 1 << 30

// The store's own kinds.
const (
	kindStart Kind = 0xF0 + iota // first frame of a segment, see chain.go
	kindBlob                     // digest, content; id = first 8 bytes of the digest
	kindMemo                     // see memo.go; id = hash of the path
	kindHole                     // see accept.go; id = where it begins
)

var magic = [3]byte{0xF5, 'r', 0xFA}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// header is a frame's header, decoded.
type header struct {
	kind   Kind
	id     ID
	length int
	sum    uint32 // of the payload
}

// end returns the offset after the frame that h heads at off.
func (h header) end(off int64) int64 { return off + headerSize + int64(h.length) }

// placeSeed folds a frame's place into the start value of its header's checksum.
// Frames of one segment less than 4 GiB apart have different seeds, so a header that is
// moved never stays valid.
func placeSeed(at Ref) uint32 {
	off := at.offset()
	return uint32(off) ^ uint32(off>>32)<<24 ^ uint32(at.segment())*0x9E3779B1
}

// appendHeader appends the header of a frame that will lie at at.
func appendHeader(b []byte, at Ref, h header) []byte {
	n := len(b)
	b = append(b, magic[0], magic[1], magic[2], byte(h.kind))
	b = binary.LittleEndian.AppendUint32(b, uint32(h.length))
	b = binary.LittleEndian.AppendUint64(b, uint64(h.id))
	b = binary.LittleEndian.AppendUint32(b, h.sum)
	return binary.LittleEndian.AppendUint32(b, crc32.Update(placeSeed(at), castagnoli, b[n:n+20]))
}

// appendFrame appends a whole frame.
func appendFrame(b []byte, at Ref, kind Kind, id ID, payload ...[]byte) []byte {
	h := header{kind: kind, id: id}
	for _, p := range payload {
		h.length += len(p)
		h.sum = crc32.Update(h.sum, castagnoli, p)
	}
	b = appendHeader(b, at, h)
	for _, p := range payload {
		b = append(b, p...)
	}
	return b
}

// parseHeader decodes the header that b begins with, and says whether it is
// one that was written at at.
func parseHeader(b []byte, at Ref) (header, bool) {
	if len(b) < headerSize || b[0] != magic[0] || b[1] != magic[1] || b[2] != magic[2] {
		return header{}, false
	}
	if crc32.Update(placeSeed(at), castagnoli, b[:20]) != binary.LittleEndian.Uint32(b[20:]) {
		return header{}, false
	}
	h := header{
		kind: Kind(b[3]),
		id:   ID(binary.LittleEndian.Uint64(b[8:])),
		sum:  binary.LittleEndian.Uint32(b[16:]),
	}
	length := binary.LittleEndian.Uint32(b[4:])
	if length > MaxBlob+digestSize || length > MaxPayload && h.kind != kindBlob {
		return header{}, false // nothing that this program has written
	}
	h.length = int(length)
	return h, true
}

func checksum(p []byte) uint32 { return crc32.Checksum(p, castagnoli) }
