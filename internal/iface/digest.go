package iface

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"reflect"
	"regexp"

	"github.com/raphe-org/raphe/internal/value"
)

// undigested are the fields that can't change a result.
var undigested = map[string]bool{
	"Help": true, "Units": true, "Pos": true, "Deprecated": true, "Version": true, "Child": true,
}

// computeDigest hashes every exported field of the interface, at any depth, but
// for undigested ones: a field added later is part of the digest by itself, and
// changes no interface that does not use it, since zero fields are passed over.
func (f *Interface) computeDigest() [sha256.Size]byte {
	d := digester{sha256.New()}
	d.text("raphe interface 1")
	d.walk(reflect.ValueOf(f).Elem())
	return [sha256.Size]byte(d.h.Sum(nil))
}

type digester struct{ h hash.Hash }

func (d *digester) text(s string) {
	d.number(uint64(len(s)))
	d.h.Write([]byte(s))
}

func (d *digester) number(n uint64) { d.h.Write(binary.LittleEndian.AppendUint64(nil, n)) }

func (d *digester) walk(v reflect.Value) {
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			d.text("nil")
			return
		}
	}
	switch x := v.Interface().(type) {
	case Ref: // the source text is not what counts: all that it says is in the interface
		d.text(x.Name)
		d.walk(reflect.ValueOf(x.Params))
		return
	case Pure:
		d.text(x.Identity())
		return
	case *regexp.Regexp:
		d.text(x.String())
		return
	case value.Value:
		d.text(string(value.Append(nil, x)))
		return
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		d.text(v.Elem().Type().String())
		d.walk(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() && !undigested[field.Name] && !v.Field(i).IsZero() {
				d.text(field.Name)
				d.walk(v.Field(i))
			}
		}
	case reflect.Slice:
		d.number(uint64(v.Len()))
		for i := range v.Len() {
			d.walk(v.Index(i))
		}
	case reflect.String:
		d.text(v.String())
	case reflect.Bool:
		d.text(fmt.Sprint(v.Bool()))
	case reflect.Int, reflect.Uint8, reflect.Float64:
		d.text(fmt.Sprint(v.Interface()))
	default:
		panic("BUG: interface digest of a " + v.Type().String())
	}
}
