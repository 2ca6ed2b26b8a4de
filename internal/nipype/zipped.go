package nipype

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/gzip"
)

// A zipped makes a gzip file of what is written to it. A file that is no larger
// than a block of the disk is stored as it is: compressed it would take a block,
// too, and a third of the time of all the files of a node.
type zipped struct {
	out     bytes.Buffer
	held    []byte       // what was written, up to mostStored
	gz      *gzip.Writer // made when it is needed: it holds a quarter of a megabyte
	zipping bool
}

// The parts of a gzip file around what is stored.
//
// Source: RFC 1952, section 2.3 (the member), RFC 1951, section 3.2.4 (a block
// that is not compressed).
const (
	gzipHead   = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" // deflate; no name, no time, system unknown
	lastStored = 0x01
	mostStored = 4096 - len(gzipHead) - 5 - 8
)

func (z *zipped) reset() {
	z.out.Reset()
	z.held, z.zipping = z.held[:0], false
}

func (z *zipped) Write(p []byte) (int, error) {
	if !z.zipping && len(z.held)+len(p) <= mostStored {
		z.held = append(z.held, p...)
		return len(p), nil
	}
	if err := z.begin(); err != nil {
		return 0, err
	}
	return z.gz.Write(p)
}

// begin goes over to compressing.
func (z *zipped) begin() error {
	if z.zipping {
		return nil
	}
	z.zipping = true
	if z.gz == nil {
		// The compressor keeps no state between its blocks, which is as good for
		// files as small as these, and holds no table of 600 kB.
		gz, err := gzip.NewWriterLevel(nil, gzip.StatelessCompression)
		if err != nil {
			return err
		}
		z.gz = gz
	}
	z.gz.Reset(&z.out)
	_, err := z.gz.Write(z.held)
	return err
}

// close gives the whole file, until the next reset.
func (z *zipped) close() ([]byte, error) {
	if z.zipping {
		err := z.gz.Close()
		return z.out.Bytes(), err
	}
	n := uint16(len(z.held))
	b := append(z.out.AvailableBuffer(), gzipHead...)
	b = append(b, lastStored)
	b = binary.LittleEndian.AppendUint16(b, n)
	b = binary.LittleEndian.AppendUint16(b, ^n)
	b = append(b, z.held...)
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(z.held))
	b = binary.LittleEndian.AppendUint32(b, uint32(n))
	z.out.Write(b)
	return z.out.Bytes(), nil
}

func (z *zipped) size() int { return z.out.Cap() + cap(z.held) }
