package task

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/key"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/value"
)

// The kinds of records in the store.
const (
	KindResult  store.Kind = 1 // an attempt succeeded
	KindFailure store.Kind = 2 // an instance failed
)

// A Record is what the store keeps of an instance: all that a later run, and
// `raphe show` and `raphe why`, need of it.
type Record struct {
	Name      string // of the instance: its directory below base_dir
	Node      string
	Interface string
	Key       key.Key
	Began     time.Time
	Usage     event.Usage
	Attempt   int
	Reason    string // why it ran
	Argv      []string
	Outputs   value.Record
	Blobs     map[string]store.Digest // outputs too large to stand here
	Files     []FileMark
	Items     []key.Item
	Failure   *event.Failure // KindFailure
}

// ID gives the store's name of an instance.
func ID(name string) store.ID {
	h := fnv.New64a()
	h.Write([]byte(name))
	return store.ID(h.Sum64())
}

// recordVersion stands first in every payload.
const recordVersion = 2

// mostArgv is how much of a command line a record keeps; the whole one stands
// in the replay script of a failed instance.
const mostArgv = 8 << 10

// encode gives the payload of r. Paths below base are written relative to it,
// so that the base directory may move.
func (r *Record) encode(base string) []byte {
	b := []byte{recordVersion}
	for _, s := range []string{r.Name, r.Node, r.Interface, r.Reason} {
		b = appendText(b, s)
	}
	b = append(b, r.Key[:]...)
	b = binary.AppendVarint(b, r.Began.UnixNano())
	b = appendUsage(b, &r.Usage)
	b = binary.AppendVarint(b, int64(r.Attempt))
	b = appendArgv(b, r.Argv, base)
	b = value.AppendRecord(b, mapRecord(r.Outputs, func(s string) string { return shorten(s, base) }))
	b = binary.AppendUvarint(b, uint64(len(r.Blobs)))
	for _, name := range sortedKeys(r.Blobs) {
		d := r.Blobs[name]
		b = append(appendText(b, name), d[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Files)))
	for _, f := range r.Files {
		b = appendText(b, shorten(f.Path, base))
		b = binary.AppendVarint(binary.AppendVarint(b, f.Size), f.MtimeNS)
	}
	b = binary.AppendUvarint(b, uint64(len(r.Items)))
	for _, it := range r.Items {
		b = appendText(appendText(binary.LittleEndian.AppendUint64(b, it.Sum), it.Name), it.Text)
	}
	if r.Failure != nil {
		text, _ := json.Marshal(r.Failure) // strings and maps of strings always marshal
		b = append(b, text...)
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendArgv(b []byte, argv []string, base string) []byte {
	n, size := 0, 0
	for _, a := range argv {
		if size += len(a); size > mostArgv {
			break
		}
		n++
	}
	b = binary.AppendUvarint(b, uint64(n))
	for _, a := range argv[:n] {
		b = appendText(b, shorten(a, base))
	}
	return b
}

const (
	below    = "\x01" // marks a path that was written relative to base_dir
	verbatim = "\x02" // marks a text that stands as it is, though it begins like a mark
)

func shorten(s, base string) string {
	if rel, ok := strings.CutPrefix(s, base+"/"); ok {
		return below + rel
	}
	if strings.HasPrefix(s, below) || strings.HasPrefix(s, verbatim) {
		return verbatim + s
	}
	return s
}

func lengthen(s, base string) string {
	if rel, ok := strings.CutPrefix(s, below); ok {
		return base + "/" + rel
	}
	return strings.TrimPrefix(s, verbatim)
}

func mapRecord(r value.Record, fn func(string) string) value.Record {
	out := make(value.Record, len(r))
	for i, f := range r {
		out[i] = value.Field{Name: f.Name, Value: value.Map(f.Value, fn)}
	}
	return out
}

// DecodeRecord reads a payload that was written below base.
func DecodeRecord(payload []byte, base string) (*Record, error) {
	d := reader{b: payload, all: string(payload)}
	v := d.byte()
	switch {
	case v > recordVersion:
		return nil, fmt.Errorf("decode record: a newer raphe wrote it (format %d; this one knows up to %d)", v, recordVersion)
	case v == 0:
		d.fail()
	}
	r := &Record{Name: d.text(), Node: d.text(), Interface: d.text(), Reason: d.text()}
	copy(r.Key[:], d.bytes(len(r.Key)))
	r.Began = time.Unix(0, d.int())
	r.Usage = d.usage(v)
	r.Attempt = int(d.int())
	d.each(func(left int) { r.Argv = append(slices.Grow(r.Argv, left), lengthen(d.text(), base)) })
	r.Outputs = mapRecord(d.record(), func(s string) string { return lengthen(s, base) })
	d.each(func(int) {
		if r.Blobs == nil {
			r.Blobs = map[string]store.Digest{}
		}
		name := d.text()
		r.Blobs[name] = store.Digest(d.bytes(len(store.Digest{})))
	})
	d.each(func(left int) {
		r.Files = append(slices.Grow(r.Files, left), FileMark{Path: lengthen(d.text(), base), Size: d.int(), MtimeNS: d.int()})
	})
	d.each(func(left int) {
		sum := binary.LittleEndian.Uint64(d.bytes(8))
		r.Items = append(slices.Grow(r.Items, left), key.Item{Sum: sum, Name: d.text(), Text: d.text()})
	})
	if d.err == nil && len(d.b) > 0 {
		r.Failure = &event.Failure{}
		d.err = json.Unmarshal(d.b, r.Failure)
	}
	if d.err != nil {
		return nil, fmt.Errorf("decode record: %w", d.err)
	}
	return r, nil
}

// A reader consumes b, the end of all; after the first error it gives zeros. Its
// texts are pieces of all: a record has a dozen.
type reader struct {
	b   []byte
	all string
	err error
}

func (d *reader) fail() {
	if d.err == nil {
		d.err = fmt.Errorf("unexpected end")
	}
	d.b = nil
}

func (d *reader) bytes(n int) []byte {
	if n > len(d.b) {
		d.fail()
		return make([]byte, min(n, 64))
	}
	out := d.b[:n]
	d.b = d.b[n:]
	return out
}

func (d *reader) byte() byte { return d.bytes(1)[0] }

func (d *reader) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *reader) count() int {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > uint64(len(d.b)-n) {
		d.fail()
		return 0
	}
	d.b = d.b[n:]
	return int(v)
}

// each reads a count and calls fn so often, with how many are left, up to the
// first error: a count that was damaged costs nothing.
func (d *reader) each(fn func(left int)) {
	for n := d.count(); n > 0 && d.err == nil; n-- {
		fn(n)
	}
}

func (d *reader) text() string {
	n := d.count()
	if d.err != nil {
		return ""
	}
	from := len(d.all) - len(d.b)
	d.b = d.b[n:] // count has seen that there are so many
	return d.all[from : from+n]
}

func (d *reader) record() value.Record {
	if d.err != nil {
		return nil
	}
	r, rest, err := value.DecodeRecord(d.b)
	d.b = rest
	if err != nil {
		d.err = err
	}
	return r
}
