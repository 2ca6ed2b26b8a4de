package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A record is the fields of one line that have not been read yet. Reading one
// takes it out, so that what is left over at the end is unknown.
type record struct {
	r      *reader
	fields []field
	asked  []string
}

// take gives a field as raw JSON; null counts as not there. Of a name that
// stands there twice the later counts, as in JSON generally.
func (rec *record) take(name string) (raw json.RawMessage, ok bool) {
	rec.asked = append(rec.asked, name)
	kept := rec.fields[:0]
	for _, f := range rec.fields {
		if string(f.name) == name {
			raw, ok = f.raw, true
		} else {
			kept = append(kept, f)
		}
	}
	rec.fields = kept
	return raw, ok && !bytes.Equal(raw, []byte("null"))
}

func (rec *record) wrong(name, want string, raw json.RawMessage) {
	text := string(raw)
	if len(text) > 40 {
		text = text[:37] + "..."
	}
	rec.r.problem(fmt.Sprintf("field %q must be %s, not %s", name, want, text), "a field has one type of values", "see doc/formats.md, section \"Definition as JSON lines\"")
}

// finish reports the fields that no one asked for.
func (rec *record) finish(kind string) {
	for _, f := range rec.fields {
		rec.r.problem(fmt.Sprintf("a record of kind %s has no field %q", kind, f.name), "a record holds the fields of its kind, and no others", diag.DidYouMean(string(f.name), rec.asked))
	}
}

// read decodes a field, and reports whether it was there and right.
func read[T any](rec *record, name, want string) (v T, ok bool) {
	raw, ok := rec.take(name)
	if !ok {
		return v, false
	}
	decoded := new(T) // seldom: most fields are not there
	if err := json.Unmarshal(raw, decoded); err != nil {
		rec.wrong(name, want, raw)
		return v, false
	}
	return *decoded, true
}

func (rec *record) text(name string) (s string) {
	raw, ok := rec.take(name)
	if !ok {
		return ""
	}
	if s, plain := plainText(raw); plain {
		return s
	}
	s, ok = textOf(raw)
	if !ok {
		rec.wrong(name, "text", raw)
	}
	return s
}

// textOf reads a JSON text, or {"$bytes": ...}: one that is not UTF-8.
func textOf(raw json.RawMessage) (string, bool) {
	v, err := parseValue(raw)
	s, ok := v.(value.String)
	return string(s), ok && err == nil
}

func (rec *record) texts(name string) []string {
	raw, ok := rec.take(name)
	if !ok {
		return nil
	}
	var out []string
	err := eachItem(raw, func(item []byte) error {
		s, ok := textOf(item)
		if !ok {
			return errList
		}
		out = append(out, s)
		return nil
	})
	if err != nil {
		rec.wrong(name, "a list of texts", raw)
		return nil
	}
	return out
}

func (rec *record) flag(name string) bool {
	b, _ := read[bool](rec, name, "true or false")
	return b
}

func (rec *record) number(name string) float64 {
	f, _ := read[float64](rec, name, "a number")
	return f
}

// count reads an integer that is not negative.
func (rec *record) count(name string) int {
	f := rec.number(name)
	if f != math.Trunc(f) || f < 0 || f > 1<<20 {
		rec.r.problem(fmt.Sprintf("field %q must be an integer, 0 or more, not %v", name, f), "it is a count", fmt.Sprintf("write %q:1", name))
		return 0
	}
	return int(f)
}

func (rec *record) tristate(name string) workflow.Tristate {
	switch b, ok := read[bool](rec, name, "true or false"); {
	case !ok:
		return workflow.Unset
	case b:
		return workflow.Yes
	}
	return workflow.No
}

// values reads an object of values; null is Undefined.
func (rec *record) values(name string) value.Record {
	raw, ok := rec.take(name)
	if !ok {
		return nil
	}
	fields, err := splitObject(nil, raw)
	if len(fields) == 1 && bytes.HasPrefix(fields[0].name, []byte{'$'}) { // names that JSON's own form can't hold
		v, err := value.ParseRecordJSON(raw)
		if err != nil {
			rec.problemIn(name, err)
		}
		return v
	}
	out := make(value.Record, 0, len(fields))
	for _, f := range fields {
		v, bad := parseValue(f.raw)
		if bad != nil && err == nil {
			err = bad
		}
		if bad == nil && value.KindOf(v) != value.UndefinedKind {
			out.Set(string(f.name), v)
		}
	}
	if err != nil {
		rec.problemIn(name, err)
		return nil
	}
	return out
}

func (rec *record) problemIn(name string, err error) {
	rec.r.problem(fmt.Sprintf("field %q can't be read", name), err.Error(), "see doc/formats.md, section \"Definition as JSON lines\"")
}

// eachValue calls fn for each element of a list of values, in which null is
// Undefined, as soon as it is read. It reports whether all could be read.
func (rec *record) eachValue(name string, raw json.RawMessage, fn func(value.Value)) bool {
	n, said := 0, false
	err := eachItem(raw, func(item []byte) error {
		v, err := parseValue(item)
		if err != nil {
			rec.r.problem(fmt.Sprintf("field %q: value %d can't be read", name, n), err.Error(), "see doc/formats.md, section \"Definition as JSON lines\"")
			said = true
			return err
		}
		n++
		fn(v)
		return nil
	})
	if err != nil && !said {
		rec.wrong(name, "a list", raw)
	}
	return err == nil
}

// object reads a field that is an object with fields of its own.
func (rec *record) object(name string) (*record, bool) {
	raw, ok := rec.take(name)
	if !ok {
		return nil, false
	}
	fields, err := splitObject(nil, raw)
	if err != nil {
		rec.wrong(name, "an object", raw)
		return nil, false
	}
	return &record{r: rec.r, fields: fields}, true
}

func (rec *record) config() workflow.Config {
	var c workflow.Config
	inner, ok := rec.object("config")
	if !ok {
		return c
	}
	for _, f := range configFlags {
		*f.at(&c) = inner.tristate(f.name)
	}
	for _, f := range configTexts {
		*f.at(&c) = inner.text(f.name)
	}
	inner.finish("config")
	return c
}
