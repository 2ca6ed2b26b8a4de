package workflow

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"

	"github.com/raphe-org/raphe/internal/column"
	"github.com/raphe-org/raphe/internal/value"
)

// inputs keeps the records of all nodes in their binary form: how many fields,
// and for each the number of its name and its value. A text or another value
// that is long is kept once, however many nodes have it, and a number stands in
// its place.
type inputs struct {
	records column.Bytes
	last    uint32 // the record that was written last, and its length; 0: it must stay
	length  int

	constants column.Of[uint32] // where each long value begins in records
	set       column.Set        // constants by content
	held      heldValues
}

// What stands in the place of a value; the binary form of values has no such
// tags.
const (
	tagText     = 0xfe // and the number of a text in Definition.names
	tagConstant = 0xff // and the number of a constant
)

// A text or value is kept apart where that is shorter, once or the second time.
const (
	longText  = 16
	longValue = 64
)

// writeInputs writes a record in place of the one that a node has, and gives the
// new one's row entry. The old one's room is used again where it is the last
// and no clone shares it: inputs are mostly set one after the other, right after
// the node was made.
func (d *Definition) writeInputs(old uint32, r value.Record) uint32 {
	in := &d.inputs
	if in.length > 0 && old == in.last+1 {
		in.records.Drop(in.last, in.length)
		in.length = 0
	}
	if len(r) == 0 {
		return 0
	}
	b := binary.AppendUvarint(d.scratch[:0], uint64(len(r)))
	for _, f := range r {
		b = d.appendInput(binary.AppendUvarint(b, uint64(d.intern(f.Name))), f.Value)
	}
	d.scratch = b
	in.last, in.length = in.records.Put(b), len(b)
	return in.last + 1
}

func (d *Definition) appendInput(b []byte, v value.Value) []byte {
	switch v := v.(type) {
	case value.String:
		if len(v) > longText {
			return binary.AppendUvarint(append(b, tagText), uint64(d.names.Put(string(v))))
		}
	case value.List, value.Tuple, value.Dict:
		if id, ok := d.inputs.held.find(v); ok {
			return binary.AppendUvarint(append(b, tagConstant), uint64(id))
		}
		before := len(b)
		b = value.Append(b, v)
		if form := b[before:]; len(form) > longValue {
			id := d.inputs.constant(form, v)
			return binary.AppendUvarint(append(b[:before], tagConstant), uint64(id))
		}
		return b
	}
	return value.Append(b, v)
}

// readInputs reads the record of a row entry.
func (d *Definition) readInputs(row uint32) value.Record {
	if row == 0 {
		return nil
	}
	b := d.inputs.records.From(row - 1)
	n, b := uvarint(b)
	r := make(value.Record, n)
	for i := range r {
		name, rest := uvarint(b)
		r[i].Name = d.text(Name(name))
		r[i].Value, b = d.readInput(rest)
	}
	return r
}

func (d *Definition) readInput(b []byte) (value.Value, []byte) {
	switch b[0] {
	case tagText:
		id, rest := uvarint(b[1:])
		return value.String(d.names.Get(uint32(id))), rest
	case tagConstant:
		id, rest := uvarint(b[1:])
		return d.inputs.open(uint32(id)), rest
	}
	return decode(b)
}

func uvarint(b []byte) (uint64, []byte) {
	n, k := binary.Uvarint(b)
	return n, b[k:]
}

// decode reads a value that was written here.
func decode(b []byte) (value.Value, []byte) {
	v, rest, err := value.Decode(b)
	if err != nil {
		panic("BUG: inputs of a node: " + err.Error())
	}
	return v, rest
}

var seed = maphash.MakeSeed() // of what is only looked up while a definition is built

// constant numbers a value by its binary form.
func (in *inputs) constant(form []byte, v value.Value) uint32 {
	hash := maphash.Bytes(seed, form)
	id, ok := in.set.Find(hash, func(id uint32) bool {
		return bytes.HasPrefix(in.records.From(*in.constants.At(int(id))), form) // a form says itself where it ends
	})
	if !ok {
		in.length = 0 // the constant is the last now
		id = uint32(in.constants.Add(in.records.Put(form)))
		in.set.Add(hash, id, in.hashOf)
	}
	in.held.hold(id, v, len(form))
	return id
}

func (in *inputs) hashOf(id uint32) uint64 {
	from := in.records.From(*in.constants.At(int(id)))
	_, rest := decode(from)
	return maphash.Bytes(seed, from[:len(from)-len(rest)])
}

// open gives a constant; those who ask for a large one at about the same time
// get the same one.
func (in *inputs) open(id uint32) value.Value {
	if v := in.held.get(id); v != nil {
		return v
	}
	from := in.records.From(*in.constants.At(int(id)))
	v, rest := decode(from)
	in.held.hold(id, v, len(from)-len(rest))
	return v
}

// settle gives back what finds constants by their content: what equals an older
// one is then kept again.
func (in *inputs) settle() {
	in.set = column.Set{}
	in.held.drop()
}

// freeze says that every record written so far may belong to several nodes.
func (in *inputs) freeze() { in.length = 0 }
