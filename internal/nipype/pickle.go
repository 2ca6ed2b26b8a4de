package nipype

import (
	"encoding/binary"
	"math"
	"unicode/utf8"

	"github.com/raphe-org/raphe/internal/value"
)

// A pickler writes a pickle of protocol 4, which every Python 3 reads: values,
// and objects as their class and their state. It holds no graph of objects, so
// what is to be one object in Python is named with keep and called again with
// recall. The same calls give the same bytes.
type pickler struct {
	out   []byte
	kept  map[any]uint32 // what was named -> number in Python's memo
	flush func([]byte) error
	err   error
}

// The opcodes that are used, by their names in Python's pickletools.
const (
	opProto       = 0x80
	opStop        = '.'
	opMark        = '('
	opNone        = 'N'
	opTrue        = 0x88
	opFalse       = 0x89
	opBinInt      = 'J'
	opBinInt1     = 'K'
	opLong1       = 0x8a
	opBinFloat    = 'G'
	opShortText   = 0x8c
	opText        = 'X'
	opBytes       = 'B'
	opEmptyList   = ']'
	opAppends     = 'e'
	opEmptyTuple  = ')'
	opTuple       = 't'
	opTuple1      = 0x85
	opTuple2      = 0x86
	opEmptyDict   = '}'
	opSetItems    = 'u'
	opStackGlobal = 0x93
	opNewObj      = 0x81
	opReduce      = 'R'
	opBuild       = 'b'
	opMemoize     = 0x94
	opLongBinGet  = 'j'
)

// start begins a pickle. flush, if not nil, takes what was written so far
// whenever that is a lot.
func (p *pickler) start(out []byte, flush func([]byte) error) {
	*p = pickler{out: append(out[:0], opProto, 4), kept: map[any]uint32{}, flush: flush}
}

func (p *pickler) stop() { p.op(opStop) }

func (p *pickler) op(ops ...byte) { p.out = append(p.out, ops...) }

// pause is called between the elements of what may be long.
func (p *pickler) pause() {
	if p.flush != nil && len(p.out) > 64<<10 && p.err == nil {
		p.err = p.flush(p.out)
		p.out = p.out[:0]
	}
}

// recall puts the object that was kept under this name on the stack, if there
// is one.
func (p *pickler) recall(name any) bool {
	i, ok := p.kept[name]
	if ok {
		p.out = binary.LittleEndian.AppendUint32(append(p.out, opLongBinGet), i)
	}
	return ok
}

// keep names the object on top of the stack.
func (p *pickler) keep(name any) {
	p.kept[name] = uint32(len(p.kept))
	p.op(opMemoize)
}

// A globalName is what a class or function is kept under.
type globalName struct{ module, name string }

// global is a class or function of a module.
func (p *pickler) global(module, name string) {
	g := globalName{module, name}
	if p.recall(g) {
		return
	}
	p.text(module)
	p.text(name)
	p.op(opStackGlobal)
	p.keep(g)
}

// undefined is nipype's Undefined.
func (p *pickler) undefined() {
	g := globalName{"traits.trait_base", "Undefined()"}
	if p.recall(g) {
		return
	}
	p.global("traits.trait_base", "_Undefined")
	p.op(opEmptyTuple, opReduce)
	p.keep(g)
}

func (p *pickler) bool(b bool) {
	if b {
		p.op(opTrue)
	} else {
		p.op(opFalse)
	}
}

func (p *pickler) int(i int64) {
	switch {
	case i >= 0 && i <= math.MaxUint8:
		p.op(opBinInt1, byte(i))
	case i >= math.MinInt32 && i <= math.MaxInt32:
		p.out = binary.LittleEndian.AppendUint32(append(p.out, opBinInt), uint32(i))
	default:
		p.out = binary.LittleEndian.AppendUint64(append(p.out, opLong1, 8), uint64(i))
	}
}

func (p *pickler) float(f float64) {
	p.out = binary.BigEndian.AppendUint64(append(p.out, opBinFloat), math.Float64bits(f))
}

// text is a str. Bytes that are not UTF-8 become the surrogates that Python's
// os.fsdecode makes of them.
func (p *pickler) text(s string) {
	if !utf8.ValidString(s) {
		s = withSurrogates(s)
	}
	if len(s) <= math.MaxUint8 {
		p.op(opShortText, byte(len(s)))
	} else {
		p.out = binary.LittleEndian.AppendUint32(append(p.out, opText), uint32(len(s)))
	}
	p.out = append(p.out, s...)
}

// withSurrogates writes each byte that is not UTF-8 as the surrogate U+DC00
// plus the byte, in the three bytes that UTF-8 would have for it.
func withSurrogates(s string) string {
	out := make([]byte, 0, len(s)+8)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			out = append(out, 0xed, 0xb0|s[i]>>6, 0x80|s[i]&0x3f)
		} else {
			out = append(out, s[i:i+n]...)
		}
		i += n
	}
	return string(out)
}

func (p *pickler) bytes(b []byte) {
	p.out = binary.LittleEndian.AppendUint32(append(p.out, opBytes), uint32(len(b)))
	p.out = append(p.out, b...)
}

// value is any value; nil is Undefined.
func (p *pickler) value(v value.Value) {
	switch v := v.(type) {
	case nil:
		p.undefined()
	case value.None:
		p.op(opNone)
	case value.Bool:
		p.bool(bool(v))
	case value.Int:
		p.int(int64(v))
	case value.Float:
		p.float(float64(v))
	case value.String:
		p.text(string(v))
	case value.List:
		p.op(opEmptyList, opMark)
		for _, e := range v {
			p.value(e)
			p.pause()
		}
		p.op(opAppends)
	case value.Tuple:
		p.op(opMark)
		for _, e := range v {
			p.value(e)
		}
		p.op(opTuple)
	case value.Dict:
		p.op(opEmptyDict, opMark)
		for _, e := range v {
			p.value(e.Key)
			p.value(e.Value)
		}
		p.op(opSetItems)
	}
}

// record is a dictionary of the values by name.
func (p *pickler) record(r value.Record) {
	p.op(opEmptyDict, opMark)
	for _, f := range r {
		p.text(f.Name)
		p.value(f.Value)
		p.pause()
	}
	p.op(opSetItems)
}
