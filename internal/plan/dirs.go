package plan

import (
	"crypto/sha1"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// Parameter directories follow nipype: _field_value for each field, sorted,
// one directory a dimension; texts over the limit become their SHA-1. Where
// nipype would give one directory to two values ('s 1' and 's1', say), the
// value's text gets a short hash of the value behind it.

const (
	longestLevel     = 252 // nipype's limit with parameterize_dirs
	longestHashLevel = 32  // and without
)

// appendSanitized writes the text of a value as part of a directory name. nipype
// deletes the same characters, but for those that end lines and texts.
func appendSanitized(dst []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; c {
		case '/':
			dst = append(dst, ".."...)
		case ',':
			dst = append(dst, '.')
		case '[', ']', ' ', '(', ')', '{', '}', '?', ':', '<', '>', '#', '!', '|', '"', '\'', ';', '\n', '\t', '\r', 0:
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// appendLevel writes the name of step i of a run, its fields sorted, with a hash
// behind each value that is marked (nil: none is).
func (d *dim) appendLevel(dst []byte, k, i int, m *marks) []byte {
	run := &d.params.runs[k]
	for _, field := range d.fields {
		f := slices.Index(run.fields, field)
		which, v := run.value(i, f)
		if v == nil {
			continue
		}
		dst = appendSanitized(append(dst, '_'), field)
		dst = appendSanitized(append(dst, '_'), value.Text(v))
		if m.has(k, f, which) || m.has(k, wholeStep, i) {
			dst = append(dst, shortHash(v)...)
		}
	}
	return dst
}

// shortHash tells values apart whose texts are equal.
func shortHash(v value.Value) string {
	sum := sha1.Sum(value.Append(nil, v))
	return "-" + hex.EncodeToString(sum[:6])
}

// Dir gives the working directory of an instance, relative to base_dir and
// with slashes: nipype's base/workflow/.../_field_value/node. It is also the
// instance's name: no two instances share it. A node that nipype handed over
// has its directory from there.
func (p *Plan) Dir(i Instance) string {
	v, index := p.locate(i)
	if f := p.Def.Node(p.vertices[v].node).Foreign(); f != nil {
		return f.Dir
	}
	f := p.form(v)
	full := p.Def.Node(p.vertices[v].node).FullName()
	name := full[strings.LastIndexByte(full, '.')+1:]
	dst := make([]byte, 0, 128)
	dst = append(dst, full[:len(full)-len(name)]...)
	for k, c := range dst {
		if c == '.' {
			dst[k] = '/'
		}
	}
	var buf [8]uint32
	at := p.split(f.space, index, buf[:])
	for _, d := range p.orders[f.order] {
		before := len(dst)
		if dst = p.appendLevel(dst, d, p.flatOf(f.space, at, d)); len(dst) > before {
			dst = append(dst, '/')
		}
	}
	return string(append(dst, name...))
}

// appendLevel writes the directory name of one element of a dimension; nothing
// where it sets no field.
func (p *Plan) appendLevel(dst []byte, id dimID, flat int) []byte {
	limit := longestLevel
	if p.hashDirs {
		limit = longestHashLevel
	}
	d := &p.dims[id]
	k, i := d.params.run(flat)
	before := len(dst)
	if dst = d.appendLevel(dst, k, i, &d.marked); len(dst)-before > limit {
		sum := sha1.Sum(dst[before:])
		dst = hex.AppendEncode(dst[:before], sum[:])
	}
	return dst
}
